#include "catalog/json_document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

// Documents are processed recursively.
constexpr std::size_t deepest = 64;

// "[json.exception.parse_error.101] parse error at line 1, column 2: …" → from "line" on
std::string where_and_what(const std::string& text) {
  const std::size_t line = text.find("line ");
  return printable(line == std::string::npos ? text : text.substr(line), 300);
}

// Builds the document while its text is read. The library's own parser callback scans a whole list again
// after each item.
class Builder : public nlohmann::json_sax<json> {
 public:
  Builder(const std::string& file, const JsonMember& member, std::uint64_t most_values)
      : file_(file), member_(member), most_values_(most_values) {}

  json take() { return std::move(root_); }

  bool null() override { return add(json()); }
  bool boolean(bool value) override { return add(json(value)); }
  bool number_integer(number_integer_t value) override { return add(json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(json(value)); }
  bool number_float(number_float_t value, const string_t&) override { return add(json(value)); }
  bool string(string_t& value) override { return add(json(std::move(value))); }
  bool binary(binary_t&) override { fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    Level& level = open_.back();
    if (level.value.contains(key) || level.dropped.contains(key))
      fail(fmt::format("key {} appears twice", in_quotes(key)));
    level.key = std::move(key);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& failure) override {
    fail("not valid JSON: " + where_and_what(failure.what()));
  }

 private:
  struct Level {
    json value;
    std::string key;
    std::set<std::string> dropped;  // keys whose values are dropped
  };

  bool open(json value) {
    if (open_.size() >= deepest) fail(fmt::format("nested deeper than {} levels", deepest));
    count();
    open_.push_back({std::move(value), {}, {}});
    return true;
  }

  bool close() {
    json value = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(value));
  }

  bool add(json value) {
    count();
    return put(std::move(value));
  }

  bool put(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Level& level = open_.back();
    if (!stays(value))
      level.dropped.insert(std::move(level.key));
    else if (level.value.is_array())
      level.value.push_back(std::move(value));
    else
      level.value.emplace(std::move(level.key), std::move(value));
    return true;
  }

  bool stays(const json& value) const {
    const std::size_t depth = open_.size();
    if (!member_ || depth > 2 || (depth == 2 && open_[1].value.is_array())) return true;
    return member_(open_[0].key, depth == 2 ? open_[1].key : std::string(), value);
  }

  void count() {
    if (++values_ > most_values_) fail(fmt::format("more than {} values", most_values_));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}", file_, what));
  }

  const std::string& file_;
  const JsonMember& member_;
  std::uint64_t most_values_, values_ = 0;
  std::vector<Level> open_;
  json root_;
};

}  // namespace

json parse_json(std::string_view text, const std::string& file, const JsonMember& member,
                std::uint64_t most_values) {
  Builder builder(file, member, most_values);
  json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace vramcalc::catalog
