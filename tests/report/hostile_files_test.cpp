#include "source/hostile_files.hpp"

#include <array>
#include <map>
#include <optional>

#include "catch.hpp"
#include "model/printable.hpp"
#include "source/gguf_writer.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/error.hpp"

// Hostile files, through every reader.

using namespace vramcalc;

namespace {

struct Way {
  const char* name;
  Command command;
  const char* gpu;
  std::uint32_t experts_on_host;
};
constexpr std::array ways{
    Way{"overview", Command::overview, "",            0},
    Way{"check",    Command::check,    "rtx-4090",    0},
    Way{"check 2x", Command::check,    "2x rtx-4090", 0},
    Way{"-ncmoe",   Command::check,    "2x rtx-4090", 3},
    Way{"plan",     Command::plan,     "rtx-4090",    0},
};

// The refusal; empty if it is answered.
std::optional<Error> refusal_of(const std::string& path, const Way& way) {
  Question question;
  question.command = way.command;
  question.model = path;
  question.gpu = way.gpu;
  question.options.llama_cpp.model.cpu_moe_layers = way.experts_on_host;
  try {
    answer(question);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace

TEST_CASE("every command refuses a hostile file with one line that says what is wrong") {
  const ScratchFolder folder;
  std::map<std::string, int> kinds;
  for (const HostileFile& file : hostile_files()) {
    const std::string path = folder.write("m.gguf", file.bytes, file.size);
    for (const Way& way : test::sampled(std::vector(ways.begin(), ways.end()), file.what)) {
      INFO(file.kind << ", " << file.what << ", " << way.name);
      const auto refusal = refusal_of(path, way);
      CHECK(refusal.has_value() == !file.refusal.empty());
      if (!refusal) continue;
      const std::string line = refusal->what();
      INFO(line);
      CHECK(line.starts_with(path));
      CHECK(line.find(file.refusal) != std::string::npos);
      CHECK(printable(line, SIZE_MAX) == line);
      CHECK((refusal->code() == ErrorCode::bad_file || refusal->code() == ErrorCode::unsupported));
    }
    ++kinds[file.kind];
  }
  CHECK(kinds.size() >= 12);
}
