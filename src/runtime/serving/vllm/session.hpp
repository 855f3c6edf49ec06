#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/serving/vllm/engine.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::vllm {

// One model under vLLM. The demand's tokens are --max-model-len.
class Session final : public vramcalc::Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                    Reasons reasons) override;
  Bytes kv_bytes_per_token() const override;

  Bytes budget(const TargetDevice& device, Bytes usable) const override;
  Capacity capacity(const Quantization& quantization, const Load& load, const Machine& machine) override;
  std::vector<Answer> answers(const Quantization& quantization, const Load& load,
                              const Machine& machine) override;
  Load load(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const Placement& asked) override;
  bool fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
            const Placement& asked) override;
  using vramcalc::Session::verdict;
  Verdict verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) override;
  Verdict verdict_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                          Bytes usable, Bytes host) override;
  std::optional<std::uint64_t> longest_context(const Quantization& quantization, const Machine& machine,
                                               const Placement& asked, std::uint64_t known) override;
  std::uint32_t most_sequences(const Quantization& quantization, std::uint64_t tokens, const Machine& machine,
                               const Placement& asked) override;
  void give_reasons(const Quantization& quantization, Load& load, const Machine& machine) override;
  std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                       const Machine& machine) override;

  std::vector<Setting> settings(const Demand& demand, const TargetDevice& device) override;
  std::vector<std::string> unusual_settings(const Demand& demand, const TargetDevice& device) override;
  std::string why_interval(Backend backend) const override;
  std::string command(const std::string& file, const Load& load) const override;
  std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const override;

 protected:
  WeightBytes weigh(const Quantization& quantization) override;

 private:
  // What does not depend on the size of the GPU.
  struct Loaded {
    QuantizationKey key;
    Settings settings;
    Options options;
    Backend backend;
    std::vector<LoadedStage> stages;
    KvCache cache;
  };
  struct Split {
    std::uint32_t gpus, tensor;
  };

  const Architecture& architecture() const { return model().architecture; }
  bool declares_fp8_cache() const;
  std::uint32_t tensor_parallel(std::uint64_t length, const TargetDevice& device, std::uint32_t gpus);
  std::vector<LoadedStage> stages(const Quantization& quantization, const Settings& settings,
                                  const TargetDevice& device, const Options& options);
  Settings settings_on(std::uint64_t length, const TargetDevice& device);
  const Loaded& loaded(const Quantization& quantization, const Settings& settings, const TargetDevice& device,
                       const Options& options);
  Engine engine(const Quantization& quantization, std::uint64_t length, const TargetDevice& device,
                const Options& options);
  // Empty if the machine has too few GPUs.
  std::optional<Engine> engine_on(const Quantization& quantization, std::uint64_t length,
                                  const Machine& machine, const Options& options);
  Estimate estimate_of(const Engine& engine, const Quantization& quantization, const Demand& demand,
                       Reasons reasons);

  Options options_;
  std::shared_ptr<const DraftModel> draft_;
  std::deque<Loaded> loaded_;
  std::vector<Split> splits_;
};

}  // namespace vramcalc::vllm
