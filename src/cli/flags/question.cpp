#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "cli/catalog_words.hpp"
#include "cli/deployment.hpp"
#include "cli/flags/table.hpp"
#include "cli/values.hpp"
#include "vramcalc/error.hpp"

// Common to all runtimes: the model, its quantization, the hardware.
namespace vramcalc::cli {
namespace {

void name_model(Invocation& invocation, std::string_view, const std::string& value) {
  Question& question = invocation.question;
  if (!question.model.empty())
    throw Error(ErrorCode::usage,
                fmt::format("one model at a time: \"{}\" and \"{}\" are two", question.model, value));
  question.model = value;
}

// "org/name:Q4_K_M", with or without a prefix.
void name_repository(Invocation& invocation, std::string_view flag, const std::string& value) {
  const bool has_scheme =
      value.find("://") != value.npos || value.starts_with("hf:") || value.starts_with("hf.co/");
  name_model(invocation, flag, has_scheme ? value : "hf.co/" + value);
}

// "Q4_K_M,Q8_0" is a list for compare, and not a name for other commands.
void append_list(std::vector<std::string>& list, std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    list.emplace_back(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void set_quantization(Invocation& invocation, std::string_view, const std::string& value) {
  invocation.question.quantization = value;
  append_list(invocation.question.compare.quantizations, value);
}

void set_runtime(Invocation& invocation, std::string_view, const std::string& value) {
  invocation.question.runtime = value;
  append_list(invocation.question.compare.runtimes, value);
}

// Of one service of a deployment: "NAME=HARDWARE".
void set_gpu(Invocation& invocation, std::string_view, const std::string& value) {
  if (const std::size_t equals = value.find('='); equals != value.npos) {
    invocation.deployment.hardware.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    return;
  }
  invocation.question.gpu = value;
  invocation.question.compare.gpus.push_back(value);
}

void set_rule_of_thumb(Invocation& invocation, std::string_view, const std::string&) {
  invocation.question.runtime = "rule-of-thumb";
}

// For a model only "tight" says more than the usual.
void fail_on(Invocation& invocation, std::string_view, const std::string& value) {
  append_list(invocation.deployment.fail_on, value);
  if (value == "tight") invocation.question.check.fail_on_tight = true;
}

std::vector<std::string_view> runtime_names() {
  std::vector<std::string_view> names;
  for (const Runtime& runtime : runtimes()) {
    names.push_back(runtime.id);
    names.insert(names.end(), runtime.tools.begin(), runtime.tools.end());
  }
  return names;
}

constexpr CommandSet one_model_or_several = about_one_model | only(Command::compare);

constexpr std::array model_and_hardware = {
    one_of(model_words,
           option("-m, --model", "MODEL", "the model, like the argument MODEL", about_one_model, name_model)),
    option("-hf, -hfr, --hf-repo", "REPO[:Q]", "the model: a repository of the hub", about_one_model,
           name_repository),
    in_short_help(
        one_of(quantization_words, option("-q, --quant", "Q", "quantization, such as Q4_K_M or IQ3_XXS",
                                          one_model_or_several, set_quantization))),
    in_short_help(one_of(hardware_words, option("--gpu", "HARDWARE", "rtx-4090, 2x rtx-3090, 24GiB, local",
                                                about_models, set_gpu))),
    option("--ram", "SIZE", "host memory: 128GiB", about_models, set<&Question::ram, parse_size>),
    option("--reserve", "SIZE", "kept free on each GPU: 1GiB", about_models,
           set<&Question::reserve, parse_size>),
};

constexpr std::array config = {
    one_of(model_type_words, option("--as", "MODEL_TYPE", "how to read an unknown config.json: llama",
                                    about_one_model, set<&Question::model_type, as_typed>)),
    option("--ignore-field", "NAME", "a field of config.json to skip", about_one_model,
           append<&Question::ignored_fields>),
};

constexpr std::array one_command = {
    one_of(family_words,
           option("--family", "NAME", "only models of this family",
                  only(Command::recommend) | only(Command::site), set<&RecommendQuestion::family, as_typed>)),
    option("--min-context", "N", "only models with room for N tokens", only(Command::recommend),
           set<&Question::context, parse_context>),
    one_of<orders>(option("--sort", "ORDER", "speed, size or recent first", only(Command::recommend),
                          set<&RecommendQuestion::order, parse_order>)),
    option("--min-speed", "N", "only models that write N tokens/s", only(Command::recommend),
           set<&RecommendQuestion::least_speed, parse_count>),
    one_of(modality_words, option("--modality", "NAME", "only models for it: image, audio",
                                  only(Command::recommend), set<&RecommendQuestion::modality, as_typed>)),
    one_of(license_words, option("--license", "NAME", "only models with this license: apache",
                                 only(Command::recommend), set<&RecommendQuestion::license, as_typed>)),
    one_of<failures>(option("--fail-on", "LIST", "exits with 1: tight, unresolved, a code",
                            only(Command::check), fail_on)),
    toggle("--local", "GGUF models of Ollama, LM Studio and caches", only(Command::models),
           set_to<&ListQuestion::local, true>),
    option("--catalog", "PATH", "more models and hardware: file, folder, -", every_command,
           append<&Question::catalog_paths>),
    option("--hub-timeout", "SECONDS", "limit per model or file of a hub (120)", one_model_or_several,
           set<&Question::hub_seconds, parse_count>),
};

constexpr std::array computation = {
    toggle("--imatrix", "file made with an importance matrix", about_models,
           set_to<&Question::imatrix, true>),
    toggle("--no-imatrix", "file made without one", about_models, set_to<&Question::imatrix, false>),
    one_of<quantizer_releases>(option("--quantizer", "RELEASE", "rules of 0.5.0 or before-fused-qkv",
                                      about_models, set<&Question::quantizer, parse_quantizer>)),
    toggle("--no-mtp", "file converted without MTP layers", one_model_or_several,
           set_to<&Question::no_mtp, true>),
    one_of<backend_names>(option("--backend", "NAME", "cuda, vulkan, metal … or cpu, without a GPU",
                                 about_models, set<&Question::backend, parse_backend>)),
    one_of<runtime_names>(option("--runtime", "NAME[@RELEASE]", "llama.cpp@b9010, ollama, vllm@0.11 …",
                                 about_models, set_runtime)),
    toggle("--rule-of-thumb", "compute as model-card sites do", about_models, set_rule_of_thumb),
};

}  // namespace

constinit const FlagTable model_and_hardware_flags{Topic::question, model_and_hardware};
constinit const FlagTable config_flags{Topic::question, config};
constinit const FlagTable command_flags{Topic::question, one_command};
constinit const FlagTable computation_flags{Topic::runtime, computation};

}  // namespace vramcalc::cli
