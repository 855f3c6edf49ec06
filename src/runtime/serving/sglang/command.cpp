#include <fmt/format.h>

#include <cmath>

#include "model/shell_word.hpp"
#include "runtime/serving/sglang/release.hpp"
#include "runtime/serving/sglang/session.hpp"
#include "runtime/serving/sglang/sglang.hpp"

// The settings as flags, in words and as values.
namespace vramcalc::sglang {
namespace {

std::string_view name_of(CacheType type) {
  switch (type) {
    case CacheType::automatic: return "auto";
    case CacheType::bfloat16: return "bfloat16";
    case CacheType::fp8_e5m2: return "fp8_e5m2";
    case CacheType::fp8_e4m3: return "fp8_e4m3";
    case CacheType::fp4_e2m1: return "fp4_e2m1";
  }
  return "auto";
}

std::string_view algorithm_of(serving::Drafts::Method method) {
  using Method = serving::Drafts::Method;
  switch (method) {
    case Method::none: return "";
    case Method::mtp: return "NEXTN";
    case Method::eagle: return "EAGLE";
    case Method::draft_model: return "STANDALONE";
    case Method::ngram: return "NGRAM";
  }
  return "";
}

std::vector<std::string> flags_of(const Options& options) {
  std::vector<std::string> flags;
  const auto add = [&](bool given, std::string flag) {
    if (given) flags.push_back(std::move(flag));
  };
  const auto number = [&](std::string_view flag, const auto& value) {
    if (value) flags.push_back(fmt::format("{} {}", flag, *value));
  };
  number("--mem-fraction-static", options.mem_fraction_static);
  number("--chunked-prefill-size", options.chunked_prefill_size);
  number("--max-running-requests", options.max_running_requests);
  number("--cuda-graph-max-bs", options.cuda_graph_max_bs);
  number("--page-size", options.page_size);
  number("--max-total-tokens", options.max_total_tokens);
  add(options.kv_cache_dtype != CacheType::automatic,
      fmt::format("--kv-cache-dtype {}", name_of(options.kv_cache_dtype)));
  add(options.disable_cuda_graph, "--disable-cuda-graph");
  add(options.disable_radix_cache, "--disable-radix-cache");
  if (options.drafts.method == serving::Drafts::Method::none) return flags;
  flags.push_back(fmt::format("--speculative-algorithm {} --speculative-num-draft-tokens {}",
                              algorithm_of(options.drafts.method), options.drafts.tokens));
  add(!options.drafts.model.empty(),
      fmt::format("--speculative-draft-model-path {}", shell_word(options.drafts.model)));
  return flags;
}

std::vector<std::string> split_of(const Options& options, std::uint32_t tp_size) {
  std::vector<std::string> flags;
  const auto number = [&](std::string_view flag, std::uint32_t value) {
    if (value > 1) flags.push_back(fmt::format("{} {}", flag, value));
  };
  number("--tp", tp_size);
  number("--pp-size", options.pp_size);
  number("--dp", options.dp_size);
  number("--ep", options.ep_size);
  if (options.enable_dp_attention) flags.emplace_back("--enable-dp-attention");
  return flags;
}

}  // namespace

std::vector<std::string> Session::unusual_settings(const Quantization&, const Demand& demand,
                                                   const TargetDevice& device) {
  std::vector<std::string> words = split_of(options_, tp_size_on(demand.tokens, serving::gpus_of(device)));
  for (std::string& flag : flags_of(options_)) words.push_back(std::move(flag));
  return words;
}

std::vector<Setting> Session::settings(const Quantization&, const Demand& demand,
                                       const TargetDevice& device) {
  const Settings settings = settings_on(demand.tokens, serving::gpus_of(device), options_);
  return {
      {"context",              demand.tokens                                            },
      {"context_asked",        demand.tokens                                            },
      {"context_length",       settings.context_length                                  },
      {"tp_size",              std::uint64_t{tp_size(settings)}                         },
      {"pp_size",              std::uint64_t{settings.parallel.pipeline}                },
      {"dp_size",              std::uint64_t{options_.dp_size}                          },
      {"enable_dp_attention",  options_.enable_dp_attention                             },
      {"mem_fraction_static",  std::round(settings.mem_fraction_static.best * 1e4) / 1e4},
      {"chunked_prefill_size", std::uint64_t{settings.chunked_prefill_size}             },
      {"cuda_graph_max_bs",    std::uint64_t{settings.cuda_graph_max_bs}                },
      {"page_size",            std::uint64_t{settings.page_size}                        },
      {"kv_cache_dtype",       std::string(name_of(settings.kv_cache_dtype))            },
      {"enable_radix_cache",   settings.radix_cache                                     },
  };
}

std::string Session::command(const std::string& file, const Load& load) const {
  const auto gpus = static_cast<std::uint32_t>(load.estimate.places.size());
  std::string text = fmt::format("python -m sglang.launch_server --model-path {} --context-length {}",
                                 shell_word(file), load.demand.tokens);
  for (const std::string& flag : split_of(options_, gpus / tensor_groups())) text += " " + flag;
  for (const std::string& flag : flags_of(options_)) text += " " + flag;
  return text;
}

std::string Session::flags_for(std::uint32_t sequences, std::uint64_t tokens) const {
  return fmt::format("--max-running-requests {} --context-length {}", sequences, tokens);
}

std::string Session::flags_for_gpus(std::uint32_t count) {
  const std::uint32_t size = count / tensor_groups();
  return size > 1 ? fmt::format(" (--tp {})", size) : "";
}

std::string Session::why_interval(Backend) const {
  if (options_.available_kv_memory) return "";
  return "the memory that is free before loading is an interval from logged starts; --free-memory, which "
         "SGLang's log "
         "shows as \"avail mem\" before loading, narrows everything after it";
}

namespace {

vramcalc::Options options(const AskedOptions& asked) { return asked.sglang; }

void select(vramcalc::Options& options, std::string_view, std::string_view release) {
  if (!release.empty()) std::get<Options>(options).release = parse_release(release);
}

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "sglang";
  row.title = "SGLang";
  row.version = "0.5.20";
  row.can = {.loads_checkpoints = true, .tells_gpus_apart = true, .uses_host_memory = false};
  row.open = open_session<Session>;
  row.options = options;
  row.select = select;
  return row;
}

}  // namespace vramcalc::sglang
