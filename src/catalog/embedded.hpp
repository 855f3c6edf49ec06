#pragma once

#include <span>
#include <string_view>

#include "catalog/packed.hpp"
#include "vramcalc/file_type.hpp"

// The tables that the build makes from data/ (embed/main.cpp). They are constants, so nothing is parsed at
// start-up.
namespace vramcalc::catalog::embedded {

extern const PackedTable driver_total_rules;
extern const PackedTable driver_reserves;
extern const PackedTable usable_fallbacks;
extern const PackedTable memory_shares;

// The most prominent first.
extern const PackedTable gpus;
extern const PackedTable gpu_names;
extern const PackedTable systems;
extern const PackedTable system_names;

extern const PackedTable architectures;  // sorted by model_type
extern const PackedTable models;
extern const PackedTable model_names;
extern const PackedTable model_families;  // of the same form

extern const std::span<const FileType> file_types;

extern const std::string_view date;  // of data/catalog.json: YYYY-MM-DD

}  // namespace vramcalc::catalog::embedded
