#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deployment/formats.hpp"

// Command lines that operators and charts make of their settings.
namespace vramcalc::deployment {

// A setting and the flag that it becomes.
struct Setting {
  std::string_view key;
  std::string_view flag;
};

// "--flag VALUE" for each of the settings that `values` has. A switch is the flag alone, or "--no-flag".
void append_settings(std::span<const Setting> settings, const Yaml& values, const Documents& documents,
                     std::vector<Word>& words);
// Every member as a flag of the same name, with '-' for '_'; maps and lists as JSON.
void append_keywords(const Yaml& values, const Documents& documents, std::vector<Word>& words);
// The scalars of a list.
void append_list(const Yaml* list, const Documents& documents, std::vector<Word>& words);
void append(std::string_view text, const Yaml& at, const Documents& documents, std::vector<Word>& words);

std::string json_of(const Yaml& value);

}  // namespace vramcalc::deployment
