#include "runtime/serving/sglang/release.hpp"

#include <fmt/format.h>

#include <charconv>

#include "vramcalc/error.hpp"

namespace vramcalc::sglang {
namespace {

// Reads a number at the start of the text, and the dot after it.
bool take_number(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  return true;
}

}  // namespace

Release parse_release(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  Release release;
  const bool numbers = take_number(rest, release.major) && take_number(rest, release.minor) &&
                       (rest.empty() || take_number(rest, release.patch));
  if (!numbers || (!rest.empty() && !rest.starts_with("post") && !rest.starts_with("rc")))
    throw Error(ErrorCode::bad_value,
                fmt::format("\"{}\" is not a release of SGLang; write it as 0.5.9", text));
  if (release < since::oldest)
    throw Error(ErrorCode::bad_value,
                fmt::format("the memory rules of SGLang {} are not known; the oldest known are those of "
                            "{}.{}.{}",
                            text, since::oldest.major, since::oldest.minor, since::oldest.patch));
  return release;
}

}  // namespace vramcalc::sglang
