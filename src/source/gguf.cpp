#include "source/gguf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "model/printable.hpp"
#include "source/byte_cursor.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::source {
namespace {

// Limits on the memory and time that an untrusted file can take. Real files stay far below: 60 keys, 3,000
// tensors (70,000 in files with a tensor per expert), vocabularies of 262,144, headers of 30 MB.
constexpr std::uint64_t most_keys = 65'536;
constexpr std::uint64_t most_tensors = 262'144;
constexpr std::uint64_t most_strings = std::uint64_t{1} << 22;     // in all string arrays together
constexpr std::uint64_t most_key_bytes = std::uint64_t{16} << 20;  // all keys and kept strings together
constexpr std::uint64_t most_header_bytes = std::uint64_t{1} << 30;
constexpr std::uint64_t longest_key = 65'535;       // docs/gguf.md
constexpr std::uint64_t longest_tensor_name = 127;  // ggml 0.5.0 allows 63
constexpr std::uint64_t longest_kept_text = 4'096;
constexpr std::uint64_t longest_kept_list = 4'096;
constexpr std::uint32_t largest_alignment = 1u << 20;
constexpr std::uint32_t default_alignment = 32;

constexpr std::uint64_t smallest_key = 8 + 1 + 4 + 1;  // length, a letter, type, a byte
constexpr std::uint64_t smallest_tensor =
    8 + 1 + 4 + 8 + 4 + 8;  // length, a letter, rank, a dimension, type, offset

enum ValueType : std::uint32_t {
  type_u8,
  type_i8,
  type_u16,
  type_i16,
  type_u32,
  type_i32,
  type_f32,
  type_bool,
  type_string,
  type_array,
  type_u64,
  type_i64,
  type_f64,
};
constexpr std::array<std::uint32_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

bool is_whole(std::uint32_t type) {
  return type <= type_i32 || type == type_bool || type == type_u64 || type == type_i64;
}

// ---- the first bytes

struct KnownStart {
  std::string_view bytes;
  std::string_view meaning;
};
constexpr std::array known_starts{
    KnownStart{"version ",   "a Git LFS pointer, not the file itself; run git lfs pull"     },
    KnownStart{"lmgg",       "a GGML file of 2023; convert it to GGUF"                      },
    KnownStart{"fmgg",       "a GGML file of 2023; convert it to GGUF"                      },
    KnownStart{"tjgg",       "a GGML file of 2023; convert it to GGUF"                      },
    KnownStart{"algg",       "a GGML adapter of 2023; convert it to GGUF"                   },
    KnownStart{"PK\x03\x04", "a ZIP archive or PyTorch checkpoint, not a GGUF file"         },
    KnownStart{"\x1f\x8b",   "compressed with gzip; unpack it first"                        },
    KnownStart{"<!",         "a web page, not the file itself; was the download redirected?"},
    KnownStart{"<h",         "a web page, not the file itself; was the download redirected?"},
};

[[noreturn]] void refuse_start(ByteCursor& cursor, std::string_view start) {
  for (const KnownStart& known : known_starts)
    if (start.starts_with(known.bytes)) cursor.fail(fmt::format("this is {}", known.meaning));
  cursor.fail(fmt::format("not a GGUF file: it begins with {}", in_quotes(start.substr(0, 4))));
}

void read_magic(ByteCursor& cursor) {
  if (cursor.size() == 0) cursor.fail("the file is empty");
  const std::uint64_t count = std::min<std::uint64_t>(cursor.size(), 8);
  ByteCursor ahead = cursor;
  const std::string start = ahead.text(count, count);
  if (!start.starts_with("GGUF")) refuse_start(cursor, start);
  cursor.skip(4);
}

std::uint32_t read_version(ByteCursor& cursor) {
  const auto version = cursor.number<std::uint32_t>();
  if (version != 0 && (version & 0xffffu) == 0)
    cursor.fail(
        "a big-endian GGUF file; only little-endian files are supported (convert it with "
        "gguf_convert_endian.py)");
  if (version == 1)
    cursor.fail(
        "GGUF version 1 (August 2023) is not supported, nor does llama.cpp load it; convert the model again");
  if (version < 2 || version > 3)
    cursor.fail(fmt::format("GGUF version {} is unknown; 2 and 3 are supported", version));
  return version;
}

// A count is accepted only if the file is long enough for that many of the smallest items.
std::uint64_t read_count(ByteCursor& cursor, std::string_view what, std::uint64_t limit) {
  const auto count = cursor.number<std::uint64_t>();
  if (count > limit)
    cursor.fail(fmt::format("{} {} are claimed; at most {} are allowed", count, what, limit));
  return count;
}

void require_room(ByteCursor& cursor, std::uint64_t count, std::uint64_t smallest, std::string_view what) {
  if (count > cursor.left() / smallest)
    cursor.fail(fmt::format("{} {} are claimed, but only {} bytes follow", count, what, cursor.left()));
}

// ---- keys and values

class MetadataReader {
 public:
  explicit MetadataReader(ByteCursor& cursor) : cursor_(cursor) {}

