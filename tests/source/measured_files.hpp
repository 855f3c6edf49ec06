#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "source/gguf_writer.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

// The GGUF files that llama.cpp 0.5.0 loaded for the figures of tests/measured/: their keys (gguf/) and their
// tensors (quantization/), rewritten as files.
namespace vramcalc::measured {

std::vector<std::string> file_names();
std::vector<Tensor> file_tensors(const std::string& name);

struct WrittenFile {
  std::string header;
  std::uint64_t size = 0;  // with the data
};
WrittenFile write_file(const std::string& name, const std::vector<Tensor>& tensors,
                       const std::vector<ElementType>& types);

// data/architectures.json
nlohmann::json architectures();

}  // namespace vramcalc::measured
