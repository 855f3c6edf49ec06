#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc {

// What a tensor does in a model: one value for each kind that llama.cpp 0.5.0 tells apart (gguf-py,
// MODEL_TENSOR), and for what only a checkpoint has.
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

// "attn_q.weight", "attn_q.bias", "ffn_gate_inp.scale", and "ssm_a", which is a parameter of its own.
enum class Component : std::uint8_t { weight, bias, scale, parameter };

// What a tensor is: "attn_q.bias" is {Role::q, Component::bias}. A role alone stands for its weight.
struct TensorKind {
  constexpr TensorKind() = default;
  constexpr TensorKind(Role of, Component which = Component::weight) : role(of), component(which) {}

  Role role = Role::other;
  Component component = Component::weight;

  friend constexpr auto operator<=>(const TensorKind&, const TensorKind&) = default;
};

// "attn_q"; empty for Role::other.
std::string_view stem_of(Role role);

// As a GGUF calls it: "blk.3.attn_q.bias"; -1: "output.bias", which is of no layer.
std::string tensor_name(TensorKind kind, std::int32_t layer = -1);

// The other way, for a name without its layer. The role of a name that is not known is Role::other.
TensorKind tensor_kind(std::string_view name);

// What has weights, but is no linear layer.
bool is_norm(Role role);
bool is_convolution(Role role);

}  // namespace vramcalc
