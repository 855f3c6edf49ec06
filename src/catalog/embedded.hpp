#pragma once

#include <span>
#include <string_view>

#include "catalog/architecture_row.hpp"
#include "catalog/memory_rules.hpp"
#include "catalog/names.hpp"
#include "catalog/program_text.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/file_type.hpp"

// The tables that the build makes from data/ (embed/main.cpp). They are constants, so nothing is parsed at
// start-up.
namespace vramcalc::catalog::embedded {

extern const MemoryRules memory_rules;

// The most prominent first.
extern const std::span<const Gpu> gpus;
extern const std::span<const NamedPlace> gpu_names;
extern const std::span<const System> systems;
extern const std::span<const NamedPlace> system_names;

extern const std::span<const ArchitectureRow> architectures;  // sorted by model_type
extern const std::span<const ModelRow> models;
extern const std::span<const NamedPlace> model_names;

extern const std::span<const FileType> file_types;
extern const std::span<const FormatWord> format_words;
extern const std::span<const CheckpointFormatRow> checkpoint_formats;

extern const std::span<const ProgramText> programs;

extern const std::string_view date;  // of data/catalog.json: YYYY-MM-DD

}  // namespace vramcalc::catalog::embedded
