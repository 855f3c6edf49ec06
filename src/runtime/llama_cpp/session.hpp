#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/llama_cpp/companion.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/driver.hpp"
#include "runtime/llama_cpp/fit/seen_buffers.hpp"
#include "runtime/llama_cpp/known_placements.hpp"
#include "runtime/llama_cpp/speed.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

class Session final : public vramcalc::Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Reasons reasons) override;
  Amount gpu_total(const Quantization& quantization, const Demand& demand,
                   const TargetDevice& device) override;
  Amount host_total(const Quantization& quantization, const Demand& demand, Backend backend) override;
  Bytes kv_bytes_per_token() const override;

  std::optional<std::uint64_t> default_tokens(const Machine& machine) const override;
  vramcalc::Placement asked_placement(const Machine& machine) const override;
  Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const vramcalc::Placement& asked) override;
  bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const vramcalc::Placement& asked) override;
  Verdict verdict(const Load& load, const Machine& machine) const override;
  Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) override;
  std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                               const vramcalc::Placement& asked,
                                               std::uint64_t known) override;
  std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens, const Machine& machine,
                               const vramcalc::Placement& asked) override;
  std::optional<Load> load_with_host(const Quantization& quantization, const Machine& machine,
                                     const PlanGoal& goal) override;
  Load load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                      std::uint64_t least_context, const Machine& machine) override;
  std::optional<Load> own_choice(const Quantization& quantization,
                                 const std::optional<std::uint64_t>& context, std::uint64_t least_context,
                                 const Machine& machine) override;
  void give_reasons(const Quantization& quantization, Load& load, const Machine& machine) override;
  std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                       const Machine& machine) override;
  std::string why_moved(const Load& load) const override;
  void forget_searches() override { seen_buffers_ = std::make_shared<SeenBuffers>(); }

  std::vector<Setting> settings(const Quantization& quantization, const Demand& demand,
                                const TargetDevice& device) override;
  std::vector<std::string> unusual_settings(const Quantization& quantization, const Demand& demand,
                                            const TargetDevice& device) override;
  std::uint64_t tokens_per_sequence(const Demand& demand) const override;
  std::string why_interval(Backend backend) const override;
  std::string remark_on_options() const override;
  std::optional<Bytes> newer_releases_add() const override;
  std::string other_releases(const Estimate& estimate, const Demand& demand) const override;
  Explanation explain(TermKind kind, const Quantization& quantization, const Demand& demand) override;
  OtherFiles other_files(const Quantization& quantization) override;
  std::string command(const std::string& file, const Load& load) const override;
  std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const override;

  Speed speed(const Quantization& quantization, const Load& load, const Machine& machine) override;
  std::vector<ExplainedSpeed> explain_speed(const Quantization& quantization, const Load& load,
                                            const Machine& machine) override;
  std::optional<SpeedEstimate> decode_on(const Quantization& quantization, const Demand& demand,
                                         std::span<const Device> devices) override;
  std::vector<std::optional<SpeedEstimate>> decode_on_each(
      const Quantization& quantization, const Demand& demand,
      std::span<const std::span<const Device>> machines) override;
  // What a token and a prompt take of each device, from which their speed is estimated.
  speed::Work work(const Quantization& quantization, const Load& load, const Machine& machine);

  // ---- for searches
  const Architecture& architecture() const { return model().architecture; }
  const ContextParams& params() const { return options_.context; }
  ResolvedContext resolve(std::uint64_t tokens, Backend backend = Backend::cuda) const;
  bool has_companions() const { return !companions_.empty(); }

  // What a context takes with everything on one GPU: caches, states and buffers.
  Amount context_on_gpu(std::uint64_t tokens, Backend backend) { return allocation(tokens, backend); }
  // The context's terms there, without those of the model.
  std::vector<PlaceEstimate> context_terms(std::uint64_t tokens, const Driver& driver, Reasons reasons);
  // The same for any placement.
  std::vector<PlaceEstimate> context_placed(const Quantization& quantization, std::uint64_t tokens,
                                            const Placement& placement, Reasons reasons);

  // The requested terms of a placement. `gpus` are those of its free memory; without them the driver's
  // overhead is left out.
  Estimate placed(const Quantization& quantization, std::uint64_t tokens, std::span<const TargetDevice> gpus,
                  const Placement& placement, Reasons reasons, Buffers buffers);

  // The bytes that move between GPUs with each layer and, last, with the output: weights that the placement
  // leaves on GPUs, cache and state.
  std::vector<Bytes> bytes_of_layers(const Quantization& quantization, std::uint64_t tokens,
                                     const Placement& placement);

  // Compute buffers that searches have estimated, for the next guess.
  SeenBuffers& seen_buffers() { return *seen_buffers_; }

  // The same model with other parameters.
  std::unique_ptr<Session> with_params(const ContextParams& params) const;
  // With this many slots (-np), sharing what searches have learned.
  std::unique_ptr<Session> with_sequences(std::uint32_t sequences, std::shared_ptr<SeenBuffers> seen) const;

 private:
  Estimate without_gpu(const Quantization& quantization, std::uint64_t tokens, Reasons reasons);

  struct PoolTotals {
    QuantizationKey quantization;
    std::uint64_t tokens;
    Driver driver;
    Amount gpu;  // without the driver's overhead
    std::optional<Amount> host;
  };

  Session(const Session&) = default;

  WeightBytes weigh(const Quantization& quantization) override;
  SpeedQuestion speed_question(const Quantization& quantization, const Demand& demand);
  bool is_exact(Backend backend) const;
  Driver driver_of(const TargetDevice& device) const;
  const EvenGrowth& growth(std::uint64_t tokens);
  const BoundedGrowth& compute(std::uint64_t tokens, const Driver& driver);
  Amount allocation(std::uint64_t tokens, const Driver& driver);
  void widen(std::vector<PlaceEstimate>& places, std::uint64_t tokens, const Driver& driver);
  PoolTotals& pool_totals(const Quantization& quantization, std::uint64_t tokens, const Driver& driver);
  void add_companions();
  std::unique_ptr<Session> of_predictions() const;

  Options options_;
  std::shared_ptr<const Extras> extras_;
  std::shared_ptr<const Precomputed> known_;  // null unless all options are defaults
  std::deque<EvenGrowth> growths_;
  std::deque<BoundedGrowth> bounded_growths_;
  std::uint32_t short_growths_ = 0;
  std::optional<PoolTotals> pool_totals_;
  std::vector<Companion> companions_;
  std::shared_ptr<KnownPlacements> placements_;
  std::shared_ptr<SeenBuffers> seen_buffers_;
};

}  // namespace vramcalc::llama_cpp
