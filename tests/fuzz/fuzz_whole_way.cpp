#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fuzz/gguf_mutator.hpp"
#include "fuzz/target.hpp"
#include "model/printable.hpp"
#include "render/render.hpp"
#include "report/report.hpp"

// An untrusted GGUF file, all the way: file → overview, check, plan, compare → table and JSON. The first
// two bytes of an input choose the command and its settings, the rest is the file, followed by a large hole
// in place of the data. Every input is answered or refused in one line.

using namespace vramcalc;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t selectors = 2;
constexpr off_t with_hole = off_t{1} << 50;

[[noreturn]] void stop(const char* why, const std::string& text) {
  std::fprintf(stderr, "whole_way: %s: %s\n", why, text.c_str());
  __builtin_trap();
}

// ---- the file

// In memory, under one name for the whole run.
class File {
 public:
  File() : path_("/dev/shm/vramcalc-fuzz-" + std::to_string(getpid()) + ".gguf") {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (descriptor_ < 0) std::abort();
  }
  ~File() { unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  void write(const std::uint8_t* data, std::size_t size, bool hole) {
    if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, data, size, 0) < 0 ||
        (hole && ftruncate(descriptor_, with_hole) != 0))
      std::abort();
  }

 private:
  std::string path_;
  int descriptor_;
};

// ---- the question

struct Asked {
  Command command;
  const char* gpu;
  void (*set)(Question& question, std::uint8_t number);
};

void nothing(Question&, std::uint8_t) {}
// clang-format 14 crashes on this table.
// clang-format off
constexpr std::array asked{
    Asked{Command::overview, "", nothing},
    Asked{Command::check, "rtx-4090", nothing},
    Asked{Command::check, "2x rtx-4090", nothing},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t n) { q.options.llama_cpp.model.cpu_moe_layers = n; }},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t n) { q.options.llama_cpp.model.gpu_layers = n % 8; }},
    Asked{Command::check, "2x rtx-4090",
          [](Question& q, std::uint8_t n) { q.options.llama_cpp.model.cpu_moe_layers = n % 8; }},
    Asked{Command::plan, "rtx-4090", nothing},
    Asked{Command::plan, "2x rtx-3060-12gb",
          [](Question& q, std::uint8_t n) { q.context = 256u * n; }},
    Asked{Command::check, "24GiB", [](Question& q, std::uint8_t) { q.quantization = "Q4_K_M"; }},
    Asked{Command::compare, "", [](Question& q, std::uint8_t) { q.compare.models = {q.model}; }},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t n) {
            llama_cpp::ContextParams& context = q.options.llama_cpp.context;
            context.flash_attention = n % 2 == 0 ? llama_cpp::FlashAttention::off : llama_cpp::FlashAttention::on;
            context.parallel = 1u + n % 5;
            context.ubatch = 64u * (1u + n % 7);
          }},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t) {
            llama_cpp::ContextParams& context = q.options.llama_cpp.context;
            context.cache_type_k = context.cache_type_v = ElementType::q8_0;
          }},
    Asked{Command::check, "rtx-4090", [](Question& q, std::uint8_t) { q.explain = true; }},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t n) {
            (n % 2 == 0 ? q.projector : q.draft) = q.model;
            q.model = "qwen3-0.6b";
          }},
    Asked{Command::check, "rtx-4090",
          [](Question& q, std::uint8_t) {
            q.adapters = {q.model};
            q.model = "qwen3-0.6b";
          }},
    Asked{Command::plan, "rtx-4090", [](Question& q, std::uint8_t) { q.plan.like_runtime = true; }},
};
// clang-format on

Report answer_to(const Catalog& catalog, const report::Asked& complete) {
  switch (complete.question.command) {
    case Command::check: return report::check(catalog, complete);
    case Command::plan: return report::plan(catalog, complete);
    case Command::compare: return report::compare(catalog, complete);
    default: return report::overview(catalog, complete);
  }
}

// ---- the answer

void require_printable(const std::string& text) {
  std::string lines = text;
  std::erase(lines, '\n');
  if (printable(lines, SIZE_MAX) != lines) stop("what is printed is not fit for a terminal", text);
}

void require_json(const std::string& text) {
  if (!nlohmann::json::accept(text)) stop("no whole JSON document", text);
}

void show(const Report& report, std::uint8_t number) {
  if (number % 2 == 0) {
    const std::string json = render::json(report, {});
    require_printable(json);
    require_json(json);
  } else {
    require_printable(render::table(report, {}));
  }
}

void require_one_line(const Error& error) {
  const std::string text = error.what();
  if (text.empty() || printable(text, SIZE_MAX) != text) stop("an error is not one printable line", text);
  if (error.code() == ErrorCode::output || error.code() == ErrorCode::usage)
    stop("an error that no file can cause", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Catalog catalog;
  static File file;
  if (size < selectors) return 0;
  const std::uint8_t command = data[0], number = data[1];
  file.write(data + selectors, size - selectors, (command & 0x80u) == 0);
  const Asked& each = asked[command % asked.size()];
  Question question;
  question.command = each.command;
  question.model = file.path();
  question.gpu = each.gpu;
  each.set(question, number);
  try {
    show(answer_to(catalog, report::completed(question, runtimes())), number);
  } catch (const Error& error) {
    require_one_line(error);
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  fuzz::Random random(seed);
  if (size > 0 && random() % 4 == 0)
    data[random() % std::min(size, selectors)] = static_cast<std::uint8_t>(random());
  std::optional<Gguf> gguf =
      size < selectors || random() % 32 == 0
          ? std::nullopt
          : take_apart({reinterpret_cast<const char*>(data) + selectors, size - selectors});
  if (!gguf) return LLVMFuzzerMutate(data, size, max_size);
  fuzz::mutate(*gguf, random);
  const std::string bytes = put_together(*gguf, random() % 16 == 0);
  if (bytes.size() + selectors > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(bytes.begin(), bytes.end(), data + selectors);
  return bytes.size() + selectors;
}
