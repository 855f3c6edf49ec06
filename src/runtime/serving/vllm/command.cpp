#include <fmt/format.h>

#include "model/shell_word.hpp"
#include "runtime/serving/vllm/session.hpp"

// The settings as flags, in words and as values.
namespace vramcalc::vllm {
namespace {

std::string_view name_of(CacheType type) {
  switch (type) {
    case CacheType::automatic: return "auto";
    case CacheType::float16: return "float16";
    case CacheType::bfloat16: return "bfloat16";
    case CacheType::fp8: return "fp8";
    case CacheType::fp8_e4m3: return "fp8_e4m3";
    case CacheType::fp8_e5m2: return "fp8_e5m2";
    case CacheType::fp8_inc: return "fp8_inc";
    case CacheType::fp8_ds_mla: return "fp8_ds_mla";
    case CacheType::int4_per_token_head: return "int4_per_token_head";
    case CacheType::int8_per_token_head: return "int8_per_token_head";
    case CacheType::fp8_per_token_head: return "fp8_per_token_head";
    case CacheType::nvfp4: return "nvfp4";
    case CacheType::turboquant_k8v4: return "turboquant_k8v4";
    case CacheType::turboquant_4bit_nc: return "turboquant_4bit_nc";
    case CacheType::turboquant_k3v4_nc: return "turboquant_k3v4_nc";
    case CacheType::turboquant_3bit_nc: return "turboquant_3bit_nc";
  }
  return "auto";
}

std::string_view name_of(serving::Drafts::Method method) {
  using Method = serving::Drafts::Method;
  switch (method) {
    case Method::none: return "";
    case Method::mtp: return "mtp";
    case Method::eagle: return "eagle";
    case Method::draft_model: return "draft_model";
    case Method::ngram: return "ngram";
  }
  return "";
}

std::string drafts_of(const serving::Drafts& drafts) {
  const std::string model = drafts.model.empty() ? "" : fmt::format(R"("model": "{}", )", drafts.model);
  return fmt::format(R"({{"method": "{}", {}"num_speculative_tokens": {}}})", name_of(drafts.method), model,
                     drafts.tokens);
}

// The flags that differ from what vLLM would take by itself, without the split over GPUs.
std::vector<std::string> flags_of(const Options& options) {
  const Options plain;
  std::vector<std::string> flags;
  const auto add = [&](bool differs, std::string flag) {
    if (differs) flags.push_back(std::move(flag));
  };
  const auto number = [&](std::string_view flag, const auto& value) {
    if (value) flags.push_back(fmt::format("{} {}", flag, *value));
  };
  number("--gpu-memory-utilization", options.gpu_memory_utilization);
  number("--max-num-seqs", options.max_num_seqs);
  number("--max-num-batched-tokens", options.max_num_batched_tokens);
  number("--block-size", options.block_size);
  number("--num-gpu-blocks-override", options.num_gpu_blocks_override);
  if (options.kv_cache_memory_bytes)
    flags.push_back(fmt::format("--kv-cache-memory-bytes {}", options.kv_cache_memory_bytes->count()));
  add(options.kv_cache_dtype != plain.kv_cache_dtype,
      fmt::format("--kv-cache-dtype {}", name_of(options.kv_cache_dtype)));
  add(options.enforce_eager, "--enforce-eager");
  add(options.enable_prefix_caching == true, "--enable-prefix-caching");
  add(options.enable_prefix_caching == false, "--no-enable-prefix-caching");
  add(options.disable_hybrid_kv_cache_manager, "--disable-hybrid-kv-cache-manager");
  add(!options.quantization.empty(), fmt::format("--quantization {}", options.quantization));
  add(options.drafts.method != plain.drafts.method,
      fmt::format("--speculative-config {}", shell_word(drafts_of(options.drafts))));
  add(options.enable_lora, fmt::format("--enable-lora --max-loras {} --max-lora-rank {}", options.max_loras,
                                       options.max_lora_rank));
  add(options.language_model_only, "--language-model-only");
  add(options.skip_mm_profiling, "--skip-mm-profiling");
  add(options.mm_encoder_data_parallel, "--mm-encoder-tp-mode data");
  add(options.cpu_offload > Bytes(),
      fmt::format("--cpu-offload-gb {:g}",
                  static_cast<double>(options.cpu_offload.count()) / static_cast<double>(GiB)));
  return flags;
}

std::vector<std::string> split_of(const Options& options, std::uint32_t tensor) {
  std::vector<std::string> flags;
  if (tensor > 1) flags.push_back(fmt::format("-tp {}", tensor));
  if (options.pipeline_parallel_size > 1)
    flags.push_back(fmt::format("-pp {}", options.pipeline_parallel_size));
  if (options.data_parallel_size > 1) flags.push_back(fmt::format("-dp {}", options.data_parallel_size));
  if (options.enable_expert_parallel) flags.emplace_back("--enable-expert-parallel");
  if (options.decode_context_parallel_size > 1)
    flags.push_back(fmt::format("-dcp {}", options.decode_context_parallel_size));
  return flags;
}

}  // namespace

std::vector<std::string> Session::unusual_settings(const Quantization&, const Demand& demand,
                                                   const TargetDevice& device) {
  std::vector<std::string> words =
      split_of(options_, tensor_parallel(demand.tokens, serving::gpus_of(device)));
  for (std::string& flag : flags_of(options_)) words.push_back(std::move(flag));
  return words;
}

std::vector<Setting> Session::settings(const Quantization&, const Demand& demand,
                                       const TargetDevice& device) {
  const Settings settings = settings_on(demand.tokens, serving::gpus_of(device), false);
  return {
      {"context",                      demand.tokens                                  },
      {"context_asked",                demand.tokens                                  },
      {"max_model_len",                settings.max_model_len                         },
      {"tensor_parallel_size",         std::uint64_t{settings.parallel.tensor}        },
      {"pipeline_parallel_size",       std::uint64_t{settings.parallel.pipeline}      },
      {"data_parallel_size",           std::uint64_t{settings.parallel.data}          },
      {"decode_context_parallel_size", std::uint64_t{settings.parallel.decode_context}},
      {"enable_expert_parallel",       settings.parallel.experts                      },
      {"gpu_memory_utilization",       settings.gpu_memory_utilization                },
      {"max_num_seqs",                 std::uint64_t{settings.max_num_seqs}           },
      {"max_num_batched_tokens",       std::uint64_t{settings.max_num_batched_tokens} },
      {"block_size",                   std::uint64_t{settings.block_size}             },
      {"kv_cache_dtype",               std::string(name_of(settings.kv_cache_dtype))  },
      {"enforce_eager",                settings.enforce_eager                         },
      {"enable_prefix_caching",        settings.prefix_caching                        },
      {"cuda_graph_sizes",             std::uint64_t{settings.capture_sizes}          },
      {"num_speculative_tokens",       std::uint64_t{settings.drafts.tokens}          },
  };
}

std::string Session::command(const std::string& file, const Load& load) const {
  const auto gpus = static_cast<std::uint32_t>(load.estimate.places.size());
  const std::uint32_t tensor = gpus / tensor_groups();
  std::string text = fmt::format("vllm serve {} --max-model-len {}", shell_word(file), load.demand.tokens);
  for (const std::string& flag : split_of(options_, tensor)) text += " " + flag;
  for (const std::string& flag : flags_of(options_)) text += " " + flag;
  return text;
}

std::string Session::flags_for_gpus(std::uint32_t count) {
  const std::uint32_t tensor = count / tensor_groups();
  return tensor > 1 ? fmt::format(" (-tp {})", tensor) : "";
}

std::string Session::flags_for(std::uint32_t sequences, std::uint64_t tokens) const {
  return fmt::format("--max-num-seqs {} --max-model-len {}", sequences, tokens);
}

std::string Session::why_interval(Backend) const {
  if (options_.available_kv_memory) return "";
  std::string text =
      "activations, CUDA graphs and libraries are intervals from logged starts; with --available-kv-memory "
      "of a log, "
      "the cache is exact";
  if (is_extrapolated(options_.release))
    text += fmt::format("; the rules of this release were not read, and those of {}.{} are taken",
                        newest_read.major, newest_read.minor);
  return text;
}

}  // namespace vramcalc::vllm