  GgufMetadata read(std::uint64_t count) {
    GgufMetadata metadata(cursor_.name());
    for (std::uint64_t i = 0; i < count; ++i) {
      cursor_.enter(fmt::format("key {} of {}", i + 1, count));
      std::string key = cursor_.text(cursor_.number<std::uint64_t>(), longest_key);
      if (key.empty()) cursor_.fail("a key without a name");
      keep(key.size());
      cursor_.enter(fmt::format("key {}", printable(key, 80)));
      GgufValue read_value = value(cursor_.number<std::uint32_t>());
      if (!metadata.insert(std::move(key), std::move(read_value))) cursor_.fail("appears twice");
      if (cursor_.position() > most_header_bytes) cursor_.fail("the keys exceed 1 GiB");
    }
    return metadata;
  }

 private:
  void keep(std::uint64_t bytes) {
    kept_ += bytes;
    if (kept_ > most_key_bytes) cursor_.fail("the keys take more than 16 MiB");
  }

  GgufValue value(std::uint32_t type) {
    switch (type) {
      case type_f32: return static_cast<double>(cursor_.real32());
      case type_f64: return cursor_.real64();
      case type_bool: return truth();
      case type_string: return text();
      case type_array: return array();
      case type_u64: return cursor_.number<std::uint64_t>();
      default: break;
    }
    if (type > type_f64) cursor_.fail(fmt::format("{} is not a value type", type));
    return whole(type);
  }

  std::int64_t whole(std::uint32_t type) {
    switch (type) {
      case type_u8: return cursor_.number<std::uint8_t>();
      case type_i8: return cursor_.number<std::int8_t>();
      case type_u16: return cursor_.number<std::uint16_t>();
      case type_i16: return cursor_.number<std::int16_t>();
      case type_u32: return cursor_.number<std::uint32_t>();
      case type_i32: return cursor_.number<std::int32_t>();
      case type_bool: return truth() ? 1 : 0;
      case type_u64: return clamped(cursor_.number<std::uint64_t>());
      default: return cursor_.number<std::int64_t>();
    }
  }

  // Outside the range of a per-layer number, on either side.
  static std::int64_t clamped(std::uint64_t value) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
  }

  bool truth() {
    const auto byte = cursor_.number<std::uint8_t>();
    if (byte > 1) cursor_.fail(fmt::format("{} is neither true nor false", byte));
    return byte != 0;
  }

  GgufValue text() {
    const auto length = cursor_.number<std::uint64_t>();
    if (length <= longest_kept_text) {
      keep(length);
      return cursor_.text(length, longest_kept_text);
    }
    cursor_.skip(length);
    return GgufLongText{length};
  }

  GgufArray array() {
    GgufArray array;
    array.element_type = cursor_.number<std::uint32_t>();
    array.count = cursor_.number<std::uint64_t>();
    const std::uint64_t start = cursor_.position();
    if (array.element_type == type_array) cursor_.fail("a list of lists, which GGUF does not allow");
    if (array.element_type > type_f64)
      cursor_.fail(fmt::format("a list of {}, which is not a value type", array.element_type));
    if (array.element_type == type_string)
      skip_texts(array.count);
    else
      numbers(array);
    array.bytes = cursor_.position() - start;
    return array;
  }

