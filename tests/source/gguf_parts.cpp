#include "source/gguf_parts.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "source/gguf_writer.hpp"
#include "vramcalc/element_type.hpp"

namespace {

using namespace vramcalc;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) failed_ = true;
    if (failed_) return {};
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof(T));
    if (!failed_) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string_view text() { return take(number<std::uint64_t>()); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

constexpr std::array<std::uint32_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

void skip_value(Reader& reader, std::uint32_t type) {
  if (type >= value_bytes.size()) {
    reader.take(UINT64_MAX);
  } else if (type == GgufWriter::text) {
    reader.text();
  } else if (type == GgufWriter::list) {
    const auto element = reader.number<std::uint32_t>();
    const auto count = reader.number<std::uint64_t>();
    if (element == GgufWriter::list || count > 1'000'000) reader.take(UINT64_MAX);
    for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) skip_value(reader, element);
  } else {
    reader.take(value_bytes[type]);
  }
}

GgufKey read_key(Reader& reader) {
  GgufKey key;
  key.name = reader.text();
  key.type = reader.number<std::uint32_t>();
  const std::string_view before = reader.rest();
  skip_value(reader, key.type);
  if (!reader.failed()) key.value = before.substr(0, before.size() - reader.rest().size());
  return key;
}

GgufTensor read_tensor(Reader& reader) {
  GgufTensor tensor;
  tensor.name = reader.text();
  const auto rank = reader.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < std::min(rank, 8u); ++i)
    tensor.dimensions.push_back(reader.number<std::uint64_t>());
  tensor.type = reader.number<std::uint32_t>();
  tensor.offset = reader.number<std::uint64_t>();
  return tensor;
}

std::uint64_t bytes_of(const GgufTensor& tensor) {
  const auto type = element_type_from_ggml_id(tensor.type);
  if (!type) return 32;
  const ElementLayout& layout = layout_of(*type);
  std::uint64_t elements = 1;
  for (const std::uint64_t dimension : tensor.dimensions) elements *= dimension;
  return elements / layout.block_elements * layout.block_bytes;
}

}  // namespace

std::optional<Gguf> take_apart(std::string_view bytes) {
  Reader reader(bytes);
  Gguf gguf;
  if (reader.take(4) != "GGUF") return std::nullopt;
  gguf.version = reader.number<std::uint32_t>();
  const auto tensors = reader.number<std::uint64_t>(), keys = reader.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < keys && !reader.failed(); ++i) gguf.keys.push_back(read_key(reader));
  for (std::uint64_t i = 0; i < tensors && !reader.failed(); ++i) gguf.tensors.push_back(read_tensor(reader));
  if (reader.failed()) return std::nullopt;
  return gguf;
}

std::string put_together(const Gguf& gguf, bool keep_offsets) {
  GgufWriter writer(gguf.version);
  for (const GgufKey& key : gguf.keys) writer.key(key.name, key.type, key.value);
  std::uint64_t offset = 0;
  for (const GgufTensor& tensor : gguf.tensors) {
    writer.tensor(tensor.name, tensor.dimensions, tensor.type, keep_offsets ? tensor.offset : offset);
    offset += (bytes_of(tensor) + 31) / 32 * 32;
  }
  return writer.bytes();
}
