#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "source/gguf.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::source {

// The shape that a GGUF describes. `architectures` is data/architectures.json; `likened_to`, if given,
// receives the model type that stands in for an architecture without its own row.
Architecture gguf_architecture(const GgufHeader& header, const nlohmann::json& architectures,
                               std::string* likened_to = nullptr);

// Tensors of the file that the shape lacks, and tensors of the shape that the file lacks or has in another
// size. Empty if both agree, as in every file written by llama.cpp's converter.
struct Differences {
  std::vector<std::string> unexplained;
  std::vector<std::string> missing;
  std::string refusal;  // for the first matrix that is missing or of another size; empty: none
  bool none() const { return unexplained.empty() && missing.empty(); }
};

// Also marks the file's tensors with what only the shape knows: which are learned and which are loaded.
Differences compare_tensors(const Architecture& architecture, std::vector<Tensor>& tensors);

}  // namespace vramcalc::source
