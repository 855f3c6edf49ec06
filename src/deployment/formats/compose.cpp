#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "deployment/finding_codes.hpp"
#include "deployment/formats/compose_file.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/session.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::uint32_t most_copies = 16;  // of a service, as launches of their own
constexpr std::size_t most_launches = 5'000;
constexpr std::size_t most_profiles = 64;

// Images that serve language models in ways of their own.
struct OtherServer {
  std::string_view part;
  std::string_view why;
};
constexpr std::array other_servers = {
    OtherServer{"local-ai",                  "runs LocalAI, whose models have files of their own"             },
    OtherServer{"localai",                   "runs LocalAI, whose models have files of their own"             },
    OtherServer{"text-generation-inference",
                "runs Text Generation Inference, whose command line is not read"                              },
    OtherServer{"lmdeploy",                  "runs LMDeploy, whose command line is not read"                  },
    OtherServer{"tensorrt",                  "runs TensorRT-LLM, whose command line is not read"              },
    OtherServer{"tritonserver",              "runs Triton, whose command line is not read"                    },
    OtherServer{"nvcr.io/nim/",              "is a NIM container, which chooses its engine and options itself"},
    OtherServer{"llama-swap",                "runs llama-swap, whose configuration is a file of its own"      },
    OtherServer{"koboldcpp",                 "runs KoboldCpp, whose command line is not read"                 },
};

bool is_service(const Yaml& service) {
  constexpr std::array<std::string_view, 4> members = {"image", "build", "command", "extends"};
  return std::ranges::any_of(members, [&](std::string_view name) { return service.find(name) != nullptr; });
}

// Why a service that starts no known engine is to be judged all the same; empty: it is not.
std::string_view why_unread(const Launch& launch) {
  const auto is_it = [&](const OtherServer& server) { return contains_letters(launch.image, server.part); };
  if (const auto other = std::ranges::find_if(other_servers, is_it); other != other_servers.end())
    return other->why;
  if (start_of_image(launch.image)) return "is an engine's image, and its command starts none that is known";
  return has_gpus(launch.gpus) ? "gets GPUs for a program that is not known" : std::string_view();
}

std::uint32_t replicas_of(const ComposeFile& file, const Yaml& service, std::vector<Hole>& holes) {
  const Yaml* replicas = service.at({"deploy", "replicas"});
  if (replicas == nullptr) replicas = service.find("scale");
  if (replicas == nullptr) return 1;
  const Word word = compose_word(file, *replicas);
  holes.insert(holes.end(), word.holes.begin(), word.holes.end());
  const Yaml number{.kind = Yaml::Kind::scalar, .text = word.text};
  return whole_number(&number).value_or(1);
}

// The texts of `configs` that stand in the file.
void add_files(const ComposeFile& file, const Yaml& service, Launch& launch) {
  const Yaml* uses = service.find("configs");
  const Yaml* configs = file.documents.document.find("configs");
  if (uses == nullptr || configs == nullptr) return;
  for (const Yaml& use : uses->items) {
    const std::string source = use.is_scalar() ? use.text : use.text_of("source");
    const Yaml* config = configs->find(source);
    const Yaml* content = config == nullptr ? nullptr : config->find("content");
    const Word text = content == nullptr ? Word() : compose_word(file, *content);
    if (content == nullptr || !text.is_known()) continue;
    const std::string target = use.text_of("target");
    launch.files.emplace_back(target.empty() ? "/" + source : target, text.text);
  }
}

Launch launch_of(ComposeFile& file, const std::string& name, const Yaml& service) {
  Launch launch;
  launch.name = name;
  launch.at = place(file, service);
  launch.machine = file.documents.input.name;
  launch.environment = compose_environment(file, service);
  launch.gpus = compose_gpus(file, service, launch.holes);
  launch.mounts = compose_mounts(file, service);
  add_files(file, service, launch);
  if (const Yaml* image = service.find("image")) {
    const Word word = compose_word(file, *image);
    launch.image = word.text;
    launch.holes.insert(launch.holes.end(), word.holes.begin(), word.holes.end());
  }
  return launch;
}

