#pragma once

#include <cstdint>
#include <optional>

namespace vramcalc {

// The facts about a tokenizer that change the size of a GGUF file.
struct TokenizerFacts {
  enum class Kind { unknown, bpe, spm, unigram, wordpiece };
  Kind kind = Kind::unknown;
  std::uint32_t vocab_size = 0;         // 0 for the architecture's
  std::optional<std::uint32_t> merges;  // BPE; if unknown, one per token is assumed
  std::optional<std::uint64_t>
      metadata_bytes;  // all keys of an actual file, with tokenizer and chat template
  friend bool operator==(const TokenizerFacts&, const TokenizerFacts&) = default;
};

}  // namespace vramcalc
