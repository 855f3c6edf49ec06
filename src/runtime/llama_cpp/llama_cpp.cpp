#include "runtime/llama_cpp/llama_cpp.hpp"

#include <fmt/format.h>

#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/drafting.hpp"
#include "runtime/llama_cpp/ollama/session.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/llama_cpp/session.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "runtime/own.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The most GPUs that it supports (0.5.0, ggml-cuda.h: GGML_CUDA_MAX_DEVICES).
constexpr std::uint32_t most_devices = 16;

vramcalc::Options options(const AskedOptions& asked) { return asked.llama_cpp; }

void select(vramcalc::Options& options, std::string_view tool, std::string_view release) {
  auto& ours = std::get<Options>(options);
  const ToolRules& rules = tool_called(tool);
  ours.tool = rules.tool;
  ours.tool_release = release;
  if (!ours.context.parallel) ours.context.parallel = rules.parallel;
  ours.context.rules = release_rules(tool, release);
  ours.drafting.rules = drafting_rules(tool, release);
}

std::string tool_title(const vramcalc::Options& options) {
  const auto& ours = std::get<Options>(options);
  if (ours.tool != Tool::ollama && ours.tool != Tool::lm_studio) return "";
  return title_of(ours.tool, ours.tool_release);
}

// 0.5.0, src/llama-context.cpp, llama_init_from_model.
void settle_flash_attention(Options& options) {
  if (options.model.split_mode != SplitMode::tensor) return;
  if (options.context.flash_attention == FlashAttention::off)
    throw Error(ErrorCode::bad_value, "-sm tensor needs flash attention; leave out -fa off");
  options.context.flash_attention = FlashAttention::on;
}

void complete(vramcalc::Options& options, bool has_draft_model) {
  auto& ours = std::get<Options>(options);
  if (ours.ollama.num_ctx && ours.tool != Tool::ollama)
    throw Error(ErrorCode::usage,
                "--num-ctx is Ollama's (--runtime ollama); the context is -c N (--ctx-size)");
  settle_flash_attention(ours);
  complete_drafting(ours, has_draft_model);
  if (ours.model.split_mode == SplitMode::tensor && ours.context.load_mtp)
    throw Error(ErrorCode::unsupported,
                "--spec-type draft-mtp with -sm tensor is not calculated; with -sm layer it is");
}

std::unique_ptr<vramcalc::Session> open(const Runtime& runtime, const Opening& opening) {
  if (opening.model.architecture.draft_head)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} is a head that drafts for another model; name it with -md along with that "
                            "model",
                            opening.model.name));
  if (own<Options>(opening.options).tool == Tool::ollama)
    return std::make_unique<ollama::Session>(runtime, opening);
  return std::make_unique<Session>(runtime, opening);
}

std::optional<std::uint32_t> gpu_alone(const vramcalc::Options& options) {
  const ModelParams& model = std::get<Options>(options).model;
  return model.split_mode == SplitMode::none ? std::optional(model.main_gpu.value_or(0)) : std::nullopt;
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
  row.open = open;
  row.options = options;
  row.select = select;
  row.tool_title = tool_title;
  row.complete = complete;
  row.gpu_alone = gpu_alone;
  return row;
}

}  // namespace vramcalc::llama_cpp
