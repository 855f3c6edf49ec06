#pragma once

#include <memory>
#include <vector>

#include "runtime/llama_cpp/ollama/launch.hpp"
#include "runtime/llama_cpp/session.hpp"

namespace vramcalc::llama_cpp::ollama {

// Answers for the llama-server that Ollama would start for a load: its flags depend on the model's size, the
// tokens and the free memory.
class Session final : public vramcalc::Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Reasons reasons) override;
  Amount gpu_total(const Quantization& quantization, const Demand& demand,
                   const TargetDevice& device) override;
  Amount host_total(const Quantization& quantization, const Demand& demand, Backend backend) override;
  Bytes kv_bytes_per_token() const override { return plain_->kv_bytes_per_token(); }

  std::optional<std::uint64_t> default_tokens(const Machine& machine) const override;
  vramcalc::Placement asked_placement(const Machine& machine) const override;
  Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const vramcalc::Placement& asked) override;
  bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const vramcalc::Placement& asked) override;
  Verdict verdict(const Load& load, const Machine& machine) const override;
  Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) override;
  Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                          Bytes usable, Bytes host) override;
  bool fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Bytes usable) override;
  Capacity capacity(const Quantization& quantization, const Load& load, const Machine& machine) override;
  std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                               const vramcalc::Placement& asked,
                                               std::uint64_t known) override;
  std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens, const Machine& machine,
                               const vramcalc::Placement& asked) override;
  std::optional<Load> load_with_host(const Quantization& quantization, const Machine& machine,
                                     const PlanGoal& goal) override;
  Load load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                      std::uint64_t least_context, const Machine& machine) override;
  void give_reasons(const Quantization& quantization, Load& load, const Machine& machine) override;
  std::string why_moved(const Load& load) const override { return plain_->why_moved(load); }
  void forget_searches() override;

  std::vector<Setting> settings(const Quantization& quantization, const Demand& demand,
                                const TargetDevice& device) override;
  std::vector<std::string> unusual_settings(const Quantization& quantization, const Demand& demand,
                                            const TargetDevice& device) override;
  std::uint64_t tokens_per_sequence(const Demand& demand) const override;
  std::string why_interval(Backend backend) const override;
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

 private:
  using Server = llama_cpp::Session;

  // A llama-server, and the GPUs that it sees.
  struct Started {
    Server& server;
    Machine machine;
    int gpu = -1;  // the only one of the machine's GPUs; -1 for all
  };

  WeightBytes weigh(const Quantization& quantization) override { return plain_->weights(quantization); }
  const Architecture& architecture() const { return model().architecture; }
  std::uint32_t slots() const { return plain_->params().parallel.value_or(1); }
  Server& server_on(const Gpus& gpus, Bytes guess, std::uint64_t tokens);
  Server& server_on(const TargetDevice& device, const Quantization& quantization, std::uint64_t tokens);
  Bytes guess(const Quantization& quantization, std::uint64_t tokens);
  Started start(const Quantization& quantization, std::uint64_t tokens, const Machine& machine);
  Load fitted(const Quantization& quantization, const Demand& demand, const Machine& machine);
  Machine less_margin(const Machine& machine) const;

  Options options_;
  std::unique_ptr<Server> plain_;  // with the usual batch
  std::vector<std::unique_ptr<Server>> others_;
  Server* latest_;  // of the last estimate with reasons, which explanations are about
};

}  // namespace vramcalc::llama_cpp::ollama