// An entrypoint replaces the image's own, also an empty one.
bool start(const ComposeFile& file, const Yaml& service, const Launch& launch, Reading& reading) {
  const Yaml* entrypoint = service.find("entrypoint");
  const bool replaces = entrypoint != nullptr && entrypoint->kind != Yaml::Kind::null;
  std::vector<Word> words = compose_words(file, entrypoint);
  std::erase_if(words, [](const Word& word) { return word.text.empty(); });
  std::vector<Word> command = compose_words(file, service.find("command"));
  std::ranges::move(command, std::back_inserter(words));
  Session session{.supplied = file.documents.supplied, .reading = reading};
  return start_words(words, launch, session, !replaces).launches > 0;
}

// Copies of a service share its GPUs, since each sees the same ones.
void add_copies(std::uint32_t replicas, std::size_t begin, Reading& reading) {
  const std::size_t end = reading.launches.size();
  if (replicas < 2) return;
  if (replicas > most_copies || end > most_launches) {
    for (std::size_t i = begin; i < end; ++i) reading.launches[i].replicas = replicas;
    return;
  }
  for (std::uint32_t copy = 2; copy <= replicas; ++copy)
    for (std::size_t i = begin; i < end; ++i) {
      reading.launches.push_back(reading.launches[i]);
      reading.launches.back().name += fmt::format("-{}", copy);
    }
  for (std::size_t i = begin; i < end; ++i) reading.launches[i].name += "-1";
}

void read_service(ComposeFile& file, const std::string& name, const Yaml& own, Reading& reading) {
  std::vector<Hole> holes;
  const Yaml service = compose_service(file, own, holes);
  Launch launch = launch_of(file, name, service);
  launch.holes.insert(launch.holes.end(), holes.begin(), holes.end());
  const std::uint32_t replicas = replicas_of(file, service, launch.holes);
  if (replicas == 0) return;
  const std::size_t begin = reading.launches.size();
  if (!start(file, service, launch, reading))
    if (const std::string_view why = why_unread(launch); !why.empty()) add_unread(launch, why, reading);
  add_copies(replicas, begin, reading);
}

// Services without a profile run beside those of each profile.
class Profiles {
 public:
  void add(const Yaml& service, std::size_t begin, std::size_t end) {
    const Yaml* profiles = service.find("profiles");
    const bool always = profiles == nullptr || profiles->items.empty();
    for (std::size_t i = begin; i < end; ++i) {
      if (always) always_.push_back(i);
      if (!always)
        for (const Yaml& profile : profiles->items) sets_[profile.text].push_back(i);
    }
  }
  std::vector<std::vector<std::size_t>> sets() const {
    if (sets_.size() > most_profiles) return {};
    std::vector<std::vector<std::size_t>> result;
    for (const auto& [name, members] : sets_) {
      result.push_back(always_);
      result.back().insert(result.back().end(), members.begin(), members.end());
    }
    return result;
  }

 private:
  std::vector<std::size_t> always_;
  std::map<std::string, std::vector<std::size_t>> sets_;
};

// Other files that are parts of this one.
void mention_includes(const ComposeFile& file, Reading& reading) {
  const Yaml* include = file.documents.document.find("include");
  if (include == nullptr) return;
  reading.findings.push_back(finding("unresolved", "the files that \"include\" names are not read",
                                     place(file, *include), "give what \"docker compose config\" prints"));
}

}  // namespace

bool is_compose(const Yaml& document) {
  const Yaml* services = document.find("services");
  if (services == nullptr || !services->is_map() || document.find("apiVersion") != nullptr) return false;
  return std::ranges::any_of(services->members, [](const auto& member) { return is_service(member.second); });
}

void read_compose(const Documents& documents, Reading& reading) {
  ComposeFile file = compose_file(documents, *documents.document.find("services"));
  Profiles profiles;
  for (const auto& [name, service] : file.services.members) {
    if (!service.is_map()) continue;
    const std::size_t begin = reading.launches.size();
    read_service(file, name, service, reading);
    profiles.add(service, begin, reading.launches.size());
  }
  mention_includes(file, reading);
  if (auto sets = profiles.sets(); !sets.empty())
    reading.together.push_back({.machine = documents.input.name, .sets = std::move(sets)});
}

}  // namespace vramcalc::deployment
