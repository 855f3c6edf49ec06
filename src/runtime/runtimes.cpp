#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/llama_cpp/llama_cpp.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/rule_of_thumb.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc {

// A new runtime is a folder beside llama_cpp/ and a row here.
std::span<const Runtime> runtimes() {
  static const std::array table{llama_cpp::runtime(), rule_of_thumb::runtime()};
  return table;
}

const Runtime& find_runtime(std::string_view id) {
  for (const Runtime& runtime : runtimes())
    if (runtime.id == id) return runtime;
  std::vector<std::string> known(llama_cpp::tools().begin(), llama_cpp::tools().end());
  for (const Runtime& runtime : runtimes())
    if (std::ranges::find(known, runtime.id) == known.end()) known.emplace_back(runtime.id);
  throw Error(ErrorCode::unknown_name,
              fmt::format("unknown runtime \"{}\"; known: {}", id, fmt::join(known, ", ")), known);
}

RuntimeName runtime_named(const std::string& words) {
  const std::size_t at = std::min(words.find('@'), words.size());
  RuntimeName name{words.substr(0, at), {}, words.substr(std::min(at + 1, words.size())), false};
  if (at + 1 == words.size())
    throw Error(ErrorCode::bad_value,
                fmt::format("--runtime: \"{}\" has no release behind the @; write {}@b9010", words, name.id));
  const auto tools = llama_cpp::tools();
  const auto tool = std::ranges::find(tools, name.id);
  if (tool != tools.end()) {
    name.reserves_all_logits = llama_cpp::reserves_all_logits(*tool, name.release);
    if (tool != tools.begin()) name.tool = *tool;
    name.id = tools.front();
  } else if (find_runtime(name.id); !name.release.empty()) {
    throw Error(ErrorCode::bad_value, fmt::format("--runtime: {} has no releases", name.id));
  }
  return name;
}

}  // namespace vramcalc
