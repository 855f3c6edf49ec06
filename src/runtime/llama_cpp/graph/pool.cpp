#include "runtime/llama_cpp/graph/pool.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vramcalc::llama_cpp::graph {
namespace {

constexpr Linear without_end{std::uint64_t{1} << 62, 0};

// ggml-alloc.c, GGML_VBUFFER_MAX_CHUNKS; the last one has no limit.
constexpr std::size_t most_parts = 16;

// The number of the buffer in an address.
constexpr unsigned part_shift = 56;
std::uint64_t part_of(const Linear& address) { return address.at >> part_shift; }
std::uint64_t within_part(std::uint64_t address) { return address & ((std::uint64_t{1} << part_shift) - 1); }

}  // namespace

Pool::Pool(std::uint64_t alignment, std::uint64_t largest_buffer)
    : alignment_(alignment),
      largest_buffer_(largest_buffer),
      holes_{
          {{}, largest_buffer == 0 ? without_end : Linear{largest_buffer, 0}}
} {
  holes_.reserve(32);
}

Linear Pool::allocate(const Linear& bytes, Horizon& horizon) {
  if (holes_.empty() || !tops_.empty()) return allocate_in_parts(bytes, horizon);
  std::size_t best = holes_.size() - 1;  // the last hole only if no other fits
  for (std::size_t i = 0; i + 1 < holes_.size(); ++i) {
    if (horizon.less(holes_[i].bytes, bytes)) continue;
    // Of two holes of the same size the later one is taken.
    const bool first = best == holes_.size() - 1;
    if (first || !horizon.less(holes_[best].bytes, holes_[i].bytes)) best = i;
  }
  if (largest_buffer_ != 0 && horizon.less(holes_[best].bytes, bytes))
    return allocate_in_parts(bytes, horizon);
  if (holes_[best].bytes.at < bytes.at) throw_overflow();
  const Linear offset = take(best, bytes, horizon);
  reach(offset + bytes);
  return offset;
}

Linear Pool::take(std::size_t index, const Linear& bytes, Horizon& horizon) {
  Hole& hole = holes_[index];
  const Linear offset = hole.offset;
  hole.offset += bytes;
  hole.bytes -= bytes;
  if (horizon.equal(hole.bytes, {})) holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(index));
  return offset;
}

// Sizes over several buffers are computed for one context at a time.
Linear Pool::allocate_in_parts(const Linear& bytes, Horizon& horizon) {
  if (tops_.empty()) tops_ = {high_water(horizon).at};
  horizon.end();
  std::optional<std::size_t> hole = best_inner_hole(bytes.at);
  if (!hole) hole = best_end(bytes.at);
  if (!hole) hole = add_part(bytes.at);
  const Linear offset = take(*hole, bytes, horizon);
  std::uint64_t& top = tops_[part_of(offset)];
  top = std::max(top, within_part((offset + bytes).at));
  return offset;
}

std::vector<Pool::Part> Pool::parts() const {
  std::vector<Part> result;
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    if (i > 0 && part_of(holes_[i].offset) == part_of(holes_[i - 1].offset)) {
      result.back().last = i;
    } else {
      result.push_back({i, i});
    }
  }
  return result;
}

// The best fit of the last buffer that has one.
std::optional<std::size_t> Pool::best_inner_hole(std::uint64_t bytes) const {
  std::optional<std::size_t> best;
  for (const Part& part : parts()) {
    std::uint64_t smallest = UINT64_MAX;
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (holes_[i].bytes.at < bytes || holes_[i].bytes.at > smallest) continue;
      best = i;
      smallest = holes_[i].bytes.at;
    }
  }
  return best;
}

// The end of the buffer that grows least, or if some need not grow, of the one with the least room to spare.
std::optional<std::size_t> Pool::best_end(std::uint64_t bytes) const {
  std::optional<std::size_t> best;
  std::int64_t best_room = INT64_MIN;
  for (const Part& part : parts()) {
    const Hole& end = holes_[part.last];
    if (end.bytes.at < bytes) continue;
    const auto room =
        static_cast<std::int64_t>(tops_[part_of(end.offset)] - within_part(end.offset.at) - bytes);
    const bool less_growth = best_room < 0 && room > best_room;
    const bool less_to_spare = room >= 0 && room < best_room;
    if (!less_growth && !less_to_spare) continue;
    best = part.last;
    best_room = room;
  }
  return best;
}

std::size_t Pool::add_part(std::uint64_t bytes) {
  const std::uint64_t number = tops_.size();
  if (number == most_parts) throw_overflow();
  const std::uint64_t limit = std::max(bytes, largest_buffer_);
  const std::uint64_t no_limit = (std::uint64_t{1} << part_shift) - 1;
  tops_.push_back(0);
  holes_.push_back({
      {number << part_shift,                        0},
      {number + 1 == most_parts ? no_limit : limit, 0}
  });
  return holes_.size() - 1;
}

void Pool::reach(const Linear& end) {
  const auto covers = [](const Linear& a, const Linear& b) { return a.at >= b.at && a.slope >= b.slope; };
  for (const Linear& known : ends_)
    if (covers(known, end)) return;
  std::erase_if(ends_, [&](const Linear& known) { return covers(end, known); });
  ends_.push_back(end);
}

Linear Pool::high_water(Horizon& horizon) const {
  if (!tops_.empty()) return {std::accumulate(tops_.begin(), tops_.end(), std::uint64_t{0}), 0};
  Linear highest;
  for (const Linear& end : ends_)
    if (std::pair(end.at, end.slope) > std::pair(highest.at, highest.slope)) highest = end;
  for (const Linear& end : ends_) horizon.less(highest, end);
  return highest;
}

void Pool::merge_with_next(std::size_t index, Horizon& horizon) {
  if (index + 1 >= holes_.size() || !horizon.equal(holes_[index].end(), holes_[index + 1].offset)) return;
  holes_[index].bytes += holes_[index + 1].bytes;
  holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

void Pool::release(const Linear& offset, const Linear& bytes, Horizon& horizon) {
  const Hole freed{offset, bytes};
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    if (horizon.equal(holes_[i].end(), freed.offset)) {
      holes_[i].bytes += freed.bytes;
      merge_with_next(i, horizon);
      return;
    }
    if (horizon.equal(freed.end(), holes_[i].offset)) {
      holes_[i] = {freed.offset, freed.bytes + holes_[i].bytes};
      if (i > 0) merge_with_next(i - 1, horizon);
      return;
    }
  }
  const auto after = std::find_if(holes_.begin(), holes_.end(),
                                  [&](const Hole& h) { return !horizon.less(h.offset, offset); });
  holes_.insert(after, freed);
}

}  // namespace vramcalc::llama_cpp::graph
