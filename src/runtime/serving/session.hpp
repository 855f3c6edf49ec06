#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/serving/engine.hpp"
#include "runtime/serving/speed.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::serving {

// The GPUs of an engine, which are alike: if they are not, the smallest one stands for all.
struct Gpus {
  TargetDevice one;
  std::uint32_t count = 1;
};
Gpus gpus_of(const Machine& machine);
Gpus gpus_of(const TargetDevice& device);

// A model under an engine that loads checkpoints and fills its share of the memory with cache.
class Session : public vramcalc::Session {
 public:
  using vramcalc::Session::Session;

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Reasons reasons) override;
  Capacity capacity(const Quantization& quantization, const Load& load, const Machine& machine) override;
  std::vector<Answer> answers(const Quantization& quantization, const Load& load,
                              const Machine& machine) override;
  Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const Placement& asked) override;
  bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const Placement& asked) override;
  bool fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Bytes usable) override;
  using vramcalc::Session::verdict;
  Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) override;
  Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                          Bytes usable, Bytes host) override;
  std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                               const Placement& asked, std::uint64_t known) override;
  std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens, const Machine& machine,
                               const Placement& asked) override;
  void give_reasons(const Quantization& quantization, Load& load, const Machine& machine) override;
  bool uses_all(std::uint32_t gpus) override;
  Speed speed(const Quantization& quantization, const Load& load, const Machine& machine) override;
  std::vector<ExplainedSpeed> explain_speed(const Quantization& quantization, const Load& load,
                                            const Machine& machine) override;
  std::optional<SpeedEstimate> decode_on(const Quantization& quantization, const Demand& demand,
                                         std::span<const Device> devices) override;
  std::vector<std::string> remarks(const Quantization& quantization,
                                   const TargetDevice& device) const override;
  std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                       const Machine& machine) override;

 protected:
  // A flag that an operator may change.
  struct Change {
    std::string_view key;  // "with_fp8_kv_cache"
    std::string flag;      // "--kv-cache-dtype fp8"
    Options options;
  };

  // An engine for requests of at most `length` tokens. Error (bad_value) for a combination that it refuses.
  virtual Engine engine(const Quantization& quantization, std::uint64_t length, const Gpus& gpus,
                        const Options& options) = 0;
  // What the weights surely take on all GPUs together, so that smaller ones need not be settled; 0 if
  // unknown.
  virtual Bytes least_weights(const Quantization& quantization) = 0;
  // Called before a quantization is split, if it matters for the split.
  virtual void split_for(const Quantization&) {}
  // How many GPUs the options need on that many; `gpus` if the options leave it open.
  virtual std::uint32_t ranks(std::uint64_t length, const Gpus& gpus) = 0;
  // The reasons of a rank's terms, the cache's included.
  virtual void add_reasons(const Quantization& quantization, const Demand& demand, const Gpus& gpus,
                           std::size_t stage, std::vector<Term>& terms) = 0;
  virtual const Options& options() const = 0;

  // What the answers name: the smallest share of the memory that starts with a demand.
  virtual std::optional<Answer> smallest_share(const Engine& engine, const Demand& demand) const = 0;
  virtual std::vector<Change> changes(std::uint64_t length, const Gpus& gpus) = 0;
  // Why it would not start for want of cache, in the engine's words.
  virtual std::string refusal(const Engine& engine, const Demand& demand) const = 0;

 private:
  std::optional<Engine> engine_on(const Quantization& quantization, std::uint64_t length,
                                  const Machine& machine, const Options& options);
  // Empty if the engine does not start on that many GPUs.
  std::optional<speed::Work> work(const Quantization& quantization, const Demand& demand, const Gpus& gpus,
                                  std::span<const Device> devices);
  // Empty also if the weights alone are larger than the machine.
  std::optional<Engine> engine_with_room(const Quantization& quantization, std::uint64_t length,
                                         const Machine& machine);
};

}  // namespace vramcalc::serving
