#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/llama_cpp/llama_cpp.hpp"
#include "runtime/rule_of_thumb.hpp"
#include "runtime/serving/sglang/sglang.hpp"
#include "runtime/serving/vllm/vllm.hpp"
#include "runtime/short_rules/short_rules.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc {

std::span<const Runtime> runtimes() {
  static const std::array table{llama_cpp::runtime(),    vllm::runtime(),   sglang::runtime(),
                                transformers::runtime(), mlx_lm::runtime(), tensorrt_llm::runtime(),
                                rule_of_thumb::runtime()};
  return table;
}

namespace {

bool is_called(const Runtime& runtime, std::string_view name) {
  return runtime.id == name || std::ranges::find(runtime.tools, name) != runtime.tools.end();
}

[[noreturn]] void fail_as_unknown(std::span<const Runtime> runtimes, std::string_view name) {
  std::vector<std::string> known;
  for (const Runtime& runtime : runtimes) {
    known.emplace_back(runtime.id);
    known.insert(known.end(), runtime.tools.begin(), runtime.tools.end());
  }
  throw Error(ErrorCode::unknown_name,
              fmt::format("unknown runtime \"{}\"; known: {}", name, fmt::join(known, ", ")), known);
}

}  // namespace

RuntimeChoice choose_runtime(std::span<const Runtime> runtimes, std::string_view words,
                             const AskedOptions& options) {
  const std::size_t at = std::min(words.find('@'), words.size());
  const std::string_view name = words.substr(0, at);
  if (at + 1 == words.size())
    throw Error(
        ErrorCode::bad_value,
        fmt::format("--runtime: \"{}\" has no release after the @; write one, or leave out the @", words));
  const auto runtime =
      std::ranges::find_if(runtimes, [&](const Runtime& each) { return is_called(each, name); });
  if (runtime == runtimes.end()) fail_as_unknown(runtimes, name);
  RuntimeChoice choice{&*runtime,
                       std::string(name == runtime->id ? std::string_view() : name),
                       std::string(words.substr(std::min(at + 1, words.size()))),
                       {},
                       {}};
  if (runtime->options != nullptr) choice.options = runtime->options(options);
  if (runtime->select != nullptr)
    runtime->select(choice.options, choice.tool, choice.release);
  else if (!choice.release.empty())
    throw Error(ErrorCode::bad_value, fmt::format("--runtime: {} has no releases", runtime->id));
  if (runtime->tool_title != nullptr) choice.title = runtime->tool_title(choice.options);
  return choice;
}

}  // namespace vramcalc
