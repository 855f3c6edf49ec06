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

// Refuses (Error, bad_file) what is no GGUF, and every header that lies: see the tests for the list
// (tests/source/hostile_files.cpp). A count is believed only as far as the bytes that follow could hold it,
// and nothing is allocated or indexed by a number before that. So time and memory are in proportion to the
// header's own bytes, whatever it claims; the data are never read. Above that there are bounds, several times
// what real files have:
//   a header of 1 GiB (30 MB), 65,536 keys (60), 262,144 tensors in all parts (3,000; 70,000 of old ones with a
//   tensor for each expert), 2^22 texts in lists (262,144), 16 MiB of keys and texts that are kept; what is
//   longer than 4 KiB is skipped.
// A file of under 1 MB takes at most 42 MB of memory and a quarter of a second, all of an answer included. What
// the numbers of the shape may be is checked where they are read: gguf_config.cpp, by llama.cpp's own limits.
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
