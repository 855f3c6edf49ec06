#include "model/measured_tensors.hpp"

#include <algorithm>
#include <map>

#include "catch.hpp"
#include "support/measured_shape.hpp"

namespace vramcalc::test {
namespace {

std::vector<std::string> missing(const std::set<NamedShape>& from, const std::set<NamedShape>& in) {
  std::vector<std::string> names;
  for (const NamedShape& each : from)
    if (!in.contains(each) && names.size() < 5) names.push_back(each.first);
  return names;
}

const char* const files[] = {"apertus-8b",
                             "bge-base",
                             "command-r7b",
                             "deepseek-v2-lite",
                             "deepseek-v3",
                             "deepseek-v3.2",
                             "ernie-4.5-21b-a3b",
                             "exaone-4.0-32b",
                             "falcon-7b",
                             "falcon-h1-7b",
                             "gemma-2-9b",
                             "gemma-3-27b",
                             "gemma-3n-e4b",
                             "gemma-4-31b",
                             "gemma-4-e4b",
                             "glm-4.5-air",
                             "glm-5.2",
                             "gpt-neox-20b",
                             "gpt-oss-20b",
                             "granite-4.0-h-tiny",
                             "internlm2.5-7b",
                             "jamba-1.5-mini",
                             "kimi-linear-48b-a3b",
                             "lfm2-1.2b",
                             "llama-3.1-8b",
                             "llama-3.3-70b",
                             "llama-4-scout",
                             "mamba-2.8b",
                             "mimo-v2-flash",
                             "minicpm3-4b",
                             "minimax-m3",
                             "mixtral-8x7b",
                             "nemotron-3-nano-30b-a3b",
                             "nemotron-h-8b",
                             "nomic-embed-text-v1.5",
                             "olmo2-7b",
                             "phi-3.5-mini",
                             "phi-3.5-moe",
                             "qwen2.5-0.5b",
                             "qwen2.5-7b",
                             "qwen3-30b-a3b",
                             "qwen3-8b",
                             "qwen3-next-80b-a3b",
                             "qwen3.5-27b",
                             "qwen3.5-35b-a3b",
                             "seed-oss-36b",
                             "starcoder2-7b"};

}  // namespace

TEST_CASE("the catalog's shapes have the tensors of the files that llama.cpp 0.5.0 loads") {
  const Catalog catalog;
  for (const std::string file : files) {
    INFO(file);
    const Architecture model = measured_model(catalog, file).architecture;
    std::set<NamedShape> derived;
    for (const Tensor& tensor : tensors_of(model)) {
      const bool is_new = derived.insert(named_shape(tensor)).second;
      INFO(tensor.name);
      REQUIRE(is_new);
    }
    const std::set<NamedShape> measured = measured_tensors(file);
    CHECK(missing(measured, derived) == std::vector<std::string>{});
    CHECK(missing(derived, measured) == std::vector<std::string>{});
  }
}

TEST_CASE("multi-token-prediction tensors are not loaded by default") {
  const Catalog catalog;
  // llama.cpp 0.5.0: tensors of the prediction layers, and how many of them are always loaded.
  const std::map<std::string, std::pair<std::size_t, std::size_t>> expected = {
  // model            prediction tensors   always loaded
      {"deepseek-r1",    {0, 0}         }, // the converter drops them
      {"glm-4.5-air",    {23, 0}        }, // with its own embedding and head
      {"deepseek-v3.2",  {29, 1}        }, // exp_probs_b.bias
      {"glm-5.2",        {27, 1}        }, // the same
      {"qwen3.5-27b",    {15, 0}        },
      {"mimo-v2-flash",  {3 * 14, 0}    },
      {"step-3.5-flash", {3 * 17, 3 * 8}},
  };
  for (const auto& [id, counts] : expected) {
    INFO(id);
    const Architecture model = catalog.model(id).architecture;
    std::size_t prediction = 0, loaded = 0;
    for (const Tensor& tensor : tensors_of(model)) {
      const bool in_layer = tensor.layer >= 0 && model.blocks[static_cast<std::size_t>(tensor.layer)].mtp;
      CHECK((in_layer || tensor.loaded));
      prediction += in_layer;
      loaded += in_layer && tensor.loaded;
    }
    CHECK(prediction == counts.first);
    CHECK(loaded == counts.second);
  }
}

}  // namespace vramcalc::test
