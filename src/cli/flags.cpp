#include "cli/flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/values.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::array command_names = {
    CommandName{"check",     Command::check    },
    CommandName{"plan",      Command::plan     },
    CommandName{"recommend", Command::recommend},
    CommandName{"compare",   Command::compare  },
    CommandName{"models",    Command::models   },
    CommandName{"quants",    Command::quants   },
    CommandName{"gpus",      Command::gpus     },
    CommandName{"systems",   Command::systems  },
};

constexpr Commands one_model = bit(Command::overview) | bit(Command::check) | bit(Command::plan);
constexpr Commands recommends = bit(Command::recommend);
constexpr Commands compares = bit(Command::compare);
constexpr Commands about_a_model = one_model | recommends | compares;
constexpr Commands explained = bit(Command::overview) | bit(Command::check) | bit(Command::plan);
constexpr Commands placed = bit(Command::check);
constexpr Commands lists =
    bit(Command::models) | bit(Command::quants) | bit(Command::gpus) | bit(Command::systems);
constexpr Commands everywhere = about_a_model | lists;

llama_cpp::ContextParams& context_params(Invocation& invocation) {
  return llama_cpp_options(invocation.question).context;
}
llama_cpp::ModelParams& model_params(Invocation& invocation) {
  return llama_cpp_options(invocation.question).model;
}

void add_overrides(Invocation& invocation, const std::string& value) {
  for (llama_cpp::TensorOverride& moved : parse_overrides("-ot", value))
    model_params(invocation).overrides.push_back(std::move(moved));
}

void set_context(Invocation& invocation, const std::string& value) {
  invocation.question.context = parse_context("-c", value);
  invocation.question.full_context = !invocation.question.context;
}

void name_model(Invocation& invocation, const std::string& value) {
  Question& question = invocation.question;
  if (!question.model.empty())
    throw Error(ErrorCode::usage,
                fmt::format("one model at a time: \"{}\" and \"{}\" are two", question.model, value));
  question.model = value;
}

// "org/name:Q4_K_M", with or without what else may stand before it.
void name_repository(Invocation& invocation, const std::string& value) {
  const bool has_scheme = value.find("://") != value.npos || value.starts_with("hf:") || value.starts_with("hf.co/");
  name_model(invocation, has_scheme ? value : "hf.co/" + value);
}

