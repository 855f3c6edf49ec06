#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "catalog/fields.hpp"
#include "catalog/text_store.hpp"

// Fields that entries of all catalog lists share.
namespace vramcalc::catalog {

// The name of an entry in errors: its id, or its place in the list.
std::string entry_name(const nlohmann::json& entry, std::string_view list, std::size_t place);

// "id": lower-case letters, digits, '-', '.' and '+', so that it can be typed without quotes.
std::string entry_id(Fields& fields);

// "YYYY", "YYYY-MM" or "YYYY-MM-DD"; empty if the key is missing.
std::string date(Fields& fields, std::string_view key);

// A number above 0; 0 if the key is missing.
double positive_or_zero(Fields& fields, std::string_view key);

// "aliases": other names, none of them empty.
std::vector<std::string> aliases(Fields& fields);

// "notes", with a line for the keys that "unverified" lists ("*": all of them).
std::string notes(Fields& fields);

}  // namespace vramcalc::catalog
