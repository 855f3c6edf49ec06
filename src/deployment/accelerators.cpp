#include "deployment/accelerators.hpp"

#include <algorithm>
#include <array>

#include "model/letters.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

enum class Names { gpu, instance };

struct Label {
  std::string_view key;
  Names names = Names::gpu;
};

constexpr std::array labels = {
    Label{"cloud.google.com/gke-accelerator",    Names::gpu     },
    Label{"nvidia.com/gpu.product",              Names::gpu     }, // NVIDIA's feature discovery
    Label{"amd.com/gpu.product-name",            Names::gpu     }, // AMD's labeller
    Label{"beta.amd.com/gpu.product-name",       Names::gpu     },
    Label{"karpenter.k8s.aws/instance-gpu-name", Names::gpu     },
    Label{"eks.amazonaws.com/instance-gpu-name", Names::gpu     }, // EKS Auto Mode
    Label{"k8s.amazonaws.com/accelerator",       Names::gpu     }, // the cluster autoscaler on AWS
    Label{"gpu.nvidia.com/class",                Names::gpu     }, // CoreWeave
    Label{"gpu.nvidia.com/model",                Names::gpu     },
    Label{"accelerator",                         Names::gpu     },
    Label{"gpu",                                 Names::gpu     },
    Label{"gpu-type",                            Names::gpu     },
    Label{"gpu.type",                            Names::gpu     },
    Label{"node.kubernetes.io/instance-type",    Names::instance},
    Label{"beta.kubernetes.io/instance-type",    Names::instance},
    Label{"node.coreweave.cloud/type",           Names::instance},
    Label{"cloud.google.com/machine-type",       Names::instance},
};

struct Name {
  std::string_view name;  // in lower case, with '-' between words
  std::string_view hardware;
};

// What is neither an id nor an alias of the catalog. GKE's names: cloud.google.com/kubernetes-engine/docs/
// how-to/gpus; nvidia-smi's names as GPU feature discovery writes them; Ray's: ray/util/accelerators.
constexpr std::array other_names = {
    Name{"tesla-a100",                            "a100-sxm-40gb"                },
    Name{"nvidia-tesla-a100",                     "a100-sxm-40gb"                },
    Name{"nvidia-tesla-v100",                     "v100-sxm2-16gb"               },
    Name{"nvidia-tesla-p100",                     "p100-pcie-16gb"               },
    Name{"a100-40g",                              "a100-sxm-40gb"                },
    Name{"a100-40gb",                             "a100-sxm-40gb"                },
    Name{"a100-80g",                              "a100-sxm-80gb"                },
    Name{"a100-80gb-pcie",                        "a100-pcie-80gb"               },
    Name{"a100-pcie-80gb",                        "a100-pcie-80gb"               },
    Name{"a100-nvlink-80gb",                      "a100-sxm-80gb"                },
    Name{"a100-sxm4-40gb",                        "a100-sxm-40gb"                },
    Name{"a100-sxm4-80gb",                        "a100-sxm-80gb"                },
    Name{"h100-80gb-hbm3",                        "h100-sxm-80gb"                },
    Name{"h100-mega-80gb",                        "h100-sxm-80gb"                },
    Name{"h100-nvlink-80gb",                      "h100-sxm-80gb"                },
    Name{"h100-sxm5-80gb",                        "h100-sxm-80gb"                },
    Name{"h100-96gb-hbm3",                        "h100-sxm-96gb"                },
    Name{"h200-sxm5-141gb",                       "h200-sxm-141gb"               },
    Name{"b200-180gb",                            "b200"                         },
    Name{"b300-sxm6-ac",                          "b300"                         },
    Name{"gh200-480gb",                           "gh200-96gb"                   },
    Name{"rtx-pro-6000-blackwell-server-edition", "rtx-pro-6000-blackwell-server"},
    Name{"rtx-pro-6000",                          "rtx-pro-6000-blackwell-server"},
    Name{"rtx-6000-ada-generation",               "rtx-6000-ada"                 },
    Name{"rtx-5000-ada-generation",               "rtx-5000-ada"                 },
    Name{"rtx-4000-ada-generation",               "rtx-4000-ada"                 },
    Name{"instinct-mi300x-oam",                   "mi300x"                       },
    Name{"instinct-mi325x-oam",                   "mi325x"                       },
    Name{"instinct-mi355x-oam",                   "mi355x"                       },
};

// Clouds sell these with different amounts of memory, so that the bare name does not tell.
constexpr std::array several = {"a100", "v100", "p100", "a800", "h20", "gh200", "rtx-3080", "rtx-4060-ti"};

