#include "deployment/arithmetic.hpp"

#include <charconv>
#include <limits>

#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

using Number = std::optional<std::int64_t>;
constexpr int deepest = 32;

Number apply(char op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (op == '+') return __builtin_add_overflow(a, b, &result) ? Number() : result;
  if (op == '-') return __builtin_sub_overflow(a, b, &result) ? Number() : result;
  if (op == '*') return __builtin_mul_overflow(a, b, &result) ? Number() : result;
  if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return std::nullopt;
  return op == '/' ? a / b : a % b;
}

class Evaluator {
 public:
  Evaluator(std::string_view text, const NumberOf& number_of) : text_(text), number_of_(number_of) {}

  Number all() {
    const Number value = sum();
    return peek() == '\0' && at_ >= text_.size() ? value : std::nullopt;
  }

 private:
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Number sum() {
    Number value = product();
    while (value && (peek() == '+' || peek() == '-')) {
      const char op = text_[at_++];
      const Number next = product();
      value = next ? apply(op, *value, *next) : std::nullopt;
    }
    return value;
  }

  Number product() {
    Number value = operand();
    while (value && (peek() == '*' || peek() == '/' || peek() == '%')) {
      const char op = text_[at_++];
      const Number next = operand();
      value = next ? apply(op, *value, *next) : std::nullopt;
    }
    return value;
  }

  Number operand() {
    if (++depth_ > deepest) return std::nullopt;
    const Number value = unguarded_operand();
    --depth_;
    return value;
  }

  Number unguarded_operand() {
    const char c = peek();
    if (c == '-' || c == '+') {
      ++at_;
      const Number value = operand();
      return value && c == '-' ? apply('-', 0, *value) : value;
    }
    if (c == '(') {
      ++at_;
      const Number value = sum();
      if (peek() != ')') return std::nullopt;
      ++at_;
      return value;
    }
    if (is_digit(c)) return number();
    return name();
  }

  Number number() {
    std::int64_t value = 0;
    // A leading zero makes it octal, which nobody means.
    if (text_[at_] == '0' && at_ + 1 < text_.size() && is_name_character(text_[at_ + 1])) return std::nullopt;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  Number name() {
    if (text_.substr(at_, 2) == "${") {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view variable = text_.substr(at_ + 2, end - at_ - 2);
      at_ = end + 1;
      return number_of_(variable);
    }
    if (peek() == '$') ++at_;
    const std::size_t from = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return at_ == from ? std::nullopt : number_of_(text_.substr(from, at_ - from));
  }

  std::string_view text_;
  const NumberOf& number_of_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<std::int64_t> evaluate_arithmetic(std::string_view expression, const NumberOf& number_of) {
  return Evaluator(expression, number_of).all();
}

}  // namespace vramcalc::deployment
