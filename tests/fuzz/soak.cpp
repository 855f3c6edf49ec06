#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

// Runs a fuzz target without libFuzzer and its instrumentation, for large numbers of inputs: mutates the
// files of a folder with the target's mutator and runs them. The input that stopped it is in soak-stopped.
//   soak_whole_way COUNT SEED FOLDER

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed);

namespace {

constexpr std::size_t longest = 65'536;
constexpr unsigned hang_seconds = 5;
std::minstd_rand random_number;
std::vector<std::uint8_t> input;  // the current input

using Bytes = std::vector<std::uint8_t>;
Bytes read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// In the order of their names, so that a seed means the same everywhere.
std::vector<Bytes> files_of(const char* folder) {
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.insert(entry.path());
  std::vector<Bytes> files;
  for (const auto& path : paths) {
    files.push_back(read(path));
    if (files.back().size() > longest) files.pop_back();
  }
  return files;
}

void keep_input(int signal) {
  const int file = open("soak-stopped", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const bool kept = file >= 0 && write(file, input.data(), input.size()) >= 0;
  constexpr char said[] = "soak: stopped; the input is in soak-stopped\n";
  if (kept && write(STDERR_FILENO, said, sizeof said - 1) < 0) _exit(2);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void mutate(const Bytes& file) {
  input = file;
  std::size_t size = input.size();
  input.resize(longest);
  for (std::size_t left = 1 + random_number() % 4; left > 0; --left)
    size = LLVMFuzzerCustomMutator(input.data(), size, longest, static_cast<unsigned>(random_number()));
  input.resize(size);
}

double seconds_of_run() {
  const auto start = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

// Like libFuzzer's, for inputs that are not a GGUF: changes one byte.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t) {
  if (size > 0) data[random_number() % size] = static_cast<std::uint8_t>(random_number());
  return size;
}

int main(int count_of_words, char** words) {
  if (count_of_words != 4) return 2;
  const std::uint64_t count = std::strtoull(words[1], nullptr, 10);
  random_number.seed(static_cast<unsigned>(std::strtoul(words[2], nullptr, 10)));
  const std::vector<Bytes> files = files_of(words[3]);
  if (files.empty()) return 2;
  for (const int signal : {SIGSEGV, SIGABRT, SIGILL, SIGBUS, SIGFPE, SIGTRAP, SIGALRM})
    std::signal(signal, keep_input);
  double slowest = 0;
  for (std::uint64_t run = 1; run <= count; ++run) {
    mutate(files[random_number() % files.size()]);
    alarm(hang_seconds);
    slowest = std::max(slowest, seconds_of_run());
    alarm(0);
    if (run % 10'000 != 0 && run != count) continue;
    std::printf("%llu runs, the slowest %.3f s\n", static_cast<unsigned long long>(run), slowest);
    std::fflush(stdout);
  }
  return 0;
}
