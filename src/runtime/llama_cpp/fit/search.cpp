#include <algorithm>
#include <limits>
#include <map>

#include "runtime/llama_cpp/fit/fit.hpp"
#include "runtime/llama_cpp/fit/glance.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

bool is_one_pool(const Machine& machine, const Placement& asked) {
  return machine.devices.size() < 2 && asked == Placement{};
}

}  // namespace

std::optional<std::uint64_t> longest_context(Session& session, const Quantization& quantization,
                                             const Machine& machine, const Placement& asked,
                                             std::uint64_t known) {
  if (is_one_pool(machine, asked))
    return session.vramcalc::Session::longest_context(quantization, machine, {}, 0);
  const std::uint64_t full = session.model().architecture.context_length;
  const std::uint64_t steps = (full + cell_step - 1) / cell_step;
  const auto context_of = [&](std::uint64_t step) { return std::min(step * cell_step, full); };
  const std::uint64_t below = known / cell_step;
  if (below >= steps) return context_of(below);
  if (asked == Placement{} && known == 0) {
    if (Glance(session, quantization, full, machine).fits() == true) return full;
    if (Glance(session, quantization, context_of(1), machine).fits() == false) return std::nullopt;
  }
  const std::uint64_t last = last_that_fits(
      below, steps + 1,
      [&](std::uint64_t step) { return room_about(session, quantization, context_of(step), machine, asked); },
      [&](std::uint64_t step, SearchDepth depth) {
        return placement_fits(session, quantization, context_of(step), machine, asked, depth);
      });
  if (last == 0) return std::nullopt;
  return context_of(last);
}

namespace {

// n_ctx, a 32-bit number, counts the cells of all sequences.
std::uint32_t countable(std::uint32_t sequences, std::uint64_t tokens) {
  const std::uint64_t most =
      (UINT32_MAX - cell_step) / round_up(std::max<std::uint64_t>(tokens, 1), cell_step);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sequences, most));
}

// What is not calculated for so many counts as what does not fit.
template <class Result, class Ask>
Result unless_refused(Result otherwise, const Ask& ask) try {
  return ask();
} catch (const Error& refusal) {
  if (refusal.code() != ErrorCode::unsupported) throw;
  return otherwise;
}

}  // namespace

std::uint32_t most_sequences(Session& session, const Quantization& quantization, std::uint64_t tokens,
                             const Machine& machine, const Placement& asked) {
  const auto seen = std::make_shared<SeenBuffers>(session.seen_buffers());
  std::map<std::uint64_t, std::unique_ptr<Session>> known;  // each uses the guesses of those before it
  const auto with = [&](std::uint64_t sequences) -> Session& {
    std::unique_ptr<Session>& at = known[sequences];
    if (at == nullptr) at = session.with_sequences(static_cast<std::uint32_t>(sequences), seen);
    return *at;
  };
  return static_cast<std::uint32_t>(last_that_fits(
      0, std::uint64_t{countable(max_sequences, tokens)} + 1,
      [&](std::uint64_t sequences) {
        return unless_refused(std::numeric_limits<std::int64_t>::min() / 4, [&] {
          return room_about(with(sequences), quantization, checked_multiply(tokens, sequences), machine,
                            asked);
        });
      },
      [&](std::uint64_t sequences, SearchDepth depth) {
        return unless_refused(false, [&] {
          return fits_over(with(sequences), quantization, checked_multiply(tokens, sequences), machine, asked,
                           depth);
        });
      }));
}

}  // namespace vramcalc::llama_cpp
