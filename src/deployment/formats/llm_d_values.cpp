#include "deployment/formats/llm_d_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/formats/engine_start.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/workload.hpp"

// What charts/llm-d-modelservice/templates/_helpers.tpl makes of the values.
namespace vramcalc::deployment {
namespace {

std::uint32_t size_of(const Yaml& part, std::string_view key) {
  const Yaml* parallelism = part.find("parallelism");
  const auto size = parallelism == nullptr ? std::nullopt : whole_number(parallelism->find(key));
  return std::clamp<std::uint32_t>(size.value_or(1), 1, 1U << 16);
}

// pvc+hf://CLAIM/…/ORGANIZATION/MODEL is a model of the hub in a cache.
Word model_of(const Yaml& values, const Documents& documents) {
  const Yaml* uri = values.at({"modelArtifacts", "uri"});
  if (uri == nullptr)
    return {"modelArtifacts.uri",
            position(documents, values),
            {{"modelArtifacts.uri", "is missing", "--model NAME"}}};
  const std::string_view text = uri->text;
  const std::size_t model = text.rfind('/');
  const std::size_t organization = model == text.npos || model == 0 ? text.npos : text.rfind('/', model - 1);
  if (text.starts_with("pvc+hf://") && organization != text.npos)
    return {std::string(text.substr(organization + 1)), position(documents, *uri), {}};
  return model_word(*uri, documents);
}

void append_size(std::string_view flag, std::uint32_t size, const Yaml& at, const Documents& documents,
                 std::vector<Word>& words) {
  if (size <= 1) return;
  append(flag, at, documents, words);
  append(fmt::format("{}", size), at, documents, words);
}

std::vector<Word> words_of(const Yaml& part, const Yaml& container, const Word& model, const Launch& launch,
                           const Documents& documents) {
  const std::string command = container.text_of("modelCommand");
  std::vector<Word> own = container_words(container, launch, documents);
  if (command == "custom") return own;
  std::vector<Word> words;
  for (const std::string_view word : {"vllm", "serve"}) append(word, container, documents, words);
  words.push_back(model);
  append_size("--tensor-parallel-size", size_of(part, "tensor"), container, documents, words);
  append_size("--data-parallel-size", size_of(part, "data"), container, documents, words);
  append_size("--data-parallel-size-local", size_of(part, "dataLocal"), container, documents, words);
  words.insert(words.end(), own.begin(), own.end());
  return words;
}

// A term for the label that acceleratorTypes names, as a pod's affinity has it.
Yaml choice_of(const Yaml& part) {
  Yaml choice = part;
  const Yaml* types = part.find("acceleratorTypes");
  if (types == nullptr) return choice;
  Yaml expression{.kind = Yaml::Kind::map, .line = types->line};
  expression.members.emplace_back("operator", Yaml{.kind = Yaml::Kind::scalar, .text = "In"});
  if (const Yaml* key = types->find("labelKey")) expression.members.emplace_back("key", *key);
  if (const Yaml* values = types->find("labelValues")) expression.members.emplace_back("values", *values);
  Yaml expressions{.kind = Yaml::Kind::list, .items = {expression}};
  Yaml term{.kind = Yaml::Kind::map};
  term.members.emplace_back("matchExpressions", std::move(expressions));
  Yaml terms{.kind = Yaml::Kind::list, .items = {term}};
  choice.members.emplace_back("nodeSelectorTerms", std::move(terms));
  return choice;
}

void read_container(const Yaml& part, const Yaml& container, const Pods& pods, const Word& model,
                    const Documents& documents, Reading& reading) {
  Launch launch = container_launch(container, choice_of(part), pods, documents);
  if (!launch.gpus.count) {
    launch.gpus.count = size_of(part, "tensor") * size_of(part, "dataLocal");
    if (launch.gpus.said_as.empty()) launch.gpus.said_as = "parallelism";
  }
  start_engine(words_of(part, container, model, launch, documents), std::move(launch), Entrypoint::replaced,
               documents, reading);
}

void read_part(const Yaml& values, std::string_view name, const Documents& documents, Reading& reading) {
  const Yaml* part = values.find(name);
  const Yaml* containers = part == nullptr ? nullptr : part->find("containers");
  if (containers == nullptr) return;
  if (const Yaml* create = part->find("create"); create != nullptr && !is_true(create)) return;
  Pods pods;
  const Yaml* artifacts = values.find("modelArtifacts");
  pods.name = fmt::format("{}/{}", artifacts == nullptr ? std::string() : artifacts->text_of("name"), name);
  multiply_replicas(*part, pods, documents);
  if (is_true(values.find("multinode")))
    pods.count = std::max<std::uint32_t>(size_of(*part, "data") / size_of(*part, "dataLocal"), 1);
  const Word model = model_of(values, documents);
  for (const Yaml& container : containers->items)
    if (container.find("modelCommand") != nullptr)
      read_container(*part, container, pods, model, documents, reading);
}

}  // namespace

bool is_llm_d_values(const Yaml& values) {
  return values.find("modelArtifacts") != nullptr &&
         (values.find("decode") != nullptr || values.find("prefill") != nullptr);
}

void read_llm_d_values(const Documents& documents, Reading& reading) {
  for (const std::string_view part : {"decode", "prefill"})
    read_part(documents.document, part, documents, reading);
}

}  // namespace vramcalc::deployment
