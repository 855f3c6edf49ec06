#include "cli/serving_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "model/whole_number.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

using nlohmann::json;

std::optional<double> real_number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

// k, m, g and t are powers of 1,000; K, M, G and T are powers of 1,024.
std::uint64_t factor_of(char suffix) {
  constexpr std::string_view letters = "kmgt";
  const std::size_t power = letters.find(lower(suffix));
  if (power == letters.npos) return 1;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= suffix == lower(suffix) ? 1000 : 1024;
  return factor;
}

constexpr std::string_view human_usage =
    "a whole number, or one with k, K, m or M (32k is 32,000 and 32K 32,768)";

std::uint64_t human_number(std::string_view flag, const std::string& value, std::string_view usage) {
  std::string_view digits = value;
  const std::uint64_t factor = digits.empty() ? 1 : factor_of(digits.back());
  if (factor > 1) digits.remove_suffix(1);
  if (const auto whole = whole_number<std::uint64_t>(digits);
      whole && *whole > 0 && *whole <= UINT64_MAX / factor)
    return *whole * factor;
  const auto real = real_number(digits);
  const bool decimal = factor % 1000 == 0 && factor > 1;
  if (!real || !decimal || *real <= 0 || *real > 1e15 / static_cast<double>(factor))
    refuse_value(flag, value, usage);
  return static_cast<std::uint64_t>(*real * static_cast<double>(factor));
}

template <class Type>
struct Named {
  std::string_view name;
  Type type;
};
using InVllm = Named<vllm::CacheType>;
using InSglang = Named<sglang::CacheType>;

// vLLM 0.28, config/cache.py
constexpr std::array vllm_types = {
    InVllm{"auto",                vllm::CacheType::automatic          },
    InVllm{"float16",             vllm::CacheType::float16            },
    InVllm{"bfloat16",            vllm::CacheType::bfloat16           },
    InVllm{"fp8",                 vllm::CacheType::fp8                },
    InVllm{"fp8_e4m3",            vllm::CacheType::fp8_e4m3           },
    InVllm{"fp8_e5m2",            vllm::CacheType::fp8_e5m2           },
    InVllm{"fp8_inc",             vllm::CacheType::fp8_inc            },
    InVllm{"fp8_ds_mla",          vllm::CacheType::fp8_ds_mla         },
    InVllm{"int4_per_token_head", vllm::CacheType::int4_per_token_head},
    InVllm{"int8_per_token_head", vllm::CacheType::int8_per_token_head},
    InVllm{"fp8_per_token_head",  vllm::CacheType::fp8_per_token_head },
    InVllm{"nvfp4",               vllm::CacheType::nvfp4              },
    InVllm{"turboquant_k8v4",     vllm::CacheType::turboquant_k8v4    },
    InVllm{"turboquant_4bit_nc",  vllm::CacheType::turboquant_4bit_nc },
    InVllm{"turboquant_k3v4_nc",  vllm::CacheType::turboquant_k3v4_nc },
    InVllm{"turboquant_3bit_nc",  vllm::CacheType::turboquant_3bit_nc },
};

// SGLang 0.5.20, srt/server_args.py
constexpr std::array sglang_types = {
    InSglang{"auto",     sglang::CacheType::automatic},
    InSglang{"bf16",     sglang::CacheType::bfloat16 },
    InSglang{"bfloat16", sglang::CacheType::bfloat16 },
    InSglang{"fp8_e5m2", sglang::CacheType::fp8_e5m2 },
    InSglang{"fp8_e4m3", sglang::CacheType::fp8_e4m3 },
    InSglang{"fp4_e2m1", sglang::CacheType::fp4_e2m1 },
};

template <class Type, std::size_t size>
std::optional<Type> type_named(const std::array<Named<Type>, size>& types, std::string_view name) {
  const auto found =
      std::ranges::find_if(types, [&](const auto& each) { return same_letters(each.name, name); });
  return found == types.end() ? std::nullopt : std::optional(found->type);
}

using Method = serving::Drafts::Method;

