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

inline const std::map<std::string, Difference>& differences() {
  static const std::map<std::string, Difference> table = {
      {"bge-base",           {"bge-base-en-v1.5", nullptr}                                               },
      {"olmo2-7b",           {"olmo-2-7b", nullptr}                                                      },
      {"gemma-3n-e4b",       {"gemma-3n-e4b", [](Architecture& model) { set_vocabulary(model, 262144); }}},
      {"qwen3-next-80b-a3b", {"qwen3-next-80b-a3b-instruct", without_mtp}                                },
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
