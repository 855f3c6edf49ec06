#include "render/document/settings.hpp"

#include <fmt/format.h>

#include "render/numbers.hpp"

namespace vramcalc::render {
namespace {

std::string runtime_title(const Settings& settings) {
  const std::string& version = settings.release.empty() ? settings.runtime_version : settings.release;
  return version.empty() ? settings.runtime : settings.runtime + ' ' + version;
}

}  // namespace

std::uint64_t asked_context(const Settings& settings) {
  return settings.asked.context.value_or(settings.resolved.context);
}

std::string settings_text(const Settings& settings) {
  const Workload& asked = settings.asked;
  std::string text = runtime_title(settings);
  if (!settings.tool.empty()) text = settings.tool + " of " + text;
  const auto add = [&](bool unusual, const std::string& what) {
    if (unusual) text.append(" · ").append(what);
  };
  add(settings.backend != Backend::cuda && settings.backend != Backend::rocm,
      std::string(title(settings.backend)));
  add(asked.parallel.has_value(), fmt::format("{} slots, {}", settings.resolved.sequences,
                                              settings.resolved.kv_unified ? "one cache" : "a cache each"));
  add(asked.cache_type_k != ElementType::f16 || asked.cache_type_v != ElementType::f16,
      fmt::format("cache {}/{}", to_string(asked.cache_type_k), to_string(asked.cache_type_v)));
  add(asked.flash_attention != FlashAttention::automatic,
      asked.flash_attention == FlashAttention::on ? "flash attention" : "no flash attention");
  add(asked.batch != Workload{}.batch, fmt::format("batch {}", asked.batch));
  add(asked.ubatch != Workload{}.ubatch, fmt::format("ubatch {}", asked.ubatch));
  add(asked.swa_full, "full-size windows");
  add(!asked.kv_offload, "KV cache in host memory");
  return text;
}

std::string room_text(const Room& room, const Settings& settings) {
  if (room.sequences < 2) return {};
  const bool shared = settings.asked.kv_unified.value_or(false);
  return fmt::format("room for {} sequences of {} tokens at once (-np {}{} -c {})", room.sequences,
                     grouped(room.tokens), room.sequences, shared ? " -kvu" : "",
                     room.tokens * room.sequences);
}

bool has_charted_quality(const Settings& settings) { return settings.runtime == "rule-of-thumb"; }

}  // namespace vramcalc::render
