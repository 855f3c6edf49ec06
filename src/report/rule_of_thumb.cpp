#include "report/rule_of_thumb.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::report {
namespace {

const Runtime* find_rule(std::span<const Runtime> runtimes) {
  const auto found =
      std::ranges::find_if(runtimes, [](const Runtime& each) { return each.can.counts_nominal_bits; });
  return found == runtimes.end() ? nullptr : &*found;
}

bool differs_by_a_tenth(const Amount& said, const Amount& true_amount) {
  const Bytes larger = std::max(said.best, true_amount.best), smaller = std::min(said.best, true_amount.best);
  return (larger - smaller) * 10 > true_amount.best;
}

template <class Kind>
bool has_attention(const Architecture& architecture) {
  return std::any_of(architecture.blocks.begin(), architecture.blocks.end(),
                     [](const Block& block) { return std::holds_alternative<Kind>(block.attention); });
}

bool has_window(const Architecture& architecture) {
  return std::any_of(architecture.blocks.begin(), architecture.blocks.end(), [](const Block& block) {
    const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
    return attention != nullptr && attention->window.has_value();
  });
}

bool has_other_head_size(const Model& model) {
  const auto& blocks = model.architecture.blocks;
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& block) {
    const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
    return attention != nullptr && std::uint64_t{attention->key_length} * model.config_attention_heads !=
                                       model.architecture.hidden_size;
  });
}

// The features of this model that the rule ignores.
std::string blind_spots(const Model& model) {
  const Architecture& architecture = model.architecture;
  std::vector<std::string_view> spots;
  if (model.packed) spots.push_back("packed elements");
  if (has_attention<LatentAttention>(architecture)) spots.push_back("latent attention");
  if (has_attention<CompressedAttention>(architecture)) spots.push_back("compressed attention");
  if (has_window(architecture)) spots.push_back("sliding windows");
  if (has_attention<Mamba1>(architecture) || has_attention<Mamba2>(architecture) ||
      has_attention<GatedDeltaNet>(architecture) || has_attention<KimiDeltaAttention>(architecture) ||
      has_attention<ShortConvolution>(architecture))
    spots.push_back("layers without a cache");
  if (has_other_head_size(model)) spots.push_back("the real head size");
  if (spots.empty()) spots.push_back("compute buffers and the type of each tensor");
  return fmt::format("it ignores {}", fmt::join(spots, ", "));
}

}  // namespace

std::optional<RuleOfThumb> rule_of_thumb_for(const Model& model, Session& truth, const Asked& asked,
                                             const Quantization& quantization, const Demand& demand,
                                             const std::optional<Demand>& full) {
  const Runtime* rule = find_rule(asked.runtimes);
  const FileType* file_type = file_type_of(quantization);
  const bool loads_more =
      !asked.question.projector.empty() || !asked.question.adapters.empty() || !asked.question.draft.empty();
  if (rule == nullptr || rule == &asked.runtime() || loads_more || file_type == nullptr ||
      file_type->nominal_bits <= 0)
    return std::nullopt;
  const auto session = rule->open(*rule, {model});
  RuleOfThumb said;
  said.at_context = session->gpu_total(quantization, demand);
  said.differs = differs_by_a_tenth(said.at_context, truth.gpu_total(quantization, demand));
  if (full) {
    said.at_full_context = session->gpu_total(quantization, *full);
    said.differs =
        said.differs || differs_by_a_tenth(*said.at_full_context, truth.gpu_total(quantization, *full));
  }
  said.why = blind_spots(model);
  return said;
}

}  // namespace vramcalc::report
