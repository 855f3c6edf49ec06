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

#include "vramcalc/demand.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/explanation.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/runtime.hpp"
#include "vramcalc/speed.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {

// What the weights of one quantization take, wherever they lie.
struct WeightBytes {
  Bytes tensor_bytes;          // sum over the tensors
  Bytes file_bytes;            // the file on disk
  Bytes gpu;                   // on the GPU with everything offloaded, padded as the device pads
  Bytes host;                  // kept in host memory
  double bits_per_weight = 0;  // tensor_bytes over elements
  bool imatrix = false;        // as if made with an importance matrix
};

// Layers of a model, the output counting as one.
struct LayerCounts {
  std::uint32_t on_gpus = 0, all = 0;
  std::uint32_t without_experts = 0;  // of those on the GPUs, with their experts on the host
  std::uint32_t in_parts = 0;         // of which a part lies elsewhere than the rest
  bool whole = true;                  // everything that can be is on the GPUs
};

// A model on a machine.
struct Load {
  Demand demand;
  Placement asked;      // what was asked of the placement
  Placement placement;  // what came of it
  Estimate estimate;
  bool fits = false;   // every high bound
  bool moved = false;  // the runtime's own placement does not fit, and this is another one
  LayerCounts layers = {};
  std::string caveat = {};  // what is to be said where it does not fit; empty: nothing
};

// What a plan is for.
struct PlanGoal {
  std::optional<std::uint64_t> context;  // empty: as long as it can be
  std::uint64_t least_context = 4096;    // what a context is shortened to before parts go to the host
};

// One thing that the figures depend on, as JSON has it.
struct Setting {
  std::string_view key;
  std::variant<bool, std::uint64_t, std::string> value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

// One model under one runtime and its options, asked many times: for every quantization, for many demands and
// machines. What does not depend on the question is computed once and kept here.
//
// A runtime says how much a load takes on GPUs that count as one pool (`estimate`); all else has a default that
// follows from it, and runtimes that know more say more.
class Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);
  virtual ~Session() = default;
  Session& operator=(const Session&) = delete;

  const Runtime& runtime() const { return runtime_; }
  const Model& model() const { return model_; }

  // Error (unsupported) where the model cannot have this quantization; find_weights gives null instead.
  const WeightBytes& weights(const Quantization& quantization);
  const WeightBytes* find_weights(const Quantization& quantization);

  // ---- on GPUs that count as one
  virtual Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                            Reasons reasons) = 0;
  // The same, only the sums: hundreds of GPUs are judged by them.
  virtual Amount gpu_total(const Quantization& quantization, const Demand& demand,
                           const TargetDevice& device = {});
  virtual Amount host_total(const Quantization& quantization, const Demand& demand, Backend backend);
  virtual Bytes kv_bytes_per_token() const;  // once every window is full; 0: it keeps no cache

  // ---- on a machine
  // What the options ask of the placement. Error (bad_value) where the machine's GPUs cannot take it.
  virtual Placement asked_placement(const Machine& machine) const;
  // The best load that respects what was asked of the placement: one that fits, else what came closest.
  virtual Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                    const Placement& asked);
  virtual bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                    const Placement& asked);
  virtual Verdict verdict(const Load& load, const Machine& machine) const;
  Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                          Bytes usable, Bytes host);
  // Of the load that nothing was asked of; hundreds of machines are judged so.
  virtual Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine);
  // The longest context, at most the model's own, whose high bound fits; empty where none does. `known` is one
  // that is known to fit: a shorter one may take more.
  virtual std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                                       const Placement& asked, std::uint64_t known);
  // So many sequences of `tokens` each fit at once; 0: not even one, or the runtime does not say.
  virtual std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                       const Machine& machine, const Placement& asked);
  // With parts in host memory where it does not fit whole. Empty where that does not fit either.
  virtual std::optional<Load> load_with_host(const Quantization& quantization, const Machine& machine,
                                             const PlanGoal& goal);
  // As the runtime's own automatic fit would; see Capabilities.
  virtual Load load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                              std::uint64_t least_context, const Machine& machine);
  // The same load with the reason of each term.
  virtual void give_reasons(const Quantization& quantization, Load& load, const Machine& machine);
  // Ways to make a load fit that only this runtime has, in words.
  virtual std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                               const Machine& machine);
  // What is to be said of a load that was moved: the flag that moves it.
  virtual std::string why_moved(const Load& load) const;
  // What searches found out about one machine is not to lead those for the next one.
  virtual void forget_searches() {}

  // ---- in words
  virtual std::vector<Setting> settings(const Demand& demand) const;
  virtual std::vector<std::string> unusual_settings() const;  // for a line of text
  virtual std::uint64_t tokens_per_sequence(const Demand& demand) const;
  virtual std::string why_interval(Backend backend) const;  // a sentence; empty where all is exact
  virtual Explanation explain(TermKind kind, const Quantization& quantization, const Demand& demand);
  virtual OtherFiles other_files(const Quantization& quantization);
  virtual std::string command(const std::string& file, const Load& load) const;  // that loads it; may be empty
  // The flags for so many sequences: "-np 4 -c 32768"; may be empty.
  virtual std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const;

  // ---- speed
  virtual Speed speed(const Quantization& quantization, const Load& load, const Machine& machine);
  virtual std::vector<ExplainedSpeed> explain_speed(const Quantization& quantization, const Load& load,
                                                    const Machine& machine);
  // What a list of many models needs: on one pool of so much bandwidth.
  virtual std::optional<Range> decode_speed(const Quantization& quantization, const Demand& demand,
                                            double bandwidth_gbps);

 protected:
  Session(const Session&) = default;  // shares what it knows of the weights

  virtual WeightBytes weigh(const Quantization& quantization);
  const Weights& stored(const Quantization& quantization) { return stored_->stored(quantization); }

 private:
  struct Weighed {
    std::string name;
    QuantizeOptions options;
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

// Everything on the GPUs, with the longest context. Empty where not even the least one fits.
std::optional<Load> load_whole(Session& session, const Quantization& quantization, const Machine& machine,
                               const PlanGoal& goal);

// The largest of some quantizations whose high bound fits, on one machine after another; null where none does.
// Those that the model cannot have are passed over.
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

// The fewest GPUs of the machine's kind that hold the load; empty where the machine's GPUs are not of one kind,
// or where not even as many as the runtime drives hold it.
std::optional<std::uint32_t> fewest_gpus(Session& session, const Quantization& quantization,
                                         const Demand& demand, const Machine& machine);

}  // namespace vramcalc
