#include "deployment/environment_file.hpp"

#include <algorithm>

#include "deployment/program_starts.hpp"

namespace vramcalc::deployment {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::string_view without_quotes(std::string_view value) {
  const char quote = value.empty() ? '\0' : value[0];
  if (quote == '"' || quote == '\'') {
    const std::size_t end = value.find(quote, 1);
    return value.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  return trimmed(value.substr(0, value.find(" #")));
}

}  // namespace

bool is_environment_file(std::string_view name) {
  const std::string_view own = base_name(name);
  return own.ends_with(".env") || own.starts_with(".env.");
}

std::vector<Variable> environment_file(const Input& input) {
  std::vector<Variable> variables;
  std::string_view text = input.text;
  for (std::uint32_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.starts_with("export ")) row = trimmed(row.substr(7));
    const std::size_t equals = row.find('=');
    if (row.starts_with('#') || equals == std::string_view::npos || equals == 0) continue;
    const std::string_view value = without_quotes(trimmed(row.substr(equals + 1)));
    variables.push_back({
        std::string(trimmed(row.substr(0, equals))), {std::string(value), {input.name, line}}
    });
  }
  return variables;
}

}  // namespace vramcalc::deployment
