#include "catalog/hardware_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "catalog/model_names.hpp"
#include "catalog/name_tokens.hpp"
#include "catalog/names.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using Tokens = std::vector<std::string>;

// Words that drivers and shops add to a name without telling devices apart.
constexpr std::string_view telling_nothing[] = {
    "nvidia", "amd",  "intel",       "apple", "geforce", "tesla", "radeon",  "graphics",   "graphic", "gpu",
    "gpus",   "card", "workstation", "oam",   "memory",  "vram",  "edition", "generation", "r",       "tm"};

bool is_number(const std::string& token) { return token.find_first_not_of("0123456789") == token.npos; }
bool is_memory_size(const std::string& token) { return is_digit(token.front()) && token.ends_with("gb"); }

// Those that match every device with them.
constexpr std::string_view brands[] = {"nvidia", "amd", "intel", "apple", "geforce", "tesla", "radeon"};

// "80 gb", "80g" and "80gib" → 80gb.
Tokens with_sizes(const Tokens& tokens) {
  Tokens result;
  for (const std::string& token : tokens) {
    const bool unit = token == "gb" || token == "gib" || token == "g";
    if (unit && !result.empty() && is_number(result.back()))
      result.back() += "gb";
    else if (is_digit(token.front()) && token.ends_with('g') && is_number(token.substr(0, token.size() - 1)))
      result.push_back(token + "b");
    else
      result.push_back(token);
  }
  return result;
}

// "HBM3", "GDDR6X": part of the catalog's rows, but not of their names.
Tokens without_memory_type(const Tokens& tokens) {
  Tokens result;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool type = tokens[i] == "hbm" || tokens[i] == "gddr";
    if (type && i + 1 < tokens.size() && is_digit(tokens[i + 1].front())) ++i;
    if (!type) result.push_back(tokens[i]);
  }
  return result;
}

Tokens all_tokens(std::string_view name) { return without_memory_type(with_sizes(name_tokens(name))); }

Tokens telling(Tokens tokens) {
  std::erase_if(tokens, [](const std::string& token) { return is_one_of(telling_nothing, token); });
  std::ranges::sort(tokens);
  return tokens;
}

struct Known {
  const Gpu* gpu = nullptr;
  const System* system = nullptr;
  std::vector<Tokens> names;       // id, title, aliases; each sorted
  Tokens vendor_and_architecture;  // sorted
  std::string memory;              // "24gb"

  std::string_view id() const { return gpu != nullptr ? gpu->id : system->id; }
  bool is_several() const { return system != nullptr && system->kind != System::Kind::unified; }
};

template <typename Row>
Known known(const Row& row) {
  Known result;
  for (const std::string_view name : {row.id, row.name}) result.names.push_back(telling(all_tokens(name)));
  for (const std::string_view name : row.aliases) result.names.push_back(telling(all_tokens(name)));
  result.vendor_and_architecture = name_tokens(row.vendor);
  result.memory = fmt::format("{:g}gb", row.memory_gb);
  return result;
}

std::vector<Known> all_known(const std::vector<const Gpu*>& gpus, const std::vector<const System*>& systems) {
  std::vector<Known> all;
  for (const Gpu* gpu : gpus) {
    all.push_back(known(*gpu));
    all.back().gpu = gpu;
    for (std::string& token : name_tokens(gpu->architecture))
      all.back().vendor_and_architecture.push_back(std::move(token));
    std::ranges::sort(all.back().vendor_and_architecture);
  }
  for (const System* system : systems) {
    all.push_back(known(*system));
    all.back().system = system;
  }
  return all;
}

bool has_all(const Tokens& tokens, const Tokens& wanted) { return std::ranges::includes(tokens, wanted); }

bool differs_by_size_only(const Tokens& tokens, const Tokens& wanted) {
  if (!has_all(tokens, wanted)) return false;
  Tokens rest;
  std::ranges::set_difference(tokens, wanted, std::back_inserter(rest));
  return std::ranges::all_of(rest, is_memory_size);
}

using Found = std::vector<const Known*>;

Found those(const std::vector<Known>& all, const auto& fits) {
  Found found;
  for (const Known& each : all)
    if (fits(each)) found.push_back(&each);
  // If a GPU matches, systems with several of them do not count.
  if (std::ranges::any_of(found, [](const Known* each) { return each->gpu != nullptr; }))
    std::erase_if(found, [](const Known* each) { return each->is_several(); });
  return found;
}

// The words without a memory size that the name does not have: "RTX 4090 24GB" is an RTX 4090.
Tokens but_for_memory(Tokens wanted, const Known& known, const Tokens& name) {
  if (!std::ranges::binary_search(name, known.memory)) std::erase(wanted, known.memory);
  return wanted;
}

