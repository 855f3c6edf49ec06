#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/tokenizer.hpp"

namespace vramcalc {

// The tokenizer that comes with so many tokens. A config.json gives their number alone, and few tokenizers
// share one; where two do, the converter chooses by the architecture.
TokenizerFacts known_tokenizer(std::string_view gguf_name, std::uint64_t tokens);

}  // namespace vramcalc
