#include "cli/llama_cpp_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/values.hpp"
#include "model/letters.hpp"
#include "model/whole_number.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

// What llama.cpp accepts for -ctk and -ctv (0.5.0, common/arg.cpp).
constexpr std::array types_of_caches = {ElementType::f32,    ElementType::f16,  ElementType::bf16,
                                        ElementType::q8_0,   ElementType::q4_0, ElementType::q4_1,
                                        ElementType::iq4_nl, ElementType::q5_0, ElementType::q5_1};

// Their names in other programs.
struct OtherName {
  std::string_view name, type;
};
constexpr std::array other_names = {
    OtherName{"fp16", "f16" },
    OtherName{"fp32", "f32" },
    OtherName{"q8",   "q8_0"},
    OtherName{"q4",   "q4_0"},
    OtherName{"q5",   "q5_0"}
};

constexpr std::array<std::string_view, 4> buffers_of_gpus = {"CUDA", "ROCm", "Vulkan", "MTL"};
constexpr std::string_view override_usage = "PATTERN=CPU or PATTERN=CUDA0, several separated by commas";

Place parse_buffer(std::string_view flag, const std::string& value, std::string_view name) {
  if (same_letters(name, "CPU")) return Place::host();
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  const auto is_its = [&](std::string_view buffer) { return same_letters(name.substr(0, digits), buffer); };
  const auto number = whole_number<std::uint32_t>(name.substr(digits));
  if (std::ranges::none_of(buffers_of_gpus, is_its) || !number || *number > 127)
    refuse_value(flag, value, override_usage);
  return Place::gpu(*number);
}

}  // namespace

std::optional<std::uint32_t> parse_slots(std::string_view flag, const std::string& value) {
  if (value == "-1") return std::nullopt;
  return parse_count(flag, value);
}

std::vector<std::string_view> cache_types() {
  std::vector<std::string_view> names;
  for (const ElementType type : types_of_caches) names.push_back(to_string(type));
  return names;
}

// In the order of llama_cpp::Drafting.
std::vector<std::string_view> drafting_types() {
  return {"draft-simple", "draft-eagle3",  "draft-mtp", "draft-dflash", "draft-dspark", "ngram-simple",
          "ngram-map-k",  "ngram-map-k4v", "ngram-mod", "ngram-cache",  "none"};
}

std::vector<std::string_view> split_modes() { return {"none", "layer", "row", "tensor"}; }

std::vector<llama_cpp::Drafting> parse_drafting(std::string_view flag, const std::string& value) {
  using llama_cpp::Drafting;
  std::vector<Drafting> types;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(',', begin), value.size());
    const std::size_t type = parse_word(flag, value.substr(begin, end - begin), drafting_types());
    if (type == llama_cpp::drafting_count) return {};
    types.push_back(static_cast<Drafting>(type));
    begin = end + 1;
  }
  return types;
}

Bytes parse_mebibytes(std::string_view flag, const std::string& value) {
  return Bytes(parse_index(flag, value) * MiB);
}

std::optional<std::uint32_t> parse_layers(std::string_view flag, const std::string& value) {
  if (same_letters(value, "all") || same_letters(value, "auto")) return std::nullopt;
  if (value.size() > 1 && value[0] == '-' && whole_number<std::uint64_t>(std::string_view(value).substr(1)))
    return std::nullopt;
  const auto number = whole_number<std::uint32_t>(value);
  if (!number) refuse_value(flag, value, "a number of layers, or all");
  return *number;
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
      refuse_value(flag, value, usage);
    shares.push_back(share);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (std::all_of(shares.begin(), shares.end(), [](double share) { return share == 0; }))
    refuse_value(flag, value, usage);
  return shares;
}

llama_cpp::SplitMode parse_split_mode(std::string_view flag, const std::string& value) {
  using enum llama_cpp::SplitMode;
  constexpr std::array modes = {none, layer, row, tensor};
  return modes[parse_word(flag, value, split_modes())];
}

std::vector<llama_cpp::TensorOverride> parse_overrides(std::string_view flag, const std::string& value) {
  std::vector<llama_cpp::TensorOverride> overrides;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(',', begin), value.size());
    const std::string each = value.substr(begin, end - begin);
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos || equals == 0) refuse_value(flag, value, override_usage);
    const Place place = parse_buffer(flag, value, std::string_view(each).substr(equals + 1));
    overrides.push_back({llama_cpp::TensorOverride::Part::named, {}, each.substr(0, equals), place});
    begin = end + 1;
  }
  return overrides;
}

ElementType parse_cache_type(std::string_view flag, const std::string& value) {
  if (same_letters(value.substr(0, 3), "fp8"))
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{} {}: vLLM's and SGLang's caches have that type, and they are not estimated yet; "
                    "llama.cpp's of 8 bits is q8_0",
                    flag, value));
  const auto is_it = [&](const OtherName& other) { return same_letters(value, other.name); };
  const auto other = std::ranges::find_if(other_names, is_it);
  return types_of_caches[parse_word(flag, other == other_names.end() ? value : std::string(other->type),
                                    cache_types())];
}

llama_cpp::FlashAttention parse_flash_attention(std::string_view flag, const std::string& value) {
  using llama_cpp::FlashAttention;
  constexpr std::array modes = {FlashAttention::on, FlashAttention::off, FlashAttention::automatic};
  if (value == "1") return FlashAttention::on;  // as in llama.cpp
  if (value == "0") return FlashAttention::off;
  return modes[parse_word(flag, value, {"on", "off", "auto"})];
}

}  // namespace vramcalc::cli
