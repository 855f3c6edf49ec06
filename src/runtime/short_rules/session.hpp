#pragma once

#include <deque>

#include "runtime/short_rules/rule.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::short_rules {

// A session of a runtime that loads checkpoints, by a short rule.
class RuleSession : public Session {
 public:
  RuleSession(const Runtime& runtime, const Opening& opening, const ShortRule& rule)
      : Session(runtime, opening), rule_(rule) {}

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Reasons reasons) override;
  using Session::verdict;
  Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const Placement& asked) override;
  Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                          Bytes usable, Bytes host) override;
  bool fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Bytes usable) override;
  std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                               const Placement& asked, std::uint64_t known) override;
  std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                       const Machine& machine) override;
  Bytes kv_bytes_per_token() const override;
  std::string why_interval(Backend backend) const override;

 protected:
  // Error (unsupported) for a GGUF type, and for formats that the runtime does not load.
  WeightBytes weigh(const Quantization& quantization) override;

 private:
  struct Loaded {
    QuantizationKey key;
    Amount weights;
  };
  const Amount& loaded(const Quantization& quantization);
  bool runs_on(Backend backend) const;

  const ShortRule& rule_;
  std::deque<Loaded> loaded_;
};

}  // namespace vramcalc::short_rules
