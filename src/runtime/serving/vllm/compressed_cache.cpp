#include "runtime/serving/vllm/compressed_cache.hpp"

#include <algorithm>
#include <array>

#include "vramcalc/error.hpp"

namespace vramcalc::vllm {
namespace {

constexpr Release packed_blocks{0, 24, 0};
constexpr std::uint64_t alignment = 576;   // of pages, in bytes
constexpr std::uint64_t block_size = 256;  // tokens of a compressed block
constexpr std::uint64_t window_block_size = 64;

// Layers by compression, and the pages of one layer (vllm/models/deepseek_v4).
struct Pages {
  std::uint32_t layers = 0, overlapping = 0, coarse = 0;  // all; ratio 4; ratio 128
  std::uint64_t overlapping_page = 0, coarse_page = 0;    // the former with the page of its indexer
  std::uint64_t window = 0, overlap = 0, coarse_ratio = 0;
};

bool is_kept(const Block& block, const Settings& settings) {
  return !block.mtp || settings.drafts.method == serving::Drafts::Method::mtp;
}

// The row without rotation in fp8, the rotated part in 16 bits, scales.
std::uint64_t row_bytes(const CompressedAttention& attention) {
  return attention.head_dim - attention.qk_rope_head_dim + 2ull * attention.qk_rope_head_dim + 8;
}

std::uint64_t page(std::uint64_t rows, std::uint64_t bytes) { return round_up(rows * bytes, alignment); }

Pages pages_of(const Architecture& architecture, const Settings& settings) {
  Pages pages;
  for (const Block& block : architecture.blocks) {
    const auto* attention = std::get_if<CompressedAttention>(&block.attention);
    if (attention == nullptr || !is_kept(block, settings)) continue;
    ++pages.layers;
    pages.window = attention->window;
    const std::uint64_t ratio = attention->compress_ratio;
    if (ratio == 0) continue;
    const std::uint64_t rows = block_size / ratio;
    if (attention->indexer) {
      ++pages.overlapping;
      pages.overlap = 2 * ratio;
      pages.overlapping_page =
          page(rows, row_bytes(*attention)) + page(rows, attention->indexer->key_length + 4);
    } else {
      ++pages.coarse;
      pages.coarse_ratio = ratio;
      pages.coarse_page = page(rows, row_bytes(*attention));
    }
  }
  return pages;
}

// The length of a group that leaves the least padding; the longer one of two (_approximate_gcd).
std::uint32_t group_length(const Pages& pages) {
  const std::array counts{pages.overlapping, pages.layers, pages.overlapping, pages.coarse};
  std::uint32_t best = std::max(1u, pages.overlapping), least = UINT32_MAX;
  for (std::uint32_t length = best; length <= pages.layers; ++length) {
    std::uint32_t padding = 0;
    for (const std::uint32_t count : counts) padding += (length - count % length) % length;
    if (padding > least) continue;
    least = padding;
    best = length;
  }
  return best;
}

void add_groups(KvGroups& result, std::uint32_t layers, std::uint32_t length, const KvGroup& group) {
  for (std::uint32_t i = 0; i < (layers + length - 1) / length; ++i) result.groups.push_back(group);
}

}  // namespace

bool has_compressed_layers(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<CompressedAttention>(block.attention);
  });
}

CompressedGroups compressed_groups(const Architecture& architecture, const Settings& settings) {
  if (settings.parallel.pipeline > 1)
    throw Error(ErrorCode::unsupported, "the cache of compressed attention is not known for pipeline stages");
  const Pages pages = pages_of(architecture, settings);
  const std::uint32_t length = group_length(pages);
  const Bytes padded(length * (pages.overlapping_page + pages.coarse_page));
  const Bytes packed(pages.overlapping * pages.overlapping_page + pages.coarse * pages.coarse_page);
  const Bytes per_block = settings.release < packed_blocks ? padded : packed;
  CompressedGroups result;
  KvGroups& groups = result.groups;
  const auto windowed = [&](std::uint64_t tokens, std::uint64_t window) {
    return KvGroup{KvSpec::Kind::sliding, tokens, window, length, {per_block}};
  };
  groups.groups.push_back({KvSpec::Kind::full, block_size, 0, length, {per_block}});
  add_groups(groups, pages.layers, length, windowed(window_block_size, pages.window));
  add_groups(groups, pages.overlapping, length, windowed(pages.overlap / 2, pages.overlap));
  add_groups(groups, pages.coarse, length, windowed(8, pages.coarse_ratio));
  groups.bytes_per_block = {per_block};
  groups.doubt = {0.9, 1.1, "the packing of compressed attention was tried on few starts"};
  result.needed_per_block = {padded};
  return result;
}

}  // namespace vramcalc::vllm
