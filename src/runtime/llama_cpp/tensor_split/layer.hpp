#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// Facts that the slices of one layer depend on.
struct Layer {
  const Block* block = nullptr;
  std::size_t rotation = 0;  // evens out what rounding gives to the first GPUs
  // The types of the tensors that decide in which steps the others are cut.
  std::optional<ElementType> output, state_output, down, experts_down;

  const GroupedQueryAttention* attention() const {
    return std::get_if<GroupedQueryAttention>(&block->attention);
  }
  const GatedDeltaNet* delta_net() const { return std::get_if<GatedDeltaNet>(&block->attention); }
  bool is_recurrent() const { return attention() == nullptr; }
  bool is_windowed() const { return attention() != nullptr && attention()->window.has_value(); }
  std::uint64_t dense_width() const {
    const auto* dense = std::get_if<DenseFeedForward>(&block->feed_forward);
    if (dense != nullptr) return dense->width;
    const auto* experts = std::get_if<MixtureOfExperts>(&block->feed_forward);
    return experts != nullptr && experts->dense ? experts->dense->width : 0;
  }
  std::uint64_t expert_width() const {
    const auto* experts = std::get_if<MixtureOfExperts>(&block->feed_forward);
    return experts != nullptr ? experts->width : 0;
  }
};

using Layers = std::vector<Layer>;

// Elements of a block of the type; 1 if there is no such tensor.
std::uint64_t block_of(std::optional<ElementType> type);

Layers layers_of(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, std::size_t gpus);

}  // namespace vramcalc::llama_cpp::tensor_split
