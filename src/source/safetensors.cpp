#include "source/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "model/printable.hpp"
#include "source/byte_cursor.hpp"
#include "source/json_text.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;  // src/tensor.rs, MAX_HEADER_SIZE
constexpr std::uint64_t longest_index = std::uint64_t{64} << 20;
constexpr std::size_t most_tensors = 1'000'000;  // of a checkpoint; Kimi-K2 has 140,000
constexpr std::size_t most_dimensions = 16;

struct Dtype {
  std::string_view name;
  std::uint32_t bits;
};
constexpr std::array dtypes{
    Dtype{"BOOL",        8 },
    Dtype{"F4",          4 },
    Dtype{"F6_E2M3",     6 },
    Dtype{"F6_E3M2",     6 },
    Dtype{"U8",          8 },
    Dtype{"I8",          8 },
    Dtype{"F8_E5M2",     8 },
    Dtype{"F8_E4M3",     8 },
    Dtype{"F8_E8M0",     8 },
    Dtype{"F8_E4M3FNUZ", 8 },
    Dtype{"F8_E5M2FNUZ", 8 },
    Dtype{"I16",         16},
    Dtype{"U16",         16},
    Dtype{"F16",         16},
    Dtype{"BF16",        16},
    Dtype{"I32",         32},
    Dtype{"U32",         32},
    Dtype{"F32",         32},
    Dtype{"C64",         64},
    Dtype{"F64",         64},
    Dtype{"I64",         64},
    Dtype{"U64",         64},
};

// ---- one tensor of a header

struct Entry {
  CheckpointTensor tensor;
  std::uint64_t begin = 0, end = 0;
};

class EntryReader {
 public:
  EntryReader(const std::string& file, const std::string& name, const json& value)
      : file_(file), name_(name), value_(value) {}

  Entry read() const {
    if (!value_.is_object()) fail("an object was expected");
    Entry entry;
    entry.tensor.name = name_;
    entry.tensor.dtype = text("dtype");
    entry.tensor.shape = numbers("shape", most_dimensions);
    const std::vector<std::uint64_t> offsets = numbers("data_offsets", 2);
    if (offsets.size() != 2 || offsets[0] > offsets[1]) fail("data_offsets: [begin, end] was expected");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    entry.tensor.bytes = Bytes(entry.end - entry.begin);
    check_size(entry.tensor);
    return entry;
  }

 private:
  const json& member(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end()) fail(fmt::format("{} is missing", key));
    return *found;
  }

  std::string text(const char* key) const {
    const json& value = member(key);
    if (!value.is_string()) fail(fmt::format("{}: a text was expected", key));
    return value.get<std::string>();
  }

  std::vector<std::uint64_t> numbers(const char* key, std::size_t limit) const {
    const json& list = member(key);
    if (!list.is_array() || list.size() > limit)
      fail(fmt::format("{}: a list of at most {} numbers was expected", key, limit));
    std::vector<std::uint64_t> result;
    for (const json& item : list) {
      if (!item.is_number_unsigned())
        fail(fmt::format("{}: {} is not a whole number of 64 bits", key, printable(item.dump(), 40)));
      result.push_back(item.get<std::uint64_t>());
    }
    return result;
  }

  void check_size(const CheckpointTensor& tensor) const {
    const std::optional<std::uint32_t> bits = bits_of_dtype(tensor.dtype);
    if (!bits) fail(fmt::format("unknown dtype {}", in_quotes(tensor.dtype)));
    std::uint64_t total = *bits;
    for (std::uint64_t dimension : tensor.shape) {
      if (dimension != 0 && total > UINT64_MAX / dimension) fail("more elements than 64 bits can count");
      total *= dimension;
    }
    if (total % 8 != 0 || total / 8 != tensor.bytes.count())
      fail(fmt::format("its shape takes {} bits, its data_offsets {} bytes", total, tensor.bytes.count()));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_file, fmt::format("{}: tensor {}: {}", file_, printable(name_, 200), what));
  }

  const std::string& file_;
  const std::string& name_;
  const json& value_;
};

// ---- a header

