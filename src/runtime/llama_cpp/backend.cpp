#include "runtime/llama_cpp/backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "runtime/llama_cpp/automatic_flash_attention.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/older_builds.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "vramcalc/weights.hpp"

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

// The graphs that bound what a backend reserves, the likelier ones last, and how far measured buffers exceed
// these bounds with other releases than 0.5.0, and with several GPUs. No measured SYCL buffer with known
// settings was found.
struct Bounds {
  Backend backend;
  std::span<const DeviceRules> devices;
  Margin margin, with_several_gpus;
};

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

const Bounds& bounds_of(Backend backend) {
  return *std::ranges::find(bounds_by_backend, backend, &Bounds::backend);
}

// The host's graph is the same on every backend.
constexpr Margin margin_of_host{20, 20};

// Builds with inputs for mixed batches are newer than any source that was read. On the CPU, where figures of
// one are known (tests/measured/newer_engine.tsv), their graph is that of 0.5.0 with these inputs, but for
// indexers, which need much less, and for further rows that are fetched for each token. On GPUs nothing was
// measured.
constexpr Margin margin_of_newer{20, 20}, margin_of_indexers{600, 20}, margin_of_further_rows{20, 200};

bool has_indexer(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* part = std::get_if<LatentAttention>(&block.attention);
    return part != nullptr && part->indexer;
  });
}

Margin margin_of_newer_build(const Architecture& architecture) {
  if (has_indexer(architecture)) return margin_of_indexers;
  const bool further_rows = architecture.per_layer_input || architecture.token_types > 0;
  return further_rows ? margin_of_further_rows : margin_of_newer;
}

GrowingBytes growing(const graph::Linear& line) { return {line.at, line.slope}; }

// The lowest and highest of several buffers, for as many steps as they stay the lowest and highest.
struct Hull {
  graph::Linear low, high;

  void take(const graph::Linear& line, graph::Horizon& horizon) {
    if (horizon.less(line, low)) low = line;
    if (horizon.less(high, line)) high = line;
  }
};

// A graph of one bound: how devices execute it, and the release that builds it.
struct Bound {
  DeviceRules device;
  ReleaseRules release;
  friend bool operator==(const Bound&, const Bound&) = default;
};

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

// Whether the release builds and executes graphs as 0.5.0 does.
bool is_newest(ReleaseRules rules) {
  rules.all_logits = ReleaseRules{}.all_logits;
  rules.mixed_inputs = ReleaseRules{}.mixed_inputs;
  return rules == ReleaseRules{};
}

// When Metal's fusions and Vulkan's order changed is not known to the day.
std::span<const DeviceRules> devices_of(const Bounds& bounds, const ReleaseRules& release) {
  if (is_newest(release)) return bounds.devices;
  if (bounds.backend == Backend::metal) return of_older_metal;
  if (bounds.backend == Backend::vulkan) return of_older_vulkan;
  return bounds.devices;
}

// The likelier bound comes last.
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

bool is_like_cuda(Backend backend) {
  return backend == Backend::cuda || backend == Backend::rocm || backend == Backend::cpu;
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

// Parts of architectures that were not measured with Metal and Vulkan.
bool is_unmeasured(const Architecture& architecture) {
  if (architecture.attention_residual_scores || architecture.hyper_connections) return true;
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<CompressedAttention>(block.attention) ||
           std::holds_alternative<LightningAttention>(block.attention);
  });
}

// Vulkan multiplies no matrix that is repeated over several streams of a cache, as absorbed latent attention
// does, and leaves that to the host; and how it orders the choice of cells was not found out. The experts of
// Mistral 4 need a precision that it lacks.
bool is_uncertain_on_vulkan(const Architecture& architecture, const GraphSettings& settings) {
  if (architecture.gguf_name == "mistral4") return true;
  return std::ranges::any_of(architecture.blocks, [&](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && latent->absorbed && (latent->sparse || settings.streams > 1);
  });
}

// What decides whether a margin is needed.
struct Question {
  const Architecture& architecture;
  const GraphSettings& settings;
  const DeviceMap& where;
};

// Releases since June 2026 build the graphs of 0.5.0 for CUDA. Those of Metal and Vulkan are known for 0.5.0
// itself.
bool has_known_graphs(const ReleaseRules& rules, Backend backend) {
  if (is_like_cuda(backend)) return rules.copies_cache_on_cuda == Applies::yes;
  return (backend == Backend::metal || backend == Backend::vulkan) && is_newest(rules);
}

