#include <fmt/format.h>

#include <array>

#include "runtime/llama_cpp/llama_cpp.hpp"
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
  std::vector<std::string> known;
  for (const Runtime& runtime : runtimes()) {
    if (runtime.id == id) return runtime;
    known.emplace_back(runtime.id);
  }
  throw Error(ErrorCode::unknown_name,
              fmt::format("unknown runtime \"{}\"; known: {}", id, fmt::join(known, ", ")), known);
}

}  // namespace vramcalc
