#include "catalog/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Deeper than any entry, and far from where what is done with a document would run out of stack.
constexpr std::size_t deepest = 64;

// Puts a document together as its text is read, and refuses what the library would take: a key that an object
// has twice, of which it would keep the last one silently, and documents without an end to their depth. (A
// callback of the library's parser could do it, but with one each bracket costs a walk over all that lies
// beside it.)
class Builder {
 public:
  explicit Builder(const std::string& file) : file_(file) {}

  json take() { return std::move(root_); }

  bool null() { return put(json()); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(json::number_integer_t value) { return put(value); }
  bool number_unsigned(json::number_unsigned_t value) { return put(value); }
  bool number_float(json::number_float_t value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(json::binary_t&) { return false; }  // there are none in text
  bool start_object(std::size_t) { return open(json::object()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_array() { return close(); }
  bool key(std::string& key) {
    if (open_.back().value.contains(key)) fail(fmt::format("duplicated key {}", in_quotes(key)));
    open_.back().key = std::move(key);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& failure) {
    fail(fmt::format("not valid JSON: {}", first_line(failure.what())));
  }

 private:
  struct Level {
    json value;
    std::string key;  // of what comes next, in an object
  };

  bool open(json value) {
    if (open_.size() >= deepest) fail(fmt::format("nested deeper than {} levels", deepest));
    open_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    json value = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(value));
  }
  bool put(json value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().value.is_array())
      open_.back().value.push_back(std::move(value));
    else
      open_.back().value.emplace(std::move(open_.back().key), std::move(value));
    return true;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}", file_, what));
  }

  const std::string& file_;
  std::vector<Level> open_;
  json root_;
};

}  // namespace

json parse_json(std::string_view text, const std::string& file) {
  Builder builder(file);
  json::sax_parse(text, &builder);
  return builder.take();
}

Fields::Fields(const json& object, std::string file, std::string entry)
    : object_(object), file_(std::move(file)), entry_(std::move(entry)) {
  if (!object.is_object())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: {}: an object was expected, not {}", file_, entry_, object.type_name()));
}

void Fields::fail(std::string_view key, const std::string& what) const {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}: {}: {}", file_, entry_, key, what));
}

bool Fields::has(std::string_view key) const {
  const auto found = object_.find(key);
  return found != object_.end() && !found->is_null();
}

const json* Fields::find(std::string_view key) {
  const auto found = object_.find(key);
  if (found == object_.end()) return nullptr;
  asked_.push_back(&*found);
  return found->is_null() ? nullptr : &*found;
}

const json& Fields::require(std::string_view key) {
  const json* value = find(key);
  if (value == nullptr) fail(key, "missing");
  return *value;
}

std::string Fields::text(std::string_view key) {
  const json& value = require(key);
  if (!value.is_string()) fail(key, fmt::format("a string was expected, not {}", value.dump()));
  return value.get<std::string>();
}

std::uint64_t Fields::number(std::string_view key) {
  const json& value = require(key);
  if (!value.is_number_unsigned())
    fail(key, fmt::format("a whole number ≥ 0 was expected, not {}", value.dump()));
  return value.get<std::uint64_t>();
}

std::uint32_t Fields::number32(std::string_view key) {
  const std::uint64_t value = number(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) fail(key, fmt::format("{} is too large", value));
  return static_cast<std::uint32_t>(value);
}

double Fields::real(std::string_view key) {
  const json& value = require(key);
  if (!value.is_number()) fail(key, fmt::format("a number was expected, not {}", value.dump()));
  return value.get<double>();
}

bool Fields::flag(std::string_view key) {
  const json& value = require(key);
  if (!value.is_boolean()) fail(key, fmt::format("true or false was expected, not {}", value.dump()));
  return value.get<bool>();
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const json& value = require(key);
  if (!value.is_array()) fail(key, fmt::format("a list of strings was expected, not {}", value.dump()));
  std::vector<std::string> result;
  for (const json& item : value) {
    if (!item.is_string()) fail(key, fmt::format("a list of strings was expected, not {}", value.dump()));
    result.push_back(item.get<std::string>());
  }
  return result;
}

const json& Fields::raw(std::string_view key) { return require(key); }
const json* Fields::optional_raw(std::string_view key) { return find(key); }

std::optional<std::string> Fields::optional_text(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(text(key));
}
std::optional<std::uint64_t> Fields::optional_number(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(number(key));
}
std::optional<std::uint32_t> Fields::optional_number32(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(number32(key));
}
std::optional<double> Fields::optional_real(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(real(key));
}
bool Fields::flag_or(std::string_view key, bool otherwise) {
  return find(key) == nullptr ? otherwise : flag(key);
}
std::uint32_t Fields::number32_or(std::string_view key, std::uint32_t otherwise) {
  return find(key) == nullptr ? otherwise : number32(key);
}
std::vector<std::string> Fields::texts_or_none(std::string_view key) {
  return find(key) == nullptr ? std::vector<std::string>{} : texts(key);
}

std::size_t Fields::word(std::string_view key, std::initializer_list<std::string_view> words) {
  const std::string value = text(key);
  std::size_t index = 0;
  for (std::string_view each : words) {
    if (each == value) return index;
    ++index;
  }
  fail(key, fmt::format("\"{}\" is none of {}", value, fmt::join(words, ", ")));
}

void Fields::finish() const {
  for (const auto& [key, value] : object_.items())
    if (std::find(asked_.begin(), asked_.end(), &value) == asked_.end()) fail(key, "unknown key");
}

}  // namespace vramcalc::catalog