// "Q4_K_M,Q8_0" is several for compare, and no name for anything else.
void set_quantization(Invocation& invocation, const std::string& value) {
  invocation.question.quantization = value;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    invocation.question.compare.quantizations.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

// Names and meanings of the workload's flags: llama.cpp 0.5.0, common/arg.cpp.
// A line for what is said, a line for what is done.
// clang-format off
constexpr std::array all_flags = {
    Flag{"-m, --model", "MODEL", "the model, as a word would name it", Topic::question, false, one_model,
         name_model},
    Flag{"-hf, -hfr, --hf-repo", "REPO[:Q]", "the model: a repository of the hub", Topic::question, false, one_model,
         name_repository},
    Flag{"-q, --quant", "Q", "quantization, such as Q4_K_M or IQ3_XXS", Topic::question, true, one_model | compares,
         set_quantization},
    Flag{"--gpu", "HARDWARE", "rtx-4090, 2x rtx-3090, 24GiB, local", Topic::question, true, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.gpu = value; to.question.compare.gpus.push_back(value); }},
    Flag{"--ram", "SIZE", "host memory beside the GPUs: 128GiB", Topic::question, false, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.ram = parse_size("--ram", value); }},
    Flag{"--reserve", "SIZE", "kept free on each GPU: 1GiB", Topic::question, false, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.reserve = parse_size("--reserve", value); }},
    Flag{"-c, --ctx-size", "N", "context in tokens: 8192, 32K, max", Topic::workload, true, about_a_model,
         set_context},
    Flag{"-np, --parallel", "N", "sequences; splits the cache unless -kvu", Topic::workload, true, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).parallel = parse_slots("-np", value); }},
    Flag{"-kvu, --kv-unified", "", "one cache shared by all sequences", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string&) { context_params(to).kv_unified = true; }},
    Flag{"-no-kvu, --no-kv-unified", "", "a cache of its own for each sequence", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string&) { context_params(to).kv_unified = false; }},
    Flag{"-ctk, --cache-type-k", "TYPE", "type of the K cache: f16, q8_0, q4_0 …", Topic::workload, true, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).cache_type_k = parse_cache_type("-ctk", value); }},
    Flag{"-ctv, --cache-type-v", "TYPE", "type of the V cache", Topic::workload, true, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).cache_type_v = parse_cache_type("-ctv", value); }},
    Flag{"-fa, --flash-attn", "on|off|auto", "flash attention", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).flash_attention = parse_flash_attention("-fa", value); }},
    Flag{"-b, --batch-size", "N", "tokens of a batch (2048)", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).batch = parse_count("-b", value); }},
    Flag{"-ub, --ubatch-size", "N", "tokens computed at once (512)", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string& value) { context_params(to).ubatch = parse_count("-ub", value); }},
    Flag{"--swa-full", "", "full-size cache for sliding-window layers", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string&) { context_params(to).swa_full = true; }},
    Flag{"-nkvo, --no-kv-offload", "", "KV cache in host memory", Topic::workload, false, about_a_model,
         [](Invocation& to, const std::string&) { context_params(to).kv_offload = false; }},
    Flag{"-mm, --mmproj", "FILE", "projector for images or sound: GGUF, hf:…", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { to.question.projector = value; }},
    Flag{"--lora", "FILE", "adapter: GGUF, hf:…; again for more of them", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { to.question.adapters.push_back(value); }},
    Flag{"-md, --model-draft", "MODEL", "draft model beside it (draft-simple)", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { to.question.draft = value; }},
    Flag{"--draft-max, --spec-draft-n-max", "N", "tokens drafted at once (3)", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { context_params(to).draft_tokens = parse_count("--draft-max", value); }},
    Flag{"-ctkd, --cache-type-k-draft", "TYPE", "type of the draft model's K cache (f16)", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { llama_cpp_options(to.question).draft_cache_type_k = parse_cache_type("-ctkd", value); }},
    Flag{"-ctvd, --cache-type-v-draft", "TYPE", "type of its V cache (f16)", Topic::workload, false, one_model,
         [](Invocation& to, const std::string& value) { llama_cpp_options(to.question).draft_cache_type_v = parse_cache_type("-ctvd", value); }},
    Flag{"-ngl, --gpu-layers, --n-gpu-layers", "N", "layers on the GPUs, last ones first", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { model_params(to).gpu_layers = parse_layers("-ngl", value); }},
    Flag{"-ts, --tensor-split", "N,N…", "share of each GPU: 3,1", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { model_params(to).tensor_split = parse_shares("-ts", value); }},
    Flag{"-sm, --split-mode", "none|layer", "one GPU, or layers over all (layer)", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { model_params(to).one_gpu = parse_split_mode("-sm", value); }},
    Flag{"-mg, --main-gpu", "N", "the GPU of -sm none (0)", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { model_params(to).main_gpu = parse_index("-mg", value); }},
    Flag{"-ncmoe, --n-cpu-moe", "N", "experts of N layers in host memory", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { model_params(to).cpu_moe_layers = parse_index("-ncmoe", value); }},
    Flag{"-cmoe, --cpu-moe", "", "experts of all layers in host memory", Topic::placement, false, placed,
         [](Invocation& to, const std::string&) { model_params(to).cpu_moe = true; }},
    Flag{"-ot, --override-tensor", "PATTERN=CPU", "tensors elsewhere: ffn_up=CPU,a=CUDA1", Topic::placement, false, placed,
         [](Invocation& to, const std::string& value) { add_overrides(to, value); }},
    Flag{"--no-op-offload", "", "the host computes what lies there", Topic::placement, false, placed,
         [](Invocation& to, const std::string&) { model_params(to).offload_operations = false; }},
    Flag{"--imatrix", "", "the file is made with an importance matrix", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string&) { to.question.imatrix = true; }},
    Flag{"--no-imatrix", "", "the file is made without one", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string&) { to.question.imatrix = false; }},
    Flag{"--quantizer", "RELEASE", "rules of 0.5.0 or before-fused-qkv", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.quantizer = parse_quantizer("--quantizer", value); }},
    Flag{"--no-mtp", "", "the file is converted without MTP layers", Topic::runtime, false, one_model | compares,
         [](Invocation& to, const std::string&) { to.question.no_mtp = true; }},
    Flag{"--backend", "NAME", "what drives the GPUs: cuda, vulkan, metal …", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.backend = backend_named(value); }},
    Flag{"--runtime", "NAME[@RELEASE]", "llama.cpp@b9010, llama-bench, rule-of-thumb", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string& value) { to.question.runtime = value; }},
    Flag{"--rule-of-thumb", "", "compute as model-card sites do", Topic::runtime, false, about_a_model,
         [](Invocation& to, const std::string&) { to.question.runtime = "rule-of-thumb"; }},
    Flag{"--as", "MODEL_TYPE", "how to read an unknown config.json: llama", Topic::question, false, one_model,
         [](Invocation& to, const std::string& value) { to.question.model_type = value; }},
    Flag{"--ignore-field", "NAME", "a field of config.json to leave aside", Topic::question, false, one_model,
         [](Invocation& to, const std::string& value) { to.question.ignored_fields.push_back(value); }},
    Flag{"--like-llama-cpp", "", "what llama.cpp's own fit would set", Topic::question, false, bit(Command::plan),
         [](Invocation& to, const std::string&) { to.question.plan.like_runtime = true; }},
    Flag{"-fitt, --fit-target", "MiB", "its margin on each GPU (1024)", Topic::question, false, bit(Command::plan),
         [](Invocation& to, const std::string& value) { llama_cpp_options(to.question).fit_target = Bytes(parse_index("-fitt", value) * MiB); }},
    Flag{"-fitc, --fit-ctx", "N", "the least context worth having (4096)", Topic::question, false, bit(Command::plan) | recommends,
         [](Invocation& to, const std::string& value) { to.question.least_context = parse_count("-fitc", value); }},
    Flag{"--family", "NAME", "only models of this family", Topic::question, false, recommends,
         [](Invocation& to, const std::string& value) { to.question.recommend.family = value; }},
    Flag{"--min-context", "N", "only models that keep so many tokens", Topic::question, false, recommends,
         [](Invocation& to, const std::string& value) { to.question.context = parse_context("--min-context", value); }},
    Flag{"--modality", "NAME", "only models with it: image, audio", Topic::question, false, recommends,
         [](Invocation& to, const std::string& value) { to.question.recommend.modality = value; }},
    Flag{"--license", "NAME", "only models with this license: apache", Topic::question, false, recommends,
         [](Invocation& to, const std::string& value) { to.question.recommend.license = value; }},
    Flag{"--fail-on", "tight", "a tight fit is a failure too", Topic::question, false, bit(Command::check),
         [](Invocation& to, const std::string& value) { parse_word("--fail-on", value, {"tight"}); to.question.check.fail_on_tight = true; }},
    Flag{"--local", "", "models of Ollama, LM Studio and caches here", Topic::question, false, bit(Command::models),
         [](Invocation& to, const std::string&) { to.question.list.local = true; }},
    Flag{"--catalog", "PATH", "more models and hardware: file, folder, -", Topic::question, false, everywhere,
         [](Invocation& to, const std::string& value) { to.question.catalog_paths.push_back(value); }},
    Flag{"--hub-timeout", "SECONDS", "for each model or file from a hub (120)", Topic::question, false, one_model | compares,
         [](Invocation& to, const std::string& value) { to.question.hub_seconds = parse_count("--hub-timeout", value); }},
    Flag{"--all", "", "every quantization and every device", Topic::output, true, everywhere,
         [](Invocation& to, const std::string&) { to.all = true; }},
    Flag{"--explain", "", "each term: formula, numbers, their source", Topic::output, true, explained,
         [](Invocation& to, const std::string&) { to.question.explain = true; }},
    Flag{"--json", "", "one JSON document, errors included", Topic::output, true, everywhere,
         [](Invocation& to, const std::string&) { to.format = "json"; }},
    Flag{"--format", "table|json", "how to print", Topic::output, false, everywhere,
         [](Invocation& to, const std::string& value) { std::vector<std::string_view> ids; for (const render::Format& format : render::formats()) ids.push_back(format.id); to.format = ids[parse_word("--format", value, ids)]; }},
    Flag{"--units", "GB|GiB|MiB", "of every figure", Topic::output, false, everywhere,
         [](Invocation& to, const std::string& value) { to.units = parse_units("--units", value); }},
    Flag{"-h", "", "the usual flags", Topic::output, true, everywhere,
         [](Invocation& to, const std::string&) { to.wants = Invocation::Wants::short_help; }},
    Flag{"--help", "", "all flags, with examples", Topic::output, true, everywhere,
         [](Invocation& to, const std::string&) { to.wants = Invocation::Wants::long_help; }},
    Flag{"--version", "", "the version", Topic::output, false, everywhere,
         [](Invocation& to, const std::string&) { to.wants = Invocation::Wants::version; }},
};
// clang-format on