// JSON piece by piece, with each run of blanks reduced to one: writers pad headers with blanks, and a header
// may consist of nothing else.
class WithoutBlanks {
 public:
  void append(std::string_view piece) {
    for (const char c : piece) {
      const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (blank && !in_text_ && !text_.empty() && text_.back() == ' ') continue;
      text_ += blank && !in_text_ ? ' ' : c;
      if (c == '"' && !escaped_) in_text_ = !in_text_;
      escaped_ = in_text_ && c == '\\' && !escaped_;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool in_text_ = false, escaped_ = false;
};

std::string read_without_blanks(ByteCursor& cursor, std::uint64_t length) {
  constexpr std::uint64_t window = std::uint64_t{64} << 10;
  WithoutBlanks text;
  for (std::uint64_t rest = length; rest > 0;) {
    const std::uint64_t piece = std::min(rest, window);
    text.append(cursor.text(piece, window));
    rest -= piece;
  }
  return text.take();
}

std::string read_header_text(ByteCursor& cursor) {
  if (cursor.size() == 0) cursor.fail("the file is empty");
  if (cursor.size() < 8) cursor.fail("not a safetensors file: shorter than 8 bytes");
  const auto length = cursor.number<std::uint64_t>();
  if (length > longest_header || length > cursor.left())
    cursor.fail(fmt::format(
        "not a safetensors file, or cut off: a header of {} bytes is claimed, and {} bytes follow", length,
        cursor.left()));
  std::string text = read_without_blanks(cursor, length);
  if (!text.starts_with('{')) cursor.fail("not a safetensors file: its header is not a JSON object");
  return text;
}

// A header that was saved without its data says as much as the whole file.
void check_offsets(ByteCursor& cursor, std::vector<Entry>& entries) {
  const bool is_header_alone = cursor.left() == 0;
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    const std::string name = printable(entry.tensor.name, 200);
    if (entry.begin != end)
      cursor.fail(fmt::format("the data of tensor {} begin at {}, but those before it end at {}", name,
                              entry.begin, end));
    if (entry.end > cursor.left() && !is_header_alone)
      cursor.fail(
          fmt::format("the data end after {} bytes, but tensor {} needs {}; is the download complete?",
                      cursor.left(), name, entry.end));
    end = entry.end;
  }
  if (end != cursor.left() && !is_header_alone)
    cursor.fail(fmt::format("{} bytes of data belong to no tensor", cursor.left() - end));
}

// ---- the checkpoint

std::uint64_t elements_of(const CheckpointTensor& tensor) {
  std::uint64_t elements = 1;
  for (std::uint64_t dimension : tensor.shape) elements = checked_multiply(elements, dimension);
  return elements;
}

void count(const CheckpointTensor& tensor, StoredCheckpoint& checkpoint) {
  const std::uint64_t elements = elements_of(tensor);
  auto share = std::ranges::find(checkpoint.shares, tensor.dtype, &StoredCheckpoint::Share::dtype);
  if (share == checkpoint.shares.end()) share = checkpoint.shares.insert(share, {tensor.dtype, 0, Bytes(0)});
  share->elements = checked_add(share->elements, elements);
  share->bytes += tensor.bytes;
  checkpoint.elements = checked_add(checkpoint.elements, elements);
  checkpoint.tensor_bytes += tensor.bytes;
}

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", file, what));
}

void append_file(const ByteSource& file, StoredCheckpoint& checkpoint) {
  Bytes data;
  for (CheckpointTensor& tensor : read_safetensors(file)) {
    if (checkpoint.tensors.size() >= most_tensors)
      fail(file.name, fmt::format("more than {} tensors", most_tensors));
    count(tensor, checkpoint);
    data += tensor.bytes;
    checkpoint.tensors.push_back(std::move(tensor));
  }
  checkpoint.file_bytes += Bytes(file.size) < data ? Bytes(file.size) + data : Bytes(file.size);
  checkpoint.files.push_back(file.name);
}

void refuse_duplicates(const StoredCheckpoint& checkpoint) {
  std::unordered_set<std::string_view> names;
  for (const CheckpointTensor& tensor : checkpoint.tensors)
    if (!names.insert(tensor.name).second)
      fail(checkpoint.files.back(), fmt::format("tensor {} is in two files", printable(tensor.name, 200)));
}

void finish(StoredCheckpoint& checkpoint) {
  refuse_duplicates(checkpoint);
  std::ranges::stable_sort(checkpoint.shares, std::greater(), &StoredCheckpoint::Share::bytes);
}

// ---- the index

// A name in an index must not point outside its folder.
void check_file_name(const std::string& file, const std::string& name) {
  const bool path = name.find_first_of("/\\") != std::string::npos || name == ".." || name == ".";
  if (name.empty() || path || !name.ends_with(".safetensors"))
    fail(file, fmt::format("{} is not the name of a safetensors file in the same folder", in_quotes(name)));
}

