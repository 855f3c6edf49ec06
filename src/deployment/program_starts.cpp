#include "deployment/program_starts.hpp"

#include <algorithm>
#include <array>

#include "deployment/image.hpp"

namespace vramcalc::deployment {
namespace {

struct StartRow {
  std::string_view program;
  std::array<std::string_view, 4> words;
};
constexpr std::array starts = {
    StartRow{"llama-server", {"llama-server"}                                      },
    StartRow{"llama-server", {"tools.sh", "--server"}                              },
    StartRow{"ollama",       {"ollama", "serve"}                                   },
    StartRow{"ollama",       {"ollama", "start"}                                   },
    StartRow{"ollama",       {"ollama", "run"}                                     },
    StartRow{"sglang",       {"sglang", "serve"}                                   },
    StartRow{"sglang",       {"python", "-m", "sglang.launch_server"}              },
    StartRow{"vllm",         {"vllm", "serve"}                                     },
    StartRow{"vllm",         {"python", "-m", "vllm.entrypoints.openai.api_server"}},
    StartRow{"vllm",         {"python", "-m", "vllm.entrypoints.api_server"}       },
    StartRow{"vllm",         {"python", "-m", "vllm.entrypoints.cli.main", "serve"}},
};

struct ImageRow {
  std::string_view name;
  std::string_view tag;  // begins so
  std::array<std::string_view, 2> entrypoint;
  std::string_view command;
};
constexpr std::array images = {
    ImageRow{"ggml-org/llama.cpp",    "full", {"tools.sh"},      ""     },
    ImageRow{"ggml-org/llama.cpp",    "",     {"llama-server"},  ""     },
    ImageRow{"ggerganov/llama.cpp",   "full", {"tools.sh"},      ""     },
    ImageRow{"ggerganov/llama.cpp",   "",     {"llama-server"},  ""     },
    ImageRow{"ollama/ollama",         "",     {"ollama"},        "serve"},
    ImageRow{"lmsysorg/sglang",       "",     {},                ""     },
    ImageRow{"vllm/vllm-openai",      "",     {"vllm", "serve"}, ""     },
    ImageRow{"vllm/vllm-openai-rocm", "",     {"vllm", "serve"}, ""     },
};

std::vector<std::string> strings(std::span<const std::string_view> words) {
  std::vector<std::string> all;
  for (const std::string_view word : words)
    if (!word.empty()) all.emplace_back(word);
  return all;
}

// Python's own options before what it runs.
std::size_t python_options(std::span<const Word> words) {
  std::size_t i = 1;
  while (i < words.size() && words[i].text.starts_with('-') && words[i].text != "-m" && words[i].text != "-c")
    i += words[i].text == "-X" || words[i].text == "-W" ? 2 : 1;
  return std::min(i, words.size());
}

bool is_same_word(std::string_view word, std::string_view row, bool first) {
  if (!first) return word == row;
  return base_name(word) == base_name(row) || (is_python(word) && is_python(row));
}

// The number of words that a row takes of a command line; 0 if it is not that.
std::size_t taken(std::span<const Word> words, const std::vector<std::string>& row) {
  if (words.empty() || row.empty() || !is_same_word(words[0].text, row[0], true)) return 0;
  const std::size_t first = is_python(row[0]) ? python_options(words) : 1;
  const std::size_t count = first + row.size() - 1;
  if (words.size() < count) return 0;
  for (std::size_t i = 1; i < row.size(); ++i)
    if (!is_same_word(words[first + i - 1].text, row[i], false)) return 0;
  return count;
}

}  // namespace

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (path.ends_with(".exe")) path.remove_suffix(4);
  return path;
}

bool is_python(std::string_view word) {
  std::string_view name = base_name(word);
  if (!name.starts_with("python")) return false;
  name.remove_prefix(6);
  return std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<ProgramStart> find_start(std::span<const Word> words) {
  for (const StartRow& row : starts)
    if (const std::size_t count = taken(words, strings(row.words)); count > 0)
      return ProgramStart{.program = std::string(row.program), .words = count};
  return std::nullopt;
}

std::optional<ImageStart> start_of_image(std::string_view image) {
  for (const ImageRow& row : images)
    if (is_image(image, row.name) && image_tag(image).starts_with(row.tag))
      return ImageStart{.entrypoint = strings(row.entrypoint),
                        .command = strings(std::span<const std::string_view>(&row.command, 1))};
  return std::nullopt;
}

}  // namespace vramcalc::deployment
