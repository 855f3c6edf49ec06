#include "vramcalc/backend.hpp"

#include <fmt/format.h>

#include <array>

#include "vramcalc/error.hpp"

namespace vramcalc {
namespace {

struct Row {
  Backend backend;
  std::string_view name, title;
};

constexpr std::array rows = {
    Row{Backend::cuda,   "cuda",   "CUDA"              },
    Row{Backend::rocm,   "rocm",   "ROCm"              },
    Row{Backend::metal,  "metal",  "Metal"             },
    Row{Backend::vulkan, "vulkan", "Vulkan"            },
    Row{Backend::sycl,   "sycl",   "SYCL"              },
    Row{Backend::cpu,    "cpu",    "CPU"               },
    Row{Backend::other,  "other",  "an unknown backend"},
};

const Row& row_of(Backend backend) { return rows[static_cast<std::size_t>(backend)]; }

struct Vendor {
  std::string_view name;
  Backend backend;
};

// The backends of other vendors are unknown.
constexpr std::array vendors = {
    Vendor{"NVIDIA",   Backend::cuda  },
    Vendor{"AMD",      Backend::rocm  },
    Vendor{"Apple",    Backend::metal },
    Vendor{"Intel",    Backend::vulkan},
    Vendor{"Qualcomm", Backend::vulkan},
};

}  // namespace

std::string_view to_string(Backend backend) { return row_of(backend).name; }
std::string_view title(Backend backend) { return row_of(backend).title; }

Backend default_backend(std::string_view vendor) {
  for (const Vendor& each : vendors)
    if (each.name == vendor) return each.backend;
  return Backend::other;
}

bool drives(Backend backend, Backend usual) {
  if (backend == usual || usual == Backend::other || backend == Backend::cpu) return true;
  if (backend == Backend::vulkan) return usual != Backend::metal;
  return backend == Backend::sycl && usual == Backend::vulkan;
}

Backend backend_named(std::string_view name) {
  for (const Row& row : rows)
    if (row.backend != Backend::other && row.name == name) return row.backend;
  throw Error(ErrorCode::bad_value,
              fmt::format("--backend: \"{}\" is unknown; known: cuda, rocm, metal, vulkan, sycl, cpu", name));
}

}  // namespace vramcalc
