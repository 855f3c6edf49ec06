#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/serving/vllm/kv_groups.hpp"
#include "runtime/serving/vllm/settings.hpp"

namespace vramcalc::vllm {

// vLLM's KV cache of one model (engine V1, vllm/v1/core/kv_cache_utils.py): equal blocks on every rank, of
// which each group of layers takes some for a request. All bytes are per rank; with pipeline stages there is
// one figure per stage.
struct KvCache {
  Release release;
  std::uint64_t max_model_len = 0;     // tokens
  std::uint64_t in_flight_tokens = 0;  // scheduled but not settled, for which windows hold blocks
  std::uint64_t retained_tokens = 0;   // that drafts keep behind a window
  std::uint32_t decode_context = 1;
  std::uint32_t draft_tokens = 0;
  MambaMode mamba_mode = MambaMode::none;

  std::vector<KvGroup> groups;
  std::vector<Bytes> bytes_per_block;   // of each stage
  std::vector<Bytes> needed_per_block;  // of each stage, as the check for one request counts them
  Bytes bytes_per_token;                // over all attention layers of the largest stage, windows included
  Doubt doubt;

  // The tokens of a block of attention; of a state if there is no attention.
  std::uint64_t block_size() const;

  // ---- how many blocks fit, and what they hold

  std::uint64_t blocks(Bytes available) const;                   // the same on every rank
  std::uint64_t blocks(std::span<const Bytes> available) const;  // of each stage
  std::uint64_t blocks_per_request(std::uint64_t length) const;  // over all groups
  std::uint64_t printed_tokens_of(std::uint64_t blocks) const;   // "GPU KV cache size"
  double max_concurrency_of(std::uint64_t blocks, std::uint64_t length) const;
  std::uint64_t sequences_of(std::uint64_t blocks, std::uint64_t length) const;  // whole ones

  std::uint64_t printed_tokens(Bytes available) const { return printed_tokens_of(blocks(available)); }
  double max_concurrency(Bytes available, std::uint64_t length) const {
    return max_concurrency_of(blocks(available), length);
  }
  std::uint64_t sequences(Bytes available, std::uint64_t length) const {
    return sequences_of(blocks(available), length);
  }

  // ---- the check at start: one request of max_model_len must fit

  Bytes needed(std::uint64_t length) const;  // on the stage that needs most
  Bytes needed(std::uint64_t length, std::size_t stage) const;
  bool fits(std::uint64_t length, Bytes available) const;
  bool fits(std::uint64_t length, std::span<const Bytes> available) const;  // of each stage

  // The "estimated maximum model length": the longest request up to `most` that fits; 0 if none does.
  std::uint64_t longest(Bytes available, std::uint64_t most) const;
  std::uint64_t longest(std::span<const Bytes> available, std::uint64_t most) const;

  friend bool operator==(const KvCache&, const KvCache&) = default;
};

// `declares_fp8`: the checkpoint's quantization has a scheme for the KV cache. Error (unsupported, bad_value)
// with the reason for a model or setting that vLLM does not run.
KvCache kv_cache(const Architecture& architecture, const Settings& settings, bool declares_fp8 = false,
                 const Architecture* draft_model = nullptr);

}  // namespace vramcalc::vllm
