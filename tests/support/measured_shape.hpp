#pragma once

#include <map>
#include <string>

#include "vramcalc/catalog.hpp"

// The catalog's models as the measured files have them.
namespace vramcalc::test {

// Files that were measured with other facts than the catalog's: the shape is set to the file's.
struct Difference {
  std::string id;
  void (*apply)(Architecture&);
};

inline void without_mtp(Architecture& model) { model.mtp->in_file = MultiTokenPrediction::InFile::dropped; }
inline void set_vocabulary(Architecture& model, std::uint32_t rows) { model.vocab_size = rows; }
// The routing in files whose metadata lack the publisher's groups of experts or have other weights of them.
inline void set_routing(Architecture& model, bool normalized, bool scaled) {
  for (Block& block : model.blocks)
    if (auto* part = std::get_if<MixtureOfExperts>(&block.feed_forward)) {
      part->gating = ExpertGating::sigmoid;
      part->expert_groups = part->expert_groups_used = 1;
      part->normalize_weights = normalized;
      part->scale_weights = scaled;
    }
}
inline void set_scaled_routing(Architecture& model) { set_routing(model, true, true); }

inline const std::map<std::string, Difference>& differences() {
  static const std::map<std::string, Difference> table = {
      {"deepseek-v2-lite",   {"deepseek-v2-lite", set_scaled_routing}                                      },
      {"deepseek-v3",        {"deepseek-v3", set_scaled_routing}                                           },
      {"deepseek-v3.2",      {"deepseek-v3.2", set_scaled_routing}                                         },
      {"glm-4.5-air",        {"glm-4.5-air", [](Architecture& model) { set_routing(model, false, false); }}},
      {"bge-base",           {"bge-base-en-v1.5", nullptr}                                                 },
      {"olmo2-7b",           {"olmo-2-7b", nullptr}                                                        },
      {"gemma-3n-e4b",       {"gemma-3n-e4b", [](Architecture& model) { set_vocabulary(model, 262144); }}  },
      {"qwen3-next-80b-a3b", {"qwen3-next-80b-a3b-instruct", without_mtp}                                  },
  };
  return table;
}

inline Model measured_model(const Catalog& catalog, const std::string& file) {
  const auto found = differences().find(file);
  const Difference difference = found == differences().end() ? Difference{file, nullptr} : found->second;
  Model model = catalog.model(difference.id);
  if (difference.apply != nullptr) difference.apply(model.architecture);
  return model;
}

}  // namespace vramcalc::test
