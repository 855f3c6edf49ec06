#include "catalog/checkpoint_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/name_tokens.hpp"
#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

// The first row whose word is in the name decides: "mlx-4bit" is MLX and "bnb-4bit" bitsandbytes. Names with
// bits alone ("4bit") are MLX.
// clang-format off
constexpr std::array formats = {
    FormatName{"awq",                "AWQ",            "Q4_K_M", "4-bit integers with a scale per group, for vLLM and SGLang"},
    FormatName{"gptq",               "GPTQ",           "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    FormatName{"gptqmodel",          "GPTQ",           "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    FormatName{"autoround",          "AutoRound",      "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    FormatName{"nvfp4",              "NVFP4",          "Q4_K_M", "4-bit floating point with a scale per 16 values, for vLLM, SGLang and TensorRT-LLM"},
    FormatName{"fp4",                "FP4",            "Q4_K_M", "4-bit floating point, NVFP4 or MXFP4, for vLLM and SGLang"},
    FormatName{"mxfp8",              "MXFP8",          "Q8_0",  "8-bit floating point with a scale per 32 values, for vLLM"},
    FormatName{"fp8",                "FP8",            "Q8_0",  "8-bit floating point, for vLLM and SGLang"},
    FormatName{"exl2",               "EXL2",           "Q4_K_M", "ExLlamaV2's mix of bits, for TabbyAPI and ExLlamaV2"},
    FormatName{"exl3",               "EXL3",           "Q4_K_M", "ExLlamaV3's trellis codes, for TabbyAPI and ExLlamaV3"},
    FormatName{"bnb",                "bitsandbytes",   "Q4_K_M", "NF4 or 8-bit integers, for Transformers and vLLM"},
    FormatName{"bitsandbytes",       "bitsandbytes",   "Q4_K_M", "NF4 or 8-bit integers, for Transformers and vLLM"},
    FormatName{"nf4",                "NF4",            "Q4_K_M", "bitsandbytes' 4-bit normal float, for Transformers and vLLM"},
    FormatName{"mlx",                "MLX",            "Q4_K_M", "Apple's integers with a scale per group, for MLX"},
    FormatName{"hqq",                "HQQ",            "Q4_K_M", "integers with a scale per group, for Transformers"},
    FormatName{"aqlm",               "AQLM",           "IQ2_XXS", "additive codebooks, for Transformers and vLLM"},
    FormatName{"quip",               "QuIP",           "IQ2_XXS", "lattice codebooks, for Transformers"},
    FormatName{"spqr",               "SpQR",           "Q4_K_M", "integers with sparse outliers, for Transformers"},
    FormatName{"eetq",               "EETQ",           "Q8_0",  "8-bit integers, for Transformers and TGI"},
    FormatName{"marlin",             "Marlin",         "Q4_K_M", "4-bit integers laid out for one kernel, for vLLM"},
    FormatName{"squeezellm",         "SqueezeLLM",     "Q4_K_M", "codebooks per row, for vLLM"},
    FormatName{"torchao",            "torchao",        "Q4_K_M", "integers or 8-bit floating point, for Transformers and vLLM"},
    FormatName{"modelopt",           "ModelOpt",       "Q4_K_M", "NVIDIA's FP8 or NVFP4, for vLLM, SGLang and TensorRT-LLM"},
    FormatName{"quark",              "Quark",          "Q4_K_M", "AMD's FP8, MXFP4 or integers, for vLLM and SGLang"},
    FormatName{"compressed-tensors", "compressed-tensors", "Q4_K_M", "integers or 8-bit floating point, for vLLM"},
    FormatName{"w4a16",              "W4A16",          "Q4_K_M", "4-bit integer weights, for vLLM and SGLang"},
    FormatName{"w4a8",               "W4A8",           "Q4_K_M", "4-bit integer weights, for vLLM and SGLang"},
    FormatName{"w4a4",               "W4A4",           "Q4_K_M", "4-bit weights and activations, for vLLM and SGLang"},
    FormatName{"w8a8",               "W8A8",           "Q8_0",  "8-bit integer weights, for vLLM and SGLang"},
    FormatName{"w8a16",              "W8A16",          "Q8_0",  "8-bit integer weights, for vLLM and SGLang"},
    FormatName{"int4",               "INT4",           "Q4_K_M", "4-bit integers, for vLLM and SGLang"},
    FormatName{"int8",               "INT8",           "Q8_0",  "8-bit integers, for vLLM and SGLang"},
    FormatName{"bpw",                "EXL2 or EXL3",   "Q4_K_M", "ExLlama's mixes, named by their bits per weight"},
    FormatName{"bit",                "MLX",            "Q4_K_M", "Apple's integers with a scale per group, for MLX"},
};
// clang-format on

// Details of a format, not formats by themselves.
constexpr std::string_view details[] = {"dynamic", "block", "static", "unsloth", "quantized", "quant",
                                        "asym",    "sym",   "ct",     "kv",      "dwq",       "gs",
                                        "g",       "e4m3",  "e5m2",   "h",       "mp"};

// "4bit" → bit, "4.5bpw" → bpw, "128g" → g, "h6" → h.
std::string_view without_number(std::string_view word) {
  constexpr std::string_view number = "0123456789.";
  const std::size_t begin = std::min(word.find_first_not_of(number), word.size());
  const std::size_t end = word.find_last_not_of(number);
  return begin == word.size() ? std::string_view() : word.substr(begin, end + 1 - begin);
}

const FormatName* format_called(std::string_view word) {
  const auto as_is = std::ranges::find(formats, word, &FormatName::word);
  if (as_is != formats.end()) return &*as_is;
  if (word.empty() || !is_digit(word.front())) return nullptr;
  const auto of_bits = std::ranges::find(formats, without_number(word), &FormatName::word);
  return of_bits == formats.end() ? nullptr : &*of_bits;
}

bool is_detail_of_format(std::string_view word) {
  return is_one_of(details, word) || is_one_of(details, without_number(word));
}

// "gptq-int8" has 8 bits, although GPTQ mostly has 4; "exl2-3.0bpw" has 3.
std::string_view near_by_bits(std::string_view words, std::string_view otherwise) {
  struct Bits {
    std::string_view word, nearest;
  };
  constexpr std::array table = {
      Bits{"int8", "Q8_0"  },
      Bits{"8bit", "Q8_0"  },
      Bits{"6bit", "Q6_K"  },
      Bits{"5bit", "Q5_K_M"},
      Bits{"3bit", "Q3_K_M"},
      Bits{"2bit", "Q2_K"  },
  };
  for (const Bits& bits : table)
    if (words.find(bits.word) != words.npos) return bits.nearest;
  return otherwise;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool point =
        c == '.' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    const bool separates = std::string_view("-_ :@/.").find(c) != std::string_view::npos && !point;
    if (separates && !words.back().empty()) words.emplace_back();
    if (!separates) words.back() += c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool are_details(std::string_view text) {
  return std::ranges::all_of(words_of(lowered(text)), is_detail_of_format);
}

// The most specific of several words, in the order of the table.
const FormatName* first_in_table(const FormatName* a, const FormatName* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return std::min(a, b);
}

}  // namespace

NamedFormat named_format(std::string_view text) {
  const std::string name = lowered(text);
  if (const FormatName* whole = format_called(name)) return {whole, near_by_bits(name, whole->nearest)};
  const FormatName* found = nullptr;
  for (const std::string& word : words_of(name)) {
    const FormatName* format = format_called(word);
    if (format == nullptr && !is_detail_of_format(word)) return {};
    found = first_in_table(found, format);
  }
  if (found == nullptr) return {};
  return {found, near_by_bits(name, found->nearest)};
}

NamedFormat take_format(std::string& name) {
  NamedFormat best;
  std::size_t cut = name.size();
  for (std::size_t at = name.size(); at-- > 1;) {
    if (std::string_view("-_ :@.").find(name[at]) == std::string_view::npos) continue;
    const std::string_view last_words = std::string_view(name).substr(at + 1);
    const NamedFormat format = named_format(last_words);
    if (format.format != nullptr) {
      best = format;
      cut = at;
    } else if (name[at] != '.' && !are_details(last_words)) {
      break;
    }
  }
  if (best.format != nullptr) name.resize(cut);
  return best;
}

const FormatName* format_of_title(std::string_view title) {
  const auto found = std::ranges::find(formats, title, &FormatName::title);
  return found == formats.end() ? nullptr : &*found;
}

std::string description(const FormatName& format) {
  return fmt::format("a checkpoint format ({}: {})", format.title, format.what);
}

}  // namespace vramcalc::catalog