  void numbers(GgufArray& array) {
    const std::uint64_t each = value_bytes[array.element_type];
    require_room(cursor_, array.count, each, "values");
    if (!is_whole(array.element_type) || array.count > longest_kept_list)
      return cursor_.skip(array.count * each);
    keep(array.count * sizeof(std::int64_t));
    array.numbers.reserve(static_cast<std::size_t>(array.count));
    for (std::uint64_t i = 0; i < array.count; ++i) array.numbers.push_back(whole(array.element_type));
  }

  void skip_texts(std::uint64_t count) {
    require_room(cursor_, count, sizeof(std::uint64_t), "texts");
    if (count > most_strings - strings_)
      cursor_.fail(fmt::format("a list of {} texts is longer than any vocabulary", count));
    strings_ += count;
    for (std::uint64_t i = 0; i < count; ++i) {
      cursor_.skip(cursor_.number<std::uint64_t>());
      if (cursor_.position() > most_header_bytes) cursor_.fail("the texts exceed 1 GiB");
    }
  }

  ByteCursor& cursor_;
  std::uint64_t kept_ = 0;
  std::uint64_t strings_ = 0;
};

std::uint32_t alignment_of(const GgufMetadata& metadata) {
  constexpr std::string_view key = "general.alignment";
  const std::uint32_t alignment = metadata.number(key).value_or(default_alignment);
  if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > largest_alignment)
    metadata.fail(key, fmt::format("{} is not a power of two up to {}", alignment, largest_alignment));
  return alignment;
}

// ---- the table of tensors

struct TensorInfo {
  Tensor tensor;
  ElementType type;
  std::uint64_t offset;
  std::uint64_t bytes;
};

Shape read_shape(ByteCursor& cursor) {
  const auto rank = cursor.number<std::uint32_t>();
  if (rank == 0 || rank > 4) cursor.fail(fmt::format("{} dimensions; a tensor has one to four", rank));
  std::array<std::uint64_t, 4> dimensions{1, 1, 1, 1};
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < rank; ++i) {
    dimensions[i] = cursor.number<std::uint64_t>();
    const bool too_many =
        dimensions[i] != 0 && elements > static_cast<std::uint64_t>(INT64_MAX) / dimensions[i];
    if (dimensions[i] == 0 || too_many)
      cursor.fail(fmt::format("dimensions {}: {}",
                              fmt::join(dimensions.begin(), dimensions.begin() + i + 1, " x "),
                              too_many ? "more elements than 64 bits can count" : "no elements"));
    elements *= dimensions[i];
  }
  switch (rank) {
    case 1: return {dimensions[0]};
    case 2: return {dimensions[0], dimensions[1]};
    case 3: return {dimensions[0], dimensions[1], dimensions[2]};
    default: return {dimensions[0], dimensions[1], dimensions[2], dimensions[3]};
  }
}

ElementType read_type(ByteCursor& cursor, const Shape& shape) {
  const auto id = cursor.number<std::uint32_t>();
  const std::optional<ElementType> type = element_type_from_ggml_id(id);
  if (!type)
    cursor.fail(fmt::format(
        "element type {} is unknown to llama.cpp up to b12211 (retired, or from another program)", id));
  const ElementLayout& layout = layout_of(*type);
  if (shape.row() % layout.block_elements != 0)
    cursor.fail(fmt::format("rows of {} elements cannot be {}: its blocks hold {}", shape.row(), layout.name,
                            layout.block_elements));
  return *type;
}

std::uint64_t bytes_of(ByteCursor& cursor, ElementType type, const Shape& shape) {
  try {
    return tensor_bytes(type, shape).count();
  } catch (const Error&) {
    cursor.fail("more bytes than 64 bits can count");
  }
}

