#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vramcalc::deployment {

// What a name of a cluster, a cloud or a driver says about GPUs.
struct NamedGpus {
  std::string hardware;                // an id of the catalog
  std::optional<std::uint32_t> count;  // of a whole machine; empty: not said
  bool is_shared = false;              // the name says that several pods may share each GPU
};

// Whether a label of a node with this key tells its GPUs.
bool tells_gpus(std::string_view label);
// Empty for a label that does not tell GPUs and for values that name no GPU of the catalog or more than one.
std::optional<NamedGpus> gpus_of_label(std::string_view label, std::string_view value);

// "nvidia-h100-80gb", "NVIDIA-A100-SXM4-40GB", "nvidia-gpu-l4", "A100-40G", "MI300X".
std::optional<NamedGpus> gpus_of_name(std::string_view name);
// "p5.48xlarge", "Standard_NC24ads_A100_v4", "a2-highgpu-1g", "BM.GPU.H100.8".
std::optional<NamedGpus> gpus_of_instance(std::string_view type);

// Whether a resource of a container is a GPU or a part of one: "nvidia.com/gpu", "nvidia.com/mig-1g.10gb".
bool is_gpu_resource(std::string_view resource);
// The GPUs are not the container's own: "nvidia.com/gpu.shared".
bool is_shared_resource(std::string_view resource);
bool is_slice_resource(std::string_view resource);

}  // namespace vramcalc::deployment
