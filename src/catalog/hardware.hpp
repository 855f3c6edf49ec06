#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/memory_rules.hpp"
#include "catalog/text_store.hpp"
#include "vramcalc/hardware.hpp"

// The JSON of GPUs and systems (data/schema/) → rows with usable memory. Strict: a mistake is an Error
// (bad_file) with file, entry and field.
namespace vramcalc::catalog {

std::vector<Gpu> read_gpus(const nlohmann::json& list, const std::string& file, const MemoryRules& rules,
                           TextStore& store);

// `find_gpu` returns the catalog's GPU with an id, or null.
using FindGpu = std::function<const Gpu*(std::string_view id)>;
std::vector<System> read_systems(const nlohmann::json& list, const std::string& file,
                                 const MemoryRules& rules, const FindGpu& find_gpu, TextStore& store);

}  // namespace vramcalc::catalog
