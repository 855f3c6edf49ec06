#include <charconv>
#include <cmath>

#include "model/letters.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr Unit units[] = {
    {"GiB", GiB       },
    {"MiB", MiB       },
    {"GB",  GB        },
    {"MB",  1'000'000 },
    {"TiB", 1024 * GiB},
    {"TB",  1000 * GB }
};

}  // namespace

std::optional<Bytes> bytes_from_text(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || after == text.data()) return std::nullopt;
  std::string_view unit(after, static_cast<std::size_t>(end - after));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const Unit& each : units) {
    if (!same_letters(unit, each.name)) continue;
    const double bytes = number * static_cast<double>(each.bytes);
    if (!(bytes >= 0) || bytes > 0x1p60) return std::nullopt;
    return Bytes(static_cast<std::uint64_t>(std::llround(bytes)));
  }
  return std::nullopt;
}

}  // namespace vramcalc