class IndexReader {
 public:
  explicit IndexReader(const std::string& file) : file_(file) {}

  bool member(const std::string& outer, const std::string& inner, const json& value) {
    if (outer == "weight_map" && !inner.empty()) return add(inner, value), false;
    if (outer == "metadata" && inner == "total_size" && value.is_number())
      total_ = value.is_number_unsigned()
                   ? value.get<std::uint64_t>()
                   : static_cast<std::uint64_t>(std::clamp(value.get<double>(), 0.0, 1e18));
    return false;
  }

  SafetensorsIndex take() {
    if (tensors_.empty()) fail(file_, "no weight_map with tensors");
    SafetensorsIndex index;
    std::map<std::string_view, std::size_t> places;
    for (const std::string& name : files_) {
      places.emplace(name, index.files.size());
      index.files.push_back(name);
    }
    for (auto& [tensor, file] : tensors_) index.tensors.emplace_back(tensor, places.at(*file));
    if (total_) index.total_size = Bytes(*total_);
    return index;
  }

 private:
  void add(const std::string& tensor, const json& value) {
    if (!value.is_string())
      fail(file_, fmt::format("weight_map: {}: the name of a file was expected", in_quotes(tensor)));
    const auto [file, fresh] = files_.insert(value.get<std::string>());
    if (fresh) check_file_name(file_, *file);
    if (tensors_.size() >= most_tensors) fail(file_, fmt::format("more than {} tensors", most_tensors));
    tensors_.emplace(tensor, &*file);
  }

  const std::string& file_;
  std::set<std::string> files_;
  std::map<std::string, const std::string*> tensors_;
  std::optional<std::uint64_t> total_;
};

}  // namespace

std::optional<std::uint32_t> bits_of_dtype(std::string_view dtype) {
  const auto found = std::ranges::find(dtypes, dtype, &Dtype::name);
  return found == dtypes.end() ? std::nullopt : std::optional(found->bits);
}

std::vector<CheckpointTensor> read_safetensors(const ByteSource& source) {
  ByteCursor cursor(source);
  std::vector<Entry> entries;
  read_json(read_header_text(cursor), source.name,
            [&](const std::string& name, const std::string& inner, const json& value) {
              if (name == "__metadata__") return false;
              if (!inner.empty()) return true;  // part of an object that follows as a whole
              if (entries.size() >= most_tensors)
                cursor.fail(fmt::format("more than {} tensors", most_tensors));
              entries.push_back(EntryReader(source.name, name, value).read());
              return false;
            });
  check_offsets(cursor, entries);
  std::vector<CheckpointTensor> tensors;
  tensors.reserve(entries.size());
  for (Entry& entry : entries) tensors.push_back(std::move(entry.tensor));
  return tensors;
}

SafetensorsIndex read_safetensors_index(const ByteSource& source) {
  IndexReader reader(source.name);
  read_json(source, longest_index,
            [&](const std::string& member, const std::string& inner, const json& value) {
              return reader.member(member, inner, value);
            });
  return reader.take();
}

StoredCheckpoint read_checkpoint(const std::vector<ByteSource>& files) {
  StoredCheckpoint checkpoint;
  for (const ByteSource& file : files) append_file(file, checkpoint);
  finish(checkpoint);
  return checkpoint;
}

StoredCheckpoint read_checkpoint(const SafetensorsIndex& index, const std::vector<ByteSource>& files) {
  StoredCheckpoint checkpoint;
  std::size_t known = 0;
  for (std::size_t place = 0; place < files.size(); ++place) {
    const std::size_t first = checkpoint.tensors.size();
    append_file(files[place], checkpoint);
    for (std::size_t i = first; i < checkpoint.tensors.size(); ++i) {
      const std::string& name = checkpoint.tensors[i].name;
      const auto found = std::ranges::lower_bound(
          index.tensors, name, {}, [](const auto& each) -> const std::string& { return each.first; });
      if (found == index.tensors.end() || found->first != name || found->second != place)
        fail(files[place].name,
             fmt::format("tensor {} is not in this file, though the index says so", printable(name, 200)));
      ++known;
    }
  }
  finish(checkpoint);
  if (known != index.tensors.size())
    fail(files.front().name,
         fmt::format("the index lists {} tensors, the files hold {}", index.tensors.size(), known));
  return checkpoint;
}

}  // namespace vramcalc::source
