#include <fmt/format.h>

#include <algorithm>

#include "deployment/formats/compose_file.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::uint32_t most_gpus = 64;

struct GpuReader {
  const ComposeFile& file;
  std::vector<Hole>& holes;
  GpuRequest gpus = {};
  bool has_identities = false;  // GPU-…: which index each has is not known

  void say(std::string words, const Yaml& value) {
    if (!gpus.said_as.empty()) words = fmt::format("{}, {}", gpus.said_as, words);
    if (gpus.said_as.empty()) gpus.at = place(file, value);
    gpus.said_as = std::move(words);
  }
  // Without a value, the word's holes are the service's.
  bool knows(const Word& word) {
    holes.insert(holes.end(), word.holes.begin(), word.holes.end());
    return word.is_known();
  }
  void add_identity(std::string_view identity) {
    identity = trimmed(identity);
    identity.remove_prefix(identity.rfind('=') + 1);  // CDI: nvidia.com/gpu=0
    const Yaml number{.kind = Yaml::Kind::scalar, .text = std::string(identity)};
    if (identity == "all") {
      gpus.all = true;
    } else if (const auto index = whole_number(&number); index && *index < 1024) {
      gpus.indices.push_back(*index);
      gpus.count = gpus.count.value_or(0) + 1;
    } else if (!identity.empty()) {
      has_identities = true;
      gpus.count = gpus.count.value_or(0) + 1;
    }
  }
  void add_identities(std::string_view list) {
    while (true) {
      add_identity(list.substr(0, list.find(',')));
      if (list.find(',') == list.npos) return;
      list.remove_prefix(list.find(',') + 1);
    }
  }
  // The first ones of the machine, for each service: Docker, daemon/nvidia_linux.go (countToDevices).
  void add_count(const Word& word) {
    const Yaml number{.kind = Yaml::Kind::scalar, .text = word.text};
    if (word.text == "all" || word.text == "-1") {
      gpus.all = true;
    } else if (const auto count = whole_number(&number)) {
      for (std::uint32_t i = 0; i < std::min(*count, most_gpus); ++i) gpus.indices.push_back(i);
      gpus.count = gpus.count.value_or(0) + *count;
    }
  }
};

bool is_gpu(const Yaml& device) {
  if (contains_letters(device.text_of("driver"), "nvidia") ||
      contains_letters(device.text_of("driver"), "amd"))
    return true;
  const Yaml* capabilities = device.find("capabilities");
  if (capabilities == nullptr) return false;
  return std::ranges::any_of(capabilities->items,
                             [](const Yaml& item) { return contains_letters(item.text, "gpu"); });
}

// Without a count and device_ids, all of them.
void read_device(const Yaml& device, GpuReader& reader) {
  if (const Yaml* identities = device.find("device_ids")) {
    std::string said;
    for (const Yaml& item : identities->items) {
      const Word word = compose_word(reader.file, item);
      if (reader.knows(word)) reader.add_identities(word.text);
      said += (said.empty() ? "" : ",") + word.text;
    }
    return reader.say(fmt::format("device_ids: {}", said), *identities);
  }
  const Yaml* count = device.find("count");
  if (count == nullptr) {
    reader.gpus.all = true;
    return reader.say(fmt::format("driver: {}", device.text_of("driver")), device);
  }
  const Word word = compose_word(reader.file, *count);
  if (reader.knows(word)) reader.add_count(word);
  reader.say(fmt::format("count: {}", word.text), *count);
}

// `gpus: all`, or a list as above.
void read_gpus(const Yaml& gpus, GpuReader& reader) {
  for (const Yaml& device : gpus.items)
    if (device.is_map()) read_device(device, reader);
  if (!gpus.is_scalar()) return;
  const Word word = compose_word(reader.file, gpus);
  if (reader.knows(word)) reader.add_count(word);
  reader.say(fmt::format("gpus: {}", word.text), gpus);
}

// `devices:` of the service: CDI names, and the device files of AMD and Intel.
void read_device_files(const Yaml& devices, GpuReader& reader) {
  for (const Yaml& device : devices.items) {
    const Word word = compose_word(reader.file, device);
    if (!word.is_known()) continue;
    const bool is_file = word.text.starts_with("/dev/kfd") || word.text.starts_with("/dev/dri") ||
                         word.text.starts_with("/dev/nvidia");
    if (word.text.find("/gpu=") != word.text.npos)
      reader.add_identity(word.text);
    else if (!is_file)
      continue;
    reader.say(fmt::format("devices: {}", word.text), device);
  }
}

// Docker Swarm's: {discrete_resource_spec: {kind: NVIDIA-GPU, value: 2}}.
void read_generic(const Yaml& resources, GpuReader& reader) {
  for (const Yaml& resource : resources.items) {
    const Yaml* spec = resource.find("discrete_resource_spec");
    if (spec == nullptr || !contains_letters(spec->text_of("kind"), "gpu")) continue;
    reader.gpus.count = whole_number(spec->find("value"));
    reader.say(fmt::format("{}: {}", spec->text_of("kind"), spec->text_of("value")), *spec);
  }
}

}  // namespace

GpuRequest compose_gpus(const ComposeFile& file, const Yaml& service, std::vector<Hole>& holes) {
  GpuReader reader{.file = file, .holes = holes};
  if (const Yaml* devices = service.at({"deploy", "resources", "reservations", "devices"}))
    for (const Yaml& device : devices->items)
      if (is_gpu(device)) read_device(device, reader);
  if (const Yaml* gpus = service.find("gpus")) read_gpus(*gpus, reader);
  if (const Yaml* devices = service.find("devices")) read_device_files(*devices, reader);
  if (const Yaml* resources = service.at({"deploy", "resources", "reservations", "generic_resources"}))
    read_generic(*resources, reader);
  if (reader.has_identities) reader.gpus.indices.clear();
  if (reader.gpus.all) reader.gpus.count.reset();
  if (reader.gpus.said_as.empty() && service.text_of("runtime") == "nvidia")
    reader.say("runtime: nvidia", *service.find("runtime"));
  return reader.gpus;
}

}  // namespace vramcalc::deployment
