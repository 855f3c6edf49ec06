#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/memory_rules.hpp"
#include "catalog/names.hpp"
#include "vramcalc/catalog.hpp"

// Rows as C++ source. Every `table_of` gives the definition of a constexpr array `name`.
namespace vramcalc::catalog::embed {

std::string literal(std::string_view text);

std::string table_of(const std::vector<DriverTotalRule>& rules, std::string_view name);
std::string table_of(const std::vector<DriverReserve>& rules, std::string_view name);
std::string table_of(const std::vector<UsableFallback>& rules, std::string_view name);
std::string table_of(const std::vector<MemoryShare>& rules, std::string_view name);
std::string table_of(const std::vector<Gpu>& gpus, std::string_view name);
std::string table_of(const std::vector<System>& systems, std::string_view name);
std::string table_of(const std::vector<ModelRow>& models, std::string_view name);
std::string table_of(const std::vector<OwnedNamedPlace>& index, std::string_view name);

}  // namespace vramcalc::catalog::embed
