// conformance_files FOLDER NAME...: GGUF files with the keys and tensors of tests/measured/, whose data are
// holes. Prints the path of each.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "quantization/measured_types.hpp"
#include "runtime/measured.hpp"
#include "source/measured_files.hpp"

using namespace vramcalc;

namespace {

// The file type that llama.cpp's figures in tests/measured/ are for.
const test::MeasuredTypes& row_of(const test::MeasuredModel& model, const std::string& file_type) {
  for (const test::MeasuredTypes& row : model.rows)
    if (row.file_type == file_type && !row.refused) return row;
  throw std::runtime_error(model.name + " was not measured as " + file_type);
}

void write(const std::filesystem::path& path, const std::string& name) {
  const test::MeasuredModel model = test::measured_model(name);
  const test::MeasuredTypes& row = row_of(model, measured::file_type(name));
  std::vector<ElementType> types;
  for (const Tensor& tensor : model.tensors) types.push_back(row.types.at(tensor.name));
  const measured::WrittenFile file = measured::write_file(name, model.tensors, types);
  std::ofstream(path, std::ios::binary) << file.header;
  std::filesystem::resize_file(path, file.size);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  std::filesystem::create_directories(folder);
  for (int i = 2; i < argc; ++i) {
    const std::filesystem::path path = folder / (std::string(argv[i]) + ".gguf");
    write(path, argv[i]);
    std::puts(path.c_str());
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "conformance_files: %s\n", e.what());
  return 2;
}