Found by_name(const std::vector<Known>& all, const Tokens& wanted,
              bool (*fits)(const Tokens&, const Tokens&)) {
  return those(all, [&](const Known& each) {
    return std::ranges::any_of(each.names, [&](const Tokens& name) {
      const Tokens asked = but_for_memory(wanted, each, name);
      return !asked.empty() && fits(name, asked);
    });
  });
}

bool are_same(const Tokens& tokens, const Tokens& wanted) { return tokens == wanted; }

// If several share a name, the one with it as an alias is usually meant.
Found by_alias(const std::vector<Known>& all, const Tokens& wanted) {
  return those(all, [&](const Known& each) {
    return std::find(each.names.begin() + 2, each.names.end(), wanted) != each.names.end();
  });
}

// Also by vendor and architecture: "hopper", "intel b580".
Found by_vendor_too(const std::vector<Known>& all, const Tokens& wanted) {
  return those(all, [&](const Known& each) {
    return std::ranges::any_of(each.names, [&](const Tokens& name) {
      Tokens together;
      std::ranges::merge(name, each.vendor_and_architecture, std::back_inserter(together));
      return has_all(together, wanted);
    });
  });
}

// A word that distinguishes nothing ("nvidia", "tesla") matches every device with it.
Found by_word(const std::vector<Known>& all, std::string_view word) {
  const auto has = [&](std::string_view text) { return contains_letters(text, word); };
  return those(all, [&](const Known& each) {
    return each.gpu != nullptr ? has(each.gpu->name) || has(each.gpu->vendor)
                               : has(each.system->name) || has(each.system->vendor);
  });
}

Catalog::Hardware only(const Known& known) { return {known.gpu, known.system}; }

double memory_of(const Known* known) {
  return known->gpu != nullptr ? known->gpu->memory_gb : known->system->memory_gb;
}

[[noreturn]] void fail_as_several(std::string_view word, Found found, bool differ_by_size) {
  if (differ_by_size) std::ranges::stable_sort(found, {}, memory_of);
  std::vector<std::string> ids;
  for (const Known* each : found) ids.emplace_back(each->id());
  const bool systems = std::ranges::all_of(found, [](const Known* each) { return each->system != nullptr; });
  throw Error(
      ErrorCode::unknown_name,
      list_message(fmt::format("{} {}", word, differ_by_size ? "comes in several sizes" : "fits several"),
                   ids, systems ? "systems" : "gpus"),
      ids);
}

Catalog::Hardware first_found(std::string_view word, const std::vector<Known>& all, const Tokens& wanted) {
  const Found same = by_name(all, wanted, are_same), called = by_alias(all, wanted);
  if (same.size() == 1) return only(*same.front());
  if (called.size() == 1) return only(*called.front());
  const Found sizes = same.empty() ? by_name(all, wanted, differs_by_size_only) : same;
  if (sizes.size() == 1) return only(*sizes.front());
  if (!sizes.empty()) fail_as_several(word, sizes, true);
  const Found having = by_name(all, wanted, has_all);
  if (having.size() == 1) return only(*having.front());
  const Found related = by_vendor_too(all, wanted);
  if (related.size() == 1) return only(*related.front());
  if (!related.empty()) fail_as_several(word, related, false);
  return {};
}

// "Radeon RX 7900 XTX (RADV NAVI31)"
std::string without_brackets(std::string_view word) {
  const std::size_t open = word.find('('), close = word.find(')', std::min(open, word.size()));
  if (open == word.npos || close == word.npos) return std::string(word);
  return std::string(word.substr(0, open)) + std::string(word.substr(close + 1));
}

bool is_found(const Catalog::Hardware& hardware) {
  return hardware.gpu != nullptr || hardware.system != nullptr;
}

}  // namespace

Catalog::Hardware find_hardware(std::string_view word, const std::vector<const Gpu*>& gpus,
                                const std::vector<const System*>& systems) {
  if (word.size() > longest_name) return {};
  const std::vector<Known> all = all_known(gpus, systems);
  Tokens tokens = all_tokens(word);
  const Tokens wanted = telling(tokens);
  if (wanted.empty() && tokens.size() == 1 && is_one_of(brands, tokens.front()))
    if (const Found found = by_word(all, word); !found.empty()) fail_as_several(word, found, false);
  if (wanted.empty() || (wanted.size() == 1 && wanted.front().size() < 2)) return {};
  if (const auto found = first_found(word, all, wanted); is_found(found)) return found;
  if (const std::string bare = without_brackets(word); bare != word)
    if (const auto found = first_found(word, all, telling(all_tokens(bare))); is_found(found)) return found;
  // "4060 ti 16": the last number may be a size.
  if (tokens.size() < 2 || !is_number(tokens.back())) return {};
  tokens.back() += "gb";
  return first_found(word, all, telling(tokens));
}

}  // namespace vramcalc::catalog
