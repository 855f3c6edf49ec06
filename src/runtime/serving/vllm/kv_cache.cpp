#include "runtime/serving/vllm/kv_cache.hpp"

#include <algorithm>

#include "runtime/serving/pipeline.hpp"
#include "runtime/serving/vllm/compressed_cache.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::vllm {
namespace {

using Kind = KvSpec::Kind;
using Method = serving::Drafts::Method;

constexpr Release concurrency_by_blocks{0, 9, 2};
constexpr Release need_by_groups{0, 14, 0};  // before, padding layers of groups were not counted
constexpr Release tokens_by_concurrency{0, 20, 1};
constexpr Release in_flight_by_batches{0, 27, 0};
constexpr Release reserves_null_block{0, 33, 0};

std::uint64_t divided(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

// Batches at once: pipeline stages, and one more that is prepared while the GPU works. Drafts from the
// prompt's own words exclude that (vllm/config/vllm.py, max_concurrent_batches).
std::uint64_t concurrent_batches(const Settings& settings) {
  const std::uint64_t stages = settings.parallel.pipeline;
  if (settings.drafts.method == Method::ngram) return stages;
  if (settings.v2_model_runner) return stages + 1;
  return stages == 1 ? 2 : stages;
}

std::uint64_t in_flight_tokens(const Settings& settings) {
  const std::uint64_t batches = settings.release < in_flight_by_batches ? 1 : concurrent_batches(settings);
  return batches * settings.max_num_batched_tokens;
}

std::uint32_t trunk_layers(const Architecture& architecture) {
  return static_cast<std::uint32_t>(std::ranges::count(architecture.blocks, false, &Block::mtp));
}

// Prediction layers that draft one after another may begin again at the end of the prompt.
std::uint64_t retained_tokens(const Architecture& architecture, const Settings& settings) {
  const auto modules = architecture.blocks.size() - trunk_layers(architecture);
  const bool several = settings.drafts.method == Method::mtp && modules > 1;
  if (!several || settings.release < in_flight_by_batches || settings.drafts.tokens == 0) return 0;
  return settings.drafts.tokens - 1;
}

Bytes bytes_per_token(const std::vector<KvLayers>& buckets, std::uint32_t trunk, const Settings& settings) {
  const std::uint32_t stages = settings.parallel.pipeline;
  std::vector<Bytes> of_stage(stages);
  for (const KvLayers& bucket : buckets)
    for (const std::uint32_t layer : bucket.layers) {
      const std::uint32_t stage = stages == 1 ? 0 : serving::stage_of_layer(layer, trunk, stages);
      of_stage[stage] += Bytes(bucket.spec.bytes_per_token);
    }
  return Bytes(divided(std::ranges::max(of_stage).count(), settings.parallel.decode_context));
}

// The rows of compressed attention have no bytes per token of their own.
Bytes compressed_bytes_per_token(const KvGroups& groups) {
  return Bytes(groups.bytes_per_block.front().count() / groups.groups.front().block_size);
}

std::uint64_t blocks_of(const KvCache& cache, const KvGroup& group, std::uint64_t length) {
  const std::uint64_t in_flight = group.window + cache.in_flight_tokens;
  switch (group.kind) {
    case Kind::full: return divided(divided(length, cache.decode_context), group.block_size);
    case Kind::sliding:
      return divided(std::min(in_flight - 1 + cache.retained_tokens, length), group.block_size) + 1;
    case Kind::chunked: return divided(std::min(in_flight, length), group.block_size);
    case Kind::recurrent: break;
  }
  switch (cache.mamba_mode) {
    case MambaMode::none: return 1 + cache.draft_tokens;
    case MambaMode::align: return 2 + cache.draft_tokens;
    case MambaMode::all: break;
  }
  return divided(length, group.block_size) + cache.draft_tokens;
}

KvCache with_settings(const Architecture& architecture, const Settings& settings) {
  KvCache cache;
  cache.release = settings.release;
  cache.max_model_len = settings.max_model_len;
  cache.in_flight_tokens = in_flight_tokens(settings);
  cache.retained_tokens = retained_tokens(architecture, settings);
  cache.decode_context = settings.parallel.decode_context;
  if (settings.drafts.method != Method::none) cache.draft_tokens = settings.drafts.tokens;
  return cache;
}

void take(KvCache& cache, KvGroups&& groups) {
  if (groups.groups.empty())
    throw Error(ErrorCode::unsupported, "no layer of this model keeps a KV cache in vLLM");
  cache.groups = std::move(groups.groups);
  cache.bytes_per_block = std::move(groups.bytes_per_block);
  cache.needed_per_block = cache.bytes_per_block;
  cache.doubt = both(cache.doubt, groups.doubt);
}

}  // namespace

std::uint64_t KvCache::block_size() const {
  const auto attention =
      std::ranges::find_if(groups, [](const KvGroup& group) { return group.kind != Kind::recurrent; });
  return attention == groups.end() ? groups.front().block_size : attention->block_size;
}

std::uint64_t KvCache::blocks(Bytes available) const {
  return available.count() / std::ranges::max(bytes_per_block).count();
}

std::uint64_t KvCache::blocks(std::span<const Bytes> available) const {
  std::uint64_t fewest = UINT64_MAX;
  for (std::size_t stage = 0; stage < bytes_per_block.size(); ++stage)
    if (bytes_per_block[stage].count() > 0)
      fewest = std::min(fewest, available[stage].count() / bytes_per_block[stage].count());
  return fewest;
}

std::uint64_t KvCache::blocks_per_request(std::uint64_t length) const {
  std::uint64_t total = 0;
  for (const KvGroup& group : groups) total += blocks_of(*this, group, length);
  return total;
}

// vLLM truncates the product of two floating-point numbers.
std::uint64_t KvCache::printed_tokens_of(std::uint64_t blocks) const {
  if (release >= tokens_by_concurrency)
    return static_cast<std::uint64_t>(max_concurrency_of(blocks, max_model_len) *
                                      static_cast<double>(max_model_len));
  std::uint64_t smallest = UINT64_MAX;
  for (const KvGroup& group : groups) smallest = std::min(smallest, group.block_size);
  return blocks / groups.size() * smallest * decode_context;
}

double KvCache::max_concurrency_of(std::uint64_t blocks, std::uint64_t length) const {
  if (release < concurrency_by_blocks)
    return static_cast<double>(printed_tokens_of(blocks)) / static_cast<double>(length);
  return static_cast<double>(blocks) / static_cast<double>(blocks_per_request(length));
}

std::uint64_t KvCache::sequences_of(std::uint64_t blocks, std::uint64_t length) const {
  return blocks / std::max<std::uint64_t>(1, blocks_per_request(length));
}

Bytes KvCache::needed(std::uint64_t length, std::size_t stage) const {
  if (release >= need_by_groups) return needed_per_block[stage] * blocks_per_request(length);
  Bytes total;
  for (const KvGroup& group : groups) total += group.bytes_of_stage[stage] * blocks_of(*this, group, length);
  return total;
}

Bytes KvCache::needed(std::uint64_t length) const {
  Bytes most;
  for (std::size_t stage = 0; stage < bytes_per_block.size(); ++stage)
    most = std::max(most, needed(length, stage));
  return most;
}

bool KvCache::fits(std::uint64_t length, std::span<const Bytes> available) const {
  for (std::size_t stage = 0; stage < bytes_per_block.size(); ++stage) {
    const Bytes reserved = release >= reserves_null_block ? bytes_per_block[stage] : Bytes(0);
    if (needed(length, stage) + reserved > available[stage]) return false;
  }
  return true;
}

bool KvCache::fits(std::uint64_t length, Bytes available) const {
  return fits(length, std::vector<Bytes>(bytes_per_block.size(), available));
}

std::uint64_t KvCache::longest(std::span<const Bytes> available, std::uint64_t most) const {
  if (fits(most, available)) return most;
  std::uint64_t low = 0, high = most;  // `low` fits, and nothing above `high` does
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (fits(middle, available))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

std::uint64_t KvCache::longest(Bytes available, std::uint64_t most) const {
  return longest(std::vector<Bytes>(bytes_per_block.size(), available), most);
}

KvCache kv_cache(const Architecture& architecture, const Settings& settings, bool declares_fp8,
                 const Architecture* draft_model) {
  KvCache cache = with_settings(architecture, settings);
  if (has_compressed_layers(architecture)) {
    cache.doubt = stored_cache(architecture, settings, declares_fp8).doubt;
    CompressedGroups compressed = compressed_groups(architecture, settings);
    cache.bytes_per_token = compressed_bytes_per_token(compressed.groups);
    take(cache, std::move(compressed.groups));
    cache.needed_per_block = std::move(compressed.needed_per_block);
    return cache;
  }
  KvSpecs specs = kv_specs(architecture, settings, declares_fp8, draft_model);
  const std::uint32_t trunk = trunk_layers(architecture);
  cache.mamba_mode = specs.mamba_mode;
  cache.doubt = specs.doubt;
  cache.bytes_per_token = bytes_per_token(specs.buckets, trunk, settings);
  take(cache, kv_groups(std::move(specs.buckets), trunk, settings.parallel.pipeline));
  return cache;
}

}  // namespace vramcalc::vllm
