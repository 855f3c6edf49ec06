#include <fmt/format.h>

#include <array>

#include "cli/catalog_words.hpp"
#include "cli/flags/table.hpp"
#include "cli/serving_values.hpp"
#include "cli/values.hpp"

// The flags of vLLM (0.28, vllm/engine/arg_utils.py) and SGLang (0.5.20, sglang/srt/server_args.py).
namespace vramcalc::cli {

template <>
vllm::Options& part_of(Invocation& invocation) {
  return invocation.question.options.vllm;
}
template <>
sglang::Options& part_of(Invocation& invocation) {
  return invocation.question.options.sglang;
}

namespace {

using Sglang = sglang::Options;
using Vllm = vllm::Options;

// Sets the same of both engines.
template <auto of_vllm, auto of_sglang, auto parse>
void set_both(Invocation& invocation, std::string_view flag, const std::string& value) {
  set<of_vllm, parse>(invocation, flag, value);
  set<of_sglang, parse>(invocation, flag, value);
}

void set_length(Invocation& invocation, std::string_view flag, const std::string& value) {
  Question& question = invocation.question;
  question.context = parse_human_count(flag, value);
  question.full_context = question.longest_context = false;
}

// vLLM's own words for the longest that fits are -1 and auto.
void set_model_length(Invocation& invocation, std::string_view flag, const std::string& value) {
  if (value != "-1" && value != "auto") return set_length(invocation, flag, value);
  Question& question = invocation.question;
  question.context.reset();
  question.full_context = question.longest_context = true;
}

void set_cache_type(Invocation& invocation, std::string_view flag, const std::string& value) {
  const auto in_vllm = vllm_cache_type(value);
  const auto in_sglang = sglang_cache_type(value);
  if (!in_vllm && !in_sglang)
    refuse_value(flag, value,
                 "auto, bfloat16, fp8, fp8_e4m3, fp8_e5m2, int8_per_token_head, nvfp4 or another type of "
                 "vLLM or SGLang");
  if (in_vllm) invocation.question.options.vllm.kv_cache_dtype = *in_vllm;
  if (in_sglang) invocation.question.options.sglang.kv_cache_dtype = *in_sglang;
  invocation.question.runtime_flags.push_back({fmt::format("{} {}", flag, value), in_vllm && in_sglang
                                                                                      ? "vllm sglang"
                                                                                  : in_vllm ? "vllm"
                                                                                            : "sglang"});
}

std::vector<std::string_view> weight_types() { return {"auto", "half", "float16", "bfloat16"}; }

// Weights and caches are kept in 16 bits.
void check_type(Invocation&, std::string_view flag, const std::string& value) {
  parse_word(flag, value, weight_types());
}

void set_online_quantization(Invocation& invocation, std::string_view, const std::string& value) {
  invocation.question.options.vllm.quantization = value;
}

void set_limits(Invocation& invocation, std::string_view flag, const std::string& value) {
  if (parse_no_multimodal(flag, value)) invocation.question.options.vllm.language_model_only = true;
}

bool parse_encoder_mode(std::string_view flag, const std::string& value) {
  return parse_word(flag, value, {"weights", "data"}) == 1;
}

std::vector<std::string_view> drafting_algorithms() {
  return {"EAGLE", "EAGLE3", "NEXTN", "STANDALONE", "NGRAM"};
}

void set_algorithm(Invocation& invocation, std::string_view flag, const std::string& value) {
  using Method = serving::Drafts::Method;
  constexpr std::array methods = {Method::eagle, Method::eagle, Method::mtp, Method::draft_model,
                                  Method::ngram};
  serving::Drafts& drafts = invocation.question.options.sglang.drafts;
  drafts.method = methods[parse_word(flag, value, drafting_algorithms())];
  if (drafts.tokens == 0) drafts.tokens = 1;
}

void set_draft_tokens(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.question.options.sglang.drafts.tokens = parse_count(flag, value);
}

void set_draft_path(Invocation& invocation, std::string_view, const std::string& value) {
  invocation.question.options.sglang.drafts.model = value;
}

constexpr std::array both = {
    option("-tp, --tensor-parallel-size", "N", "GPUs that share each layer (all)", about_models,
           set_both<&Vllm::tensor_parallel_size, &Sglang::tp_size, parse_count>),
    option("-pp, --pipeline-parallel-size", "N", "stages of layers (1)", about_models,
           set_both<&Vllm::pipeline_parallel_size, &Sglang::pp_size, parse_count>),
    option("-dp, --data-parallel-size", "N", "copies of attention, each with a cache (1)", about_models,
           set_both<&Vllm::data_parallel_size, &Sglang::dp_size, parse_count>),
    option("--users", "N", "requests at once that must have room", about_models,
           set<&Question::users, parse_count>),
    option("--tokens-per-request", "N", "tokens of each (the full length)", about_models,
           set<&Question::tokens_per_request, parse_human_count>),
    one_of<weight_types>(option("--dtype", "TYPE", "auto, half or bfloat16", about_models, check_type)),
    option("--available-kv-memory", "SIZE", "of a start-up log: 51.38GiB", about_models,
           set_both<&Vllm::available_kv_memory, &Sglang::available_kv_memory, parse_size>),
    option("--device-memory", "SIZE", "the driver's total in a log", about_models,
           set_both<&Vllm::device_memory, &Sglang::device_memory, parse_size>),
    option("--free-memory", "SIZE", "free before the start, in a log", about_models,
           set_both<&Vllm::free_memory, &Sglang::free_memory, parse_size>),
};

constexpr std::array cache_type = {
    one_of<serving_cache_types>(option("--kv-cache-dtype", "TYPE", "type of the KV cache: auto, fp8, nvfp4 …",
                                       about_models, set_cache_type)),
};

constexpr std::array of_vllm = {
    option("--max-model-len", "N", "longest request in tokens: 32768, 32K, auto", about_models,
           set_model_length),
    option("-ep, --enable-expert-parallel", "", "whole experts per GPU", about_models,
           set_to<&Vllm::enable_expert_parallel, true>),
    option("-dcp, --decode-context-parallel-size", "N", "GPUs that share a cache (1)", about_models,
           set<&Vllm::decode_context_parallel_size, parse_count>),
    option("--gpu-memory-utilization", "SHARE", "of each GPU for weights and cache (0.92)", about_models,
           set<&Vllm::gpu_memory_utilization, parse_share>),
    option("--max-num-seqs", "N", "sequences at once (256 or 1024)", about_models,
           set<&Vllm::max_num_seqs, parse_human_count32>),
    option("--max-num-batched-tokens", "N", "tokens per step (2048 to 16384)", about_models,
           set<&Vllm::max_num_batched_tokens, parse_human_count32>),
    option("--block-size", "N", "tokens per block of the cache (16)", about_models,
           set<&Vllm::block_size, parse_count>),
    toggle("--enforce-eager", "no CUDA graphs", about_models, set_to<&Vllm::enforce_eager, true>),
    toggle("--enable-prefix-caching", "keep prompts' caches", about_models,
           set_to<&Vllm::enable_prefix_caching, true>),
    toggle("--no-enable-prefix-caching", "forget them", about_models,
           set_to<&Vllm::enable_prefix_caching, false>),
    toggle("--disable-hybrid-kv-cache-manager", "windows take the full length", about_models,
           set_to<&Vllm::disable_hybrid_kv_cache_manager, true>),
    option("--quantization", "METHOD", "quantize while loading: fp8", about_models, set_online_quantization),
    option("--speculative-config", "JSON", R"({"method": "mtp", …}: drafted tokens)", about_models,
           set<&Vllm::drafts, parse_speculative_config>),
    toggle("--enable-lora", "room for adapters", about_models, set_to<&Vllm::enable_lora, true>),
    option("--max-loras", "N", "adapters at once (1)", about_models, set<&Vllm::max_loras, parse_count>),
    option("--max-lora-rank", "N", "their largest rank (16)", about_models,
           set<&Vllm::max_lora_rank, parse_count>),
    toggle("--language-model-only", "no vision or audio tower", about_models,
           set_to<&Vllm::language_model_only, true>),
    option("--limit-mm-per-prompt", "LIMITS", R"(all zero: no tower: {"image": 0})", about_models,
           set_limits),
    toggle("--skip-mm-profiling", "no trial run of the encoder", about_models,
           set_to<&Vllm::skip_mm_profiling, true>),
    option("--mm-encoder-tp-mode", "weights|data", "data: a whole tower per GPU", about_models,
           set<&Vllm::mm_encoder_data_parallel, parse_encoder_mode>),
    option("--cpu-offload-gb", "GiB", "weights in host memory, per GPU", about_models,
           set<&Vllm::cpu_offload, parse_gibibytes>),
    option("--kv-cache-memory-bytes", "SIZE", "of the cache, per GPU", about_models,
           set<&Vllm::kv_cache_memory_bytes, parse_human_bytes>),
    option("--num-gpu-blocks-override", "N", "blocks of the cache", about_models,
           set<&Vllm::num_gpu_blocks_override, parse_human_count>),
};

constexpr std::array of_sglang = {
    option("--context-length", "N", "longest request in tokens", about_models, set_length),
    option("--tp, --tp-size", "N", "as -tp", about_models, set<&Sglang::tp_size, parse_count>),
    option("--pp-size", "N", "as -pp", about_models, set<&Sglang::pp_size, parse_count>),
    option("--dp, --dp-size", "N", "as -dp", about_models, set<&Sglang::dp_size, parse_count>),
    option("--ep, --ep-size", "N", "GPUs that share the experts", about_models,
           set<&Sglang::ep_size, parse_count>),
    toggle("--enable-dp-attention", "a cache per copy of attention", about_models,
           set_to<&Sglang::enable_dp_attention, true>),
    option("--mem-fraction-static", "SHARE", "of each GPU for weights and cache", about_models,
           set<&Sglang::mem_fraction_static, parse_share>),
    option("--chunked-prefill-size", "N", "tokens per prefill step", about_models,
           set<&Sglang::chunked_prefill_size, parse_count>),
    option("--max-running-requests", "N", "requests at once", about_models,
           set<&Sglang::max_running_requests, parse_count>),
    option("--cuda-graph-max-bs", "N", "largest batch with a CUDA graph", about_models,
           set<&Sglang::cuda_graph_max_bs, parse_count>),
    option("--page-size", "N", "tokens per page of the cache", about_models,
           set<&Sglang::page_size, parse_count>),
    option("--max-total-tokens", "N", "tokens of the cache", about_models,
           set<&Sglang::max_total_tokens, parse_human_count>),
    toggle("--disable-cuda-graph", "no CUDA graphs", about_models, set_to<&Sglang::disable_cuda_graph, true>),
    toggle("--disable-radix-cache", "forget prompts' caches", about_models,
           set_to<&Sglang::disable_radix_cache, true>),
    one_of<drafting_algorithms>(
        option("--speculative-algorithm", "NAME", "EAGLE, EAGLE3, NEXTN …", about_models, set_algorithm)),
    option("--speculative-num-draft-tokens", "N", "tokens drafted at once", about_models, set_draft_tokens),
    one_of(model_words, option("--speculative-draft-model-path", "MODEL", "the draft model", about_models,
                               set_draft_path)),
};

}  // namespace

constinit const FlagTable serving_flags{Topic::serving, both, "vllm sglang"};
constinit const FlagTable serving_cache_flags{Topic::serving, cache_type};
constinit const FlagTable vllm_flags{Topic::vllm, of_vllm, "vllm"};
constinit const FlagTable sglang_flags{Topic::sglang, of_sglang, "sglang"};

}  // namespace vramcalc::cli
