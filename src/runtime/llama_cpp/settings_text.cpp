#include "runtime/llama_cpp/settings_text.hpp"

#include <fmt/format.h>

namespace vramcalc::llama_cpp {

std::string slots_text(const ContextParams& params) {
  const std::uint32_t slots = params.parallel.value_or(1);
  if (slots == 1) return "1 slot";
  return fmt::format("{} slots, {}", slots, params.kv_unified.value_or(false) ? "one cache" : "a cache each");
}

}  // namespace vramcalc::llama_cpp
