#include "runtime/llama_cpp/backend.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/automatic_flash_attention.hpp"
#include "runtime/llama_cpp/backend/bounds.hpp"
#include "runtime/llama_cpp/backend/margins.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/older_builds.hpp"
#include "runtime/llama_cpp/scheduled_graphs.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

GrowingBytes growing(const graph::Linear& line) { return {line.at, line.slope}; }

// The lowest and highest of several buffers, for as many steps as they stay the lowest and highest.
struct Hull {
  graph::Linear low, high;

  void take(const graph::Linear& line, graph::Horizon& horizon) {
    if (horizon.less(line, low)) low = line;
    if (horizon.less(high, line)) high = line;
  }
};

// What "auto" becomes with other kernels than CUDA's.
bool attends_with_kernel(const Architecture& architecture, const GraphSettings& settings,
                         graph::Kernels kernels) {
  const bool depends = settings.flash_attention_automatic && !is_quantized(settings.cache_type_v) &&
                       !architecture.graph.never_flash_attention;
  if (kernels == graph::Kernels::cuda || !depends) return settings.flash_attention;
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
  ScheduledGraphs graphs(architecture);
  for (const Bound& bound : bounds) {
    DeviceMap where;
    where.rules = bound.device;
    const bool kernel = attends_with_kernel(architecture, settings_at(0), bound.device.kernels);
    const SettingsAt settings = [&](std::uint64_t step) {
      GraphSettings at = with_rules(architecture, settings_at(step), bound.release);
      at.flash_attention = kernel;
      return at;
    };
    hulls.likely = growth_of_buffers(architecture, settings, where, steps, graphs);
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
  const PlacedGraph about{architecture, now, one_device};
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
  const PlacedGraph about{architecture, now, where};
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
