#include <algorithm>
#include <array>

#include "model/append_model.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc {
namespace {

struct RolePart {
  Role role;
  PackedPart part;
};
constexpr std::array role_parts{
    RolePart{Role::q,              PackedPart::attention       },
    RolePart{Role::k,              PackedPart::attention       },
    RolePart{Role::v,              PackedPart::attention       },
    RolePart{Role::qkv,            PackedPart::attention       },
    RolePart{Role::q_a,            PackedPart::attention       },
    RolePart{Role::q_b,            PackedPart::attention       },
    RolePart{Role::kv_a,           PackedPart::attention       },
    RolePart{Role::kv_b,           PackedPart::attention       },
    RolePart{Role::kv,             PackedPart::attention       },
    RolePart{Role::attn_gate,      PackedPart::attention       },
    RolePart{Role::o,              PackedPart::attention_output},
    RolePart{Role::o_a,            PackedPart::attention_output},
    RolePart{Role::o_b,            PackedPart::attention_output},
    RolePart{Role::indexer_q_b,    PackedPart::indexer         },
    RolePart{Role::indexer_k,      PackedPart::indexer         },
    RolePart{Role::ssm_in,         PackedPart::linear_attention},
    RolePart{Role::ssm_out,        PackedPart::linear_attention},
    RolePart{Role::shortconv_in,   PackedPart::linear_attention},
    RolePart{Role::shortconv_out,  PackedPart::linear_attention},
    RolePart{Role::gate,           PackedPart::feed_forward    },
    RolePart{Role::up,             PackedPart::feed_forward    },
    RolePart{Role::down,           PackedPart::feed_forward    },
    RolePart{Role::expert_gate,    PackedPart::experts         },
    RolePart{Role::expert_up,      PackedPart::experts         },
    RolePart{Role::expert_gate_up, PackedPart::experts         },
    RolePart{Role::expert_down,    PackedPart::experts         },
    RolePart{Role::shared_gate,    PackedPart::shared_experts  },
    RolePart{Role::shared_up,      PackedPart::shared_experts  },
    RolePart{Role::shared_down,    PackedPart::shared_experts  },
    RolePart{Role::router,         PackedPart::router          },
    RolePart{Role::embedding,      PackedPart::embedding       },
    RolePart{Role::output,         PackedPart::output          },
};

// Layers whose projections have the roles of attention but are another module in frameworks.
bool is_linear_attention(const Block& block) {
  return std::holds_alternative<GatedDeltaNet>(block.attention) ||
         std::holds_alternative<KimiDeltaAttention>(block.attention) ||
         std::holds_alternative<LightningAttention>(block.attention);
}
bool is_projection_of_attention(Role role) {
  constexpr std::array roles{Role::q, Role::k, Role::v, Role::qkv, Role::o, Role::attn_gate};
  return std::ranges::find(roles, role) != roles.end();
}

// Whether a framework has the tensor as a linear layer or an embedding.
bool is_matrix(const Tensor& tensor) {
  const Role role = tensor.kind.role;
  return tensor.shape[1] > 1 && !is_norm(role) && !is_convolution(role);
}

std::optional<PackedPart> part_of(const Tensor& tensor, const Block* block) {
  const Role role = tensor.kind.role;
  if (tensor.kind.component != Component::weight) return std::nullopt;
  if (block != nullptr && is_linear_attention(*block) && is_projection_of_attention(role))
    return PackedPart::linear_attention;
  if (const auto part = packed_part_of(role)) return part;
  return is_matrix(tensor) ? std::optional(PackedPart::other) : std::nullopt;
}

const PackedLayout* layout_of(const Packing& packing, std::optional<PackedPart> part) {
  if (!part) return nullptr;
  for (const PackedLayout& other : packing.others)
    if (other.parts.contains(*part)) return &other;
  return packing.layout.parts.contains(*part) ? &packing.layout : nullptr;
}

// The number of pieces of `size` in `length`; one piece if `size` is 0.
std::uint64_t pieces(std::uint64_t length, std::uint32_t size) {
  return size == 0 ? 1 : round_up(length, size) / size;
}

std::uint64_t bits_to_bytes(std::uint64_t values, std::uint32_t bits) {
  return round_up(checked_multiply(values, bits), 8) / 8;
}

std::uint64_t sum_of(std::initializer_list<std::uint64_t> counts) {
  std::uint64_t sum = 0;
  for (std::uint64_t count : counts) sum = checked_add(sum, count);
  return sum;
}

std::uint64_t bytes_of_values(const PackedLayout& layout, std::uint64_t values) {
  const std::uint64_t whole = bits_to_bytes(values, layout.value_bits);
  if (layout.value_hundredths == 0) return whole;
  return checked_add(whole, round_up(checked_multiply(values, layout.value_hundredths), 800) / 800);
}

std::uint64_t scales_of(const PackedLayout& layout, std::uint64_t in, std::uint64_t out) {
  if (layout.scale_bytes == 0) return 0;
  return checked_multiply(pieces(out, layout.scale_rows), pieces(in, layout.scale_columns));
}

// `matrices` of in × out values.
PackedSize size_of_matrices(const PackedLayout& layout, std::uint64_t in, std::uint64_t out,
                            std::uint64_t matrices) {
  const std::uint64_t values = checked_multiply(in, out);
  const std::uint64_t packed = bytes_of_values(layout, values);
  const std::uint64_t scales = scales_of(layout, in, out);
  const std::uint64_t a_scale = !layout.scales_counted ? 0 : layout.zero_point_bits == 0 ? 1 : 2;
  const std::uint64_t elements =
      sum_of({layout.word_bytes == 0 ? values / layout.values_per_element : packed / layout.word_bytes,
              checked_multiply(scales, a_scale), layout.matrix_elements});
  const std::uint64_t bytes =
      sum_of({packed, checked_multiply(scales, layout.scale_bytes),
              bits_to_bytes(scales, layout.zero_point_bits), layout.matrix_bytes,
              checked_multiply(out, layout.output_bytes), checked_multiply(in, layout.input_bytes)});
  return {checked_multiply(elements, matrices), Bytes(checked_multiply(bytes, matrices))};
}

// Every release with a router correction stores it in 32 bits (DeepSeek V3, Kimi K2, GLM-5).
PackedSize size_unpacked(const Tensor& tensor, const Packing& packing) {
  const bool wide = tensor.kind == TensorKind(Role::router_correction, Component::bias);
  const std::uint64_t elements = tensor.shape.elements();
  return {elements,
          Bytes(checked_multiply(wide ? std::max(4u, packing.plain_bytes) : packing.plain_bytes, elements))};
}

// A part, and its elements as the repository's page counts them.
struct CountedPart {
  CheckpointPart part;
  std::uint64_t page_elements = 0;
};

bool is_left_alone(const Architecture& model, const Packing& packing, const CheckpointPart& part) {
  if (part.prediction) return !packing.prediction_layers;
  if (part.layer < 0 || packing.plain_first_layers + packing.plain_last_layers == 0) return false;
  const auto trunk = static_cast<std::uint32_t>(std::ranges::count(model.blocks, false, &Block::mtp));
  const auto layer = static_cast<std::uint32_t>(part.layer);
  return layer < packing.plain_first_layers || layer + packing.plain_last_layers >= trunk;
}

CountedPart count(const Architecture& model, const Packing& packing, const Tensor& tensor) {
  const Block* block = tensor.layer < 0 ? nullptr : &model.blocks[static_cast<std::size_t>(tensor.layer)];
  CheckpointPart part;
  part.kind = tensor.kind;
  part.layer = tensor.layer;
  part.elements = tensor.shape.elements();
  part.prediction = block != nullptr && block->mtp;
  const PackedLayout* layout =
      is_left_alone(model, packing, part) ? nullptr : layout_of(packing, part_of(tensor, block));
  part.packed = layout != nullptr;
  const PackedSize size = part.packed ? size_of_matrices(*layout, tensor.shape[0], tensor.shape[1],
                                                         checked_multiply(tensor.shape[2], tensor.shape[3]))
                                      : size_unpacked(tensor, packing);
  part.bytes = size.bytes;
  return {part, size.elements};
}

CountedPart unpacked(TensorKind kind, std::uint64_t elements, const Packing& packing) {
  CheckpointPart part;
  part.kind = kind;
  part.elements = elements;
  part.bytes = Bytes(checked_multiply(packing.plain_bytes, elements));
  return {part, elements};
}

std::vector<CountedPart> counted_parts(const Architecture& model, const Packing& packing) {
  std::vector<CountedPart> parts;
  const std::vector<Tensor> tensors = checkpoint_tensors(model);
  parts.reserve(tensors.size() + model.towers.size() + 1);
  for (const Tensor& tensor : tensors) {
    if (!tensor.learned) continue;
    const CountedPart part = count(model, packing, tensor);
    if (!part.part.prediction || !packing.trunk_only) parts.push_back(part);
  }
  if (model.stores_duplicate_head && !packing.trunk_only)
    parts.push_back(
        unpacked(Role::output, checked_multiply(model.checkpoint_vocab_size, model.hidden_size), packing));
  for (const Tower& tower : model.towers) {
    parts.push_back(unpacked(Role::other, tower.parameters, packing));
    parts.back().part.tower = true;
  }
  return parts;
}

}  // namespace

std::optional<PackedPart> packed_part_of(Role role) {
  const auto found = std::ranges::find(role_parts, role, &RolePart::role);
  return found == role_parts.end() ? std::nullopt : std::optional(found->part);
}

std::vector<CheckpointPart> checkpoint_parts(const Architecture& model, const Packing& packing) {
  std::vector<CheckpointPart> parts;
  for (const CountedPart& counted : counted_parts(model, packing)) parts.push_back(counted.part);
  return parts;
}

Bytes bytes_of(std::span<const CheckpointPart> parts) {
  Bytes sum;
  for (const CheckpointPart& part : parts) sum += part.bytes;
  return sum;
}

PackedSize packed_size(const Architecture& model, const Packing& packing) {
  PackedSize sum;
  for (const CountedPart& counted : counted_parts(model, packing)) {
    sum.elements = checked_add(sum.elements, counted.page_elements);
    sum.bytes += counted.part.bytes;
  }
  return sum;
}

}  // namespace vramcalc
