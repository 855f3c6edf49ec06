#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/byte_source.hpp"
#include "vramcalc/source.hpp"

// Headers of safetensors files (github.com/huggingface/safetensors, 0.6: README "Format" and src/tensor.rs)
// and the index over several of them (transformers: model.safetensors.index.json). The data is never read.
namespace vramcalc::source {

// Bits per element; empty for an unknown dtype.
std::optional<std::uint32_t> bits_of_dtype(std::string_view dtype);

// The tensors of one file, in the order of their data.
std::vector<CheckpointTensor> read_safetensors(const ByteSource& source);

// The index: the files in order, the file of each tensor, and the bytes of all tensors.
struct SafetensorsIndex {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::size_t>> tensors;  // name, place in `files`; sorted by name
  std::optional<Bytes> total_size;
};
SafetensorsIndex read_safetensors_index(const ByteSource& source);

// All files of a checkpoint together.
StoredCheckpoint read_checkpoint(const std::vector<ByteSource>& files);

// The same, checked against its index: every tensor must be in the file that the index names.
StoredCheckpoint read_checkpoint(const SafetensorsIndex& index, const std::vector<ByteSource>& files);

}  // namespace vramcalc::source
