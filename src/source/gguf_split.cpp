#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <unordered_set>

#include "model/printable.hpp"
#include "model/whole_number.hpp"
#include "source/gguf.hpp"
#include "vramcalc/error.hpp"

// A model in several files: NAME-00001-of-00003.gguf and keys split.no, split.count, split.tensors.count
// (llama.cpp 0.5.0, tools/gguf-split and src/llama-model-loader.cpp). The first part has the metadata; each
// part has its own tensors.
namespace vramcalc::source {
namespace {

struct PartName {
  std::string prefix;
  std::uint32_t number = 0;  // from 1
  std::uint32_t count = 0;
};

std::optional<PartName> part_name(std::string_view path) {
  constexpr std::string_view pattern = "-00001-of-00003.gguf";
  if (path.size() < pattern.size()) return std::nullopt;
  const std::string_view ending = path.substr(path.size() - pattern.size());
  if (ending[0] != '-' || ending.substr(6, 4) != "-of-" || ending.substr(15) != ".gguf") return std::nullopt;
  const std::optional<std::uint32_t> number = whole_number<std::uint32_t>(ending.substr(1, 5));
  const std::optional<std::uint32_t> count = whole_number<std::uint32_t>(ending.substr(10, 5));
  if (!number || !count) return std::nullopt;
  return PartName{std::string(path.substr(0, path.size() - pattern.size())), *number, *count};
}

std::string path_of(const PartName& name, std::uint32_t number) {
  return fmt::format("{}-{:05}-of-{:05}.gguf", name.prefix, number, name.count);
}

std::uint32_t split_count(const GgufHeader& header) {
  return header.metadata.number("split.count").value_or(0);
}

PartName require_name(const std::string& path, const GgufHeader& header) {
  const std::uint32_t count = split_count(header);
  const std::optional<PartName> name = part_name(path);
  if (!name)
    header.metadata.fail("split.count",
                         fmt::format("this is one of {} parts, whose names must end in -00001-of-{:05}.gguf "
                                     "for the others to be found",
                                     count, count));
  if (name->count != count)
    header.metadata.fail("split.count",
                         fmt::format("{} parts, but the name of the file says {}", count, name->count));
  return *name;
}

GgufHeader read_part(const PartName& name, std::uint32_t number, const OpenSource& open) {
  const std::string path = path_of(name, number);
  GgufHeader header;
  try {
    header = read_gguf_header(open(path));
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("part {} of {}: {}", number, name.count, error.what()));
  }
  if (header.metadata.number("split.no") != number - 1 || split_count(header) != name.count)
    header.metadata.fail(
        "split.no", fmt::format("this is not part {} of {}, although its name says so", number, name.count));
  return header;
}

// The limit for one file applies to all parts together.
constexpr std::size_t most_tensors = 262'144;

void append(GgufHeader& whole, GgufHeader part) {
  if (part.tensors.size() > most_tensors - whole.tensors.size())
    part.metadata.fail("split.count", fmt::format("the parts hold more than {} tensors", most_tensors));
  whole.tensors.insert(whole.tensors.end(), std::make_move_iterator(part.tensors.begin()),
                       std::make_move_iterator(part.tensors.end()));
  whole.types.insert(whole.types.end(), part.types.begin(), part.types.end());
  whole.header_bytes += part.header_bytes;
  whole.tensor_bytes += part.tensor_bytes;
  whole.file_bytes += part.file_bytes;
}

void check_whole(const GgufHeader& whole) {
  constexpr std::string_view key = "split.tensors.count";
  const std::optional<std::uint32_t> count = whole.metadata.number(key);
  if (count && *count != whole.tensors.size())
    whole.metadata.fail(
        key, fmt::format("{} tensors are claimed, but the parts hold {}", *count, whole.tensors.size()));
  std::unordered_set<std::string_view> names;
  for (const Tensor& tensor : whole.tensors)
    if (!names.insert(tensor.name).second)
      whole.metadata.fail(key, fmt::format("tensor {} is in two parts", printable(tensor.name)));
}

}  // namespace

GgufFile read_gguf(const std::string& path, const OpenSource& open) {
  GgufFile file{read_gguf_header(open(path)), {path}};
  if (split_count(file.header) <= 1) return file;
  const PartName name = require_name(path, file.header);
  file = {read_part(name, 1, open), {path_of(name, 1)}};
  for (std::uint32_t number = 2; number <= name.count; ++number) {
    append(file.header, read_part(name, number, open));
    file.files.push_back(path_of(name, number));
  }
  check_whole(file.header);
  return file;
}

}  // namespace vramcalc::source
