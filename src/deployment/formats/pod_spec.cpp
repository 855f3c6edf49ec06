#include "deployment/formats/pod_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "deployment/accelerators.hpp"
#include "deployment/formats/environment.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// Programs whose command line is not read, by what their image or command contains.
struct UnreadProgram {
  std::string_view part;
  std::string_view why;
};
constexpr std::array unread_programs = {
    UnreadProgram{"nvcr.io/nim/",              "is a NIM container, which chooses its engine and its options itself"},
    UnreadProgram{"trtllm",                    "runs TensorRT-LLM, whose command line is not read"                  },
    UnreadProgram{"tensorrt",                  "runs TensorRT-LLM, whose command line is not read"                  },
    UnreadProgram{"tritonserver",              "runs Triton, whose command line is not read"                        },
    UnreadProgram{"text-generation-inference",
                  "runs Text Generation Inference, whose command line is not read"                                  },
    UnreadProgram{"text-embeddings-inference",
                  "runs Text Embeddings Inference, whose command line is not read"                                  },
    UnreadProgram{"lmdeploy",                  "runs LMDeploy, whose command line is not read"                      },
    UnreadProgram{"rayproject/ray",
                  "is a node of a Ray cluster, and what runs on it is not in this manifest"                         },
};

constexpr std::array shells = {"sh", "bash", "ash", "dash", "zsh"};

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_shell(std::string_view word) { return std::ranges::find(shells, file_name(word)) != shells.end(); }

std::string_view why_unread(const Launch& launch, const std::vector<Word>& words) {
  const auto mentions = [&](const UnreadProgram& program) {
    return contains_letters(launch.image, program.part) || std::ranges::any_of(words, [&](const Word& word) {
             return contains_letters(word.text, program.part);
           });
  };
  const auto found = std::ranges::find_if(unread_programs, mentions);
  return found != unread_programs.end() ? found->why : "gets GPUs for a program that is not known";
}

// A sidecar is an init container that stays: Kubernetes 1.29, restartPolicy of containers.
bool is_sidecar(const Yaml& container) { return container.text_of("restartPolicy") == "Always"; }

std::vector<const Yaml*> services_of(const Yaml& spec) {
  std::vector<const Yaml*> result;
  if (const Yaml* containers = spec.find("containers"))
    for (const Yaml& container : containers->items)
      if (container.is_map()) result.push_back(&container);
  if (const Yaml* containers = spec.find("initContainers"))
    for (const Yaml& container : containers->items)
      if (container.is_map() && is_sidecar(container)) result.push_back(&container);
  return result;
}

// Every mention of a path in a word becomes what the path holds. A word that is partly such a path keeps it.
Word with_stored(Word word, const Pods& pods) {
  for (const auto& [path, model] : pods.stored) {
    const std::size_t at = word.text.find(path);
    if (at == std::string::npos) continue;
    const std::size_t end = at + path.size();
    const bool ends = end == word.text.size() || word.text[end] == ' ' || word.text[end] == '\n' ||
                      (word.text[end] == '/' && end + 1 == word.text.size());
    if (!ends) continue;
    word.text.replace(at, path.size() + (end < word.text.size() && word.text[end] == '/'), model.text);
    word.holes.insert(word.holes.end(), model.holes.begin(), model.holes.end());
  }
  return word;
}

void append_words(const Yaml* list, std::vector<Word>& words, const Launch& launch,
                  const Documents& documents) {
  if (list == nullptr) return;
  const auto append = [&](const Yaml& value) {
    if (!value.is_scalar()) return;
    words.push_back(expand(value.text, position(documents, value), Expansion::kubernetes, launch.environment,
                           documents.supplied));
  };
  if (list->is_scalar()) append(*list);  // not valid, yet some operators take it
  for (const Yaml& value : list->items) append(value);
}

// `bash -c -- SCRIPT` is `bash -c SCRIPT`.
void drop_end_of_options(std::vector<Word>& words) {
  if (words.size() > 2 && is_shell(words[0].text) && words[1].text.starts_with("-") && words[2].text == "--")
    words.erase(words.begin() + 2);
}

// The script that `sh PATH` or PATH runs, if it comes from a ConfigMap; null if not.
const std::string* mounted_script(const std::vector<Word>& words, const Launch& launch) {
  std::size_t at = !words.empty() && is_shell(words.front().text) ? 1 : 0;
  while (at > 0 && at < words.size() && words[at].text.starts_with("-")) ++at;
  if (at >= words.size()) return nullptr;
  const std::string path(trimmed(words[at].text));
  const auto found = std::ranges::find(launch.files, path, [](const auto& file) { return file.first; });
  return found == launch.files.end() ? nullptr : &found->second;
}

bool is_patch(const Yaml& container) {
  return container.text_of("image").empty() && container.find("command") == nullptr;
}

