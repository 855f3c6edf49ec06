#include <array>
#include <iterator>

#include "cli/flags/table.hpp"
#include "cli/llama_cpp_values.hpp"
#include "cli/values.hpp"

// The flags of llama.cpp's programs. Names, meanings and defaults: llama.cpp 0.5.0, common/arg.cpp.
namespace vramcalc::cli {

using llama_cpp::ContextParams;
using llama_cpp::DraftingParams;
using llama_cpp::ModelParams;
using llama_cpp::OllamaParams;
using llama_cpp::Options;

template <>
Options& part_of(Invocation& invocation) {
  return invocation.question.options.llama_cpp;
}
template <>
ContextParams& part_of(Invocation& invocation) {
  return invocation.question.options.llama_cpp.context;
}
template <>
DraftingParams& part_of(Invocation& invocation) {
  return invocation.question.options.llama_cpp.drafting;
}
template <>
ModelParams& part_of(Invocation& invocation) {
  return invocation.question.options.llama_cpp.model;
}
template <>
OllamaParams& part_of(Invocation& invocation) {
  return invocation.question.options.llama_cpp.ollama;
}

namespace {

void set_context(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.question.context = parse_context(flag, value);
  invocation.question.full_context = !invocation.question.context;
}

void add_overrides(Invocation& invocation, std::string_view flag, const std::string& value) {
  std::ranges::move(parse_overrides(flag, value),
                    std::back_inserter(part_of<ModelParams>(invocation).overrides));
}

void add_drafting(Invocation& invocation, std::string_view flag, const std::string& value) {
  std::ranges::move(parse_drafting(flag, value),
                    std::back_inserter(part_of<DraftingParams>(invocation).types));
}

void draft_by_default(Invocation& invocation, std::string_view, const std::string&) {
  part_of<DraftingParams>(invocation).types.push_back(llama_cpp::Drafting::ngram_mod);
}

template <std::uint32_t ContextParams::*batch>
void set_batch(Invocation& invocation, std::string_view flag, const std::string& value) {
  part_of<ContextParams>(invocation).*batch = parse_count(flag, value);
  part_of<OllamaParams>(invocation).sets_batch = true;
}

constexpr std::array own_fit = {
    toggle("--like-llama-cpp", "what llama.cpp's own fit would set", only(Command::plan),
           set_to<&PlanQuestion::like_runtime, true>),
    option("-fitc, --fit-ctx", "N", "the shortest useful context (4096)",
           only(Command::plan) | only(Command::check) | only(Command::recommend),
           set<&Question::least_context, parse_count>),
};

constexpr std::array tokens = {
    in_short_help(
        option("-c, --ctx-size", "N", "context in tokens: 8192, 32K, max", about_models, set_context)),
};

constexpr std::array context = {
    in_short_help(option("-np, --parallel", "N", "sequences; splits the cache unless -kvu", about_models,
                         set<&ContextParams::parallel, parse_slots>)),
    option("--num-ctx", "N", "tokens of each slot, with --runtime ollama", about_models,
           set<&OllamaParams::num_ctx, parse_count>),
    toggle("-kvu, --kv-unified", "one cache shared by all sequences", about_models,
           set_to<&ContextParams::kv_unified, true>),
    toggle("-no-kvu, --no-kv-unified", "a separate cache for each sequence", about_models,
           set_to<&ContextParams::kv_unified, false>),
    in_short_help(option("-ctk, --cache-type-k", "TYPE", "type of the K cache: f16, q8_0, q4_0 …",
                         about_models, set<&ContextParams::cache_type_k, parse_cache_type>)),
    in_short_help(option("-ctv, --cache-type-v", "TYPE", "type of the V cache", about_models,
                         set<&ContextParams::cache_type_v, parse_cache_type>)),
    option("-fa, --flash-attn", "on|off|auto", "flash attention", about_models,
           set<&ContextParams::flash_attention, parse_flash_attention>),
    option("-b, --batch-size", "N", "tokens per batch (2048)", about_models,
           set_batch<&ContextParams::batch>),
    option("-ub, --ubatch-size", "N", "tokens computed at once (512)", about_models,
           set_batch<&ContextParams::ubatch>),
    toggle("--swa-full", "full-size cache for sliding-window layers", about_models,
           set_to<&ContextParams::swa_full, true>),
    toggle("-nkvo, --no-kv-offload", "KV cache in host memory", about_models,
           set_to<&ContextParams::kv_offload, false>),
    option("-mm, --mmproj", "FILE", "projector for images or sound: GGUF, hf:…", about_one_model,
           set<&Question::projector, as_typed>),
    option("--lora", "FILE", "adapter: GGUF, hf:…; repeatable", about_one_model, append<&Question::adapters>),
    option("-md, --model-draft", "MODEL", "draft model, or a head that drafts", about_one_model,
           set<&Question::draft, as_typed>),
    option("--spec-type", "TYPE", "how to draft: draft-mtp, ngram-mod …", about_one_model, add_drafting),
    toggle("--spec-default", "drafts as --spec-type ngram-mod", about_one_model, draft_by_default),
    option("--spec-draft-n-max, --draft-max", "N", "tokens drafted at once (3)", about_one_model,
           set<&DraftingParams::draft_tokens, parse_index>),
    option("--spec-ngram-mod-n-max", "N", "the same for ngram-mod (64)", about_one_model,
           set<&DraftingParams::ngram_mod_tokens, parse_index>),
    option("--spec-ngram-simple-size-m", "N", "the same for ngram-simple (48)", about_one_model,
           set<&DraftingParams::ngram_simple_tokens, parse_count>),
    option("--spec-ngram-map-k-size-m", "N", "the same for ngram-map-k (48)", about_one_model,
           set<&DraftingParams::ngram_map_k_tokens, parse_count>),
    option("--spec-ngram-map-k4v-size-m", "N", "the same for ngram-map-k4v (48)", about_one_model,
           set<&DraftingParams::ngram_map_k4v_tokens, parse_count>),
    toggle("--no-spec-draft-backend-sampling", "drafts are sampled on the host", about_one_model,
           set_to<&ContextParams::samples_on_device, false>),
    option("-ctkd, --cache-type-k-draft", "TYPE", "type of the drafts' K cache (f16)", about_one_model,
           set<&Options::draft_cache_type_k, parse_cache_type>),
    option("-ctvd, --cache-type-v-draft", "TYPE", "type of their V cache (f16)", about_one_model,
           set<&Options::draft_cache_type_v, parse_cache_type>),
};

constexpr std::array placement = {
    option("-fit, --fit", "on|off", "llama.cpp's own fit of what is not set (on)", only(Command::check),
           set<&Options::fit, parse_switch>),
    option("-fitt, --fit-target", "MiB", "its margin on each GPU (1024)",
           only(Command::plan) | only(Command::check), set<&Options::fit_target, parse_mebibytes>),
    option("-ngl, --gpu-layers, --n-gpu-layers", "N", "layers on the GPUs, last ones first",
           only(Command::check), set<&ModelParams::gpu_layers, parse_layers>),
    option("-ts, --tensor-split", "N,N…", "share of each GPU: 3,1", only(Command::check),
           set<&ModelParams::tensor_split, parse_shares>),
    option("-sm, --split-mode", "MODE", "layer, tensor, or none for one GPU (layer)", only(Command::check),
           set<&ModelParams::split_mode, parse_split_mode>),
    option("-mg, --main-gpu", "N", "the GPU of -sm none (0)", only(Command::check),
           set<&ModelParams::main_gpu, parse_index>),
    option("-ncmoe, --n-cpu-moe", "N", "experts of N layers in host memory", only(Command::check),
           set<&ModelParams::cpu_moe_layers, parse_index>),
    toggle("-cmoe, --cpu-moe", "experts of all layers in host memory", only(Command::check),
           set_to<&ModelParams::cpu_moe, true>),
    option("-ot, --override-tensor", "PATTERN=CPU", "move tensors: ffn_up=CPU,a=CUDA1", only(Command::check),
           add_overrides),
    toggle("--no-op-offload", "compute host tensors on the host", only(Command::check),
           set_to<&ModelParams::offload_operations, false>),
};

}  // namespace

constinit const FlagTable own_fit_flags{Topic::question, own_fit};
constinit const FlagTable tokens_flags{Topic::workload, tokens};
constinit const FlagTable context_flags{Topic::workload, context, "llama.cpp"};
constinit const FlagTable placement_flags{Topic::placement, placement, "llama.cpp"};

}  // namespace vramcalc::cli
