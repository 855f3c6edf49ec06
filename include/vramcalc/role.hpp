#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc {

// What a tensor does in a model: one value for each kind of llama.cpp 0.5.0 (gguf-py, MODEL_TENSOR) and for
// tensors that only a checkpoint has.
enum class Role : std::uint8_t {
#define VRAMCALC_ROLE(role, stem, nature) role,
#include "vramcalc/role.def"
#undef VRAMCALC_ROLE
};
inline constexpr std::size_t role_count = 0
#define VRAMCALC_ROLE(role, stem, nature) +1
#include "vramcalc/role.def"
#undef VRAMCALC_ROLE
    ;

// "attn_q.weight", "attn_q.bias", "ffn_gate_inp.scale" and, without an ending, "ssm_a".
enum class Component : std::uint8_t { weight, bias, scale, parameter };

// "attn_q.bias" is {Role::q, Component::bias}. A role alone stands for its weight.
struct TensorKind {
  constexpr TensorKind() = default;
  constexpr TensorKind(Role of, Component which = Component::weight) : role(of), component(which) {}

  Role role = Role::other;
  Component component = Component::weight;

  friend constexpr auto operator<=>(const TensorKind&, const TensorKind&) = default;
};

// "attn_q"; empty for Role::other.
std::string_view stem_of(Role role);

// The name in a GGUF: "blk.3.attn_q.bias", or "output.bias" outside the layers (-1).
std::string tensor_name(TensorKind kind, std::int32_t layer = -1);

// The reverse, for a name without its layer. Unknown names have Role::other.
TensorKind tensor_kind(std::string_view name);

// Whether the role has weights but is not a linear layer.
bool is_norm(Role role);
bool is_convolution(Role role);

// Whether it is a matrix of the experts that a router chooses among.
bool is_routed_expert(Role role);

}  // namespace vramcalc
