#include "runtime/llama_cpp/compute_buffer.hpp"

#include <algorithm>

#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/graph/allocator.hpp"
#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/scheduled_graphs.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"
#include "support/sampled.hpp"

using namespace vramcalc;

// Equal to the byte, for every shape and setting on one device, with CUDA's fused operations and without.
TEST_CASE("compute buffers are what llama.cpp reserves") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : test::sampled(measured::all_cases(model), model)) {
      if (!c.single_device()) continue;
      const auto buffers = llama_cpp::compute_buffers(architecture, measured::graph_settings(architecture, c),
                                                      measured::one_device(c));
      INFO(model << " " << c.name << (c.fused ? " on CUDA" : " without fusions"));
      CHECK(buffers[0].count() == c.buffers.at("SIM0").compute);
      CHECK(buffers[1].count() == c.buffers.at("SIM_Host").compute);
    }
  }
}

// Dense models have nothing that is fused.
TEST_CASE("fused operations matter only to mixtures of experts") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    const bool has_experts = std::ranges::any_of(architecture.blocks, [](const Block& block) {
      return std::holds_alternative<MixtureOfExperts>(block.feed_forward);
    });
    const std::vector<measured::Case> unfused = measured::cases(model), fused = measured::cuda_cases(model);
    CHECK(fused.size() > 1);
    bool differs = false;
    for (const measured::Case& c : fused) {
      if (!c.single_device()) continue;
      const auto other = std::ranges::find(unfused, c.name, &measured::Case::name);
      for (const auto& [name, buffer] : c.buffers)
        differs = differs || (other != unfused.end() && other->buffers.contains(name) &&
                              other->buffers.at(name).compute != buffer.compute);
    }
    INFO(model);
    CHECK((has_experts || !differs));
  }
}

TEST_CASE("without a device there is one buffer in host memory") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.cpu_only() || c.buffers.count("CPU") == 0) continue;
      llama_cpp::DeviceMap nowhere;
      nowhere.devices = 0;
      nowhere.layers.assign(architecture.blocks.size(), llama_cpp::DeviceMap::host);
      nowhere.output = llama_cpp::DeviceMap::host;
      const Bytes buffer =
          llama_cpp::compute_buffers(architecture, measured::graph_settings(architecture, c), nowhere)[0];
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
  const auto placement =
      llama_cpp::graph::place({builder.g, builder.g}, schedule, one_device.devices, {}, {}, 0);
  return {Bytes(placement.bytes[0].at), Bytes(placement.bytes[1].at)};
}

}  // namespace

TEST_CASE("layers that only repeat can be left out of the graph") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : test::sampled(measured::cases(model), model)) {
      if (!c.single_device()) continue;
      const auto settings = measured::graph_settings(architecture, c);
      INFO(model << " " << c.name);
      if (architecture.graph.reserves_one_sequence) continue;
      CHECK(llama_cpp::compute_buffers(architecture, settings) == of_all_layers(architecture, settings));
    }
  }
}

TEST_CASE("a plan keeps the beginning and end of a repeating run and all layers outside it") {
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

TEST_CASE("growth over a range of contexts gives the buffers of every context in it") {
  constexpr std::uint64_t step = 256, first = 2048, last = 65536;
  for (const char* model :
       {"llama-3.1-8b", "gemma-3-27b", "deepseek-v3", "qwen3-next-80b-a3b", "gpt-oss-20b"}) {
    const Architecture architecture = measured::shape_of(model);
    const auto settings_at = [&](std::uint64_t context) {
      return llama_cpp::graph_settings(architecture, {}, llama_cpp::resolve(architecture, {}, context));
    };
    std::size_t growths = 0;
    for (std::uint64_t context = first; context <= last; ++growths) {
      const auto settings = [&](std::uint64_t steps) { return settings_at(context + steps * step); };
      const auto growth = llama_cpp::growth_of_buffers(architecture, settings, {}, (last - context) / step);
      for (const std::uint64_t steps : {std::uint64_t{0}, growth.steps / 3, growth.steps / 2, growth.steps}) {
        const auto buffers = llama_cpp::compute_buffers(architecture, settings(steps));
        INFO(model << " at " << context + steps * step);
        CHECK(buffers.device == Bytes(growth.bytes[0].after(steps)));
        CHECK(buffers.host == Bytes(growth.bytes[1].after(steps)));
      }
      context += (growth.steps + 1) * step;
    }
    CHECK(growths < 40);
  }
}

TEST_CASE("devices that share scheduled graphs have the buffers that each has on its own") {
  using namespace llama_cpp::graph;
  constexpr std::uint64_t step = 256, steps = 100;
  DeviceRules fine, coarse, of_metal;
  fine.order = coarse.order = Order::vulkan, fine.kernels = coarse.kernels = Kernels::vulkan;
  fine.alignment = 4, coarse.alignment = 256;
  of_metal.order = Order::metal, of_metal.kernels = Kernels::metal, of_metal.scratch = Scratch::metal;
  for (const char* model : {"llama-3.1-8b", "gemma-3-27b", "deepseek-v3", "gpt-oss-20b"}) {
    const Architecture architecture = measured::shape_of(model);
    const auto settings = [&](std::uint64_t later) {
      const auto resolved = llama_cpp::resolve(architecture, {}, 4096 + later * step);
      return llama_cpp::graph_settings(architecture, {}, resolved);
    };
    llama_cpp::ScheduledGraphs shared(architecture);
    for (const DeviceRules& rules : {coarse, fine, of_metal, coarse}) {
      llama_cpp::DeviceMap where;
      where.rules = rules;
      const auto together = llama_cpp::growth_of_buffers(architecture, settings, where, steps, shared);
      const auto alone = llama_cpp::growth_of_buffers(architecture, settings, where, steps);
      INFO(model << " aligned to " << rules.alignment);
      CHECK(together.bytes == alone.bytes);
      CHECK(together.steps == alone.steps);
    }
  }
}

TEST_CASE("a model's graph is scheduled once for devices that differ only in how they align") {
  using namespace llama_cpp::graph;
  const Architecture architecture = measured::shape_of("llama-3.1-8b");
  const auto settings =
      llama_cpp::graph_settings(architecture, {}, llama_cpp::resolve(architecture, {}, 4096));
  llama_cpp::ScheduledGraphs graphs(architecture);
  llama_cpp::DeviceMap where;
  const LayerPlan plan = all_layers(architecture);
  const llama_cpp::ScheduledGraph* const first = &graphs.at(settings, where, plan);
  where.rules.alignment = 16;
  CHECK(&graphs.at(settings, where, plan) == first);
  where.rules.order = Order::vulkan;
  CHECK(&graphs.at(settings, where, plan) != first);
}
