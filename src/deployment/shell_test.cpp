#include "deployment/shell_test.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "deployment/pattern.hpp"
#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

using Answer = std::optional<bool>;

Answer both(Answer a, Answer b) {
  if (a == false || b == false) return false;
  return a && b ? Answer(true) : std::nullopt;
}
Answer inverse(Answer a) { return a ? Answer(!*a) : std::nullopt; }
Answer either(Answer a, Answer b) { return inverse(both(inverse(a), inverse(b))); }

struct Comparison {
  std::string_view op;
  bool (*holds)(std::int64_t a, std::int64_t b);
};
constexpr std::array comparisons = {
    Comparison{"-eq", [](std::int64_t a, std::int64_t b) { return a == b; }},
    Comparison{"-ne", [](std::int64_t a, std::int64_t b) { return a != b; }},
    Comparison{"-lt", [](std::int64_t a, std::int64_t b) { return a < b; } },
    Comparison{"-le", [](std::int64_t a, std::int64_t b) { return a <= b; }},
    Comparison{"-gt", [](std::int64_t a, std::int64_t b) { return a > b; } },
    Comparison{"-ge", [](std::int64_t a, std::int64_t b) { return a >= b; }},
};

// Some of an unknown text may be known, and then it is not empty.
Answer is_empty(const Text& text) {
  if (text.is_known()) return text.is_empty();
  const bool some = std::ranges::any_of(text.pieces, [](const Piece& piece) { return !piece.hole; });
  return some ? Answer(false) : std::nullopt;
}

Answer compare(const Text& left, const std::string& op, const Text& right) {
  if (!left.is_known() || !right.is_known()) return std::nullopt;
  const std::string a = left.spelled();
  const std::string b = right.spelled();
  const bool small = a.size() < 4096 && b.size() < 256;
  if (op == "=" || op == "==") return small ? Answer(matches_pattern(b, a)) : a == b;
  if (op == "!=") return small ? Answer(!matches_pattern(b, a)) : a != b;
  const auto row = std::ranges::find(comparisons, op, &Comparison::op);
  const auto x = integer_of(a);
  const auto y = integer_of(b);
  return row != comparisons.end() && x && y ? Answer(row->holds(*x, *y)) : std::nullopt;
}

Answer single(std::span<const Text> operands) {
  const std::string first = operands.empty() ? "" : operands[0].spelled();
  if (operands.empty()) return false;
  if (first == "!" && operands.size() > 1) {
    bool negated = false;
    while (operands.size() > 1 && operands[0].spelled() == "!") {
      negated = !negated;
      operands = operands.subspan(1);
    }
    const Answer answer = single(operands);
    return negated ? inverse(answer) : answer;
  }
  if (operands.size() == 1) return inverse(is_empty(operands[0]));
  if (operands.size() == 2 && first == "-n") return inverse(is_empty(operands[1]));
  if (operands.size() == 2 && first == "-z") return is_empty(operands[1]);
  return operands.size() == 3 ? compare(operands[0], operands[1].spelled(), operands[2]) : std::nullopt;
}

using Combine = Answer (*)(Answer, Answer);

Answer parted(std::span<const Text> operands, std::string_view symbol, std::string_view letter,
              Combine combine, Answer (*part)(std::span<const Text>)) {
  Answer all;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= operands.size(); ++i) {
    const std::string word = i < operands.size() ? operands[i].spelled() : std::string(symbol);
    if (word != symbol && (word != letter || i == from)) continue;
    const Answer answer = part(operands.subspan(from, i - from));
    all = from == 0 ? answer : combine(all, answer);
    from = i + 1;
  }
  return all;
}

Answer conjunction(std::span<const Text> operands) { return parted(operands, "&&", "-a", both, single); }

}  // namespace

std::optional<bool> evaluate_test(std::span<const Text> operands) {
  for (const Text& text : operands)
    if (text.spelled() == "(" || text.spelled() == ")") return std::nullopt;
  return parted(operands, "||", "-o", either, conjunction);
}

}  // namespace vramcalc::deployment
