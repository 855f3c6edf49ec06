#include "runtime/llama_cpp/tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

constexpr std::uint32_t one_slot = 1;

// llama-cli runs a server in its own process, with one slot (0.5.0, tools/cli/cli-server.h; common/common.h).
// llama-bench's context holds its prompt of 512 tokens, and llama_context_params has one sequence
// (tools/llama-bench/llama-bench.cpp; src/llama-context.cpp). Ollama passes -np 1 (llm/llama_server.go).
// LM Studio passes --parallel 4 --kv-unified and, unless its user says otherwise, 4,096 tokens (public
// command lines of its engines 2.30 to 2.51, index ids 70895503891 and 54840884862).
// clang-format off
constexpr std::array<ToolRules, 7> rows = {
    ToolRules{Tool::llama_server,     "",                 "llama-server",     false, true,  std::nullopt, 0},
    ToolRules{Tool::llama_cli,        "llama-cli",        "llama-cli",        false, true,  one_slot,     0},
    ToolRules{Tool::llama_bench,      "llama-bench",      "llama-bench",      true,  false, one_slot,     512},
    ToolRules{Tool::llama_fit_params, "llama-fit-params", "llama-fit-params", true,  false, one_slot,     0},
    ToolRules{Tool::bindings,         "bindings",         "bindings",         true,  false, one_slot,     0},
    ToolRules{Tool::ollama,           "ollama",           "Ollama",           false, true,  one_slot,     0},
    ToolRules{Tool::lm_studio,        "lm-studio",        "LM Studio",        false, false, std::nullopt, 4096},
};
// clang-format on

constexpr std::array<std::string_view, rows.size() - 1> names_of_rows() {
  std::array<std::string_view, rows.size() - 1> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = rows[i + 1].id;
  return names;
}
constexpr std::array names = names_of_rows();

// ---- releases of Ollama

struct Version {
  std::uint32_t minor = 0, patch = 0;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

// From this version on, released on this date, it holds one of these builds: of both ends it is known that
// one version had it (LLAMA_CPP_VERSION of its tags and of pull requests 17055, 18003, 18199 and 18317;
// builds in public logs).
struct OllamaRelease {
  Version version;
  std::uint32_t date;
  Builds builds;
};
constexpr std::array ollama_releases = {
    OllamaRelease{{30, 0}, 20260601, {9000, 9888}  },
    OllamaRelease{{32, 0}, 20260707, {9888, 10488} },
    OllamaRelease{{33, 0}, 20260825, {10488, 10488}},
    OllamaRelease{{33, 1}, 20260827, {10630, 10864}},
    OllamaRelease{{34, 0}, 20260909, {10760, 10969}},
    OllamaRelease{{34, 2}, 20260915, {10969, 10969}},
    OllamaRelease{{34, 3}, 20260918, {10969, 11081}},
    OllamaRelease{{35, 0}, 20260922, {11081, 11081}},
};
// Engines of its own computed before (pull request 16031).
constexpr Version first_with_llama_server{30, 0}, last_known{40, 99};
constexpr std::uint32_t last_known_date = 20261031;

[[noreturn]] void refuse_unknown(std::string_view release) {
  throw Error(ErrorCode::bad_value,
              fmt::format("--runtime: the rules of Ollama \"{}\" are not known; known: 0.30 to 0.40, dates "
                          "from 2026-06-01 to 2026-10-31, and builds of llama.cpp (b10969)",
                          release));
}

[[noreturn]] void refuse_own_engine(std::string_view release) {
  throw Error(ErrorCode::bad_value,
              fmt::format("--runtime: Ollama {} computes with an engine of its own, whose buffers are not "
                          "known; from 0.30 on it starts llama-server",
                          release));
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "0.34.2", "v0.34.2", "0.34", "0.34.x", "0.34.2-rc1", "0.34.2-rocm"; of "0.34" the last patch.
std::optional<Version> version_in(std::string_view text) {
  constexpr std::uint32_t any = 99;
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find('-'));
  if (!text.starts_with("0.")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto minor = number(text.substr(0, dot));
  const std::string_view rest = dot < text.size() ? text.substr(dot + 1) : "x";
  const auto patch = rest == "x" ? std::optional(any) : number(rest);
  if (!minor || !patch) return std::nullopt;
  return Version{*minor, *patch};
}

// "2026-09-29", "2026-09" (its first day).
std::optional<std::uint32_t> date_in(std::string_view text) {
  if ((text.size() != 7 && text.size() != 10) || text[4] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2));
  const auto day = text.size() == 10 && text[7] == '-' ? number(text.substr(8, 2)) : std::optional(1u);
  if (!year || !month || !day || (text.size() == 10 && text[7] != '-')) return std::nullopt;
  return *year * 10000 + *month * 100 + *day;
}

template <class Key, class Project>
Builds last_up_to(const Key& key, Project member) {
  const auto after = std::ranges::upper_bound(ollama_releases, key, {}, member);
  return (after - 1)->builds;
}

// Of "0.33" every patch may be meant.
Builds builds_of_version(const Version& version, bool any_patch) {
  const Builds last = last_up_to(version, &OllamaRelease::version);
  if (!any_patch) return last;
  return {last_up_to(Version{version.minor, 0}, &OllamaRelease::version).first, last.last};
}

Builds builds_of_ollama(std::string_view release) {
  if (release.empty()) return ollama_releases.back().builds;
  if (const auto version = version_in(release)) {
    if (*version < first_with_llama_server) refuse_own_engine(release);
    if (*version > last_known) refuse_unknown(release);
    return builds_of_version(*version, version->patch == last_known.patch);
  }
  const auto date = date_in(release);
  if (!date || *date > last_known_date) refuse_unknown(release);
  if (*date < ollama_releases.front().date) refuse_own_engine(release);
  return last_up_to(*date, &OllamaRelease::date);
}

// Its engines have versions of their own ("2.40.0").
void refuse_engines_of_lm_studio(std::string_view release) {
  if (release.starts_with("1.") || release.starts_with("2."))
    throw Error(
        ErrorCode::bad_value,
        fmt::format("--runtime: which llama.cpp is in LM Studio's engine {} is not known; name the build, "
                    "as in lm-studio@b10969",
                    release));
}

bool is_build(std::string_view release) { return release.starts_with('b') && number(release.substr(1)); }

std::string name_of(const Builds& builds) {
  if (builds.first == builds.last) return fmt::format("b{}", builds.first);
  return fmt::format("b{} to b{}", builds.first, builds.last);
}

}  // namespace

