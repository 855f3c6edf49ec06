#include "cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

// What llama.cpp takes for -ctk and -ctv (0.5.0, common/arg.cpp).
constexpr std::array cache_types = {ElementType::f32,    ElementType::f16,  ElementType::bf16,
                                    ElementType::q8_0,   ElementType::q4_0, ElementType::q4_1,
                                    ElementType::iq4_nl, ElementType::q5_0, ElementType::q5_1};

[[noreturn]] void refuse(std::string_view flag, std::string_view value, std::string_view what_would_do) {
  throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no value for {}: {}", value, flag, what_would_do));
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::uint64_t thousands(char suffix) {
  return lower(suffix) == 'k' ? 1024 : lower(suffix) == 'm' ? 1024 * 1024 : 1;
}

}  // namespace

std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value) {
  constexpr std::string_view usage =
      "a number of tokens such as 8192, 32K or 1M, or max for all that the model takes";
  if (same_word(value, "max")) return std::nullopt;
  std::string_view digits = value;
  const std::uint64_t factor = digits.empty() ? 1 : thousands(digits.back());
  if (factor > 1) digits.remove_suffix(1);
  const auto number = whole_number(digits);
  if (!number || *number == 0 || *number > UINT64_MAX / factor) refuse(flag, value, usage);
  return *number * factor;
}

std::uint32_t parse_count(std::string_view flag, const std::string& value) {
  const auto number = whole_number(value);
  if (!number || *number == 0 || *number > UINT32_MAX) refuse(flag, value, "a whole number from 1");
  return static_cast<std::uint32_t>(*number);
}

std::optional<std::uint32_t> parse_slots(std::string_view flag, const std::string& value) {
  if (value == "-1") return std::nullopt;
  return parse_count(flag, value);
}

std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](std::string_view word) { return same_word(word, value); });
  if (found == words.end()) refuse(flag, value, listed(words));
  return static_cast<std::size_t>(found - words.begin());
}

std::uint32_t parse_index(std::string_view flag, const std::string& value) {
  const auto number = whole_number(value);
  if (!number || *number > UINT32_MAX) refuse(flag, value, "a whole number from 0");
  return static_cast<std::uint32_t>(*number);
}

Bytes parse_size(std::string_view flag, const std::string& value) {
  const auto size = bytes_from_text(value);
  if (!size) refuse(flag, value, "a size with its unit, such as 128GiB or 64GB");
  return *size;
}

std::optional<std::uint32_t> parse_layers(std::string_view flag, const std::string& value) {
  if (same_word(value, "all") || same_word(value, "auto")) return std::nullopt;
  if (value.size() > 1 && value[0] == '-' && whole_number(std::string_view(value).substr(1)))
    return std::nullopt;
  const auto number = whole_number(value);
  if (!number || *number > UINT32_MAX) refuse(flag, value, "a number of layers, or all");
  return static_cast<std::uint32_t>(*number);
}

std::vector<double> parse_shares(std::string_view flag, const std::string& value) {
  constexpr std::string_view usage = "a share for each GPU, such as 3,1";
  std::vector<double> shares;
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(",/"), rest.size());
    double share = 0;
    const auto [after, error] = std::from_chars(rest.data(), rest.data() + end, share);
    if (error != std::errc() || after != rest.data() + end || !(share >= 0) || share > 1e9)
      refuse(flag, value, usage);
    shares.push_back(share);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (std::all_of(shares.begin(), shares.end(), [](double share) { return share == 0; }))
    refuse(flag, value, usage);
  return shares;
}

bool parse_split_mode(std::string_view flag, const std::string& value) {
  const std::size_t mode = parse_word(flag, value, {"none", "layer", "row", "tensor"});
  if (mode >= 2)
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{} {}: every GPU holds a slice of each matrix, whose padding and copies nobody has "
                    "measured; the figures are for layer",
                    flag, value));
  return mode == 0;
}

namespace {

Place parse_buffer(std::string_view flag, const std::string& value, std::string_view name) {
  if (same_word(name, "CPU")) return Place::host();
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  const auto number = whole_number(name.substr(digits));
  const bool known = same_word(name.substr(0, digits), "CUDA") || same_word(name.substr(0, digits), "ROCm") ||
                     same_word(name.substr(0, digits), "Vulkan") || same_word(name.substr(0, digits), "MTL");
  if (!known || digits == name.size() || !number || *number > 127)
    refuse(flag, value, "PATTERN=CPU or PATTERN=CUDA0, several between commas");
  return Place::gpu(*number);
}

}  // namespace

std::vector<llama_cpp::TensorOverride> parse_overrides(std::string_view flag, const std::string& value) {
  std::vector<llama_cpp::TensorOverride> overrides;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(',', begin), value.size());
    const std::string each = value.substr(begin, end - begin);
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos || equals == 0)
      refuse(flag, value, "PATTERN=CPU or PATTERN=CUDA0, several between commas");
    overrides.push_back({llama_cpp::TensorOverride::Part::named,
                         {},
                         each.substr(0, equals),
                         parse_buffer(flag, value, std::string_view(each).substr(equals + 1))});
    begin = end + 1;
  }
  return overrides;
}

ElementType parse_cache_type(std::string_view flag, const std::string& value) {
  // What other programs call llama.cpp's types.
  struct OtherName {
    std::string_view said, type;
  };
  constexpr std::array others = {
      OtherName{"fp16", "f16" },
      OtherName{"fp32", "f32" },
      OtherName{"q8",   "q8_0"},
      OtherName{"q4",   "q4_0"},
      OtherName{"q5",   "q5_0"}
  };
  std::vector<std::string_view> names;
  for (const ElementType type : cache_types) names.push_back(to_string(type));
  for (const OtherName& other : others)
    if (same_word(value, other.said)) return cache_types[parse_word(flag, std::string(other.type), names)];
  if (same_word(value.substr(0, 3), "fp8"))
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{} {}: vLLM's and SGLang's caches have that type, and they are not estimated yet; "
                    "llama.cpp's of 8 bits is q8_0",
                    flag, value));
  return cache_types[parse_word(flag, value, names)];
}

llama_cpp::FlashAttention parse_flash_attention(std::string_view flag, const std::string& value) {
  using llama_cpp::FlashAttention;
  constexpr std::array modes = {FlashAttention::on, FlashAttention::off, FlashAttention::automatic};
  if (value == "1") return FlashAttention::on;  // as llama.cpp takes it
  if (value == "0") return FlashAttention::off;
  return modes[parse_word(flag, value, {"on", "off", "auto"})];
}

QuantizerRelease parse_quantizer(std::string_view flag, const std::string& value) {
  constexpr std::array releases = {QuantizerRelease::v0_5_0, QuantizerRelease::before_fused_qkv_rules};
  return releases[parse_word(flag, value, {to_string(releases[0]), to_string(releases[1])})];
}

render::Units parse_units(std::string_view flag, const std::string& value) {
  constexpr std::array units = {render::Units::GB, render::Units::GiB, render::Units::MiB};
  return units[parse_word(flag, value, {"GB", "GiB", "MiB"})];
}

}  // namespace vramcalc::cli
