#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "source/gguf.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::source {

// The shape that a GGUF describes. `architectures` is data/architectures.json; `likened_to`, where given, is
// told the model type that stands in for an architecture without a row of its own.
Architecture gguf_architecture(const GgufHeader& header, const nlohmann::json& architectures,
                               std::string* likened_to = nullptr);

// Tensors of the file that the shape does not have, and tensors of the shape that the file does not have, or
// has in another size. Empty where both agree, as they do in every file that llama.cpp's converter wrote.
struct Differences {
  std::vector<std::string> unexplained;
  std::vector<std::string> missing;
  std::string refusal;  // of the first matrix that is missing or of another size, empty: none
  bool none() const { return unexplained.empty() && missing.empty(); }
};

// Also tells the file's tensors what only the shape knows: which are learned, which are loaded.
Differences compare_tensors(const Architecture& architecture, std::vector<Tensor>& tensors);

}  // namespace vramcalc::source
