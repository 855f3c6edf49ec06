#include "runtime/llama_cpp/prediction_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/cache_rows.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The architectures with a graph of their prediction layers (src/models/, graph_mtp) that this program knows.
constexpr std::array<std::string_view, 11> with_graph = {
    "deepseek2", "deepseek32",     "glm-dsa",   "glm4moe",   "hy_v3", "mimo2",
    "qwen35",    "nemotron_h_moe", "qwen35moe", "qwen3next", "step35"};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::unsupported, "--spec-type draft-mtp: " + why);
}

// src/models/mimo2.cpp
bool has_separate_heads(const Architecture& architecture) {
  const auto* part = grouped_query_part(architecture.blocks.back().attention);
  return architecture.gguf_name == "mimo2" && part != nullptr && !part->fused_qkv;
}

std::vector<PlaceEstimate> as_terms(std::vector<PlaceEstimate> places, Reasons reasons) {
  for (PlaceEstimate& each : places)
    for (Term& term : each.terms) {
      if (reasons == Reasons::full)
        term.why = fmt::format("{} of the prediction layers: {}", to_string(term.kind), term.why);
      term.kind = TermKind::draft_model;
    }
  return places;
}

}  // namespace

void require_prediction(const Architecture& architecture) {
  using InFile = MultiTokenPrediction::InFile;
  if (!architecture.mtp || architecture.mtp->in_file == InFile::dropped)
    refuse(
        "the model's GGUF has no prediction layers, so llama-server stops (\"context type MTP requested but "
        "model doesn't contain MTP layers\")");
  if (architecture.mtp->in_file == InFile::kept_never_loaded ||
      std::ranges::find(with_graph, architecture.gguf_name) == with_graph.end())
    refuse(fmt::format("llama.cpp {} has no graph for the prediction layers of {}", version,
                       architecture.gguf_name));
  if (has_separate_heads(architecture))
    refuse(
        "llama-server aborts, because the prediction layers of this file have Q, K and V apart (\"MIMO2 MTP "
        "requires fused attn_qkv\")");
}

ContextParams params_of_predictions(const Options& options) {
  ContextParams params = options.context;
  params.cache_type_k = options.draft_cache_type_k;
  params.cache_type_v = options.draft_cache_type_v;
  params.draft_tokens = params.rollback_states = 0;
  params.predicts = true;
  return params;
}

Companion prediction_companion(std::shared_ptr<Session> predictions) {
  Companion companion;
  companion.terms = [=](std::uint64_t context, Backend backend, Reasons reasons) {
    return as_terms(predictions->context_terms(context, backend, reasons), reasons);
  };
  companion.gpu = [=](std::uint64_t context, Backend backend) {
    return predictions->context_on_gpu(context, backend);
  };
  companion.spread = [=](std::uint64_t context, const MainModel& main, Reasons reasons) {
    return as_terms(predictions->context_placed(main.quantization, context, main.placement, reasons),
                    reasons);
  };
  return companion;
}

}  // namespace vramcalc::llama_cpp
