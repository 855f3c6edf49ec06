// as_computed PROGRAM: asks PROGRAM twice about every model of the catalog: once normally, when it answers
// from the figures that its build computed, and once with an empty user catalog, when it computes them. Both
// answers must be the same, byte for byte.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Program {
 public:
  explicit Program(std::string path) : path_(std::move(path)), folder_(fs::current_path() / "answers") {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "empty.json") << R"({"models": []})";
  }

  Words models() const {
    answer({"models", "--json"});
    const auto listing = nlohmann::json::parse(text_of(folder_ / "out"));
    Words ids;
    for (const auto& model : listing.at("models")) ids.push_back(model.at("id"));
    return ids;
  }

  // Its complete output and its exit status.
  std::string answer(Words words) const {
    words.insert(words.begin(), path_);
    const int status =
        vramcalc::test::run({words, {{"COLUMNS", "120"}}, {}, folder_ / "out", folder_ / "err"});
    return text_of(folder_ / "out") + text_of(folder_ / "err") + "exit " + std::to_string(status);
  }

  std::string computed(Words words) const {
    words.insert(words.end(), {"--catalog", (folder_ / "empty.json").string()});
    return answer(std::move(words));
  }

 private:
  std::string path_;
  fs::path folder_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return std::fputs("usage: as_computed PROGRAM\n", stderr), 2;
  const Program program(argv[1]);
  int different = 0, asked = 0;
  const auto compare = [&](const Words& words) {
    ++asked;
    if (program.answer(words) == program.computed(words)) return;
    ++different;
    for (const std::string& word : words) std::fprintf(stderr, "%s ", word.c_str());
    std::fputs("— the answer differs from the computed one\n", stderr);
  };
  const Words models = program.models();
  for (const std::string& id : models) {
    compare({id, "--json"});
    compare({id, "-q", "Q8_0", "-c", "30000"});
  }
  std::printf("%d answers, %d differ\n", asked, different);
  return asked == 0 || different > 0 ? 1 : 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "as_computed: %s\n", error.what()), 1;
}