// CUDA was measured with all placements, Metal and Vulkan with everything on one device.
bool was_measured(Backend backend, const Question& about) {
  if (is_like_cuda(backend)) return true;
  const DeviceMap& where = about.where;
  if (where.devices != 1 || !where.everything_on_devices() || where.overridden) return false;
  if (!about.settings.cache_on_device || is_unmeasured(about.architecture)) return false;
  return backend == Backend::metal || !is_uncertain_on_vulkan(about.architecture, about.settings);
}

bool has_delta_rule(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<GatedDeltaNet>(block.attention) ||
           std::holds_alternative<KimiDeltaAttention>(block.attention);
  });
}

// Metal has no host memory of its own, so weights on the host are rearranged for the CPU if it has kernels
// for their types (src/llama-model.cpp, make_cpu_buft_list). Such weights are not copied to a device for
// large batches, and which types these are depends on the CPU.
bool may_repack(Backend backend, const DeviceMap& where) {
  return backend == Backend::metal && (!where.everything_on_devices() || where.overridden);
}

// How far logs of older builds exceed the graphs of their rules: nine of ten since January 2026 have them to
// the byte. The delta rule as a graph of many operations was not read.
Margin margin_for(const Bounds& bounds, const ReleaseRules& rules, const Question& about, bool host) {
  if (rules.mixed_inputs != Applies::no) return margin_of_newer_build(about.architecture);
  constexpr Margin of_older_device{10, 30}, of_older_host{10, 10}, of_uncertain_host{100, 100};
  // Logs of unknown builds around 0.5.0 have 0.1 to 1.4 % more than its own code reserves.
  constexpr Margin of_logs_of_vulkan{5, 20};
  constexpr Margin of_repacked_device{100, 300}, of_repacked_host{100, 100};
  constexpr std::uint32_t unknown_operations = 1000;
  if (has_known_graphs(rules, bounds.backend) && was_measured(bounds.backend, about))
    return bounds.backend == Backend::vulkan && !host ? of_logs_of_vulkan : Margin{};
  const bool measured = is_like_cuda(bounds.backend) && rules.room_for_embeddings == Applies::yes;
  if (may_repack(bounds.backend, about.where)) return host ? of_repacked_host : of_repacked_device;
  if (host && bounds.backend == Backend::vulkan && is_uncertain_on_vulkan(about.architecture, about.settings))
    return of_uncertain_host;
  if (host) return measured ? of_older_host : margin_of_host;
  Margin margin = about.where.devices > 1 ? bounds.with_several_gpus : bounds.margin;
  if (measured) margin = of_older_device;
  if (rules.fused_delta_rule == Applies::no && has_delta_rule(about.architecture))
    margin.above = unknown_operations;
  return margin;
}

// What "auto" becomes with other kernels than CUDA's.
bool attends_with_kernel(const Architecture& architecture, const GraphSettings& settings, Kernels kernels) {
  const bool depends = settings.flash_attention_automatic && !is_quantized(settings.cache_type_v) &&
                       !architecture.graph.never_flash_attention;
  if (kernels == Kernels::cuda || !depends) return settings.flash_attention;
  return flash_attention_runs_on_device(architecture, settings, kernels);
}

}  // namespace

bool depends_on_generation(const ContextParams& params) {
  constexpr std::uint64_t few = 2;
  const ElementType k = params.cache_type_k, v = params.cache_type_v;
  if (params.flash_attention == FlashAttention::off || k == ElementType::f16) return false;
  if (!graph::vector_kernel_reads(k, v)) return false;
  const bool shares = params.parallel ? params.kv_unified.value_or(false) : true;
  const std::uint64_t sequences = params.parallel.value_or(default_slots), streams = shares ? 1 : sequences;
  return round_up(std::min(params.ubatch, params.batch), sequences) / streams <= few;
}

bool is_exact(const ContextParams& params, Backend backend) {
  return is_like_cuda(backend) && params.rules == ReleaseRules{} &&
         (backend == Backend::cpu || !depends_on_generation(params));
}

