#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "vramcalc/file_type.hpp"
#include "vramcalc/weights.hpp"

// Reads tests/measured/quantization/MODEL.txt:
//   model NAME architecture A heads H kv_heads K experts X block_count N      (of layer 0; X 0: dense)
//   tensor NAME DIMENSIONS [LAYERS]        with layers the name is what follows "blk.N."
//   kept TYPE NAME…                        the same in every file type
//   FILE_TYPE plain|imatrix|both BYTES TYPE NAME=TYPE[*COUNT],…   the rest by layer; TYPE: of what is not
//   named FILE_TYPE both refused
namespace vramcalc::test {

struct MeasuredTypes {
  std::string file_type;
  std::vector<bool> imatrix;  // the settings with this result
  bool refused = false;
  std::uint64_t tensor_bytes = 0;
  std::map<std::string, ElementType> types;  // by tensor name
};

struct MeasuredModel {
  std::string name;
  ShapeFacts facts;
  std::vector<Tensor> tensors;
  std::vector<MeasuredTypes> rows;
};

MeasuredModel read_measured_model(const std::filesystem::path& path);
std::vector<std::filesystem::path> measured_models();
MeasuredModel measured_model(const std::string& name);

// data/quantizations/gguf.json, read once.
std::span<const FileType> file_types();
const FileType& file_type(std::string_view name);

}  // namespace vramcalc::test
