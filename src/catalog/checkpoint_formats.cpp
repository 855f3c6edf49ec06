#include "catalog/checkpoint_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/name_tokens.hpp"
#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

// The first word that stands in a name decides, so that "mlx-4bit" is MLX and "bnb-4bit" bitsandbytes. What
// publishers call by its bits alone ("4bit") is MLX.
// clang-format off
constexpr std::array formats = {
    CheckpointFormat{"awq",                "AWQ",            "Q4_K_M", "4-bit integers with a scale per group, for vLLM and SGLang"},
    CheckpointFormat{"gptq",               "GPTQ",           "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    CheckpointFormat{"gptqmodel",          "GPTQ",           "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    CheckpointFormat{"autoround",          "AutoRound",      "Q4_K_M", "integers with a scale per group, for vLLM and SGLang"},
    CheckpointFormat{"nvfp4",              "NVFP4",          "Q4_K_M", "4-bit floating point with a scale per 16 values, for vLLM, SGLang and TensorRT-LLM"},
    CheckpointFormat{"fp4",                "FP4",            "Q4_K_M", "4-bit floating point, NVFP4 or MXFP4, for vLLM and SGLang"},
    CheckpointFormat{"mxfp8",              "MXFP8",          "Q8_0",  "8-bit floating point with a scale per 32 values, for vLLM"},
    CheckpointFormat{"fp8",                "FP8",            "Q8_0",  "8-bit floating point, for vLLM and SGLang"},
    CheckpointFormat{"exl2",               "EXL2",           "Q4_K_M", "ExLlamaV2's mix of bits, for TabbyAPI and ExLlamaV2"},
    CheckpointFormat{"exl3",               "EXL3",           "Q4_K_M", "ExLlamaV3's trellis codes, for TabbyAPI and ExLlamaV3"},
    CheckpointFormat{"bnb",                "bitsandbytes",   "Q4_K_M", "NF4 or 8-bit integers, for Transformers and vLLM"},
    CheckpointFormat{"bitsandbytes",       "bitsandbytes",   "Q4_K_M", "NF4 or 8-bit integers, for Transformers and vLLM"},
    CheckpointFormat{"nf4",                "NF4",            "Q4_K_M", "bitsandbytes' 4-bit normal float, for Transformers and vLLM"},
    CheckpointFormat{"mlx",                "MLX",            "Q4_K_M", "Apple's integers with a scale per group, for MLX"},
    CheckpointFormat{"hqq",                "HQQ",            "Q4_K_M", "integers with a scale per group, for Transformers"},
    CheckpointFormat{"aqlm",               "AQLM",           "IQ2_XXS", "additive codebooks, for Transformers and vLLM"},
    CheckpointFormat{"quip",               "QuIP",           "IQ2_XXS", "lattice codebooks, for Transformers"},
    CheckpointFormat{"spqr",               "SpQR",           "Q4_K_M", "integers with sparse outliers, for Transformers"},
    CheckpointFormat{"eetq",               "EETQ",           "Q8_0",  "8-bit integers, for Transformers and TGI"},
    CheckpointFormat{"marlin",             "Marlin",         "Q4_K_M", "4-bit integers laid out for one kernel, for vLLM"},
    CheckpointFormat{"squeezellm",         "SqueezeLLM",     "Q4_K_M", "codebooks per row, for vLLM"},
    CheckpointFormat{"torchao",            "torchao",        "Q4_K_M", "integers or 8-bit floating point, for Transformers and vLLM"},
    CheckpointFormat{"modelopt",           "ModelOpt",       "Q4_K_M", "NVIDIA's FP8 or NVFP4, for vLLM, SGLang and TensorRT-LLM"},
    CheckpointFormat{"quark",              "Quark",          "Q4_K_M", "AMD's FP8, MXFP4 or integers, for vLLM and SGLang"},
    CheckpointFormat{"compressed-tensors", "compressed-tensors", "Q4_K_M", "integers or 8-bit floating point, for vLLM"},
    CheckpointFormat{"w4a16",              "W4A16",          "Q4_K_M", "4-bit integer weights, for vLLM and SGLang"},
    CheckpointFormat{"w4a8",               "W4A8",           "Q4_K_M", "4-bit integer weights, for vLLM and SGLang"},
    CheckpointFormat{"w4a4",               "W4A4",           "Q4_K_M", "4-bit weights and activations, for vLLM and SGLang"},
    CheckpointFormat{"w8a8",               "W8A8",           "Q8_0",  "8-bit integer weights, for vLLM and SGLang"},
    CheckpointFormat{"w8a16",              "W8A16",          "Q8_0",  "8-bit integer weights, for vLLM and SGLang"},
    CheckpointFormat{"int4",               "INT4",           "Q4_K_M", "4-bit integers, for vLLM and SGLang"},
    CheckpointFormat{"int8",               "INT8",           "Q8_0",  "8-bit integers, for vLLM and SGLang"},
    CheckpointFormat{"bpw",                "EXL2 or EXL3",   "Q4_K_M", "ExLlama's mixes, named by their bits per weight"},
    CheckpointFormat{"bit",                "MLX",            "Q4_K_M", "Apple's integers with a scale per group, for MLX"},
};
// clang-format on

// Details of a format, which are no format by themselves.
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

const CheckpointFormat* format_called(std::string_view word) {
  const auto as_is = std::ranges::find(formats, word, &CheckpointFormat::word);
  if (as_is != formats.end()) return &*as_is;
  if (word.empty() || !is_digit(word.front())) return nullptr;
  const auto of_bits = std::ranges::find(formats, without_number(word), &CheckpointFormat::word);
  return of_bits == formats.end() ? nullptr : &*of_bits;
}

bool is_detail_of_format(std::string_view word) {
  return is_one_of(details, word) || is_one_of(details, without_number(word));
}

// "gptq-int8" has 8 bits, whatever GPTQ has mostly; "exl2-3.0bpw" has 3.
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

// The most telling of several words, in the order of the table.
const CheckpointFormat* first_in_table(const CheckpointFormat* a, const CheckpointFormat* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return std::min(a, b);
}

}  // namespace

NamedFormat named_format(std::string_view text) {
  const std::string name = lowered(text);
  if (const CheckpointFormat* whole = format_called(name)) return {whole, near_by_bits(name, whole->nearest)};
  const CheckpointFormat* found = nullptr;
  for (const std::string& word : words_of(name)) {
    const CheckpointFormat* format = format_called(word);
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

const CheckpointFormat* format_of_title(std::string_view title) {
  const auto found = std::ranges::find(formats, title, &CheckpointFormat::title);
  return found == formats.end() ? nullptr : &*found;
}

std::string description(const CheckpointFormat& format) {
  return fmt::format("a checkpoint format ({}: {})", format.title, format.what);
}

}  // namespace vramcalc::catalog
