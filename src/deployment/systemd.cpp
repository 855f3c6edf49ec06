#include "deployment/systemd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "deployment/dot_env.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/text.hpp"
#include "deployment/variable_names.hpp"

// systemd.service(5), systemd.exec(5) and systemd.syntax(7): no shell runs what ExecStart= names.
namespace vramcalc::deployment {
namespace {

struct Setting {
  std::string section;
  std::string key;
  std::string value;
  std::uint32_t line = 0;
};

bool is_comment(std::string_view row) { return row.starts_with('#') || row.starts_with(';'); }

// Rows that end with a backslash go on; comments between them are left out.
std::vector<Setting> settings_of(std::string_view text) {
  std::vector<Setting> settings;
  std::string section;
  std::uint32_t line = 0;
  bool goes_on = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (is_comment(row)) continue;
    const bool more = row.ends_with('\\');
    if (more) row.remove_suffix(1);
    const std::size_t equals = row.find('=');
    if (goes_on) {
      settings.back().value += fmt::format(" {}", row);
    } else if (row.starts_with('[') && row.ends_with(']')) {
      section = row.substr(1, row.size() - 2);
    } else if (equals != std::string_view::npos) {
      settings.push_back({section, std::string(trimmed(row.substr(0, equals))),
                          std::string(trimmed(row.substr(equals + 1))), line});
    }
    goes_on = more && !settings.empty() && (goes_on || equals != std::string_view::npos);
  }
  return settings;
}

class Unit {
 public:
  Unit(const Input& input, Session& session)
      : input_(input), session_(session), settings_(settings_of(input.text)) {}

  void read() {
    for (const Setting& setting : settings_) add_environment(setting);
    for (const Setting& setting : settings_)
      if (setting.section == "Service" && setting.key == "ExecStart") start(setting);
    if (std::ranges::find(settings_, "Container", &Setting::section) != settings_.end()) start_quadlet();
  }

 private:
  Position at(const Setting& setting) const { return {input_.name, setting.line}; }

  // "vllm@.service" is vllm.
  std::string name() const {
    std::string name(base_name(input_.name));
    name = name.substr(0, name.rfind('.'));
    if (name.ends_with('@')) name.pop_back();
    return name;
  }

  void add_environment(const Setting& setting) {
    if (setting.key == "Environment" && setting.value.empty()) environment_.clear();
    if (setting.key == "Environment")
      for (const Text& word : words(setting.value, false)) {
        const Word whole = to_word(word, at(setting));
        const std::size_t equals = whole.text.find('=');
        if (equals != std::string::npos) add({whole.text.substr(0, equals), part(whole, equals + 1)});
      }
    if (setting.key == "EnvironmentFile") add_environment_file(setting);
  }

  static Word part(Word word, std::size_t from) {
    word.text.erase(0, from);
    return word;
  }

  void add(Variable variable) {
    std::erase_if(environment_, [&](const Variable& old) { return old.name == variable.name; });
    environment_.push_back(std::move(variable));
  }

  void add_environment_file(const Setting& setting) {
    std::string_view path = setting.value;
    if (path.starts_with('-')) path.remove_prefix(1);
    for (const Input& other : session_.inputs)
      if (base_name(other.name) == base_name(path)) {
        for (auto& [variable, value] : dot_env(other.text))
          add({
              std::move(variable), {std::move(value), {other.name, 0}}
          });
        return;
      }
    unread_file_ = std::string(path);
    unread_at_ = at(setting);
  }

  Hole missing(std::string_view variable) const {
    const std::string why = unread_file_.empty() ? std::string("has no value here")
                                                 : fmt::format("may be set by {}", unread_file_);
    return {.name = std::string(variable), .why = why, .fix = set_option(variable)};
  }

  Text value_of(std::string_view variable, std::string_view spelled) const {
    const auto found = std::ranges::find(environment_, variable, &Variable::name);
    if (found != environment_.end() && found->value.is_known()) return known_text(found->value.text);
    if (const std::string* text = supplied_value(session_.supplied, variable)) return known_text(*text);
    return found != environment_.end() ? to_text(found->value)
                                       : unknown_text(std::string(spelled), missing(variable));
  }

  // Words of a setting; `expands` variables as ExecStart= does, specifiers always.
  std::vector<Text> words(std::string_view text, bool expands) const {
    std::vector<Text> all;
    Text current;
    bool open = false, escaped = false;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (!open) escaped = text.substr(i).starts_with("$$");
      if (quote == '\0' && (c == ' ' || c == '\t')) {
        if (open) end_word(current, all, expands && !escaped);
        open = false;
        ++i;
      } else if (quote == '\0' ? (c == '"' || c == '\'') : c == quote) {
        quote = quote == '\0' ? c : '\0';
        open = true;
        ++i;
      } else {
        open = true;
        i = add_one(text, i, expands, current);
      }
    }
    if (open) end_word(current, all, expands && !escaped);
    return all;
  }

  // A word that is `$NAME` as a whole becomes several.
  void end_word(Text& current, std::vector<Text>& all, bool expands) const {
    Text word = std::exchange(current, {});
    const std::string text = word.spelled();
    const bool variable = expands && word.is_known() && text.size() > 1 && text[0] == '$' &&
                          name_length(text, 1) == text.size() - 1;
    if (!variable) {
      all.push_back(std::move(word));
      return;
    }
    const Text value = value_of(std::string_view(text).substr(1), text);
    if (!value.is_known()) {
      all.push_back(value);
      return;
    }
    for (Text& one : words(value.spelled(), false)) all.push_back(std::move(one));
  }

