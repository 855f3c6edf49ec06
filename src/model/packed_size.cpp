#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/append_model.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc {
namespace {

struct Part {
  Role role;
  std::string_view name;
};

constexpr std::array parts{
    Part{Role::q,           "attention"       },
    Part{Role::k,           "attention"       },
    Part{Role::v,           "attention"       },
    Part{Role::qkv,         "attention"       },
    Part{Role::q_a,         "attention"       },
    Part{Role::q_b,         "attention"       },
    Part{Role::kv_a,        "attention"       },
    Part{Role::kv_b,        "attention"       },
    Part{Role::o,           "attention_output"},
    Part{Role::indexer_q_b, "indexer"         },
    Part{Role::indexer_k,   "indexer"         },
    Part{Role::gate,        "feed_forward"    },
    Part{Role::up,          "feed_forward"    },
    Part{Role::down,        "feed_forward"    },
    Part{Role::expert_gate, "experts"         },
    Part{Role::expert_up,   "experts"         },
    Part{Role::expert_down, "experts"         },
    Part{Role::shared_gate, "shared_experts"  },
    Part{Role::shared_up,   "shared_experts"  },
    Part{Role::shared_down, "shared_experts"  },
    Part{Role::router,      "router"          },
    Part{Role::embedding,   "embedding"       },
    Part{Role::output,      "output"          },
};
constexpr std::string_view other_part = "other";

// Whether a framework has the tensor as a linear layer or an embedding.
bool is_matrix(const Tensor& tensor) {
  const Role role = tensor.kind.role;
  return tensor.shape[1] > 1 && !is_norm(role) && !is_convolution(role);
}

std::string_view part_of(const Tensor& tensor) {
  if (tensor.kind.component != Component::weight) return {};
  const auto found = std::ranges::find(parts, tensor.kind.role, &Part::role);
  if (found != parts.end()) return found->name;
  return is_matrix(tensor) ? other_part : std::string_view();
}

void check_parts(const Packing& packing) {
  for (const std::string& name : packing.parts)
    if (name != other_part && std::ranges::find(parts, name, &Part::name) == parts.end())
      throw Error(ErrorCode::bad_value,
                  fmt::format("\"{}\" is not a part of a layer that a checkpoint quantizes", name));
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

std::uint64_t scales_of(const Packing& packing, std::uint64_t in, std::uint64_t out) {
  if (packing.scale_bytes == 0) return 0;
  return checked_multiply(pieces(out, packing.scale_rows), pieces(in, packing.scale_columns));
}

// `matrices` of in × out values with `bits` bits each.
PackedSize size_of_matrices(const Packing& packing, std::uint32_t bits, std::uint64_t in, std::uint64_t out,
                            std::uint64_t matrices) {
  const std::uint64_t values = checked_multiply(in, out);
  const std::uint64_t packed = bits_to_bytes(values, bits);
  const std::uint64_t scales = scales_of(packing, in, out);
  const std::uint64_t a_scale = !packing.scales_counted ? 0 : packing.zero_point_bits == 0 ? 1 : 2;
  const std::uint64_t elements =
      sum_of({packing.word_bytes == 0 ? values / packing.values_per_element : packed / packing.word_bytes,
              checked_multiply(scales, a_scale), packing.matrix_elements});
  const std::uint64_t bytes =
      sum_of({packed, checked_multiply(scales, packing.scale_bytes),
              bits_to_bytes(scales, packing.zero_point_bits), packing.matrix_bytes,
              checked_multiply(out, packing.output_bytes), checked_multiply(in, packing.input_bytes)});
  return {checked_multiply(elements, matrices), Bytes(checked_multiply(bytes, matrices))};
}

// Every release with a router correction stores it in 32 bits (DeepSeek V3, Kimi K2, GLM-5).
std::uint64_t plain_bytes(const Tensor& tensor) {
  return checked_multiply(tensor.kind == TensorKind(Role::router_correction, Component::bias) ? 4 : 2,
                          tensor.shape.elements());
}

void add(PackedSize& sum, const PackedSize& more) {
  sum.elements = checked_add(sum.elements, more.elements);
  sum.bytes += more.bytes;
}

PackedSize outside_the_layers(const Architecture& model, const Packing& packing) {
  std::uint64_t elements = 0;
  for (const Tower& tower : model.towers) elements = checked_add(elements, tower.parameters);
  if (model.stores_duplicate_head && !packing.trunk_only)
    elements = checked_add(elements, checked_multiply(model.checkpoint_vocab_size, model.hidden_size));
  return {elements, Bytes(checked_multiply(2, elements))};
}

}  // namespace

PackedSize packed_size(const Architecture& model, const Packing& packing) {
  check_parts(packing);
  PackedSize sum = outside_the_layers(model, packing);
  for (const Tensor& tensor : checkpoint_tensors(model)) {
    if (!tensor.learned) continue;
    const bool prediction = tensor.layer >= 0 && model.blocks[static_cast<std::size_t>(tensor.layer)].mtp;
    if (prediction && packing.trunk_only) continue;
    const std::string_view part =
        prediction && !packing.prediction_layers ? std::string_view() : part_of(tensor);
    const bool packed = std::find(packing.parts.begin(), packing.parts.end(), part) != packing.parts.end();
    const bool router = part == "router" && packing.router_bits != 0;
    if (packed)
      add(sum, size_of_matrices(packing, router ? packing.router_bits : packing.value_bits, tensor.shape[0],
                                tensor.shape[1], tensor.shape[2]));
    else
      add(sum, {tensor.shape.elements(), Bytes(plain_bytes(tensor))});
  }
  return sum;
}

}  // namespace vramcalc
