#include "catalog/quantization_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "catalog/checkpoint_formats.hpp"
#include "catalog/name_tokens.hpp"
#include "catalog/names.hpp"
#include "catalog/spelled_model.hpp"
#include "catalog/suggest.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using FileTypes = std::span<const FileType>;

// Lower case without separators: "Q4_K_M" and "q4-k-m" are q4km.
std::string compact(std::string_view name) {
  std::string text = lowered(name);
  std::erase_if(text, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return text;
}

// The usual type for a number of bits: the choice of llama.cpp and Ollama.
struct Usual {
  std::string_view said, file_type;
};
constexpr std::array usual = {
    Usual{"1bit",        "IQ1_M"    },
    Usual{"2bit",        "Q2_K"     },
    Usual{"3bit",        "Q3_K_M"   },
    Usual{"4bit",        "Q4_K_M"   },
    Usual{"5bit",        "Q5_K_M"   },
    Usual{"6bit",        "Q6_K"     },
    Usual{"8bit",        "Q8_0"     },
    Usual{"16bit",       "F16"      },
    Usual{"32bit",       "F32"      },
    Usual{"2",           "Q2_K"     },
    Usual{"3",           "Q3_K_M"   },
    Usual{"4",           "Q4_K_M"   },
    Usual{"5",           "Q5_K_M"   },
    Usual{"6",           "Q6_K"     },
    Usual{"8",           "Q8_0"     },
    Usual{"16",          "F16"      },
    Usual{"32",          "F32"      },
    Usual{"q2",          "Q2_K"     },
    Usual{"q3",          "Q3_K_M"   },
    Usual{"q4",          "Q4_K_M"   },
    Usual{"q5",          "Q5_K_M"   },
    Usual{"q6",          "Q6_K"     },
    Usual{"q8",          "Q8_0"     },
    Usual{"q8k",         "Q8_0"     },
    Usual{"iq4",         "IQ4_XS"   },
    Usual{"half",        "F16"      },
    Usual{"float16",     "F16"      },
    Usual{"bfloat16",    "BF16"     },
    Usual{"float32",     "F32"      },
    Usual{"float",       "F32"      },
    Usual{"full",        "BF16"     },
    Usual{"unquantized", "BF16"     },
    Usual{"mxfp4moe",    "MXFP4_MOE"},
};

const FileType* spelled_otherwise(std::string_view name, FileTypes file_types) {
  const std::string wanted = compact(name);
  const auto is_it = [&](const FileType& each) {
    return compact(each.name) == wanted || std::ranges::any_of(each.aliases, [&](std::string_view alias) {
             return compact(alias) == wanted;
           });
  };
  const auto found = std::ranges::find_if(file_types, is_it);
  return found == file_types.end() ? nullptr : &*found;
}

const FileType* usual_one(std::string_view name, FileTypes file_types) {
  const auto found = std::ranges::find(usual, compact(name), &Usual::said);
  return found == usual.end() ? nullptr : find_file_type(file_types, found->file_type);
}

std::string_view without_mark(std::string_view name, std::string_view mark) {
  if (lowered(name).starts_with(mark)) name.remove_prefix(mark.size());
  return name;
}

// The nearest file type of a mix: "UD-IQ2_M" → IQ2_M, "UD-Q4_K_XL" → Q4_K_M, "Q8_K_XL" → Q8_0.
const FileType* nearest_of_mix(std::string_view name, FileTypes file_types) {
  std::string bare(without_mark(name, "ud-"));
  if (const FileType* same = spelled_otherwise(bare, file_types)) return same;
  std::string text = lowered(bare);
  if (!text.ends_with("_xl")) return nullptr;
  text.resize(text.size() - 3);
  if (const FileType* medium = spelled_otherwise(text + "_m", file_types)) return medium;
  if (const FileType* plain = spelled_otherwise(text, file_types)) return plain;
  text.resize(text.find('_'));
  return usual_one(text, file_types);
}

[[noreturn]] void fail_as_mix(std::string_view name, FileTypes file_types) {
  const FileType* nearest = nearest_of_mix(name, file_types);
  std::vector<std::string> suggestions;
  if (nearest != nullptr) suggestions.emplace_back(nearest->name);
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{} is a mix that Unsloth makes by hand, tensor by tensor for each model, so that no rule "
                  "gives its size; give the file itself (./FILE.gguf or hf:ORG/NAME:{}){}",
                  name, name,
                  nearest == nullptr ? "" : fmt::format("; the nearest file type is {}", nearest->name)),
      suggestions);
}

