#pragma once

#include <string>
#include <vector>

#include "catalog/json_document.hpp"
#include "catalog/text_store.hpp"
#include "vramcalc/checkpoint_format.hpp"

namespace vramcalc::catalog {

struct CheckpointFormats {
  std::vector<FormatWord> words;
  std::vector<CheckpointFormatRow> rows;
};

// Reads a document like data/quantizations/checkpoints.json, strictly (Error, bad_file).
CheckpointFormats read_checkpoint_formats(const nlohmann::json& document, const std::string& file,
                                          TextStore& store);

}  // namespace vramcalc::catalog
