#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "report/report.hpp"

namespace vramcalc::report {
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

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

struct Amounted {
  double number = 0;
  std::string_view rest;
};

std::optional<Amounted> leading_number(std::string_view words) {
  double number = 0;
  const auto [end, failure] = std::from_chars(words.data(), words.data() + words.size(), number);
  if (failure != std::errc() || end == words.data()) return std::nullopt;
  std::string_view rest(end, static_cast<std::size_t>(words.data() + words.size() - end));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return Amounted{number, rest};
}

Machine plain_size(const std::string& words, double number, std::uint64_t unit) {
  const double bytes = number * static_cast<double>(unit);
  if (!(bytes >= 1) || bytes > 1e18)
    throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no size that a GPU can have", words));
  Machine machine;
  machine.id = words;
  machine.name = fmt::format("a GPU with {}", words);
  machine.memory = machine.usable = Bytes(static_cast<std::uint64_t>(std::llround(bytes)));
  return machine;
}

std::optional<Machine> as_plain_size(const std::string& words) {
  const auto amounted = leading_number(words);
  if (!amounted) return std::nullopt;
  for (const Unit& unit : units)
    if (same_letters(amounted->rest, unit.name)) return plain_size(words, amounted->number, unit.bytes);
  if (amounted->rest.empty())
    throw Error(ErrorCode::bad_value,
                fmt::format("the size \"{}\" has no unit; write {}GiB or {}GB", words, words, words));
  return std::nullopt;
}

// "2x rtx-4090", "2 x rtx-4090", "2xrtx-4090".
struct Several {
  std::uint32_t count;
  std::string name;
};

std::optional<Several> as_several(const std::string& words) {
  const auto x = words.find_first_of("xX");
  if (x == std::string::npos || x == 0) return std::nullopt;
  std::uint32_t count = 0;
  const auto [end, failure] = std::from_chars(words.data(), words.data() + x, count);
  const std::string_view between(end, static_cast<std::size_t>(words.data() + x - end));
  if (failure != std::errc() || between.find_first_not_of(' ') != std::string_view::npos) return std::nullopt;
  const auto name = words.find_first_not_of(' ', x + 1);
  if (count == 0 || count > 1024 || name == std::string::npos)
    throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no number of GPUs; write 2x rtx-4090", words));
  return Several{count, words.substr(name)};
}

Machine warned_of_pooling(Machine machine) {
  if (machine.device.count > 1)
    machine.warnings.push_back(
        fmt::format("the {} GPUs count as one pool; what a split over them adds is not in the figures",
                    machine.device.count));
  return machine;
}

Machine pool(Machine one, std::uint32_t count) {
  if (count == 1) return one;
  one.id = fmt::format("{}x {}", count, one.id);
  one.name = fmt::format("{}x {}", count, one.name);
  one.memory = one.memory * count;
  one.usable = one.usable * count;
  one.device.count = count;
  return warned_of_pooling(std::move(one));
}

Machine require_known(Machine machine) {
  if (machine.usable > Bytes(0)) return machine;
  throw Error(ErrorCode::unsupported,
              fmt::format("nobody has said how much memory {} gives to a program; name a size, such as 24GiB",
                          machine.name));
}

}  // namespace

Machine find_machine(const Catalog& catalog, const std::string& words) {
  if (words.find(',') != std::string::npos)
    throw Error(
        ErrorCode::unsupported,
        fmt::format(
            "\"{}\": several different GPUs are not supported yet; name one kind, such as 2x rtx-4090",
            words));
  if (auto size = as_plain_size(words)) return *std::move(size);
  if (const auto several = as_several(words))
    return pool(require_known(machine_of(catalog.gpu(several->name))), several->count);
  const auto [gpu, system] = catalog.hardware(words);
  return warned_of_pooling(require_known(gpu != nullptr ? machine_of(*gpu) : machine_of(*system)));
}

}  // namespace vramcalc::report
