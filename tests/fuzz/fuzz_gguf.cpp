#include <nlohmann/json.hpp>

#include "fuzz/target.hpp"
#include "source/gguf_architecture.hpp"
#include "vramcalc/model.hpp"

// A GGUF header, and the shape read from it. Every second input is treated as if followed by a large hole, so
// that the data lie within the file.

using namespace vramcalc;

namespace {

source::ByteSource with_hole(std::string bytes) {
  source::ByteSource file = source::memory_source("fuzz.gguf", std::move(bytes));
  const auto read = file.read;
  file.size += std::uint64_t{1} << 50;
  file.read = [read](std::uint64_t offset, std::span<char> into) {
    const std::size_t count = read(offset, into);
    std::fill(into.begin() + static_cast<std::ptrdiff_t>(count), into.end(), '\0');
    return into.size();
  };
  return file;
}

void read(std::string bytes) {
  const bool hole = bytes.size() % 2 == 0;
  const source::ByteSource file =
      hole ? with_hole(std::move(bytes)) : source::memory_source("fuzz.gguf", std::move(bytes));
  source::GgufHeader header = source::read_gguf_header(file);
  const Architecture architecture = source::gguf_architecture(header, fuzz::architectures());
  source::compare_tensors(architecture, header.tensors);
  parameters_of(architecture);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] { read(fuzz::text(data, size)); });
}
