#pragma once

#include <cstdint>
#include <optional>

namespace vramcalc {

// As far as it changes the size of a GGUF file.
struct TokenizerFacts {
  enum class Kind { unknown, bpe, spm, unigram, wordpiece };
  Kind kind = Kind::unknown;
  std::uint32_t vocab_size = 0;         // 0: the architecture's
  std::optional<std::uint32_t> merges;  // BPE; unknown: as many as tokens
  std::optional<std::uint64_t>
      metadata_bytes;  // all keys of a real file, tokenizer and chat template included
  friend bool operator==(const TokenizerFacts&, const TokenizerFacts&) = default;
};

}  // namespace vramcalc
