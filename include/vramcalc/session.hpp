#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vramcalc/capacity.hpp"
#include "vramcalc/demand.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/explanation.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/runtime.hpp"
#include "vramcalc/speed.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {

// The memory of the weights in one quantization.
struct WeightBytes {
  Bytes tensor_bytes;          // the sum over all tensors
  Bytes file_bytes;            // the file on disk
  Bytes gpu;                   // on the GPU with everything offloaded, with the device's padding
  Bytes host;                  // kept in host memory
  double bits_per_weight = 0;  // tensor_bytes over elements
  bool imatrix = false;        // made with an importance matrix
  // Of `gpu`, for estimates of speed: the matrices of routed experts, those of them in 16 bits, and other
  // weights in three bits and fewer.
  Bytes experts = {}, half_experts = {}, low_bit = {};
  Bytes looked_up = {};  // of `gpu`: tables of which a token reads a row, and towers
};

// Layer counts of a model, with the output as one layer.
struct LayerCounts {
  std::uint32_t on_gpus = 0, all = 0;
  std::uint32_t without_experts = 0;  // layers on the GPUs with their experts on the host
  std::uint32_t in_parts = 0;         // layers with parts in different places
  bool whole = true;                  // everything that can be on the GPUs is there
};

// A model on a machine.
struct Load {
  Demand demand;
  Placement asked;      // the requested placement
  Placement placement;  // the resulting placement
  Estimate estimate;
  bool fits = false;   // whether every high bound fits
  bool moved = false;  // this differs from the runtime's own placement, which does not fit
  LayerCounts layers = {};
  std::string caveat = {};              // a remark for a load that does not fit; may be empty
  std::optional<Verdict> verdict = {};  // of a runtime that decides it otherwise than by the terms
};

struct PlanGoal {
  std::optional<std::uint64_t> context;  // empty for the longest possible
  std::uint64_t least_context = 4096;    // a context is shortened to this before parts go to the host
};

