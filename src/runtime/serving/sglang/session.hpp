#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/serving/session.hpp"
#include "runtime/serving/sglang/budget.hpp"
#include "runtime/serving/sglang/kv_pools.hpp"
#include "runtime/serving/sglang/settings.hpp"

namespace vramcalc::sglang {

// One model under SGLang. The demand's tokens are --context-length.
class Session final : public serving::Session {
 public:
  Session(const Runtime& runtime, const Opening& opening);

  Bytes kv_bytes_per_token() const override;

  std::vector<Setting> settings(const Quantization& quantization, const Demand& demand,
                                const TargetDevice& device) override;
  std::vector<std::string> unusual_settings(const Quantization& quantization, const Demand& demand,
                                            const TargetDevice& device) override;
  std::string why_interval(Backend backend) const override;
  std::string command(const std::string& file, const Load& load) const override;
  std::string flags_for(std::uint32_t sequences, std::uint64_t tokens) const override;
  std::string flags_for_gpus(std::uint32_t count) override;

 protected:
  WeightBytes weigh(const Quantization& quantization) override;

  Bytes least_weights(const Quantization& quantization) override;
  serving::Engine engine(const Quantization& quantization, std::uint64_t length, const serving::Gpus& gpus,
                         const vramcalc::Options& options) override;
  std::uint32_t ranks(std::uint64_t length, const serving::Gpus& gpus) override;
  void add_reasons(const Quantization& quantization, const Demand& demand, const serving::Gpus& gpus,
                   std::size_t stage, std::vector<Term>& terms) override;
  const vramcalc::Options& options() const override { return all_options_; }
  std::string_view length_flag() const override { return "--context-length"; }
  std::optional<Answer> smallest_share(const serving::Engine& engine, const Demand& demand) const override;
  std::vector<Change> changes(std::uint64_t length, const serving::Gpus& gpus) override;
  std::string refusal(const serving::Engine& engine, const Demand& demand) const override;

 private:
  struct Split {
    std::uint32_t gpus, tp_size;
  };
  struct Weighed {
    QuantizationKey key;
    Settings settings;
    Amount bytes;
  };

  const Architecture& architecture() const { return model().architecture; }
  std::uint32_t tensor_groups() const;  // of --tp GPUs each
  std::uint32_t tp_size_on(std::uint64_t length, const serving::Gpus& gpus);
  Settings settings_on(std::uint64_t length, const serving::Gpus& gpus, const Options& options);
  const Amount& weights_of(const Quantization& quantization, const Settings& settings);

  vramcalc::Options all_options_;
  Options options_;
  std::deque<Weighed> weighed_;
  std::vector<Split> splits_;
};

}  // namespace vramcalc::sglang
