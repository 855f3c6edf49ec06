#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "deployment/formats/written_words.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

// LocalAI's models become arguments of the program that serves them: core/backend/options.go, and LoadModel
// in backend/python/vllm, backend/python/sglang and backend/cpp/llama-cpp.
namespace vramcalc::deployment {
namespace {

// A setting, the flag that it becomes, and the one that a switch becomes when it is off.
struct Setting {
  std::string_view key;
  std::string_view flag;
  bool is_switch = false;
  std::string_view off = {};
};

constexpr std::array vllm_settings = {
    Setting{"quantization",            "--quantization"          },
    Setting{"load_format",             "--load-format"           },
    Setting{"gpu_memory_utilization",  "--gpu-memory-utilization"},
    Setting{"trust_remote_code",       "--trust-remote-code",      true},
    Setting{"enforce_eager",                         "--enforce-eager",                                     true},
    Setting{"tensor_parallel_size",                     "--tensor-parallel-size"          },
    Setting{"swap_space","--swap-space"},
    Setting{"max_model_len",                               "--max-model-len"                                                            },
    Setting{"dtype","--dtype"},
};
constexpr std::array sglang_settings = {
    Setting{"quantization",           "--quantization"       },
    Setting{"load_format",            "--load-format"        },
    Setting{"gpu_memory_utilization", "--mem-fraction-static"},
    Setting{"trust_remote_code",      "--trust-remote-code",   true},
    Setting{"enforce_eager",                        "--disable-cuda-graph",                                 true},
    Setting{"tensor_parallel_size",                    "--tp-size"          },
    Setting{"max_model_len","--context-length"      },
    Setting{"dtype",             "--dtype"                             },
};
constexpr std::array llama_settings = {
    Setting{"context_size",      "--ctx-size"      },
    Setting{"gpu_layers",        "--n-gpu-layers"  },
    Setting{"batch",             "--batch-size"    },
    Setting{"batch",             "--ubatch-size"   },
    Setting{"mmap",              "--load-mode mmap", true, "--load-mode none"},
    Setting{"flash_attention", "--flash-attn"                  },
    Setting{"cache_type_k",     "--cache-type-k"    },
    Setting{"cache_type_v","--cache-type-v"            },
    Setting{"no_kv_offloading",     "--no-kv-offload",           true},
    Setting{"embeddings","--embeddings",  true},
    Setting{"reranking",        "--reranking",               true},
    Setting{"tensor_split",                   "--tensor-split"                          },
    Setting{"main_gpu",               "--main-gpu"                  },
    Setting{"mmproj","--mmproj"},
    Setting{"draft_model","--model-draft"},
};

struct Backend {
  std::string_view name;  // without what its builds add: "cuda12-llama-cpp"
  std::span<const std::string_view> start;
  std::string_view model_flag;
  std::span<const Setting> settings;
};
constexpr std::array<std::string_view, 2> vllm_start = {"vllm", "serve"};
constexpr std::array<std::string_view, 3> sglang_start = {"python3", "-m", "sglang.launch_server"};
constexpr std::array<std::string_view, 1> llama_start = {"llama-server"};
constexpr std::array<Backend, 3> backends = {
    {
     {"vllm", vllm_start, "--model", vllm_settings},
     {"sglang", sglang_start, "--model-path", sglang_settings},
     {"llama-cpp", llama_start, "--model", llama_settings},
     }
};

const Backend* find_backend(std::string_view name) {
  const auto found = std::ranges::find_if(backends, [&](const Backend& backend) {
    if (!name.ends_with(backend.name)) return false;
    return name.size() == backend.name.size() || name[name.size() - backend.name.size() - 1] == '-';
  });
  return found == backends.end() ? nullptr : &*found;
}

Word word_at(const Documents& documents, const Yaml& value) {
  return expand(value.text, position(documents, value), Expansion::none, {}, documents.supplied);
}

void add_flag(const Documents& documents, std::string_view flag, const Yaml& value,
              std::vector<Word>& words) {
  words.push_back({std::string(flag), position(documents, value)});
  words.push_back(word_at(documents, value));
}

void add_settings(const Documents& documents, std::span<const Setting> settings, const Yaml& config,
                  std::vector<Word>& words) {
  for (const Setting& setting : settings) {
    const Yaml* value = config.find(setting.key);
    if (value == nullptr || !value->is_scalar()) continue;
    if (!setting.is_switch)
      add_flag(documents, setting.flag, *value, words);
    else
      for (const std::string_view word : written_words(is_true(value) ? setting.flag : setting.off))
        words.push_back({std::string(word), position(documents, *value)});
  }
}

// engine_args: fields of the engine's own arguments. A map or list is beyond a command line.
void add_engine_arguments(const Documents& documents, const Yaml& config, Launch& launch,
                          std::vector<Word>& words) {
  const Yaml* arguments = config.find("engine_args");
  if (arguments == nullptr) return;
  for (const auto& [name, value] : arguments->members) {
    std::string flag = "--" + name;
    std::ranges::replace(flag, '_', '-');
    if (!value.is_scalar())
      launch.holes.push_back({"engine_args." + name, "is not a plain value, and is not read", ""});
    else if (value.quoted || (value.text != "true" && value.text != "false"))
      add_flag(documents, flag, value, words);
    else if (value.text == "true")
      words.push_back({flag, position(documents, value)});
  }
}

// huggingface://OWNER/REPOSITORY/FILE
void add_model(const Documents& documents, const Backend& backend, const Yaml& model,
               std::vector<Word>& words) {
  constexpr std::array<std::string_view, 2> schemes = {"huggingface://", "hf://"};
  for (const std::string_view scheme : schemes) {
    if (!model.text.starts_with(scheme)) continue;
    const std::string path = model.text.substr(scheme.size());
    const std::size_t file = path.find('/', path.find('/') + 1);
    if (path.find('/') == path.npos || file == path.npos) break;
    words.push_back({"--hf-repo", position(documents, model)});
    words.push_back({path.substr(0, file), position(documents, model)});
    words.push_back({"--hf-file", position(documents, model)});
    words.push_back({path.substr(file + 1), position(documents, model)});
    return;
  }
  add_flag(documents, backend.model_flag, model, words);
}

// LocalAI decodes one request at a time unless an option says otherwise.
void add_slots(const Documents& documents, const Yaml& config, std::vector<Word>& words) {
  Word slots{"1", position(documents, config)};
  if (const Yaml* options = config.find("options"))
    for (const Yaml& option : options->items) {
      const std::size_t colon = option.text.find(':');
      const std::string_view name = std::string_view(option.text).substr(0, colon);
      if (colon != option.text.npos && (name == "parallel" || name == "n_parallel"))
        slots = {option.text.substr(colon + 1), position(documents, option)};
    }
  words.push_back({"--parallel", slots.at});
  words.push_back(std::move(slots));
}

void read_with(const Backend& backend, const Yaml& config, Launch launch, const Documents& documents,
               Reading& reading) {
  std::vector<Word> words;
  for (const std::string_view word : backend.start) words.push_back({std::string(word), launch.at});
  const Yaml* model = config.at({"parameters", "model"});
  if (model == nullptr || !model->is_scalar())
    launch.holes.push_back({"parameters.model", "is not said in this file", "--model NAME"});
  else
    add_model(documents, backend, *model, words);
  if (backend.name == "llama-cpp" && config.find("context_size") == nullptr)
    launch.holes.push_back({"context_size", "is not said, and LocalAI chooses it by the model's file",
                            "write context_size into the file"});
  add_settings(documents, backend.settings, config, words);
  if (backend.name == "llama-cpp")
    add_slots(documents, config, words);
  else
    add_engine_arguments(documents, config, launch, words);
  if (!add_command(words, launch, documents.supplied, reading))
    add_unread(launch, "is started by a program that is not known", reading);
}

void read_config(const Yaml& config, std::string_view name, const Documents& documents, Reading& reading) {
  Launch launch;
  launch.name = config.text_of("name").empty() ? std::string(name) : config.text_of("name");
  launch.at = position(documents, config);
  launch.machine = documents.input.name;
  const std::string backend = config.text_of("backend");
  if (const Backend* known = find_backend(backend))
    return read_with(*known, config, launch, documents, reading);
  const std::string why = backend.empty()
                              ? "has no backend, and LocalAI tries one after the other"
                              : fmt::format("is served by {}, whose settings are not read", backend);
  add_unread(launch, why, reading, backend.empty() ? "write the backend into the file" : "");
}

// A model's configuration within the text of a gallery's file, at its own lines.
void read_text(const Yaml& text, const std::string& name, const Documents& documents, Reading& reading) {
  const std::size_t before = std::min<std::size_t>(text.line, documents.input.text.size());
  try {
    for (const Yaml& config : parse_yaml({documents.input.name, std::string(before, '\n') + text.text}))
      read_config(config, name, documents, reading);
  } catch (const Error& error) {
    Launch launch;
    launch.name = name;
    launch.at = position(documents, text);
    launch.holes.push_back({"config_file", fmt::format("cannot be read ({})", error.what()), ""});
    reading.launches.push_back(std::move(launch));
  }
}

void read_entry(const Yaml& entry, const Documents& documents, Reading& reading) {
  const std::string name = entry.text_of("name");
  const Yaml *text = entry.find("config_file"), *overrides = entry.find("overrides");
  if (text != nullptr && text->is_scalar()) return read_text(*text, name, documents, reading);
  if (text != nullptr && text->is_map()) return read_config(*text, name, documents, reading);
  read_config(overrides != nullptr && overrides->is_map() ? *overrides : entry, name, documents, reading);
}

bool is_entry(const Yaml& entry) {
  if (!entry.is_map() || entry.find("apiVersion") != nullptr || entry.find("name") == nullptr) return false;
  if (entry.find("config_file") != nullptr) return true;
  if (const Yaml* overrides = entry.find("overrides"))
    return overrides->find("parameters") != nullptr || overrides->find("backend") != nullptr;
  return entry.find("backend") != nullptr || entry.at({"parameters", "model"}) != nullptr;
}

}  // namespace

bool is_localai(const Yaml& document) {
  if (!document.is_list()) return is_entry(document);
  return !document.items.empty() && std::ranges::all_of(document.items, is_entry);
}

void read_localai(const Documents& documents, Reading& reading) {
  if (documents.document.is_map()) read_entry(documents.document, documents, reading);
  for (const Yaml& entry : documents.document.items) read_entry(entry, documents, reading);
}

}  // namespace vramcalc::deployment
