#include "source/gguf_known_keys.hpp"

#include "catch.hpp"
#include "source/refusal.hpp"

using namespace vramcalc::source;

namespace {

std::string refusal_of(const std::string& key, GgufValue value) {
  GgufMetadata metadata("m.gguf");
  metadata.insert("general.architecture", std::string("llama"));
  metadata.insert(key, std::move(value));
  return refusal([&] { refuse_unknown_keys(GgufKeys(metadata)); });
}

GgufArray list(std::vector<std::int64_t> numbers) {
  const std::size_t count = numbers.size();
  return {5, count, 4 * count, std::move(numbers)};
}

}  // namespace

TEST_CASE("an unknown key of the file's architecture is refused by name") {
  const std::string accepted = "accepted";
  const std::string unknown =
      ": unknown, and it may affect the size of the model; if it does not, remove it with "
      "gguf_new_metadata.py --remove-metadata";
  struct Row {
    const char* key;
    GgufValue value;
    std::string refusal;
  };
  const std::vector<Row> rows{
  // keys from which the shape is read
      {"llama.block_count",                 std::uint64_t{32},    accepted                                },
      {"llama.attention.head_count_kv",     list({8, 0, 8}),      accepted                                },
      {"llama.attention.key_length_mla",    std::int64_t{192},    accepted                                },
 // keys that the tensors confirm
      {"llama.feed_forward_length",         std::uint64_t{11008}, accepted                                },
      {"llama.expert_feed_forward_length",  list({0, 768}),       accepted                                },
      {"llama.vocab_size",                  std::uint64_t{32000}, accepted                                },
 // keys that affect no size
      {"llama.rope.freq_base",              10000.0,              accepted                                },
      {"llama.rope.scaling.any_new_factor", std::string("x"),     accepted                                },
      {"llama.attention.scale",             0.5,                  accepted                                },
      {"llama.attention.causal",            false,                accepted                                },
 // towers in the same file, as Ollama writes them
      {"llama.vision.block_count",          std::uint64_t{27},    accepted                                },
      {"llama.mm.tokens_per_image",         std::uint64_t{256},   accepted                                },
 // without an architecture, or of another one
      {"general.anything",                  std::uint64_t{7},     accepted                                },
      {"tokenizer.ggml.anything",           std::uint64_t{7},     accepted                                },
      {"quantize.imatrix.file",             std::string("x"),     accepted                                },
      {"llama2.block_count",                std::string("x"),     accepted                                },
 // unknown
      {"llama.num_loops",                   std::uint64_t{4},     "m.gguf: key llama.num_loops" + unknown },
      {"llama.attention.head_count_k",      std::uint64_t{4},
       "m.gguf: key llama.attention.head_count_k" + unknown                                               },
      {"llama.",                            std::uint64_t{4},     "m.gguf: key llama." + unknown          },
 // known, with a value of the wrong type
      {"llama.feed_forward_length",         std::string("11008"),
       "m.gguf: key llama.feed_forward_length: a whole number below 2^32 was expected, not \"11008\""     },
      {"llama.feed_forward_length",         11008.0,
       "m.gguf: key llama.feed_forward_length: a whole number below 2^32 was expected, not 11008"         },
      {"llama.leading_dense_block_count",   std::int64_t{-1},
       "m.gguf: key llama.leading_dense_block_count: a whole number below 2^32 was expected, not -1"      },
      {"llama.expert_feed_forward_length",  list({768, -1}),
       "m.gguf: key llama.expert_feed_forward_length: -1 for layer 1 is not a whole number below 2^32"    },
      {"llama.expert_feed_forward_length",  list({}),
       "m.gguf: key llama.expert_feed_forward_length: a list of whole numbers was expected, one per layer"},
  };
  for (const Row& row : rows) {
    INFO(row.key);
    CHECK(refusal_of(row.key, row.value) == row.refusal);
  }
}
