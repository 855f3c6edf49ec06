#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/tokenizer.hpp"

namespace vramcalc {

// The tokenizer with this number of tokens. A config.json gives only the number, and few tokenizers share
// one; if two do, the converter chooses by the architecture.
TokenizerFacts known_tokenizer(std::string_view gguf_name, std::uint64_t tokens);

}  // namespace vramcalc
