#include <algorithm>

#include "quantization/known_tokenizers.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

// ---- the tokenizer

// Mean bytes per token text in actual vocabularies, in hundredths. Best figures from published files (file
// less tensors): Llama 3 and Qwen 2.5 (byte-level BPE, where a byte outside ASCII takes two) 9.2 and 9.1;
// Llama 2 7.3, Gemma 2 7.6 and Gemma 3 9.0 (SentencePiece).
struct TextLength {
  std::uint64_t low, best, high;
};
constexpr TextLength bpe_text{700, 915, 1200};
constexpr TextLength spm_text{600, 760, 1000};
constexpr TextLength wordpiece_text{700, 900, 1100};

// A string has 8 bytes of length before its text; a merge has two texts and a space.
constexpr std::uint64_t string_length = 8;
constexpr std::uint64_t token_type = 4;
constexpr std::uint64_t token_score = 4;

std::uint64_t strings(std::uint64_t count, std::uint64_t fixed, std::uint64_t text_hundredths) {
  return checked_multiply(count, 100 * fixed + text_hundredths) / 100;
}

Amount token_list(std::uint64_t count, std::uint64_t extra, const TextLength& text) {
  const auto bytes = [&](std::uint64_t length) {
    return Bytes(strings(count, string_length + extra, length));
  };
  return {bytes(text.low), bytes(text.best), bytes(text.high)};
}

// About one merge per token, and up to 2.2 (Llama 3: 280,147 merges for 128,256 tokens).
Amount merge_list(std::uint64_t tokens, std::optional<std::uint32_t> merges) {
  const auto bytes = [](std::uint64_t count, std::uint64_t length) {
    return Bytes(strings(count, string_length + 1, length));
  };
  return {bytes(merges.value_or(tokens), bpe_text.low), bytes(merges.value_or(tokens), bpe_text.best),
          bytes(merges.value_or(tokens * 22 / 10), bpe_text.high)};
}

Amount tokenizer_bytes(std::uint64_t tokens, const TokenizerFacts& tokenizer) {
  const Amount bpe = token_list(tokens, token_type, bpe_text) + merge_list(tokens, tokenizer.merges);
  const Amount spm = token_list(tokens, token_type + token_score, spm_text);
  switch (tokenizer.kind) {
    case TokenizerFacts::Kind::bpe: return bpe;
    case TokenizerFacts::Kind::spm: return spm;
    case TokenizerFacts::Kind::unigram:
      return spm + Amount{Bytes(0), Bytes(0), Bytes(400'000)};  // character map
    case TokenizerFacts::Kind::wordpiece: return token_list(tokens, token_type, wordpiece_text);
    case TokenizerFacts::Kind::unknown: break;
  }
  return {spm.low, bpe.best, bpe.high};
}

// ---- the other keys

// Name, licence, tags and base models; about 20 numbers under "ARCHITECTURE."; the tokenizer's settings and
// the chat template, which has 1 to 10 KB. If layers differ, there are lists with one number per layer.
Amount other_keys(const Architecture& architecture) {
  const Bytes numbers(20 * (16 + architecture.gguf_name.size() + 25));
  const Bytes lists(4 * architecture.blocks.size());
  return {numbers + Bytes(1'000), numbers + Bytes(5'000), numbers + 3 * lists + Bytes(16'000)};
}

}  // namespace

Amount metadata_bytes(const Architecture& architecture, const TokenizerFacts& tokenizer) {
  if (tokenizer.metadata_bytes) return Amount::exactly(Bytes(*tokenizer.metadata_bytes));
  const std::uint64_t tokens = tokenizer.vocab_size != 0 ? tokenizer.vocab_size : architecture.vocab_size;
  const bool unknown = tokenizer.kind == TokenizerFacts::Kind::unknown;
  const TokenizerFacts facts = unknown ? known_tokenizer(architecture.gguf_name, tokens) : tokenizer;
  return tokenizer_bytes(tokens, facts) + other_keys(architecture);
}

// GGUF version 3: magic, version, tensor count, key count; keys; tensor list; tensors, each at a multiple
// of 32.
Amount file_bytes(const ClassifiedTensors& tensors, const Weights& weights, const Amount& metadata) {
  constexpr Bytes magic_and_counts(24);
  const auto file = [&](Bytes keys) {
    return round_up(magic_and_counts + keys + tensors.tensor_info_bytes(), 32) + weights.padded_bytes;
  };
  return {file(metadata.low), file(metadata.best), file(metadata.high)};
}

}  // namespace vramcalc