Method method_named(std::string_view flag, const std::string& value, std::string_view name) {
  if (name == "ngram" || name == "[ngram]" || name == "suffix") return Method::ngram;
  if (name == "eagle" || name == "eagle3") return Method::eagle;
  if (name == "draft_model") return Method::draft_model;
  if (name == "mtp" || name.ends_with("_mtp") || name == "nextn") return Method::mtp;
  refuse_value(flag, value, "a method of mtp, eagle, eagle3, draft_model or ngram");
}

constexpr std::string_view speculative_usage =
    R"(JSON such as {"method": "mtp", "num_speculative_tokens": 3})";

json read_object(std::string_view flag, const std::string& value, std::string_view usage) {
  const json object = json::parse(value, nullptr, false);
  if (!object.is_object()) refuse_value(flag, printable(value, 200), usage);
  return object;
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::uint64_t parse_human_count(std::string_view flag, const std::string& value) {
  return human_number(flag, value, human_usage);
}

std::uint32_t parse_human_count32(std::string_view flag, const std::string& value) {
  const std::uint64_t number = parse_human_count(flag, value);
  if (number > UINT32_MAX) refuse_value(flag, value, human_usage);
  return static_cast<std::uint32_t>(number);
}

double parse_share(std::string_view flag, const std::string& value) {
  const auto share = real_number(value);
  if (!share || *share <= 0 || *share > 1)
    refuse_value(flag, value, "a share above 0 and up to 1, such as 0.9");
  return *share;
}

Bytes parse_gibibytes(std::string_view flag, const std::string& value) {
  const auto number = real_number(value);
  if (!number || *number < 0 || *number > 1e6) refuse_value(flag, value, "a number of GiB, such as 4");
  return Bytes(static_cast<std::uint64_t>(*number * static_cast<double>(GiB)));
}

Bytes parse_human_bytes(std::string_view flag, const std::string& value) {
  if (const auto size = bytes_from_text(value)) return *size;
  return Bytes(human_number(flag, value, "a number of bytes, or one with its unit: 24GiB or 24G"));
}

std::vector<std::string_view> serving_cache_types() {
  std::vector<std::string_view> names;
  for (const InVllm& each : vllm_types) names.push_back(each.name);
  for (const InSglang& each : sglang_types)
    if (std::ranges::find(names, each.name) == names.end()) names.push_back(each.name);
  return names;
}

std::optional<vllm::CacheType> vllm_cache_type(std::string_view name) { return type_named(vllm_types, name); }
std::optional<sglang::CacheType> sglang_cache_type(std::string_view name) {
  return type_named(sglang_types, name);
}

serving::Drafts parse_speculative_config(std::string_view flag, const std::string& value) {
  const json object = read_object(flag, value, speculative_usage);
  serving::Drafts drafts;
  drafts.model = text_in(object, "model");
  const std::string method = text_in(object, "method");
  if (method.empty() && drafts.model.empty()) refuse_value(flag, value, speculative_usage);
  drafts.method = method.empty() ? Method::draft_model : method_named(flag, value, method);
  const auto tokens = object.find("num_speculative_tokens");
  if (tokens != object.end() && (!tokens->is_number_unsigned() || *tokens == 0 || *tokens > 1000))
    refuse_value(flag, value, "num_speculative_tokens from 1 to 1000");
  drafts.tokens = tokens == object.end() ? 1 : tokens->get<std::uint32_t>();
  return drafts;
}

bool parse_no_multimodal(std::string_view flag, const std::string& value) {
  constexpr std::string_view usage = R"({"image": 0, "video": 0}, or image=0)";
  if (!value.starts_with('{')) {
    const std::size_t equals = value.find('=');
    const auto number = equals == value.npos
                            ? std::nullopt
                            : whole_number<std::uint64_t>(std::string_view(value).substr(equals + 1));
    if (!number) refuse_value(flag, value, usage);
    return *number == 0;
  }
  const json limits = read_object(flag, value, usage);
  const auto is_zero = [](const json& limit) { return limit.is_number_unsigned() && limit == 0; };
  return std::ranges::all_of(limits, is_zero);
}

}  // namespace vramcalc::cli
