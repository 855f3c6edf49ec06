#include "runtime/llama_cpp/llama_cpp.hpp"

#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/llama_cpp/session.hpp"
#include "runtime/llama_cpp/terms.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The most GPUs that it supports (0.5.0, ggml-cuda.h: GGML_CUDA_MAX_DEVICES).
constexpr std::uint32_t most_devices = 16;

vramcalc::Options options(const AskedOptions& asked) { return asked.llama_cpp; }

void select(vramcalc::Options& options, std::string_view tool, std::string_view release) {
  std::get<Options>(options).context.rules = release_rules(tool, release);
}

void complete(vramcalc::Options& options, bool has_draft_model) {
  constexpr std::uint32_t drafted_by_default = 3;  // 0.5.0, common/common.h: --spec-draft-n-max
  auto& ours = std::get<Options>(options);
  std::uint32_t& tokens = ours.context.draft_tokens;
  const bool typed =
      ours.draft_cache_type_k != ElementType::f16 || ours.draft_cache_type_v != ElementType::f16;
  if (!has_draft_model && tokens > 0) throw Error(ErrorCode::usage, "--draft-max needs a draft model (-md)");
  if (!has_draft_model && typed) throw Error(ErrorCode::usage, "-ctkd and -ctvd need a draft model (-md)");
  if (has_draft_model && tokens == 0) tokens = drafted_by_default;
}

std::optional<std::uint32_t> gpu_alone(const vramcalc::Options& options) {
  const ModelParams& model = std::get<Options>(options).model;
  return model.one_gpu ? std::optional(model.main_gpu.value_or(0)) : std::nullopt;
}

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "llama.cpp";
  row.title = "llama-server of llama.cpp";
  row.version = version;
  row.tools = tools();
  row.context_step = cell_step;
  row.can = {.loads_only_gguf = true,
             .tells_gpus_apart = true,
             .loads_extras = true,
             .fits_by_itself = true,
             .most_gpus = most_devices};
  row.open = open_session<Session>;
  row.options = options;
  row.select = select;
  row.complete = complete;
  row.gpu_alone = gpu_alone;
  return row;
}

}  // namespace vramcalc::llama_cpp
