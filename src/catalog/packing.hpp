#pragma once

#include <optional>

#include "catalog/fields.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc::catalog {

// The parts that a list of words names.
PartSet read_parts(Fields& fields, std::string_view key);

// A packing under `key`; empty if there is none.
std::optional<Packing> read_packing(Fields& entry, std::string_view key);

}  // namespace vramcalc::catalog
