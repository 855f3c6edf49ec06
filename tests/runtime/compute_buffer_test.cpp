#include "runtime/llama_cpp/compute_buffer.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"

using namespace vramcalc;

// Not close to: equal to the byte, for every shape and every setting on one device.
TEST_CASE("compute buffers are those that llama.cpp reserves") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.single_device()) continue;
      llama_cpp::DeviceMap one_device;
      one_device.dry_run = true;
      const auto buffers =
          llama_cpp::compute_buffers(architecture, measured::graph_settings(architecture, c), one_device);
      INFO(model << " " << c.name);
      CHECK(buffers[0].count() == c.buffers.at("SIM0").compute);
      CHECK(buffers[1].count() == c.buffers.at("SIM_Host").compute);
    }
  }
}

TEST_CASE("without a device there is one buffer, in host memory") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.cpu_only() || c.buffers.count("CPU") == 0) continue;
      const Bytes buffer =
          llama_cpp::cpu_compute_buffer(architecture, measured::graph_settings(architecture, c));
      INFO(model << " " << c.name);
      CHECK(buffer.count() == c.buffers.at("CPU").compute);
    }
  }
}

namespace {

llama_cpp::ComputeBuffers of_all_layers(const Architecture& architecture,
                                        const llama_cpp::GraphSettings& settings) {
  const llama_cpp::DeviceMap one_device;
  llama_cpp::graph::Builder builder(architecture, settings, one_device);
  llama_cpp::graph::build(builder);
  const auto schedule = llama_cpp::graph::schedule(builder.g, builder.backends);
  const auto placement = llama_cpp::graph::place(builder.g, schedule, one_device.devices);
  return {Bytes(placement.bytes[0]), Bytes(placement.bytes[1])};
}

}  // namespace

TEST_CASE("layers that only repeat can be left out") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.single_device()) continue;
      const auto settings = measured::graph_settings(architecture, c);
      INFO(model << " " << c.name);
      if (architecture.graph.reserves_one_sequence) continue;
      CHECK(llama_cpp::compute_buffers(architecture, settings) == of_all_layers(architecture, settings));
    }
  }
}

TEST_CASE("a repeating run of layers keeps its beginning, its end and what does not repeat") {
  Architecture a = measured::shape_of("llama-3.1-8b");
  using llama_cpp::graph::plan_layers;
  const llama_cpp::DeviceMap one_device;
  CHECK(plan_layers(a, one_device, {4, 4, 1}).layers == std::vector<std::size_t>{0, 1, 2, 3, 31});
  CHECK(plan_layers(a, one_device, {4, 4, 1}).recurrences.size() == 1);
  CHECK(plan_layers(a, one_device, {64, 64, 1}).layers.size() == 32);
  CHECK(plan_layers(a, one_device, {64, 64, 1}).complete());
  a.blocks[16].feed_forward = DenseFeedForward{1024};
  CHECK(plan_layers(a, one_device, {4, 4, 1}).layers ==
        std::vector<std::size_t>{0, 1, 2, 3, 16, 17, 18, 19, 20, 31});
}
