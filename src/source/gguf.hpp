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
// src/gguf.cpp). The tensor data is never read. Versions 2 and 3, little-endian.
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

// Refuses (Error, bad_file) anything that is not a GGUF and every inconsistent header
// (tests/source/hostile_files.cpp lists them). A count is accepted only if the bytes that follow can hold it,
// and nothing is allocated or indexed by it before that check. So time and memory are proportional to the
// header's actual bytes, whatever it claims. The limits are several times what real files have (in
// parentheses):
//   a header of 1 GiB (30 MB), 65,536 keys (60), 262,144 tensors in all parts (3,000; 70,000 of old ones with
//   a tensor for each expert), 2^22 texts in lists (262,144), 16 MiB of keys and texts that are kept; what is
//   longer than 4 KiB is skipped.
// A file under 1 MB takes at most 42 MB of memory and a quarter of a second for a whole answer. The numbers
// of the shape are checked in gguf_config.cpp, against llama.cpp's own limits.
GgufHeader read_gguf_header(const ByteSource& source);

// A single file, or all parts of a split model (NAME-00001-of-00003.gguf) as one, whichever part is named.
struct GgufFile {
  GgufHeader header;  // of the first part, with the tensors and bytes of all
  std::vector<std::string> files;
};
using OpenSource = std::function<ByteSource(const std::string& path)>;
GgufFile read_gguf(const std::string& path, const OpenSource& open = file_source);

}  // namespace vramcalc::source
