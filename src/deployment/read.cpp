#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/dot_env.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/formats.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/session.hpp"
#include "deployment/systemd.hpp"
#include "vramcalc/error.hpp"

// Decides by its content what an input is, and has it read as that.
namespace vramcalc::deployment {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// ---- text ----

// The length of the character of UTF-8 that a text begins with; 0 if it is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) >= 0xA0) || (first == 0xF4 && byte(1) >= 0x90);
  return overlong || outside ? 0 : length;
}

void check_text(const Input& input) {
  std::string_view rest = input.text;
  while (!rest.empty()) {
    const std::size_t length = character(rest);
    if (length == 0) {
      const auto line =
          1 +
          std::ranges::count(std::string_view(input.text).substr(0, input.text.size() - rest.size()), '\n');
      throw Error(ErrorCode::bad_file, fmt::format("{}: line {} is not text in UTF-8", input.name, line));
    }
    rest.remove_prefix(length);
  }
}

Input cleaned(const Input& input) {
  Input clean{.name = input.name, .text = {}};
  std::string_view rest = input.text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  clean.text.reserve(rest.size());
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (rest[i] != '\r' || rest.substr(i + 1, 1) != "\n") clean.text += rest[i];
  return clean;
}

std::string_view trimmed_start(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

template <class Use>
void each_line(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!use(text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// ---- what it is ----

// ".env", "prod.env", ".env.local".
bool is_environment_file(std::string_view name) {
  const std::string_view own = base_name(name);
  return own.ends_with(".env") || own.starts_with(".env.");
}

// `key:`, `"key":`, `- item`, `{`: how YAML and JSON begin, and no script does.
bool begins_yaml(std::string_view line) {
  if (line.starts_with("---") || line.starts_with("%YAML") || line.starts_with("- ") || line.starts_with('"'))
    return true;
  if (line.starts_with('{') || line.starts_with('[')) return line.size() == 1 || line[1] != line[0];
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const bool ends = colon + 1 == line.size() || line[colon + 1] == ' ';
  return ends && line.substr(0, colon).find_first_of(" \t$=(;|&") == std::string_view::npos;
}

bool is_yaml(const Input& input) {
  static constexpr std::array<std::string_view, 3> endings = {".yaml", ".yml", ".json"};
  if (input.text.starts_with("#!")) return false;
  if (std::ranges::any_of(endings, [&](std::string_view ending) { return input.name.ends_with(ending); }))
    return true;
  bool yaml = false;
  each_line(input.text, [&](std::string_view line) {
    const std::string_view content = trimmed_start(line);
    if (content.empty() || content.starts_with('#') || content.starts_with("{{") || content.starts_with("{%"))
      return true;
    yaml = begins_yaml(content) && !is_systemd_unit(input.text);
    return false;
  });
  return yaml;
}

std::size_t count_openings(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) ++count;
  return count;
}

std::size_t count_openings(const Yaml& value) {
  std::size_t count = count_openings(value.text);
  for (const Yaml& item : value.items) count += count_openings(item);
  for (const auto& [key, member] : value.members) count += count_openings(key) + count_openings(member);
  return count;
}

std::size_t count_openings_outside_comments(std::string_view text) {
  std::size_t count = 0;
  each_line(text, [&](std::string_view line) {
    const std::size_t comment = trimmed_start(line).starts_with('#') ? 0 : line.find(" #");
    count += count_openings(line.substr(0, comment));
    return true;
  });
  return count;
}

// Lines that only a renderer of templates reads: {% if … %}, {{- end }}, <% … %>, %{ if … }.
bool has_template_lines(std::string_view text) {
  static constexpr std::array<std::string_view, 5> openings = {"{%", "{{-", "<%", "%{ ", "{{ end"};
  bool found = false;
  each_line(text, [&](std::string_view line) {
    const std::string_view content = trimmed_start(line);
    found =
        std::ranges::any_of(openings, [&](std::string_view opening) { return content.starts_with(opening); });
    return !found;
  });
  return found;
}

// ---- reading ----

class Reader {
 public:
  Reader(const std::vector<Input>& inputs, const Supplied& supplied)
      : supplied_(supplied), is_only_(inputs.size() == 1) {
    for (const Input& input : inputs) take(input);
    variables_ = supplied.variables;
    for (const Input& input : inputs_)
      if (is_environment_file(input.name))
        std::ranges::move(dot_env(input.text), std::back_inserter(variables_));
  }

  Reading read() {
    for (const Input& input : inputs_)
      if (!is_environment_file(input.name) && is_yaml(input)) parse(input);
    for (const Input& input : inputs_) {
      if (is_environment_file(input.name)) continue;
      if (is_yaml(input))
        read_yaml(input);
      else if (has_template_lines(input.text))
        add_template(input);
      else
        read_commands(input);
    }
    for (Finding& found : silent_)
      if (reading_.launches.empty()) reading_.findings.push_back(std::move(found));
    return std::move(reading_);
  }

 private:
  void take(const Input& input) try {
    check_text(input);
    inputs_.push_back(cleaned(input));
  } catch (const Error& error) {
    if (is_only_) throw;
    reading_.findings.push_back(finding("unresolved", error.what(), {input.name, 0}));
  }

  void read_commands(const Input& input) {
    Session session{.supplied = supplied_, .reading = reading_, .inputs = inputs_};
    const std::size_t before = reading_.launches.size();
    if (is_systemd_unit(input.text)) {
      read_systemd_unit(input, session);
    } else {
      const Launch base = launch_at("", {input.name, 0});
      start_script(input.text, base,
                   {
      },
                   {.first_line = {input.name, 1}}, session);
    }
    if (reading_.launches.size() == before) reading_.findings.push_back(nothing_started(input));
  }

  // The documents of one input among those of all. One that cannot be read leaves the others as they are.
  void parse(const Input& input) try {
    const std::size_t before = documents_.size();
    std::size_t openings = 0;
    for (Yaml& document : parse_yaml(input)) {
      openings += count_openings(document);
      documents_.push_back(std::move(document));
    }
    // Outside of quotes `{{ … }}` would be a map in a map, and the template's name lost.
    const bool is_template = openings < count_openings_outside_comments(input.text);
    parts_.push_back({before, documents_.size() - before, is_template});
  } catch (const Error& error) {
    const bool is_template = count_openings(input.text) > 0 || has_template_lines(input.text);
    if (!is_template && is_only_) throw;
    parts_.push_back({0, 0, is_template});
    if (!is_template) reading_.findings.push_back(finding("unresolved", error.what(), {input.name, 0}));
  }

  void read_yaml(const Input& input) {
    const Part part = parts_[next_part_++];
    if (part.is_template) return add_template(input);
    if (part.count > 0) read_documents(input, std::span(documents_).subspan(part.first, part.count));
  }

  void read_documents(const Input& input, std::span<const Yaml> documents) {
    const std::size_t before = reading_.launches.size() + reading_.findings.size();
    bool manifests = true;
    for (const Yaml& document : documents) {
      manifests = manifests && document.find("apiVersion") != nullptr && document.find("kind") != nullptr;
      const auto rows = formats();
      const auto row =
          std::ranges::find_if(rows, [&](const Format& format) { return format.recognises(document); });
      if (row != rows.end())
        row->read({.input = input,
                   .document = document,
                   .siblings = documents_,
                   .variables = variables_,
                   .supplied = supplied_},
                  reading_);
    }
    if (reading_.launches.size() + reading_.findings.size() > before) return;
    // What else Kubernetes gets, a Service or a ConfigMap, is worth a word only where nothing starts
    // anything.
    (manifests ? silent_ : reading_.findings).push_back(nothing_started(input));
  }

  static Finding nothing_started(const Input& input) {
    return finding("unresolved", "no engine is started here", {input.name, 0});
  }

  void add_template(const Input& input) {
    Launch launch = launch_at(std::string(base_name(input.name)), {input.name, 0});
    launch.holes.push_back({.name = input.name,
                            .why = "is a template that is not rendered",
                            .fix = "render it first, for example with `helm template`"});
    reading_.launches.push_back(std::move(launch));
  }

  struct Part {
    std::size_t first, count;
    bool is_template;
  };

  const Supplied& supplied_;
  bool is_only_;
  std::vector<Input> inputs_;
  std::vector<Yaml> documents_;  // of all inputs
  std::vector<Part> parts_;      // of each YAML input
  std::size_t next_part_ = 0;
  Pairs variables_;
  Reading reading_;
  std::vector<Finding> silent_;
};

}  // namespace

Reading read(const std::vector<Input>& inputs, const Supplied& supplied) {
  return Reader(inputs, supplied).read();
}

}  // namespace vramcalc::deployment
