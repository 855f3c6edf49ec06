#include <algorithm>
#include <functional>
#include <iterator>

#include "accuracy/accuracy.hpp"
#include "quantization/measured_types.hpp"
#include "quantization/rules.hpp"
#include "runtime/cpu_starts.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/prediction_context.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/measured_devices.hpp"
#include "runtime/placed.hpp"
#include "runtime/prediction_rows.hpp"
#include "runtime/shapes.hpp"
#include "runtime/start_of.hpp"
#include "support/cuda_contexts.hpp"
#include "support/measured_shape.hpp"
#include "support/published_files.hpp"

namespace vramcalc::accuracy {
namespace {

// Tensor types and bytes of every file type, without and with an importance matrix.
void compare_file_types(Quantity& types, Quantity& bytes) {
  for (const auto& path : test::measured_models()) {
    const test::MeasuredModel model = test::read_measured_model(path);
    const ClassifiedTensors tensors(model.tensors, model.facts);
    for (const test::MeasuredTypes& row : model.rows) {
      for (const bool imatrix : row.imatrix) {
        if (row.refused) continue;
        const auto ours =
            assign_types(tensors, test::file_type(row.file_type), QuantizerRelease::v0_5_0, imatrix, false)
                .weights;
        bytes.cases.push_back({ours.tensor_bytes.count(), row.tensor_bytes});
        for (std::size_t i = 0; i < ours.types.size(); ++i)
          types.cases.push_back({static_cast<std::uint64_t>(ours.types[i]),
                                 static_cast<std::uint64_t>(row.types.at(tensors.tensors()[i].name))});
      }
    }
  }
}

struct OneDevice {
  Quantity& server_compute;
  Quantity& compute;
  Quantity& host_compute;
};

void compare_memory(const Architecture& architecture, const measured::Case& measured, Quantity& into) {
  const auto [params, tokens] = measured::start_of(measured);
  const llama_cpp::ResolvedContext resolved = llama_cpp::resolve(architecture, params, tokens);
  const Bytes held =
      llama_cpp::kv_cache_bytes(llama_cpp::cache_tensors(architecture, params, resolved), Place::gpu(0)) +
      llama_cpp::recurrent_state_bytes(architecture, resolved);
  into.cases.push_back({held.count(), measured.buffers.at("SIM0").context});
}

void compare_buffers(const Architecture& architecture, const measured::Case& measured, OneDevice into) {
  const auto buffers = llama_cpp::compute_buffers(
      architecture, measured::graph_settings(architecture, measured), measured::one_device(measured));
  Quantity& compute = measured.of_server() ? into.server_compute : into.compute;
  compute.cases.push_back({buffers[0].count(), measured.buffers.at("SIM0").compute});
  into.host_compute.cases.push_back({buffers[1].count(), measured.buffers.at("SIM_Host").compute});
}

std::uint64_t compute_of(const measured::Case& measured, const std::string& buffer) {
  const auto found = measured.buffers.find(buffer);
  return found == measured.buffers.end() ? 0 : found->second.compute;
}

// Several GPUs, or layers, experts or the cache on the host.
void compare_spread(const std::string& model, Quantity& into) {
  const Architecture architecture = measured::shape_of(model);
  const ClassifiedTensors tensors(architecture);
  const auto types = weights_of(tensors, test::file_type(measured::file_type(model))).types;
  for (const measured::Case& measured : measured::cuda_cases(model)) {
    if (!measured.spread()) continue;
    const auto map = measured::device_map(architecture, tensors.tensors(), types, measured);
    const auto buffers =
        llama_cpp::compute_buffers(architecture, measured::graph_settings(architecture, measured), map);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      const bool host = i + 1 == buffers.size();
      into.cases.push_back(
          {buffers[i].count(), compute_of(measured, host ? "SIM_Host" : "SIM" + std::to_string(i))});
    }
  }
}

// For the same cases, the contents of each device by the catalog's shape.
void compare_placed(const Catalog& catalog, const std::string& name, Quantity& weights, Quantity& memory) {
  const Model model = test::measured_model(catalog, name);
  const ClassifiedTensors tensors(model.architecture);
  const Weights placed = weights_of(tensors, catalog.file_type(measured::file_type(name)));
  for (const measured::Case& measured : measured::cases(name)) {
    if (!measured.spread()) continue;
    const auto ours = measured::derived_sizes(model, placed, measured);
    const auto theirs = measured::allocated_sizes(measured);
    for (std::size_t i = 0; i < ours.size(); ++i) {
      memory.cases.push_back({ours[i].memory, theirs[i].memory});
      const bool host = i + 1 == ours.size();
      if (!host || !measured::maps_host_weights(measured))
        weights.cases.push_back({ours[i].weights, theirs[i].weights});
    }
  }
}

void compare_files(const Catalog& catalog, Quantity& into) {
  for (const test::PublishedFile& file : test::published_files()) {
    const Amount ours = test::estimated(catalog, file).file_bytes;
    into.cases.push_back({ours.best.count(), file.bytes, ours.low.count(), ours.high.count()});
  }
}

// The first driver's buffers, on the GPU and on the host.
void compare_devices(Backend backend, Quantity& into) {
  for (const measured::DeviceRow& row : measured::rows_of(backend)) {
    const llama_cpp::BoundedGrowth growth = llama_cpp::bounded_growth(
        measured::shape_of(row.model), row.params, row.context, row.context, backend);
    const Amount gpu = growth.gpu(row.context), host = growth.host(row.context);
    const measured::BuffersOfDevice& there = row.buffers[0];
    into.cases.push_back({gpu.best.count(), there.gpu, gpu.low.count(), gpu.high.count()});
    into.cases.push_back({host.best.count(), there.host, host.low.count(), host.high.count()});
  }
}

void compare_without_gpu(const Catalog& catalog, Quantity& into) {
  for (const measured::CpuStart& start : measured::cpu_starts()) {
    const measured::Held ours =
        measured::best_of(measured::derived_without_gpu(catalog, start.model, start.context, start.params));
    into.cases.push_back({ours.weights, start.held.weights});
    into.cases.push_back({ours.memory, start.held.memory});
    into.cases.push_back({ours.compute, start.held.compute});
  }
}

void compare_contexts(Quantity& into) {
  for (const test::CudaContext& measured : test::cuda_contexts()) {
    const Amount ours = test::overhead_on(measured.multiprocessors);
    into.cases.push_back({ours.best.count(), measured.bytes.count(), ours.low.count(), ours.high.count()});
  }
}

void compare_predictions(const Catalog& catalog, Quantity& into) {
  for (const measured::PredictionRow& row : measured::prediction_rows()) {
    const Architecture architecture = catalog.model(row.model).architecture;
    const auto compare = [&](const llama_cpp::ContextParams& params, const measured::Taken& taken) {
      const measured::Taken ours = measured::taken_by_one_gpu(architecture, params, row.tokens);
      into.cases.push_back({ours.context, taken.context});
      into.cases.push_back({ours.compute, taken.compute});
      into.cases.push_back({ours.host_compute, taken.host_compute});
    };
    compare(row.options.context, row.trunk);
    compare(llama_cpp::params_of_predictions(row.options), row.predictions);
  }
}

}  // namespace

