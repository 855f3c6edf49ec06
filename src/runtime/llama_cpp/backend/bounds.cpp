#include "runtime/llama_cpp/backend/bounds.hpp"

#include <algorithm>
#include <array>

#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/release.hpp"

namespace vramcalc::llama_cpp {
namespace {

using graph::DeviceRules;
using graph::Kernels;
using graph::Order;
using graph::Scratch;

constexpr DeviceRules cuda_rules{};
constexpr DeviceRules cuda_without_scratch{Scratch::none, Order::as_built, 128, true};
constexpr DeviceRules sycl_rules{Scratch::sycl, Order::as_built, 128, true};
constexpr DeviceRules sycl_rules_with_onednn{Scratch::sycl_with_onednn, Order::as_built, 128, true};

constexpr DeviceRules metal_rules(Order order) {
  DeviceRules rules{Scratch::metal, order, 32, false};
  rules.kernels = Kernels::metal;
  return rules;
}

// Vulkan allocates as the driver requires (minStorageBufferOffsetAlignment, minMemoryMapAlignment) and in
// buffers of at most 1 GiB (ggml-vulkan.cpp, suballocation_block_size).
constexpr DeviceRules vulkan_rules(std::uint64_t alignment, std::uint64_t host_alignment,
                                   Order order = Order::vulkan) {
  DeviceRules rules{Scratch::none, order, alignment, false};
  rules.kernels = Kernels::vulkan;
  rules.host_alignment = host_alignment;
  rules.largest_buffer = GiB;
  return rules;
}

constexpr std::array of_cuda = {cuda_rules};
constexpr std::array of_metal = {metal_rules(Order::metal)};
constexpr std::array of_older_metal = {metal_rules(Order::metal), metal_rules(Order::older_metal)};
// Adreno, AMD and Intel with Mesa's drivers, Intel on Windows, NVIDIA.
constexpr std::array of_vulkan = {vulkan_rules(256, 4096), vulkan_rules(4, 4096), vulkan_rules(64, 64),
                                  vulkan_rules(16, 64)};
constexpr std::array of_older_vulkan = {vulkan_rules(16, 64, Order::as_built), vulkan_rules(4, 4096),
                                        vulkan_rules(16, 64)};
constexpr std::array of_sycl = {sycl_rules, sycl_rules_with_onednn};
constexpr std::array of_others = {cuda_without_scratch, cuda_rules};

// clang-format off
constexpr std::array bounds_by_backend = {
    Bounds{Backend::cuda,   of_cuda,   {20, 50},   {20, 50}},
    Bounds{Backend::rocm,   of_cuda,   {20, 50},   {20, 50}},
    Bounds{Backend::metal,  of_metal,  {30, 50},   {30, 200}},
    Bounds{Backend::vulkan, of_vulkan, {20, 40},   {20, 200}},
    Bounds{Backend::sycl,   of_sycl,   {50, 50},   {50, 200}},
    Bounds{Backend::cpu,    of_cuda,   {20, 50},   {20, 50}},
    Bounds{Backend::other,  of_others, {200, 300}, {200, 300}},
};
// clang-format on

DeviceRules in_release(DeviceRules device, Backend backend, const ReleaseRules& rules) {
  device.copies_cache =
      (backend == Backend::metal ? rules.copies_cache_on_metal : rules.copies_cache_on_cuda) == Applies::yes;
  device.fuses_sum_of_experts = rules.fuses_sum_of_experts == Applies::yes;
  device.fuses_choice_of_experts = rules.fuses_choice_of_experts == Applies::yes;
  return device;
}

// The rules that the graph depends on; the others are those of 0.5.0.
ReleaseRules of_graph(const Architecture& architecture, const ReleaseRules& all) {
  ReleaseRules rules;
  rules.all_logits = all.all_logits;
  rules.f32_mask = all.f32_mask;
  rules.room_for_embeddings = all.room_for_embeddings;
  rules.rotates_heads = all.rotates_heads;
  if (architecture.graph.row_selection != GraphTraits::RowSelection::in_last_block)
    rules.late_rows = rules.late_rows_of_qwen35 = has_late_rows(architecture, all);
  rules.mixed_inputs = all.mixed_inputs;
  return rules;
}

// When Metal's fusions and Vulkan's order changed is not known to the day.
std::span<const DeviceRules> devices_of(const Bounds& bounds, const ReleaseRules& release) {
  if (is_newest(release)) return bounds.devices;
  if (bounds.backend == Backend::metal) return of_older_metal;
  if (bounds.backend == Backend::vulkan) return of_older_vulkan;
  return bounds.devices;
}

// The likeliest last. Volta's kernels are missing in builds with CUDA 13, and AMD's GPUs choose between the
// same ones as the first two.
std::vector<graph::Generation> generations(const Driver& driver) {
  struct Row {
    graph::Generation generation;
    std::uint32_t first, last;
  };
  constexpr std::array rows = {
      Row{graph::Generation::pascal, 1,  74        },
      Row{graph::Generation::volta,  70, 74        },
      Row{graph::Generation::turing, 75, 88        },
      Row{graph::Generation::ada,    89, UINT32_MAX}
  };
  if (driver.backend == Backend::rocm) return {graph::Generation::pascal, graph::Generation::volta};
  const std::uint32_t least = std::max<std::uint32_t>(driver.least, 1);
  const std::uint32_t most = driver.least == 0 || driver.most == 0 ? UINT32_MAX : driver.most;
  std::vector<graph::Generation> result;
  for (const Row& row : rows)
    if (row.first <= most && least <= row.last) result.push_back(row.generation);
  return result;
}

}  // namespace

const Bounds& bounds_of(Backend backend) {
  return *std::ranges::find(bounds_by_backend, backend, &Bounds::backend);
}

bool is_newest(ReleaseRules rules) {
  rules.all_logits = ReleaseRules{}.all_logits;
  rules.mixed_inputs = ReleaseRules{}.mixed_inputs;
  return rules == ReleaseRules{};
}

bool is_like_cuda(Backend backend) {
  return backend == Backend::cuda || backend == Backend::rocm || backend == Backend::cpu;
}

std::vector<Bound> bounds_for(const Bounds& bounds, const Architecture& architecture,
                              const ReleaseRules& rules) {
  std::vector<Bound> result;
  std::vector<ReleaseRules> releases = possible_rules(rules);
  if (rules.mixed_inputs == Applies::yes) {
    ReleaseRules without = releases.front();
    without.mixed_inputs = Applies::no;
    releases.insert(releases.begin(), without);
  }
  for (const ReleaseRules& release : releases)
    for (const DeviceRules& device : devices_of(bounds, release)) {
      const Bound bound{in_release(device, bounds.backend, release), of_graph(architecture, release)};
      if (std::ranges::find(result, bound) == result.end()) result.push_back(bound);
    }
  return result;
}

std::vector<Bound> bounds_for(const Bounds& bounds, const Architecture& architecture,
                              const ContextParams& params, const Driver& driver) {
  const std::vector<Bound> all = bounds_for(bounds, architecture, params.rules);
  const bool differs = driver.backend == Backend::cuda || driver.backend == Backend::rocm;
  if (!differs || !depends_on_generation(params)) return all;
  std::vector<Bound> result;
  for (Bound bound : all)
    for (const graph::Generation generation : generations(driver)) {
      bound.device.generation = generation;
      result.push_back(bound);
    }
  return result;
}

}  // namespace vramcalc::llama_cpp