namespace {

// All bounds together, and for how many steps they grow evenly.
struct Hulls {
  Hull gpu, host;
  BufferGrowth likely;
  std::uint64_t steps = 0;
};

Hulls hulls_of(const Architecture& architecture, const std::vector<Bound>& bounds,
               const SettingsAt& settings_at, std::uint64_t steps) {
  Hulls hulls;
  for (const Bound& bound : bounds) {
    DeviceMap where;
    where.rules = bound.device;
    const bool kernel = attends_with_kernel(architecture, settings_at(0), bound.device.kernels);
    const SettingsAt settings = [&](std::uint64_t step) {
      GraphSettings at = with_rules(architecture, settings_at(step), bound.release);
      at.flash_attention = kernel;
      return at;
    };
    hulls.likely = growth_of_buffers(architecture, settings, where, steps);
    graph::Horizon horizon(std::min(steps, hulls.likely.steps));
    const auto &gpu = hulls.likely.bytes[0], &host = hulls.likely.bytes[1];
    if (&bound == &bounds.front()) hulls.gpu = {gpu, gpu}, hulls.host = {host, host};
    hulls.gpu.take(gpu, horizon);
    hulls.host.take(host, horizon);
    steps = horizon.steps();
  }
  hulls.steps = steps;
  return hulls;
}

}  // namespace

BoundedGrowth bounded_growth(const Architecture& architecture, const ContextParams& params,
                             std::uint64_t first, std::uint64_t last, const Driver& driver) {
  const Backend backend = driver.backend;
  require_gguf(architecture);
  const ResolvedContext resolved = resolve(architecture, params, first);
  const SettingsAt settings_at = [&](std::uint64_t step) {
    return graph_settings(architecture, params, with_cells(resolved, resolved.cells + step * cell_step));
  };
  BoundedGrowth result;
  result.backend = backend;
  result.least_capability = driver.least;
  result.highest_capability = driver.most;
  result.first = resolved.context;
  const SameBatches alike = same_batches(params, resolved, first);
  result.least = alike.least;
  result.step = cell_step * resolved.streams;
  std::uint64_t steps = 0;
  if (last > resolved.context && only_cells_change(params, resolved))
    steps = (last - resolved.context + result.step - 1) / result.step;
  const Bounds& bounds = bounds_of(backend);
  const Hulls hulls =
      hulls_of(architecture, bounds_for(bounds, architecture, params, driver), settings_at, steps);
  result.last = alike.last + hulls.steps * result.step;
  result.low = growing(hulls.gpu.low);
  result.best = growing(hulls.likely.bytes[0]);
  result.high = growing(hulls.gpu.high);
  result.host_low = growing(hulls.host.low);
  result.host_best = growing(hulls.likely.bytes[1]);
  result.host_high = growing(hulls.host.high);
  const GraphSettings now = settings_at(0);
  const DeviceMap one_device;
  const Question about{architecture, now, one_device};
  result.margin = margin_for(bounds, params.rules, about, false);
  result.host_margin = margin_for(bounds, params.rules, about, true);
  if (params.rules.all_logits == Applies::yes)
    result.at_least = logits_of_all_tokens(architecture, settings_at(0)).count();
  result.cache_padding = cache_padding(cache_tensors(architecture, params, resolved), backend).count();
  return result;
}