TensorInfo read_tensor(ByteCursor& cursor, std::uint32_t alignment) {
  TensorInfo info{};
  std::string name = cursor.text(cursor.number<std::uint64_t>(), longest_tensor_name);
  if (name.empty()) cursor.fail("a tensor without a name");
  cursor.enter(fmt::format("tensor {}", printable(name)));
  info.tensor = tensor_named(std::move(name), read_shape(cursor));
  info.type = read_type(cursor, info.tensor.shape);
  info.bytes = bytes_of(cursor, info.type, info.tensor.shape);
  info.offset = cursor.number<std::uint64_t>();
  if (info.offset % alignment != 0)
    cursor.fail(fmt::format("its data begin at {}, which is not a multiple of the alignment {}", info.offset,
                            alignment));
  return info;
}

std::vector<TensorInfo> read_tensors(ByteCursor& cursor, std::uint64_t count, std::uint32_t alignment) {
  std::vector<TensorInfo> tensors;
  tensors.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    cursor.enter(fmt::format("tensor {} of {}", i + 1, count));
    tensors.push_back(read_tensor(cursor, alignment));
  }
  cursor.enter({});
  return tensors;
}

void refuse_duplicates(ByteCursor& cursor, const std::vector<TensorInfo>& tensors) {
  std::unordered_set<std::string_view> names;
  names.reserve(tensors.size());
  for (const TensorInfo& each : tensors)
    if (!names.insert(each.tensor.name).second)
      cursor.fail(fmt::format("tensor {} appears twice", printable(each.tensor.name)));
}

// Tensor data must not overlap, since bytes would be counted twice, and must lie within the file.
void check_offsets(ByteCursor& cursor, const std::vector<TensorInfo>& tensors, std::uint64_t data_start) {
  std::vector<const TensorInfo*> by_offset;
  for (const TensorInfo& each : tensors) by_offset.push_back(&each);
  std::sort(by_offset.begin(), by_offset.end(),
            [](const auto* a, const auto* b) { return a->offset < b->offset; });
  const std::uint64_t room = cursor.size() - data_start;
  const TensorInfo* before = nullptr;
  for (const TensorInfo* each : by_offset) {
    const std::string name = printable(each->tensor.name);
    if (before != nullptr && each->offset < before->offset + before->bytes)
      cursor.fail(
          fmt::format("the data of tensor {} overlap those of {}", name, printable(before->tensor.name)));
    if (each->offset > room || each->bytes > room - each->offset)
      cursor.fail(fmt::format(
          "the file ends at byte {}, but tensor {} needs {} bytes from {} + {} on; is the download complete?",
          cursor.size(), name, each->bytes, data_start, each->offset));
    before = each;
  }
}

void take_tensors(std::vector<TensorInfo> infos, GgufHeader& header) {
  for (TensorInfo& info : infos) {
    header.tensor_bytes += Bytes(info.bytes);
    header.types.push_back(info.type);
    header.tensors.push_back(std::move(info.tensor));
  }
}

}  // namespace

GgufHeader read_gguf_header(const ByteSource& source) {
  ByteCursor cursor(source);
  GgufHeader header;
  read_magic(cursor);
  header.version = read_version(cursor);
  const std::uint64_t tensor_count = read_count(cursor, "tensors", most_tensors);
  const std::uint64_t key_count = read_count(cursor, "keys", most_keys);
  require_room(cursor, tensor_count, smallest_tensor, "tensors");
  require_room(cursor, key_count, smallest_key, "keys");

  const std::uint64_t metadata_start = cursor.position();
  header.metadata = MetadataReader(cursor).read(key_count);
  header.metadata_bytes = Bytes(cursor.position() - metadata_start);
  cursor.enter({});

  const std::uint32_t alignment = alignment_of(header.metadata);
  std::vector<TensorInfo> tensors = read_tensors(cursor, tensor_count, alignment);
  refuse_duplicates(cursor, tensors);
  const std::uint64_t data_start = std::min(round_up(cursor.position(), alignment), cursor.size());
  check_offsets(cursor, tensors, data_start);
  header.header_bytes = Bytes(data_start);
  header.file_bytes = Bytes(cursor.size());
  take_tensors(std::move(tensors), header);
  return header;
}

}  // namespace vramcalc::source
