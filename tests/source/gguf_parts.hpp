#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A GGUF header taken apart, so that a test can change its fields and write it again.
struct GgufKey {
  std::string name;
  std::uint32_t type = 0;
  std::string value;  // as in the file; for a list, from the type of its elements on
};

struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> dimensions;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

struct Gguf {
  std::uint32_t version = 3;
  std::vector<GgufKey> keys;
  std::vector<GgufTensor> tensors;
};

// Empty if the bytes are not a complete header.
std::optional<Gguf> take_apart(std::string_view bytes);

// With the data of the tensors one after the other, unless the offsets are to stay.
std::string put_together(const Gguf& gguf, bool keep_offsets = false);