// clang-format off
constexpr std::array all_refused = {
    RefusedFlag{"--max-model-len, --max-seq-len, --context-length",
                "vLLM and SGLang count it per sequence, and neither is estimated yet; llama.cpp's -c is shared by the "
                "slots: four sequences of 8,192 tokens are -c 32768 -np 4"},
    RefusedFlag{"--max-num-seqs, --max-running-requests, --max-batch-size",
                "vLLM and SGLang are not estimated yet; llama.cpp's -np shares the cells of -c: four sequences of 8,192 "
                "tokens are -c 32768 -np 4"},
    RefusedFlag{"-tp, --tensor-parallel-size, --tp, --tp-size",
                "vLLM and SGLang are not estimated yet; name the GPUs (--gpu '2x rtx-4090'), over which llama.cpp spreads "
                "the layers"},
    RefusedFlag{"-pp, --pipeline-parallel-size, --pp-size, -dp, --data-parallel-size, --dp-size, --dp, -ep, --enable-expert-parallel, --ep-size",
                "vLLM and SGLang are not estimated yet; name the GPUs (--gpu '2x rtx-4090'), over which llama.cpp spreads "
                "the layers"},
    RefusedFlag{"--gpu-memory-utilization, --mem-fraction-static, --kv-cache-memory-bytes, --num-gpu-blocks-override, --max-total-tokens",
                "vLLM and SGLang fill a share of the GPU with cache and are not estimated yet; llama.cpp takes what -c asks "
                "for, and --reserve keeps memory free"},
    RefusedFlag{"--kv-cache-dtype",
                "vLLM and SGLang are not estimated yet; llama.cpp's cache types are -ctk and -ctv (f16, q8_0, q4_0 and more)"},
    RefusedFlag{"--swap-space, --cpu-offload-gb, --cpu-offload-params",
                "vLLM is not estimated yet; llama.cpp keeps layers (-ngl), experts (-ncmoe) or the cache (-nkvo) in host "
                "memory"},
    RefusedFlag{"--enforce-eager, --max-num-batched-tokens, --block-size, --enable-prefix-caching, --no-enable-prefix-caching, --enable-chunked-prefill, --disable-cuda-graph, --chunked-prefill-size, --compilation-config, --cuda-graph-max-bs, --speculative-config, --attention-backend, --load-format, --trust-remote-code",
                "a flag of vLLM or SGLang, which are not estimated yet; the figures are for llama.cpp"},
    RefusedFlag{"--dtype",
                "vLLM and SGLang are not estimated yet; -q F16 or -q BF16 is llama.cpp's file of such values"},
    RefusedFlag{"--quantization",
                "vLLM's and SGLang's checkpoint formats are not estimated yet; -q names the type of llama.cpp's file, such "
                "as Q4_K_M"},
    RefusedFlag{"-dev, --device",
                "say which GPUs there are with --gpu 'rtx-4090,rtx-3090', and with -ts 1,0 or -sm none -mg 0 which of them "
                "are used"},
    RefusedFlag{"-devd, --device-draft, -ngld, --gpu-layers-draft, --n-gpu-layers-draft",
                "the draft model is taken to lie on the GPUs whole, as llama-server puts it by default"},
    RefusedFlag{"--spec-type",
                "a draft model (-md) is taken for draft-simple; no other kind is estimated yet"},
    RefusedFlag{"-fit, --fit",
                "plan finds what fits, and --like-llama-cpp what llama.cpp would"},
    RefusedFlag{"--context, --ctx, -ctx, --context-size, --context-len, --num-ctx, --n-ctx, -n_ctx",
                "the context is -c N (--ctx-size)"},
    RefusedFlag{"--batch, --concurrency, --users, --slots",
                "sequences at once are -np N (--parallel), tokens computed at once -ub N (--ubatch-size)"},
    RefusedFlag{"--vram, --memory, --gpus, --hardware, -g",
                "the hardware is --gpu, a name or a size: rtx-4090, '2x rtx-3090', 24GiB"},
    RefusedFlag{"-v, -V", "the version is --version"},
};

