#pragma once

#include <string_view>

#include "vramcalc/sglang/options.hpp"

namespace vramcalc::sglang {

// Releases that changed a rule.
namespace since {
inline constexpr Release oldest{0, 4, 3};                 // the oldest one with known rules
inline constexpr Release reserves_by_size{0, 4, 7};       // the default fraction depends on the GPU's size
inline constexpr Release vision_factor{0, 4, 9};          // … and on the size of the vision tower
inline constexpr Release sums_reserves{0, 5, 3};          // … and is a sum over activations and CUDA graphs
inline constexpr Release separate_window_cells{0, 5, 9};  // window layers are priced by their own heads
inline constexpr Release prefill_graphs{0, 5, 10};        // captured by default
inline constexpr Release drafts_in_fraction{0, 5, 11};    // draft weights and cache count as static
inline constexpr Release extra_state_buffer{0, 5, 17};    // two more recurrent states per request
inline constexpr Release padding_slot{0, 5, 17};          // taken off the budget of recurrent states
inline constexpr Release larger_batches_at_32_gib{0, 5, 20};
inline constexpr Release features_on_cpu{0, 5, 20};  // multimodal input is passed in CPU memory by default
}  // namespace since

// "0.5.9", "v0.5.9", "0.5.6.post2". Error (bad_value) for other texts and for releases with unknown rules.
Release parse_release(std::string_view text);

}  // namespace vramcalc::sglang