void read_container(const Yaml& container, const Yaml& spec, const Pods& pods, const Documents& documents,
                    Reading& reading) {
  Launch launch = container_launch(container, spec, pods, documents);
  const bool asks = has_gpus(gpu_request(container.find("resources"), Yaml(), documents));
  if (is_patch(container)) {
    if (asks || container.find("args") != nullptr)
      add_unread(std::move(launch), "has no image, as in a patch of another manifest", reading,
                 "give the whole manifest, as \"kubectl kustomize\" prints it");
    return;
  }
  std::vector<Word> words = container_words(container, launch, documents);
  for (Word& word : words) word = with_stored(std::move(word), pods);
  const std::string* script = mounted_script(words, launch);
  const bool found = script != nullptr ? add_script(*script, launch, documents.supplied, reading)
                                       : add_command(words, launch, documents.supplied, reading);
  if (found || !asks) return;
  const std::string_view why = why_unread(launch, words);
  add_unread(std::move(launch), why, reading);
}

// Launches of one pod that come from several containers are told apart by the containers' names.
struct ContainerLaunches {
  std::string container;
  std::size_t begin = 0, end = 0;
};
void name_apart(const std::vector<ContainerLaunches>& containers, const std::string& pod, Reading& reading) {
  if (containers.size() < 2) return;
  for (const auto& [container, begin, end] : containers)
    for (std::size_t i = begin; i < end; ++i) {
      std::string& name = reading.launches[i].name;
      name = pod + "/" + container + (name.starts_with(pod) ? name.substr(pod.size()) : "");
    }
}

}  // namespace

Position position(const Documents& documents, const Yaml& value) {
  return {documents.input.name, value.line};
}

std::optional<std::uint32_t> whole_number(const Yaml* value) {
  if (value == nullptr || !value->is_scalar()) return std::nullopt;
  const std::string_view text = trimmed(value->text);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_true(const Yaml* value) { return value != nullptr && same_letters(value->text, "true"); }

const Yaml* find_object(const Documents& documents, std::string_view kind, std::string_view name) {
  const auto is_it = [&](const Yaml& object) {
    const Yaml* metadata = object.find("metadata");
    return object.text_of("kind") == kind && metadata != nullptr && metadata->text_of("name") == name;
  };
  for (const Yaml& document : documents.siblings) {
    if (is_it(document)) return &document;
    if (document.text_of("kind") != "List") continue;
    if (const Yaml* items = document.find("items"))
      for (const Yaml& item : items->items)
        if (is_it(item)) return &item;
  }
  return nullptr;
}

Launch container_launch(const Yaml& container, const Yaml& spec, const Pods& pods,
                        const Documents& documents) {
  Launch launch;
  launch.name = pods.name;
  launch.at = position(documents, container);
  launch.image = container.text_of("image");
  launch.replicas = pods.replicas;
  launch.pods = pods.count;
  launch.findings = pods.findings;
  launch.holes = pods.holes;
  launch.environment = container_environment(container, pods, documents);
  launch.files = mounted_files(container, spec, documents);
  constexpr std::size_t most_bytes = 16 << 20;
  std::size_t bytes = 0;
  for (const auto& [path, text] : launch.files) bytes += text.size();
  if (bytes > most_bytes / (documents.siblings.size() + 1)) launch.files.clear();
  launch.gpus = gpu_request(container.find("resources"), spec, documents);
  if (launch.gpus.at.line == 0) launch.gpus.at = launch.at;
  return launch;
}

std::vector<Word> container_words(const Yaml& container, const Launch& launch, const Documents& documents) {
  std::vector<Word> words;
  append_words(container.find("command"), words, launch, documents);
  append_words(container.find("args"), words, launch, documents);
  drop_end_of_options(words);
  // What Kubernetes does not know it leaves as it is, and a shell then reads $(NAME) in its own way.
  if (!words.empty() && is_shell(words.front().text))
    for (Word& word : words) word.holes.clear();
  return words;
}

void read_pods(const Yaml& spec, const Pods& pods, const Documents& documents, Reading& reading) {
  std::vector<ContainerLaunches> containers;
  for (const Yaml* container : services_of(spec)) {
    const std::size_t begin = reading.launches.size();
    read_container(*container, spec, pods, documents, reading);
    if (reading.launches.size() > begin)
      containers.push_back({container->text_of("name"), begin, reading.launches.size()});
  }
  name_apart(containers, pods.name, reading);
}

void add_unread(Launch launch, std::string_view why, Reading& reading, std::string_view fix) {
  launch.program.clear();
  std::string name = launch.image.empty() ? launch.name : launch.image;
  launch.holes.push_back({std::move(name), std::string(why), std::string(fix)});
  reading.launches.push_back(std::move(launch));
}

std::string hub_model(std::string_view uri) {
  constexpr std::string_view scheme = "hf://";
  if (uri.starts_with(scheme))
    return std::string(uri.substr(scheme.size(), uri.find(':', scheme.size()) - scheme.size()));
  const bool is_id =
      uri.find("://") == uri.npos && !uri.starts_with("/") && !uri.starts_with(".") && !uri.empty();
  return is_id ? std::string(uri) : std::string();
}

Word model_word(const Yaml& uri, const Documents& documents) {
  const Word word = expand(uri.text, position(documents, uri), Expansion::none, {}, documents.supplied);
  if (const std::string model = hub_model(uri.text); !model.empty()) return {model, word.at, word.holes};
  if (uri.text.starts_with("/") || uri.text.starts_with(".")) return word;  // a path, which can be mapped
  return {uri.text, word.at, {{uri.text, "is a place outside the hub", "--model NAME"}}};
}

}  // namespace vramcalc::deployment