// Flags of llama-server that leave what it allocates on the GPUs as it is, so that its command line may be pasted.
constexpr std::array all_without_effect = {
    IgnoredFlag{"-t, --threads, -tb, --threads-batch, -n, --predict, --n-predict, --port, --host, --temp, --top-k, --top-p, "
                "--min-p, --repeat-penalty, --presence-penalty, --frequency-penalty, -s, --seed, -a, --alias, --api-key, --api-key-file, --chat-template, "
                "--chat-template-file, --chat-template-kwargs, --reasoning-format, --reasoning-budget, -to, --timeout, --threads-http, "
                "--cache-reuse, --log-file, -lv, --verbosity, --prio, --poll, --numa, -hft, --hf-token, --slot-save-path, --ssl-key-file, --ssl-cert-file", true},
    IgnoredFlag{"--jinja, --no-jinja, --mlock, --no-mmap, --mmap, -cb, --cont-batching, -nocb, --no-cont-batching, --metrics, --props, --no-webui, --webui, "
                "--no-warmup, --warmup, --verbose, --log-disable, --log-colors, --no-perf, --perf, --no-context-shift, --context-shift, --embeddings, --offline, --no-slots, --check-tensors, --verbose-prompt, --log-timestamps", false},
};
// clang-format on

}  // namespace

std::span<const CommandName> commands() { return command_names; }
std::span<const Flag> flags() { return all_flags; }
std::span<const RefusedFlag> refused_flags() { return all_refused; }
std::span<const IgnoredFlag> ignored_flags() { return all_without_effect; }

std::optional<Command> command_named(std::string_view word) {
  for (const CommandName& name : command_names) {
    if (name.word == word) return name.command;
  }
  return std::nullopt;
}

std::vector<std::string_view> names_of(std::string_view names) {
  std::vector<std::string_view> result;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(", "), names.size());
    result.push_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 2, names.size()));
  }
  return result;
}

bool has_name(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(", "), names.size());
    if (names.substr(0, comma) == name) return true;
    names.remove_prefix(std::min(comma + 2, names.size()));
  }
  return false;
}

}  // namespace vramcalc::cli
