#include "deployment/formats/stack_values.hpp"

#include <fmt/format.h>

#include <array>

#include "deployment/formats/engine_words.hpp"

// production-stack, helm/templates/deployment-vllm-multi.yaml and
// operator/internal/controller/vllmruntime_controller.go.
namespace vramcalc::deployment {
namespace {

constexpr std::array settings = {
    Setting{"enableChunkedPrefill", "--enable-chunked-prefill"},
    Setting{"maxModelLen",          "--max-model-len"         },
    Setting{"dtype",                "--dtype"                 },
    Setting{"tensorParallelSize",   "--tensor-parallel-size"  },
    Setting{"pipelineParallelSize", "--pipeline-parallel-size"},
    Setting{"maxNumSeqs",           "--max-num-seqs"          },
    Setting{"gpuMemoryUtilization", "--gpu-memory-utilization"},
    Setting{"maxLoras",             "--max-loras"             },
    Setting{"kvCacheDtype",         "--kv-cache-dtype"        },
};

const Yaml* lmcache_of(const Yaml& spec) {
  const Yaml* config = spec.find("lmcacheConfig");
  return config != nullptr ? config : spec.find("lmCacheConfig");
}

void append_transfer(const Yaml& config, const Documents& documents, std::vector<Word>& words) {
  if (!is_true(config.find("enabled"))) return;
  const std::string role = config.text_of("kvRole");
  append("--kv-transfer-config", config, documents, words);
  append(fmt::format(R"({{"kv_connector":"LMCacheConnectorV1","kv_role":"{}"}})",
                     role.empty() ? "kv_both" : role),
         config, documents, words);
}

}  // namespace

std::vector<Word> stack_command(const Word& model, const Yaml& spec, const Documents& documents) {
  std::vector<Word> words = {
      {"vllm",  model.at, {}},
      {"serve", model.at, {}},
      model
  };
  const Yaml* lora = spec.find("enableLoRA");
  if (lora == nullptr) lora = spec.at({"model", "enableLoRA"});
  if (is_true(lora)) append("--enable-lora", *lora, documents, words);
  if (const Yaml* of_model = spec.find("model")) append_settings(settings, *of_model, documents, words);
  if (const Yaml* config = spec.find("vllmConfig")) {
    append_settings(settings, *config, documents, words);
    const Yaml* caching = config->find("enablePrefixCaching");  // off unless it is asked for
    append(is_true(caching) ? "--enable-prefix-caching" : "--no-enable-prefix-caching",
           caching == nullptr ? *config : *caching, documents, words);
    append_list(config->find("extraArgs"), documents, words);
  }
  if (const Yaml* config = lmcache_of(spec)) append_transfer(*config, documents, words);
  return words;
}

}  // namespace vramcalc::deployment