  static std::size_t name_length(std::string_view text, std::size_t from) {
    std::size_t i = from;
    while (i < text.size() && ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
                               (text[i] >= '0' && text[i] <= '9') || text[i] == '_'))
      ++i;
    return i - from;
  }

  std::size_t add_one(std::string_view text, std::size_t i, bool expands, Text& current) const {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '\\' && rest.size() > 1) {
      current.add(rest[1] == 's' ? " " : rest[1] == 't' ? "\t" : rest[1] == 'n' ? "\n" : rest.substr(1, 1));
      return i + 2;
    }
    if (rest[0] == '%' && rest.size() > 1) {
      current.add(rest[1] == '%' ? known_text("%") : specifier(rest.substr(0, 2)));
      return i + 2;
    }
    if (expands && rest.starts_with("$$")) {
      current.add("$");
      return i + 2;
    }
    if (expands && rest.starts_with("${")) {
      const std::size_t length = name_length(rest, 2);
      if (length > 0 && rest.substr(2 + length).starts_with('}')) {
        current.add(value_of(rest.substr(2, length), rest.substr(0, length + 3)));
        return i + length + 3;
      }
    }
    current.add(rest.substr(0, 1));
    return i + 1;
  }

  Text specifier(std::string_view spelled) const {
    if (const std::string* text = supplied_value(session_.supplied, spelled)) return known_text(*text);
    return unknown_text(
        std::string(spelled),
        {.name = std::string(spelled), .why = "is filled in by systemd", .fix = set_option(spelled)});
  }

  std::vector<Word> placed(const std::vector<Text>& texts, const Setting& setting) const {
    std::vector<Word> all;
    for (const Text& text : texts) all.push_back(to_word(text, at(setting)));
    return all;
  }

  void start(const Setting& setting) {
    std::string_view command = setting.value;
    const std::size_t prefixes = std::min(command.find_first_not_of("-@:+!|"), command.size());
    const std::string_view prefix = command.substr(0, prefixes);
    command.remove_prefix(prefixes);
    std::vector<Word> all = placed(words(command, prefix.find(':') == std::string_view::npos), setting);
    if (prefix.find('@') != std::string_view::npos && all.size() > 1) all.erase(all.begin() + 1);
    launch(all, setting, false);
  }

  void launch(std::span<const Word> all, const Setting& setting, bool in_container) {
    Launch base = launch_at(name(), at(setting));
    base.environment = environment_;
    const std::size_t before = session_.reading.launches.size();
    if (in_container)
      start_container(all, base, session_);
    else
      start_words(all, base, session_);
    if (unread_file_.empty()) return;
    for (std::size_t i = before; i < session_.reading.launches.size(); ++i) {
      Finding note =
          finding("unresolved", fmt::format("{} is not read; what it sets would count", unread_file_),
                  unread_at_, "give the file as well");
      note.severity = Severity::note;
      session_.reading.launches[i].findings.push_back(std::move(note));
    }
  }

  // podman-systemd.unit(5): a [Container] section is a `podman run`.
  void start_quadlet() {
    struct Row {
      std::string_view key, option;
    };
    static constexpr std::array<Row, 5> rows = {
        Row{"ContainerName", "--name"      },
        Row{"AddDevice",     "--device"    },
        Row{"Volume",        "--volume"    },
        Row{"Mount",         "--mount"     },
        Row{"Entrypoint",    "--entrypoint"}
    };
    std::vector<Word> options;
    std::vector<Word> command;
    std::optional<Word> image;
    const Setting* where = nullptr;
    for (const Setting& setting : settings_) {
      if (setting.section != "Container") continue;
      for (const Row& row : rows)
        if (setting.key == row.key) {
          options.push_back({std::string(row.option), at(setting)});
          options.push_back(to_word(whole(setting.value), at(setting)));
        }
      if (setting.key == "PodmanArgs")
        std::ranges::move(placed(words(setting.value, false), setting), std::back_inserter(options));
      if (setting.key == "Exec") command = placed(words(setting.value, false), setting);
      if (setting.key != "Image") continue;
      image = to_word(whole(setting.value), at(setting));
      where = &setting;
    }
    if (!image) return;
    for (const Variable& variable : environment_) {
      options.push_back({"--env", variable.value.at});
      options.push_back({variable.name + "=" + variable.value.text, variable.value.at, variable.value.holes});
    }
    options.push_back(*image);
    std::ranges::move(command, std::back_inserter(options));
    launch(options, *where, true);
  }

  // A value that is one word, whatever it holds.
  Text whole(std::string_view value) const {
    Text text;
    for (std::size_t i = 0; i < value.size();) i = add_one(value, i, false, text);
    return text;
  }

  const Input& input_;
  Session& session_;
  std::vector<Setting> settings_;
  std::vector<Variable> environment_;
  std::string unread_file_;
  Position unread_at_;
};

}  // namespace

bool is_systemd_unit(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = trimmed(text.substr(0, end));
    if (row == "[Service]" || row == "[Container]") return true;
    if (!row.empty() && !is_comment(row) && !row.starts_with('[') &&
        row.find('=') == std::string_view::npos && !row.ends_with('\\'))
      return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

void read_systemd_unit(const Input& input, Session& session) { Unit(input, session).read(); }

}  // namespace vramcalc::deployment
