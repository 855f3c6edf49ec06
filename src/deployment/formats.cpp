#include "deployment/formats.hpp"

#include <array>

#include "deployment/formats/readers.hpp"
#include "deployment/formats/readers_kubernetes.hpp"

namespace vramcalc::deployment {
namespace {

// The first that recognises a document reads it: kinds of Kubernetes by their apiVersion, before what other
// files may look like.
constexpr std::array rows = {
    Format{"kserve",      is_kserve,      read_kserve     },
    Format{"ray",         is_ray,         read_ray        },
    Format{"operator",    is_operator,    read_operator   },
    Format{"kubernetes",  is_kubernetes,  read_kubernetes },
    Format{"compose",     is_compose,     read_compose    },
    Format{"llama-swap",  is_llama_swap,  read_llama_swap },
    Format{"dstack",      is_dstack,      read_dstack     },
    Format{"skypilot",    is_skypilot,    read_skypilot   },
    Format{"gpustack",    is_gpustack,    read_gpustack   },
    Format{"localai",     is_localai,     read_localai    },
    Format{"helm values", is_helm_values, read_helm_values},
};

}  // namespace

std::span<const Format> formats() { return rows; }

}  // namespace vramcalc::deployment