[[noreturn]] void fail_as_format(std::string_view name, const NamedFormat& named) {
  throw Error(ErrorCode::unsupported,
              fmt::format("{} is {}, not the type of a GGUF file; the "
                          "nearest file type is {}",
                          name, description(*named.format), named.nearest),
              {std::string(named.nearest)});
}

// Words that are not types, and what to use instead.
struct NoType {
  std::string_view said, message;
};
constexpr std::array no_types = {
    NoType{"none",    "none: a model that is not quantized has the type BF16 or F16; name that"         },
    NoType{"auto",    "auto: without -q the usual type is taken; recommend and plan choose by what fits"},
    NoType{"best",    "best: recommend and plan choose the quantization by what fits"                   },
    NoType{"gguf",    "gguf is the format of the file; name its type, such as Q4_K_M"                   },
    NoType{"qat",     "qat says how the model was trained; name the type of its file, such as Q4_0"     },
    NoType{"imatrix", "imatrix says how a file is made (--imatrix); name its type, such as Q4_K_M"      },
};

[[noreturn]] void fail_as_unknown(std::string_view name, FileTypes file_types) {
  std::vector<Candidate> candidates;
  for (const FileType& each : file_types)
    for (const std::string& key : {lookup_key(each.name), compact(each.name)})
      candidates.push_back({key, each.name, each.in_default_table ? 1U : 0U});
  std::vector<std::string> suggestions = suggest(name, candidates);
  throw Error(ErrorCode::unknown_name,
              fmt::format("unknown quantization \"{}\"; {}", name,
                          suggestions.empty() ? "\"vramcalc quants\" lists them" : did_you_mean(suggestions)),
              suggestions);
}

// "iq2", "iq3": several file types have that many bits, and none is the usual one.
std::vector<std::string> beginning_with(std::string_view name, FileTypes file_types) {
  std::vector<std::string> names;
  for (const FileType& each : file_types)
    if (lowered(each.name).starts_with(lowered(name) + "_")) names.emplace_back(each.name);
  return names;
}

}  // namespace

const FileType& file_type_named(std::string_view name, FileTypes file_types,
                                std::span<const FormatWord> format_words) {
  if (const FileType* exact = find_file_type(file_types, name)) return *exact;
  if (name.size() > longest_name) fail_as_unknown(name, {});
  if (lowered(name).starts_with("ud-")) fail_as_mix(name, file_types);
  const std::string_view bare = without_mark(name, "i1-");
  if (const FileType* spelled = spelled_otherwise(bare, file_types)) return *spelled;
  if (const FileType* usually = usual_one(bare, file_types)) return *usually;
  if (looks_like_file_type(bare) && lowered(bare).ends_with("_xl")) fail_as_mix(name, file_types);
  if (const NamedFormat named = named_format(name, format_words); named.format != nullptr)
    fail_as_format(name, named);
  const auto no_type = std::ranges::find(no_types, lowered(name), &NoType::said);
  if (no_type != no_types.end()) throw Error(ErrorCode::unknown_name, fmt::format("{}", no_type->message));
  if (std::vector<std::string> several = beginning_with(bare, file_types); several.size() > 1)
    throw Error(ErrorCode::unknown_name,
                fmt::format("{} is several; name one: {}", name, fmt::join(several, ", ")), several);
  fail_as_unknown(name, file_types);
}

}  // namespace vramcalc::catalog
