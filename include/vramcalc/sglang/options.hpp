#pragma once

#include <cstdint>
#include <optional>

#include "vramcalc/bytes.hpp"
#include "vramcalc/serving/drafts.hpp"
#include "vramcalc/serving/parallel.hpp"
#include "vramcalc/vllm/options.hpp"

// The options of `python -m sglang.launch_server`, named as its flags (sglang/srt/server_args.py).
namespace vramcalc::sglang {

using vllm::Release;

// The newest release whose rules were read: main of August and September 2026, which 0.5.18 (25 August),
// 0.5.19 (7 September) and 0.5.20 were cut from. Rules of later ones are extrapolated.
inline constexpr Release newest_read{0, 5, 20};

// --kv-cache-dtype
enum class CacheType : std::uint8_t { automatic, bfloat16, fp8_e5m2, fp8_e4m3, fp4_e2m1 };

struct Options {
  Release release = newest_read;
  std::optional<std::uint32_t> tp_size;  // --tp; empty for all GPUs of the machine
  std::uint32_t pp_size = 1;
  std::uint32_t dp_size = 1;
  std::uint32_t ep_size = 1;
  bool enable_dp_attention = false;
  std::optional<double> mem_fraction_static;
  std::optional<std::uint32_t> chunked_prefill_size;  // tokens
  std::optional<std::uint32_t> max_running_requests;
  std::optional<std::uint32_t> cuda_graph_max_bs;
  std::optional<std::uint32_t> page_size;  // tokens
  std::optional<std::uint64_t> max_total_tokens;
  CacheType kv_cache_dtype = CacheType::automatic;
  bool disable_cuda_graph = false;
  bool disable_radix_cache = false;
  serving::Drafts drafts;  // --speculative-algorithm and --speculative-num-draft-tokens

  // Figures of a start-up log, which replace estimates.
  std::optional<Bytes> available_kv_memory;
  std::optional<Bytes> device_memory;
  std::optional<Bytes> free_memory;

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace vramcalc::sglang