namespace {

std::vector<Amount> exactly(const std::vector<Bytes>& bytes) {
  std::vector<Amount> amounts;
  for (const Bytes each : bytes) amounts.push_back(Amount::exactly(each));
  return amounts;
}

// The last amount is the host's.
void take(std::vector<Amount>& amounts, const std::vector<Bytes>& bytes) {
  if (amounts.empty()) amounts = exactly(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    amounts[i] = {std::min(amounts[i].low, bytes[i]), bytes[i], std::max(amounts[i].high, bytes[i])};
}

}  // namespace

namespace {

// Two of 1,800 starts were not found to the byte, both over several GPUs with a micro-batch of so few tokens:
// 128 bytes of one GPU and 24,576 of another.
constexpr std::uint32_t few_tokens = 4;

void widen_devices(std::vector<Amount>& amounts) {
  for (std::size_t i = 0; i + 1 < amounts.size(); ++i)
    if (amounts[i].high > Bytes(0)) amounts[i] = widened(amounts[i], Margin{30, 30}, Bytes(0));
}

}  // namespace

std::vector<Amount> compute_amounts(const Architecture& architecture, const ContextParams& params,
                                    const AskedContexts& contexts, const DeviceMap& where,
                                    const Driver& driver, Buffers buffers, KnownPlacements& known) {
  const Backend backend = driver.backend;
  if (is_exact(params, backend)) {
    std::vector<Amount> amounts = exactly(compute_buffers(architecture, contexts, where, buffers, known));
    if (where.devices > 1 && params.ubatch <= few_tokens) widen_devices(amounts);
    return amounts;
  }
  const Bounds& bounds = bounds_of(backend);
  std::vector<Amount> amounts;
  DeviceMap map = where;
  for (const Bound& bound : bounds_for(bounds, architecture, params, driver)) {
    map.rules = bound.device;
    AskedContexts asked = contexts;
    const bool kernel =
        attends_with_kernel(architecture, contexts.settings(contexts.cells), bound.device.kernels);
    asked.settings = [&](std::uint64_t cells) {
      GraphSettings at = with_rules(architecture, contexts.settings(cells), bound.release);
      at.flash_attention = kernel;
      return at;
    };
    for (const bool offload : {where.offload_operations, false}) {
      map.offload_operations = offload;
      take(amounts, compute_buffers(architecture, asked, map, buffers, known));
      if (!may_repack(backend, where)) break;
    }
  }
  const GraphSettings now = contexts.settings(contexts.cells);
  const Question about{architecture, now, where};
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const bool host = i + 1 == amounts.size();
    const bool has_output = !host && static_cast<std::size_t>(where.output) == i;
    const Bytes at_least = params.rules.all_logits == Applies::yes && has_output
                               ? logits_of_all_tokens(architecture, contexts.settings(contexts.cells))
                               : Bytes(0);
    if (amounts[i].high > Bytes(0))
      amounts[i] = widened(amounts[i], margin_for(bounds, params.rules, about, host), at_least);
  }
  return amounts;
}

namespace {

// ggml-metal.cpp and ggml-vulkan.cpp pad no rows; ggml-cuda.cu and ggml-sycl.cpp do.
bool pads_rows(Backend backend) {
  return backend == Backend::cuda || backend == Backend::rocm || backend == Backend::sycl;
}

}  // namespace

// A tensor is padded by less than 512 elements (544 bytes as q8_0) and to 128 bytes. A file has at most a few
// thousand tensors, and in a small file this is less than a row in a thousand.
Bytes weight_padding(Bytes weights, Backend backend) {
  constexpr std::uint64_t of_a_tensor = 544 + 128, many_tensors = 8192;
  if (pads_rows(backend)) return {};
  return std::min(Bytes(weights.count() / 1000), Bytes(of_a_tensor * many_tensors));
}

std::string why_interval(const Architecture& architecture, const ContextParams& params, Backend backend) {
  if (backend != Backend::cpu && is_like_cuda(backend) && depends_on_generation(params))
    return fmt::format(
        "it depends on the GPU's generation whether attention to so few tokens copies a cache of {}",
        to_string(params.cache_type_k));
  if (has_known_graphs(params.rules, backend) && params.rules.mixed_inputs == Applies::no &&
      bounds_for(bounds_of(backend), architecture, params.rules).size() == 1)
    return {};
  if (params.rules == ReleaseRules{} && backend == Backend::vulkan)
    return "the compute buffer is an interval on Vulkan: its last bytes depend on the driver's alignment, "
           "and "
           "builds of the same weeks differ by up to 2 %";
  if (params.rules == ReleaseRules{})
    return fmt::format(
        "the compute buffer is an interval on {}: llama.cpp's rules for it are not known to the byte",
        title(backend));
  if (params.rules.mixed_inputs != Applies::no)
    return "the compute buffer is an interval: releases after 0.5.0 may have more inputs";
  return "the compute buffer is an interval: the rules of this build or tool are not all known to the byte";
}

Bytes cache_padding(const std::vector<CacheTensor>& tensors, Backend backend) {
  if (pads_rows(backend)) return {};
  Bytes padding;
  for (const CacheTensor& tensor : tensors) {
    const Shape shape{tensor.row, tensor.cells, tensor.streams};
    padding +=
        device_bytes(tensor.type, shape) - row_bytes(tensor.type, tensor.row) * tensor.cells * tensor.streams;
  }
  return padding;
}

}  // namespace vramcalc::llama_cpp
