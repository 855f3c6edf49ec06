#pragma once

#include <variant>

namespace vramcalc {

// The alternative of one runtime in a variant over all of them; its default if another one is given.
template <class Own, class OfAll>
const Own& own(const OfAll& of_all) {
  static const Own defaults;
  const auto* given = std::get_if<Own>(&of_all);
  return given == nullptr ? defaults : *given;
}

}  // namespace vramcalc