// Oracle's shapes, which the catalog does not have: docs.oracle.com, Compute, "Compute Shapes".
struct Shape {
  std::string_view type;
  std::string_view hardware;
  std::uint32_t count = 1;
};
constexpr std::array shapes = {
    Shape{"BM.GPU4.8",        "a100-sxm-40gb",  8},
    Shape{"BM.GPU.A100-v2.8", "a100-sxm-80gb",  8},
    Shape{"BM.GPU.H100.8",    "h100-sxm-80gb",  8},
    Shape{"BM.GPU.H200.8",    "h200-sxm-141gb", 8},
    Shape{"BM.GPU.B200.8",    "b200",           8},
    Shape{"BM.GPU.MI300X.8",  "mi300x",         8},
    Shape{"BM.GPU.L40S.4",    "l40s",           4},
    Shape{"BM.GPU.L40S-NC.4", "l40s",           4},
    Shape{"BM.GPU.A10.4",     "a10",            4},
    Shape{"VM.GPU.A10.2",     "a10",            2},
    Shape{"VM.GPU.A10.1",     "a10",            1},
};

constexpr std::array prefixes = {"nvidia-gpu-", "nvidia-tesla-", "nvidia-", "tesla-",
                                 "amd-gpu-",    "amd-",          "gpu-"};
constexpr std::array resources = {"nvidia.com/gpu",   "amd.com/gpu",        "nvidia.com/gpu.shared",
                                  "gpu.intel.com/xe", "gpu.intel.com/i915", "habana.ai/gaudi"};

std::string spelled(std::string_view name) {
  std::string result = lowered(name);
  std::ranges::replace_if(
      result, [](char c) { return c == '_' || c == ' '; }, '-');
  return result;
}

const Name* find_other_name(std::string_view name) {
  const auto found = std::ranges::find(other_names, name, &Name::name);
  return found == other_names.end() ? nullptr : &*found;
}

// The id of a GPU that the catalog has by this very name; empty if none.
std::string catalog_gpu(std::string_view name) {
  try {
    return std::string(Catalog().gpu(name).id);
  } catch (const Error&) {
    return {};
  }
}

std::string_view without_prefix(std::string_view name) {
  for (const std::string_view prefix : prefixes)
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

std::string hardware_named(std::string_view name) {
  if (const Name* other = find_other_name(name)) return std::string(other->hardware);
  const std::string_view bare = without_prefix(name);
  if (const Name* other = find_other_name(bare)) return std::string(other->hardware);
  if (std::ranges::find(several, bare) != several.end()) return {};
  return catalog_gpu(bare);
}

}  // namespace

bool tells_gpus(std::string_view label) {
  return std::ranges::find(labels, label, &Label::key) != labels.end();
}

std::optional<NamedGpus> gpus_of_name(std::string_view name) {
  constexpr std::string_view shared = "-shared";
  constexpr std::size_t longest = 80;  // no name is as long, and lookups copy it
  if (name.empty() || name.size() > longest) return std::nullopt;
  std::string spelling = spelled(name);
  NamedGpus result;
  result.is_shared = spelling.ends_with(shared);
  if (result.is_shared) spelling.resize(spelling.size() - shared.size());
  result.hardware = hardware_named(spelling);
  if (result.hardware.empty()) return std::nullopt;
  return result;
}

std::optional<NamedGpus> gpus_of_instance(std::string_view type) {
  const auto shape = std::ranges::find_if(shapes, [&](const Shape& s) { return same_letters(s.type, type); });
  if (shape != shapes.end()) return NamedGpus{std::string(shape->hardware), shape->count, false};
  try {
    const Catalog catalog;
    const System& system = catalog.system(type);
    if (system.kind != System::Kind::cloud) return std::nullopt;
    const bool is_whole = system.gpu_fraction == 1 && !system.gpu_id.empty();
    return NamedGpus{std::string(is_whole ? system.gpu_id : system.id), system.gpu_count, false};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<NamedGpus> gpus_of_label(std::string_view label, std::string_view value) {
  const auto found = std::ranges::find(labels, label, &Label::key);
  if (found == labels.end()) return std::nullopt;
  return found->names == Names::instance ? gpus_of_instance(value) : gpus_of_name(value);
}

bool is_slice_resource(std::string_view resource) { return resource.starts_with("nvidia.com/mig-"); }
bool is_shared_resource(std::string_view resource) { return resource == "nvidia.com/gpu.shared"; }
bool is_gpu_resource(std::string_view resource) {
  return is_slice_resource(resource) || std::ranges::find(resources, resource) != resources.end();
}

}  // namespace vramcalc::deployment