std::vector<Quantity> quantities() {
  Quantity types{"type of each tensor", {}}, bytes{"tensor bytes of a file type", {}};
  compare_file_types(types, bytes);
  Quantity memory{"KV cache and recurrent state, one GPU", {}};
  Quantity server{"compute buffer, one GPU, settings of llama-server", {}};
  Quantity compute{"compute buffer, one GPU, all other settings", {}};
  Quantity host{"compute buffer in host memory, one GPU", {}};
  Quantity spread{"compute buffers, the same", {}};
  Quantity vulkan{"compute buffers on Vulkan, one GPU and host memory", {}};
  Quantity metal{"compute buffers on Metal, one GPU and host memory", {}};
  compare_devices(Backend::vulkan, vulkan);
  compare_devices(Backend::metal, metal);
  Quantity weights{"weights on each device, several GPUs or parts on the host", {}};
  Quantity placed{"KV cache and recurrent state, the same", {}};
  Quantity files{"size of published GGUF files", {}};
  const Catalog catalog;
  compare_files(catalog, files);
  Quantity alone{"weights, caches and compute buffers without a GPU", {}};
  compare_without_gpu(catalog, alone);
  Quantity predictions{"caches, states and compute buffers with drafts by prediction layers", {}};
  compare_predictions(catalog, predictions);
  Quantity contexts{"CUDA context and pools of the first decode", {}};
  compare_contexts(contexts);
  for (const std::string& model : measured::models()) compare_placed(catalog, model, weights, placed);
  for (const std::string& model : measured::known_shapes()) compare_spread(model, spread);
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& measured : measured::cases(model))
      if (measured.single_device()) compare_memory(architecture, measured, memory);
    for (const measured::Case& measured : measured::cuda_cases(model))
      if (measured.single_device()) compare_buffers(architecture, measured, {server, compute, host});
  }
  std::vector<Quantity> all = {
      std::move(types),  std::move(bytes),  std::move(memory),      std::move(server),  std::move(compute),
      std::move(host),   std::move(vulkan), std::move(metal),       std::move(weights), std::move(placed),
      std::move(spread), std::move(alone),  std::move(predictions), std::move(files),   std::move(contexts)};
  std::ranges::move(serving_quantities(catalog), std::back_inserter(all));
  return all;
}

}  // namespace vramcalc::accuracy
