#include <array>
#include <vector>

#include "cli/flags/table.hpp"
#include "cli/generate.hpp"
#include "cli/values.hpp"

// How the answer is printed, and what can be printed instead.
namespace vramcalc::cli {
namespace {

using Action = Invocation::Action;

std::vector<std::string_view> format_ids() {
  std::vector<std::string_view> ids;
  for (const render::Format& format : render::formats()) ids.push_back(format.id);
  return ids;
}

std::string_view parse_format(std::string_view flag, const std::string& value) {
  const std::vector<std::string_view> ids = format_ids();
  return ids[parse_word(flag, value, ids)];
}

// "sarif=report.sarif" writes to a file as well.
void set_format(Invocation& invocation, std::string_view flag, const std::string& value) {
  const std::size_t equals = value.find('=');
  const std::string_view format = parse_format(flag, value.substr(0, equals));
  if (equals == value.npos)
    invocation.format = format;
  else
    invocation.outputs.push_back({format, value.substr(equals + 1)});
}

void set_json(Invocation& invocation, std::string_view, const std::string&) { invocation.format = "json"; }

std::vector<std::string_view> generated_ids() {
  std::vector<std::string_view> ids;
  for (const Generated& each : generated()) ids.push_back(each.id);
  return ids;
}

void set_generated(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.action = Action::generate;
  invocation.generated = parse_word(flag, value, generated_ids());
}

constexpr std::array output = {
    in_short_help(toggle("--all", "every quantization and every device", every_command,
                         set_to<&Invocation::all, true>)),
    in_short_help(toggle("--explain", "each term: formula, numbers, their source", about_one_model,
                         set_to<&Question::explain, true>)),
    in_short_help(toggle("--json", "one JSON document, errors included", every_command, set_json)),
    one_of<format_ids>(option("--format", "FORMAT[=FILE]", "table, json, markdown, html, csv, sarif …",
                              every_command, set_format)),
    one_of<generated_ids>(option("--generate", "WHAT", "man, flags, complete-bash, -zsh or -fish",
                                 every_command, set_generated)),
    toggle("--chart", "bars: memory by context; check: its terms",
           only(Command::overview) | only(Command::check), set_to<&Invocation::chart, true>),
    option("--base-url", "URL", "where the site will be, for its sitemap", only(Command::site),
           set<&Invocation::base_url, as_typed>),
    option("--units", "GB|GiB|MiB", "unit of every figure", every_command | only(Command::site),
           set<&Invocation::units, parse_units>),
    in_short_help(toggle("-h", "the usual flags", every_command | only(Command::site),
                         set_to<&Invocation::action, Action::short_help>)),
    in_short_help(toggle("--help", "all flags, with examples", every_command | only(Command::site),
                         set_to<&Invocation::action, Action::long_help>)),
    toggle("--version", "the version, and which terms are exact", every_command,
           set_to<&Invocation::action, Action::version>),
};

}  // namespace

constinit const FlagTable output_flags{Topic::output, output};

}  // namespace vramcalc::cli
