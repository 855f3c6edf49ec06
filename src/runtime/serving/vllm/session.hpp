#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/serving/session.hpp"
#include "runtime/serving/vllm/budget.hpp"
#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "runtime/serving/vllm/loaded_weights.hpp"
#include "runtime/serving/vllm/settings.hpp"

namespace vramcalc::vllm {

// What does not depend on the size of the GPU.
struct LoadedModel {
  QuantizationKey key;
  Settings settings;
  Options options;
  Backend backend;
  std::shared_ptr<const std::vector<LoadedStage>> stages;
  std::shared_ptr<const KvCache> cache;
  Profiled profiled;
};

// One model under vLLM. The demand's tokens are --max-model-len.
class Session final : public serving::Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);

  Bytes kv_bytes_per_token() const override;
  Bytes budget(const TargetDevice& device, Bytes usable) const override;

  std::vector<Setting> settings(const Quantization& quantization, const Demand& demand,
                                const TargetDevice& device) override;
  std::vector<std::string> unusual_settings(const Quantization& quantization, const Demand& demand,
                                            const TargetDevice& device) override;
  std::string why_interval(Backend backend) const override;
  std::string command(const std::string& file, const Load& load) const override;
  std::string flags_for_gpus(std::uint32_t count) override;
  std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const override;

 protected:
  WeightBytes weigh(const Quantization& quantization) override;

  serving::Engine engine(const Quantization& quantization, std::uint64_t length, const serving::Gpus& gpus,
                         const vramcalc::Options& options) override;
  Bytes least_weights(const Quantization& quantization) override;
  void split_for(const Quantization& quantization) override;
  const PackedLayout& known_layout(const CheckpointFormat& format) const;
  std::uint32_t ranks(std::uint64_t length, const serving::Gpus& gpus) override;
  void add_reasons(const Quantization& quantization, const Demand& demand, const serving::Gpus& gpus,
                   std::size_t stage, std::vector<Term>& terms) override;
  const vramcalc::Options& options() const override { return all_options_; }
  std::string_view length_flag() const override { return "--max-model-len"; }
  std::optional<Answer> smallest_share(const serving::Engine& engine, const Demand& demand) const override;
  std::vector<Change> changes(std::uint64_t length, const serving::Gpus& gpus) override;
  std::string refusal(const serving::Engine& engine, const Demand& demand) const override;

 private:
  // The same weights serve many lengths and batches. Changes that are tried change no weights.
  struct Staged {
    QuantizationKey key;
    Settings settings;
    Backend backend;
    std::shared_ptr<const std::vector<LoadedStage>> stages;
  };
  struct Split {
    std::uint32_t gpus, tensor;
    PackedLayout layout;
  };
  // All that the session's own options are resolved from, so that most GPUs are settled like one before.
  struct Circumstances {
    std::uint64_t length;
    std::uint32_t tensor, capability;
    Backend backend;
    BatchDefaults batch;
    friend bool operator==(const Circumstances&, const Circumstances&) = default;
  };
  struct Settled {
    Circumstances circumstances;
    const LoadedModel* loaded;
  };
  struct Cached {
    Settings settings;
    std::shared_ptr<const KvCache> cache;
  };

  const Architecture& architecture() const { return model().architecture; }
  const Architecture* draft_architecture() const;
  bool declares_fp8_cache() const;
  std::uint32_t tensor_groups() const;  // of -tp GPUs each
  std::uint32_t tensor_parallel(std::uint64_t length, const serving::Gpus& gpus);
  Options split_over(std::uint64_t length, const serving::Gpus& gpus, const Options& options);
  Settings settings_on(std::uint64_t length, const serving::Gpus& gpus, bool packed);
  std::vector<LoadedStage> stages(const Quantization& quantization, const Settings& settings,
                                  const TargetDevice& device, const Options& options);
  std::shared_ptr<const std::vector<LoadedStage>> known_stages(const Quantization& quantization,
                                                               const Settings& settings,
                                                               const TargetDevice& device,
                                                               const Options& options);
  Amount draft_weights(const Settings& settings, const TargetDevice& device) const;
  const LoadedModel& loaded(const Quantization& quantization, const Settings& settings,
                            const TargetDevice& device, const Options& options);
  const LoadedModel& resolved(const Quantization& quantization, std::uint64_t length,
                              const serving::Gpus& gpus, const Options& options);
  const LoadedModel& settled(const Quantization& quantization, std::uint64_t length,
                             const serving::Gpus& gpus);
  std::shared_ptr<const KvCache> known_cache(const Settings& settings);
  Budget budget_of_stage(const LoadedModel& loaded, const TargetDevice& device, std::size_t stage) const;

  vramcalc::Options all_options_;
  Options options_;
  PackedLayout layout_;  // of the quantization that is split
  std::shared_ptr<const DraftModel> draft_;
  std::deque<Staged> staged_;
  std::deque<LoadedModel> loaded_;
  std::vector<Settled> settled_;
  std::vector<Cached> caches_;
  std::vector<Split> splits_;
};

}  // namespace vramcalc::vllm