// A setting that the figures depend on, for JSON.
struct Setting {
  std::string_view key;
  std::variant<bool, std::uint64_t, double, std::string> value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

// What the operator of a load asks about it: what else it has room for, what a flag would change.
struct Answer {
  std::string_view key;  // "smallest_gpu_memory_utilization", for JSON
  std::string text;      // a sentence
  std::variant<std::uint64_t, double> value;
  friend bool operator==(const Answer&, const Answer&) = default;
};

// One model under one runtime and its options, for many quantizations, demands and machines. What does not
// depend on these is computed once and cached here.
//
// A runtime must implement `estimate`, for GPUs that count as one pool; everything else has a default that
// follows from it, which runtimes with more detail override.
class Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);
  virtual ~Session() = default;
  Session& operator=(const Session&) = delete;

  const Runtime& runtime() const { return runtime_; }
  const Model& model() const { return model_; }

  // Error (unsupported) if the model cannot have this quantization; find_weights returns null instead.
  const WeightBytes& weights(const Quantization& quantization);
  const WeightBytes* find_weights(const Quantization& quantization);

  // ---- on GPUs that count as one
  virtual Estimate estimate(const Quantization& quantization, const Demand& demand,
                            const TargetDevice& device, Reasons reasons) = 0;
  // Only the sum, for judging hundreds of GPUs.
  virtual Amount gpu_total(const Quantization& quantization, const Demand& demand,
                           const TargetDevice& device = {});
  virtual Amount host_total(const Quantization& quantization, const Demand& demand, Backend backend);
  virtual Bytes kv_bytes_per_token() const;  // once every window is full; 0 without a cache

  // ---- on a machine
  // What the runtime lets itself take of one GPU's usable memory.
  virtual Bytes budget(const TargetDevice& device, Bytes usable) const;
  // What a load has room for, and what its operator may ask.
  virtual Capacity capacity(const Quantization& quantization, const Load& load, const Machine& machine);
  virtual std::vector<Answer> answers(const Quantization& quantization, const Load& load,
                                      const Machine& machine);
  // The tokens that the runtime takes if none are asked for; empty for what the question usually takes. The
  // machine has no memory if it is unknown.
  virtual std::optional<std::uint64_t> default_tokens(const Machine& machine) const;
  // The placement that the options request. Error (bad_value) if it does not match the machine's GPUs.
  virtual Placement asked_placement(const Machine& machine) const;
  // The best load for the requested placement: one that fits or else comes closest.
  virtual Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                    const Placement& asked);
  virtual bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                    const Placement& asked);
  virtual Verdict verdict(const Load& load, const Machine& machine) const;
  virtual Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                  const TargetDevice& device, Bytes usable, Bytes host);
  // Whether all of it surely fits into the GPUs' memory.
  virtual bool fits_on_pool(const Quantization& quantization, const Demand& demand,
                            const TargetDevice& device, Bytes usable);
  // The verdict for a load with the default placement, for judging hundreds of machines.
  virtual Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine);
  // The longest context, at most the model's own, whose high bound fits; empty if none does. `known` is a
  // context that is known to fit, which matters because a shorter one may take more.
  virtual std::optional<std::uint64_t> longest_context(const Quantization& quantization,
                                                       const Machine& machine, const Placement& asked,
                                                       std::uint64_t known);
  // How many sequences of `tokens` tokens fit at once; 0 if none does or the runtime does not say.
  virtual std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                       const Machine& machine, const Placement& asked);
  // With parts in host memory if the whole does not fit. Empty if that does not fit either.
  virtual std::optional<Load> load_with_host(const Quantization& quantization, const Machine& machine,
                                             const PlanGoal& goal);
  // The load that the runtime's own automatic fit chooses; see Capabilities.
  virtual Load load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                              std::uint64_t least_context, const Machine& machine);
  // The load that the runtime starts with if nothing but this context was set; empty if it does not fit by
  // itself, or not with these options.
  virtual std::optional<Load> own_choice(const Quantization& quantization,
                                         const std::optional<std::uint64_t>& context,
                                         std::uint64_t least_context, const Machine& machine);
  // Fills in the reason for each term.
  virtual void give_reasons(const Quantization& quantization, Load& load, const Machine& machine);
  // This runtime's own ways to make a load fit, in words.
  virtual std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                               const Machine& machine);
  // A remark about a load that was moved, with the flag that moves it.
  virtual std::string why_moved(const Load& load) const;
  // Forgets what searches learned about one machine, so that it does not affect the next.
  virtual void forget_searches() {}

  // ---- in words
  // On these GPUs, whose defaults may depend on them.
  virtual std::vector<Setting> settings(const Quantization& quantization, const Demand& demand,
                                        const TargetDevice& device);
  virtual std::vector<std::string> unusual_settings(const Quantization& quantization, const Demand& demand,
                                                    const TargetDevice& device);  // in words
  virtual std::uint64_t tokens_per_sequence(const Demand& demand) const;
  virtual std::string why_interval(Backend backend) const;  // a sentence; empty if all is exact
  // Where the options do something else than they seem to, in a sentence; mostly empty.
  virtual std::string remark_on_options() const;
  // What releases newer than the runtime's may need beyond these figures; empty if none are known, or asked
  // for.
  virtual std::optional<Bytes> newer_releases_add() const { return std::nullopt; }
  // How this estimate differs from that of other releases, if it matters, in a sentence; mostly empty.
  virtual std::string other_releases(const Estimate& estimate, const Demand& demand) const;
  virtual Explanation explain(TermKind kind, const Quantization& quantization, const Demand& demand);
  virtual OtherFiles other_files(const Quantization& quantization);
  virtual std::string command(const std::string& file,
                              const Load& load) const;  // the command that loads it; may be empty
  // Whether the model can be split over exactly that many GPUs, so that none is idle.
  virtual bool uses_all(std::uint32_t gpus);
  // What these GPUs cannot do natively, in sentences.
  virtual std::vector<std::string> remarks(const Quantization& quantization,
                                           const TargetDevice& device) const;
  // The flags for that many GPUs, in brackets after a blank; empty if none are needed.
  virtual std::string flags_for_gpus(std::uint32_t count);
  // The flag of the longest sequence: "-c".
  virtual std::string_view length_flag() const;
  // The flags for that many sequences: "-np 4 -c 32768"; may be empty.
  virtual std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const;

  // ---- speed
  virtual Speed speed(const Quantization& quantization, const Load& load, const Machine& machine);
  virtual std::vector<ExplainedSpeed> explain_speed(const Quantization& quantization, const Load& load,
                                                    const Machine& machine);
  // For lists, only of decoding: with everything on these GPUs, split by their memory, or in host memory
  // without any. Empty if it is unknown.
  virtual std::optional<SpeedEstimate> decode_on(const Quantization& quantization, const Demand& demand,
                                                 std::span<const Device> devices);
  // The same for the GPUs of many machines; empty for one without any.
  virtual std::vector<std::optional<SpeedEstimate>> decode_on_each(
      const Quantization& quantization, const Demand& demand,
      std::span<const std::span<const Device>> machines);

 protected:
  Session(const Session&) = default;  // shares the cached weights

  virtual WeightBytes weigh(const Quantization& quantization);
  const Weights& stored(const Quantization& quantization) { return stored_->stored(quantization); }

 private:
  struct Weighed {
    QuantizationKey key;
    std::variant<WeightBytes, Error> outcome;
  };
  const std::variant<WeightBytes, Error>& weighed(const Quantization& quantization);

  const Runtime& runtime_;
  const Model& model_;
  std::shared_ptr<ModelWeights> stored_;
  std::shared_ptr<std::deque<Weighed>> weighed_;
};

template <class Kind>
std::unique_ptr<Session> open_session(const Runtime& runtime, const Opening& opening) {
  return std::make_unique<Kind>(runtime, opening);
}

// Everything on the GPUs with the longest context. Empty if not even the minimum context fits.
std::optional<Load> load_whole(Session& session, const Quantization& quantization, const Machine& machine,
                               const PlanGoal& goal);

// The largest of several quantizations whose high bound fits, for one machine after another; null if none
// does. Quantizations that the model cannot have are skipped.
class BestQuantization {
 public:
  BestQuantization(Session& session, std::span<const Quantization> quantizations, const Demand& demand);
  const Quantization* on(const Machine& machine, const Placement& asked = {}) const;
  const Quantization* on_pool(Bytes usable, const TargetDevice& device) const;

 private:
  struct Candidate {
    const Quantization* quantization;
    const WeightBytes* weights;
  };
  Session& session_;
  Demand demand_;
  std::vector<Candidate> largest_first_;
};

// The fewest GPUs of the machine's kind that the load fits on; empty if the machine's GPUs differ or if even
// the most GPUs that the runtime supports are too few.
std::optional<std::uint32_t> fewest_gpus(Session& session, const Quantization& quantization,
                                         const Demand& demand, const Machine& machine);

}  // namespace vramcalc
