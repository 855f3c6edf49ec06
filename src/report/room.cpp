#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {

std::optional<Room> room_of(Session& session, const Quantization& quantization, const Load& load,
                            const Machine& machine, std::uint64_t longest_context) {
  const std::uint64_t tokens = session.tokens_per_sequence(load.demand);
  const std::uint32_t sequences = session.most_sequences(quantization, tokens, machine, load.asked);
  return Room{longest_context, tokens, sequences, session.flags_for(sequences, tokens)};
}

void add_capacity(Estimate& estimate, Session& session, const Quantization& quantization,
                  const Demand& demand) {
  Load load;
  load.demand = demand;
  load.estimate = estimate;
  estimate.capacity = session.capacity(quantization, load, {});
}

}  // namespace vramcalc::report
