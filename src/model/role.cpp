#include "vramcalc/role.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace vramcalc {
namespace {

enum class RoleNature : std::uint8_t { plain, norm, convolution };

struct Row {
  Role role;
  std::string_view stem;
  RoleNature nature;
};

constexpr std::array table{
#define VRAMCALC_ROLE(role, stem, nature) Row{Role::role, stem, RoleNature::nature},
#include "vramcalc/role.def"
#undef VRAMCALC_ROLE
};

constexpr const Row& row_of(Role role) { return table[static_cast<std::size_t>(role)]; }

constexpr auto by_stem = [] {
  std::array<Row, table.size()> sorted = table;
  std::ranges::sort(sorted, {}, &Row::stem);
  return sorted;
}();

constexpr std::array<std::string_view, 4> endings{".weight", ".bias", ".scale", ""};  // by component

Role role_with_stem(std::string_view wanted) {
  const auto found = std::ranges::lower_bound(by_stem, wanted, {}, &Row::stem);
  return found != by_stem.end() && found->stem == wanted ? found->role : Role::other;
}

}  // namespace

std::string_view stem_of(Role role) { return row_of(role).stem; }

// Not formatted, which would take several times as long: the largest models have thousands of names.
std::string tensor_name(TensorKind kind, std::int32_t layer) {
  constexpr std::size_t usual_length = 32;
  std::string name;
  name.reserve(usual_length);
  if (layer >= 0) name.append("blk.").append(std::to_string(layer)).append(".");
  return name.append(stem_of(kind.role)).append(endings[static_cast<std::size_t>(kind.component)]);
}

TensorKind tensor_kind(std::string_view name) {
  const auto ending =
      std::ranges::find_if(endings, [&](std::string_view each) { return name.ends_with(each); });
  name.remove_suffix(ending->size());
  return {role_with_stem(name), static_cast<Component>(ending - endings.begin())};
}

bool is_norm(Role role) { return row_of(role).nature == RoleNature::norm; }
bool is_convolution(Role role) { return row_of(role).nature == RoleNature::convolution; }

bool is_routed_expert(Role role) {
  switch (role) {
    case Role::expert_gate:
    case Role::expert_up:
    case Role::expert_gate_up:
    case Role::expert_down: return true;
    default: return false;
  }
}

}  // namespace vramcalc
