#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "source/byte_source.hpp"
#include "source/gguf_metadata.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

// The header of a GGUF file: keys and values, and the table of tensors (ggml 0.5.0, docs/gguf.md and
// src/gguf.cpp). The data behind it is never read. Versions 2 and 3, little-endian.
namespace vramcalc::source {

struct GgufHeader {
  std::uint32_t version = 0;
  GgufMetadata metadata;
  std::vector<Tensor> tensors;
  std::vector<ElementType> types;  // in the order of the tensors
  Bytes metadata_bytes;            // keys and values in the file
  Bytes header_bytes;              // everything before the data
  Bytes tensor_bytes;
  Bytes file_bytes;
};

// Refuses (Error, bad_file) what is no GGUF, and every header that lies: see the tests for the list.
GgufHeader read_gguf_header(const ByteSource& source);

// All parts of a split model (NAME-00001-of-00003.gguf) as one, whichever part was named; a file that stands
// alone as it is.
struct GgufFile {
  GgufHeader header;  // of the first part, with the tensors and bytes of all
  std::vector<std::string> files;
};
using OpenSource = std::function<ByteSource(const std::string& path)>;
GgufFile read_gguf(const std::string& path, const OpenSource& open = file_source);

}  // namespace vramcalc::source