std::span<const std::string_view> tools() { return names; }

const ToolRules& tool_called(std::string_view id) { return *std::ranges::find(rows, id, &ToolRules::id); }

const ToolRules& rules_of(Tool tool) { return *std::ranges::find(rows, tool, &ToolRules::tool); }

// Engines of LM Studio hold builds of August and September 2026.
std::optional<Builds> builds_of(Tool tool, std::string_view release) {
  constexpr Builds of_lm_studio{10488, 11480};
  if (tool == Tool::ollama && !is_build(release)) return builds_of_ollama(release);
  if (tool == Tool::lm_studio) refuse_engines_of_lm_studio(release);
  if (!release.empty()) return std::nullopt;
  return tool == Tool::lm_studio ? std::optional(of_lm_studio) : std::nullopt;
}

// Bindings hold any release if they name none.
ReleaseRules release_rules(std::string_view tool, std::string_view release) {
  const ToolRules& rules = tool_called(tool);
  if (rules.tool == Tool::bindings && release.empty()) return with_logits(rules_of_any_release(), true);
  const auto builds = builds_of(rules.tool, release);
  return with_logits(builds ? release_rules(*builds) : release_rules(release), rules.all_logits);
}

DraftingRules drafting_rules(std::string_view tool, std::string_view release) {
  const auto builds = builds_of(tool_called(tool).tool, release);
  return builds ? drafting_rules(*builds) : drafting_rules(release);
}

// 0.40.0 of 2026-09-25: "Models run on MLX on Apple Silicon by default".
bool prefers_mlx(std::string_view release) {
  constexpr Version first{40, 0};
  constexpr std::uint32_t first_date = 20260925;
  if (release.empty()) return true;
  if (const auto version = version_in(release)) return *version >= first;
  const auto date = date_in(release);
  return date && *date >= first_date;
}

std::string title_of(Tool tool, std::string_view release) {
  const std::string title(rules_of(tool).title);
  const auto builds = builds_of(tool, release);
  if (!builds) return release.empty() ? title : fmt::format("{} with llama.cpp {}", title, release);
  return fmt::format("{}{}{} (llama.cpp {})", title, release.empty() ? "" : " ", release, name_of(*builds));
}

}  // namespace vramcalc::llama_cpp
