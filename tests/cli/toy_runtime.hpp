#pragma once

#include "vramcalc/session.hpp"

// A runtime as a stranger would add it: the weights as they are stored, and a cache of 1,000 bytes per token.
namespace vramcalc::toy {

class Session final : public vramcalc::Session {
 public:
  using vramcalc::Session::Session;

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice&,
                    Reasons) override {
    const WeightBytes& bytes = weights(quantization);
    const Term weights{TermKind::weights, Amount::exactly(bytes.gpu), Basis::exact, "as they are stored"};
    const Term cache{TermKind::kv_cache, Amount::exactly(Bytes(1000) * demand.tokens), Basis::assumed,
                     "1,000 bytes per token"};
    return {bytes.tensor_bytes, bytes.file_bytes, {{Place::gpu(0), {weights, cache}}}};
  }
};

inline Runtime runtime() {
  Runtime row;
  row.id = "toy";
  row.title = "a toy";
  row.version = "1";
  row.open = open_session<Session>;
  return row;
}

}  // namespace vramcalc::toy
