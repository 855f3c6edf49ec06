// vramcalc_header write FILE: a GGUF with a vocabulary of 128,256, its merges and 300 tensors, with a hole
// for the data. vramcalc_header read FILE: the time to read its header, compared with a plain read of the
// same bytes.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#ifndef _WIN32
#include <sys/resource.h>
#endif

#include "source/gguf.hpp"
#include "source/gguf_writer.hpp"

namespace {

using namespace vramcalc;

constexpr int rounds = 100;

std::vector<std::string> words(std::size_t count, std::size_t letters) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) {
    std::string word = std::to_string(i);
    word.resize(letters, 'x');
    result.push_back(std::move(word));
  }
  return result;
}

void write(const std::string& path) {
  constexpr std::size_t tokens = 128'256, merges = 280'147;  // Llama 3
  GgufWriter writer;
  writer.key("general.architecture", "llama").key("tokenizer.ggml.model", "gpt2");
  writer.texts("tokenizer.ggml.tokens", words(tokens, 8));
  writer.numbers("tokenizer.ggml.token_type", std::vector<std::int64_t>(tokens, 1));
  writer.texts("tokenizer.ggml.merges", words(merges, 8));
  std::uint64_t data = 0;
  for (int i = 0; i < 300; ++i) {
    writer.tensor("blk." + std::to_string(i) + ".ffn_up.weight", {4096, 14336}, 0, data);
    data += std::uint64_t{4} * 4096 * 14336;
  }
  const std::string header = writer.bytes();
  std::ofstream(path, std::ios::binary) << header;
  std::filesystem::resize_file(path, header.size() + data);
}

template <class Work>
double median_milliseconds(const Work& work) {
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  return times[rounds / 2];
}

void plain_read(const std::string& path, std::uint64_t bytes) {
  std::vector<char> window(64 << 10);
  std::ifstream in(path, std::ios::binary);
  for (std::uint64_t rest = bytes; rest > 0; rest -= std::min<std::uint64_t>(rest, window.size()))
    in.read(window.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(rest, window.size())));
}

double most_megabytes() {
#ifdef _WIN32
  return 0;
#else
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
#endif
}

void read(const std::string& path) {
  source::GgufHeader header = source::read_gguf_header(source::file_source(path));
  const double whole =
      median_milliseconds([&] { header = source::read_gguf_header(source::file_source(path)); });
  const double plain = median_milliseconds([&] { plain_read(path, header.header_bytes.count()); });
  std::printf(
      "header of %.1f MB with %zu tensors: %.2f ms (at most 10), a plain read of it %.2f ms; %.1f MiB (at "
      "most 20)\n",
      static_cast<double>(header.header_bytes.count()) / 1e6, header.tensors.size(), whole, plain,
      most_megabytes());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what != "write" && what != "read")
    return std::fputs("usage: vramcalc_header write|read FILE\n", stderr), 2;
  try {
    what == "write" ? write(argv[2]) : read(argv[2]);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "vramcalc_header: %s\n", error.what()), 1;
  }
}
