#include "runtime/llama_cpp/device_map.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

using namespace vramcalc;
using llama_cpp::DeviceMap;

namespace {

std::uint64_t compute(const measured::Case& c, const std::string& buffer) {
  const auto found = c.buffers.find(buffer);
  return found == c.buffers.end() ? 0 : found->second.compute;
}

std::vector<std::uint64_t> expected(const measured::Case& c, int devices) {
  std::vector<std::uint64_t> result;
  for (int d = 0; d < devices; ++d) result.push_back(compute(c, "SIM" + std::to_string(d)));
  result.push_back(compute(c, "SIM_Host"));
  return result;
}

std::vector<std::uint64_t> counts(const std::vector<Bytes>& buffers) {
  std::vector<std::uint64_t> result;
  for (const Bytes& bytes : buffers) result.push_back(bytes.count());
  return result;
}

}  // namespace

// -ngl, -ncmoe, --no-kv-offload, --no-op-offload, and two to four GPUs with pipeline parallelism.
TEST_CASE("buffers of models spread over devices and host are what llama.cpp reserves") {
  const Catalog catalog;
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    const ClassifiedTensors tensors(architecture);
    const FileType* file_type = find_file_type(catalog.file_types(), measured::file_type(model));
    REQUIRE(file_type != nullptr);
    const auto types = weights_of(tensors, *file_type).types;
    for (const measured::Case& c : test::sampled(measured::all_cases(model), model)) {
      if (!c.spread()) continue;
      const DeviceMap map = measured::device_map(architecture, tensors.tensors(), types, c);
      const auto settings = measured::graph_settings(architecture, c);
      INFO(model << " " << c.name << (c.fused ? " on CUDA" : " without fusions"));
      CHECK(counts(llama_cpp::compute_buffers(architecture, settings, map)) == expected(c, map.devices));
    }
  }
}

namespace {

struct Spread {
  Architecture architecture = measured::shape_of("llama-3.1-8b");
  ClassifiedTensors tensors{architecture};
  std::vector<ElementType> types = std::vector<ElementType>(tensors.tensors().size(), ElementType::q4_0);
  DeviceMap over(const llama_cpp::Placement& asked) const {
    return llama_cpp::locate(architecture, tensors.tensors(), types, asked).map;
  }
};

}  // namespace

TEST_CASE("layers are assigned to devices from the last one backwards, by their shares") {
  const Spread llama;
  llama_cpp::Placement asked;
  asked.free = {Bytes(GiB)};
  CHECK(llama.over(asked).everything_on_devices());
  CHECK(llama.over(asked).moved_weights.empty());

  asked.layers = 10;  // the output is one of them
  const DeviceMap part = llama.over(asked);
  CHECK(part.of_layer(22) == DeviceMap::host);
  CHECK(part.of_layer(23) == 0);
  CHECK(part.output == 0);
  CHECK_FALSE(part.everything_on_devices());
  CHECK(part.moved_weights_of(22).size() == 7);
  CHECK(part.moved_weights_of(23).empty());

  asked.layers.reset();
  asked.free = {Bytes(GiB), Bytes(GiB)};
  asked.split = {3, 1};
  const DeviceMap two = llama.over(asked);
  CHECK(two.of_layer(24) == 0);
  CHECK(two.of_layer(25) == 1);
  CHECK(two.output == 1);
}

TEST_CASE("single weights can stay on the host") {
  const Spread llama;
  llama_cpp::Placement asked;
  asked.free = {Bytes(GiB)};
  using Part = llama_cpp::TensorOverride::Part;
  asked.overrides = {
      {Part::feed_forward,        0, ""},
      {Part::feed_forward_but_up, 1, ""},
      {Part::feed_forward_down,   2, ""},
      {Part::experts,             3, ""}
  };
  const DeviceMap map = llama.over(asked);
  CHECK(map.overridden);
  CHECK(map.moved_weights_of(0).size() == 3);
  CHECK(map.moved_weights_of(1).size() == 2);
  CHECK(map.moved_weights_of(2).size() == 1);
  CHECK(map.moved_weights_of(3).empty());
  CHECK(map.moved_weights_of(4).empty());
}

TEST_CASE("a weight of unknown type on the host is refused") {
  const Spread llama;
  llama_cpp::Placement asked;
  asked.free = {Bytes(GiB)};
  asked.layers = 10;
  DeviceMap map = llama.over(asked);
  map.moved_weights.clear();
  map.moved_weights.push_back({0, Role::q, ElementType::q4_0});
  CHECK_THROWS_AS(llama_cpp::compute_buffers(llama.architecture, {}, map), Error);
}

// The graph with one token per sequence matters only if the host computes it.
TEST_CASE("on a device the graph for prompts needs the most memory") {
  for (const std::string& model : measured::known_shapes()) {
    if (model == "minimax-m3") continue;  // its graph for single tokens is not calculated
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : test::sampled(measured::cases(model), model)) {
      if (!c.single_device()) continue;
      auto settings = measured::graph_settings(architecture, c);
      const auto prompt = llama_cpp::compute_buffers(architecture, settings);
      settings.ubatch = settings.outputs = settings.sequences;
      const auto token = llama_cpp::compute_buffers(architecture, settings);
      INFO(model << " " << c.name);
      CHECK(token.device <= prompt.device);
      CHECK(token.host <= prompt.host);
    }
  }
}
