#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/yaml.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

class Reader {
 public:
  Reader(const Input& input, Project& project) : input_(input), project_(project) {}

  void read(const Yaml& document) {
    if (document.kind == Yaml::Kind::null) return;
    if (!document.is_map()) fail(document.line, "a map of settings is expected");
    for (const auto& [key, value] : document.members) read(key, value);
  }

 private:
  using Read = void (Reader::*)(const Yaml&);
  struct Key {
    std::string_view name;
    Read read;
  };

  void read(std::string_view name, const Yaml& value) {
    static constexpr std::array keys = {
        Key{"hardware", &Reader::read_hardware },
        Key{"release",  &Reader::read_releases },
        Key{"map",      &Reader::read_paths    },
        Key{"set",      &Reader::read_variables},
        Key{"headroom", &Reader::read_headroom },
        Key{"reserve",  &Reader::read_reserve  },
        Key{"fail-on",  &Reader::read_fail_on  },
        Key{"ignore",   &Reader::read_ignored  },
    };
    const auto key = std::ranges::find(keys, name, &Key::name);
    if (key == keys.end())
      fail(value.line, fmt::format("unknown key \"{}\"; the keys are hardware, release, map, set, headroom, "
                                   "reserve, fail-on and ignore",
                                   name));
    (this->*key->read)(value);
  }

  void read_hardware(const Yaml& list) {
    if (list.is_scalar()) {
      project_.hardware.push_back({"", "", list.text});
      return;
    }
    for (const Yaml& item : items_of(list, "hardware"))
      project_.hardware.push_back({item.text_of("files"), item.text_of("service"), required(item, "gpu")});
  }

  void read_releases(const Yaml& map) { read_pairs(map, "release", project_.releases); }
  void read_paths(const Yaml& map) { read_pairs(map, "map", project_.supplied.paths); }
  void read_variables(const Yaml& map) { read_pairs(map, "set", project_.supplied.variables); }
  void read_headroom(const Yaml& value) { project_.headroom = text_of(value, "headroom"); }
  void read_reserve(const Yaml& value) { project_.reserve = text_of(value, "reserve"); }

  void read_fail_on(const Yaml& list) {
    if (list.is_scalar()) {
      project_.fail_on = {list.text};
      return;
    }
    for (const Yaml& item : items_of(list, "fail-on")) project_.fail_on.push_back(text_of(item, "fail-on"));
  }

  void read_ignored(const Yaml& list) {
    for (const Yaml& item : items_of(list, "ignore"))
      project_.ignored.push_back({
          required(item, "code"),
          {item.text_of("file"), 0},
          item.text_of("until"),
          required(item, "reason")
      });
  }

  void read_pairs(const Yaml& map, std::string_view key,
                  std::vector<std::pair<std::string, std::string>>& pairs) {
    if (!map.is_map()) fail(map.line, fmt::format("{}: a map is expected", key));
    for (const auto& [name, value] : map.members) pairs.emplace_back(name, text_of(value, name));
  }

  std::string required(const Yaml& map, std::string_view key) {
    const std::string text = map.text_of(key);
    if (text.empty()) fail(map.line, fmt::format("\"{}\" is missing", key));
    return text;
  }

  std::string text_of(const Yaml& value, std::string_view key) {
    if (!value.is_scalar()) fail(value.line, fmt::format("{}: a single value is expected", key));
    return value.text;
  }

  const std::vector<Yaml>& items_of(const Yaml& list, std::string_view key) {
    if (!list.is_list()) fail(list.line, fmt::format("{}: a list is expected", key));
    return list.items;
  }

  [[noreturn]] void fail(std::uint32_t line, std::string_view what) {
    throw Error(ErrorCode::bad_file, fmt::format("{}:{}: {}", input_.name, line, what));
  }

  const Input& input_;
  Project& project_;
};

}  // namespace

Project parse_project(const Input& input) {
  Project project;
  for (const Yaml& document : parse_yaml(input)) Reader(input, project).read(document);
  return project;
}

}  // namespace vramcalc::deployment
