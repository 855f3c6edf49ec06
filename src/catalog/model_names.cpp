#include "catalog/model_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <tuple>

#include "catalog/checkpoint_formats.hpp"
#include "catalog/name_tokens.hpp"
#include "catalog/names.hpp"
#include "catalog/spelled_model.hpp"
#include "catalog/suggest.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using Tokens = std::vector<std::string>;
using Rows = std::vector<const ModelRow*>;

// Instruction tuning and libraries: the shape is the same.
constexpr std::string_view telling_little[] = {"instruct", "it", "chat", "hf", "inst", "pt", "sft", "mtp"};
// Publishers that begin model names with their own.
constexpr std::string_view own_names[] = {"meta", "nvidia", "c4ai",      "ai21",     "google",
                                          "ibm",  "openai", "mistralai", "microsoft"};
// Base models and other tunings.
constexpr std::string_view other_tunings[] = {"base", "pretrained", "thinking", "reasoning"};
// Changes that leave every tensor as large as before.
constexpr std::string_view reshaping_nothing[] = {"abliterated", "uncensored", "heretic",   "derestricted",
                                                  "norm",        "preserve",   "lorablated"};

Tokens without(Tokens tokens, std::span<const std::string_view> words) {
  std::erase_if(tokens, [&](const std::string& token) { return is_one_of(words, token); });
  return tokens;
}

// The words that distinguish models.
Tokens telling(std::string_view name) {
  Tokens tokens = without(name_tokens(name), telling_little);
  while (tokens.size() > 1 && is_one_of(own_names, tokens.front())) tokens.erase(tokens.begin());
  for (std::string& token : tokens)
    if (token.ends_with(".0")) token.resize(token.size() - 2);  // granite-4.0 is granite4
  return tokens;
}

std::string key_of(const Tokens& tokens) { return lookup_key(fmt::format("{}", fmt::join(tokens, "-"))); }

std::string_view organization(std::string_view repository) {
  return repository.substr(0, std::min(repository.find('/'), repository.size()));
}
std::string_view behind_slash(std::string_view repository) {
  return repository.substr(repository.find('/') + 1);
}

struct KnownName {
  Tokens tokens;
  std::string key;
  const ModelRow* row;
};

// "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": a repository may say that it is not quantized.
std::string without_full_precision(std::string_view name) {
  std::string bare(name);
  for (const std::string_view type : {"-bf16", "-fp16"})
    if (lowered(bare).ends_with(type)) bare.resize(bare.size() - type.size());
  return bare;
}

// "7b", "1.7b", "135m", "8x7b", "2.4t"
bool is_size(const std::string& token) {
  const bool unit = token.ends_with('b') || token.ends_with('m') || token.ends_with('t');
  return unit && token.size() > 1 && is_digit(token.front());
}

// "123b" of a model with 122.6 billion parameters.
bool is_size_of(const ModelRow& row, const std::string& token) {
  if (!is_size(token)) return false;
  double number = 0;
  const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size() - 1, number);
  if (failure != std::errc() || end != token.data() + token.size() - 1) return false;
  const double unit = token.back() == 'm' ? 1e6 : token.back() == 'b' ? 1e9 : 1e12;
  const double parameters = static_cast<double>(row.parameters);
  return std::abs(parameters - number * unit) <= parameters / 10;
}

// 3.5 of qwen 3.5 27b, 4.1 of deepseek v4.1 flash; 0 if there is no number.
double release_of(const Tokens& tokens, std::size_t at) {
  if (at >= tokens.size() || is_size(tokens[at])) return 0;
  std::string_view number = tokens[at];
  if (number.starts_with('v')) number.remove_prefix(1);
  double release = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), release);
  return failure == std::errc() && release < 100 ? release : 0;
}

class KnownNames {
 public:
  explicit KnownNames(const Rows& rows) {
    for (const ModelRow* row : rows)
      if (row->variant_of.empty()) add(*row);
  }

  Rows of_key(const std::string& key) const {
    return those([&](const KnownName& name) { return name.key == key; });
  }
  // The same words in any order; a size among them must be the model's.
  Rows of_words(Tokens wanted) const {
    std::ranges::sort(wanted);
    return those([&](const KnownName& name) {
      Tokens tokens = name.tokens, more;
      std::ranges::sort(tokens);
      if (!std::ranges::includes(wanted, tokens)) return false;
      std::ranges::set_difference(wanted, tokens, std::back_inserter(more));
      return more.empty() ||
             (more.size() == 1 && name.tokens.size() > 1 && is_size_of(*name.row, more.front()));
    });
  }
  Rows beginning_with(const Tokens& tokens) const {
    return those([&](const KnownName& name) { return is_beginning(tokens, name.tokens); });
  }
  // The rest names only a size or a release.
  Rows completing(const Tokens& tokens) const {
    return those([&](const KnownName& name) {
      return is_beginning(tokens, name.tokens) &&
             std::all_of(name.tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size()), name.tokens.end(),
                         [](const std::string& token) { return is_detail(token); });
    });
  }
  Rows having(const Tokens& tokens) const {
    return those([&](const KnownName& name) { return is_subsequence(tokens, name.tokens); });
  }

  // The longest name that is entirely among the words, with at least a size.
  const KnownName* inside(const Tokens& tokens) const {
    const KnownName* longest = nullptr;
    for (const KnownName& name : names_) {
      if (name.tokens.size() < 2 || place_of(name.tokens, tokens) == std::string::npos) continue;
      if (std::none_of(name.tokens.begin() + 1, name.tokens.end(), is_size)) continue;
      if (longest == nullptr || name.tokens.size() > longest->tokens.size()) longest = &name;
    }
    return longest;
  }

  // What an unknown name may have meant: models of its family with a similar size, or the newest ones if the
  // release does not exist.
  std::vector<std::string> suggestions(const Tokens& tokens) const {
    Tokens family = tokens;
    while (!family.empty() && beginning_with(family).empty()) family.pop_back();
    const bool is_other_release = family.size() == 1 && tokens.size() > 1 && is_detail(tokens[1]);
    if (is_other_release) return newest_of(family);
    std::vector<Candidate> candidates;
    for (const KnownName& name : names_)
      if (is_beginning(family, name.tokens)) candidates.push_back({name.key, name.row->id, 0});
    std::vector<std::string> ids = suggest(fmt::format("{}", fmt::join(tokens, "-")), candidates);
    return ids.empty() && !family.empty() ? newest_of(family) : ids;
  }

 private:
  void add(const ModelRow& row) {
    add(row.id, row), add(row.name, row);
    for (const std::string_view alias : row.aliases) add(alias, row);
    if (!row.hf_repo.empty()) add(behind_slash(row.hf_repo), row);
  }
  void add(std::string_view text, const ModelRow& row) {
    Tokens tokens = telling(without_full_precision(text));
    std::string key = key_of(tokens);
    names_.push_back({std::move(tokens), std::move(key), &row});
  }

  // By the number of the release, then by date.
  std::vector<std::string> newest_of(const Tokens& family) const {
    constexpr std::size_t shown = 3;
    std::vector<const KnownName*> names;
    for (const KnownName& name : names_)
      if (is_beginning(family, name.tokens)) names.push_back(&name);
    std::ranges::stable_sort(names, [&](const KnownName* a, const KnownName* b) {
      return std::tuple(release_of(b->tokens, family.size()), b->row->release_date) <
             std::tuple(release_of(a->tokens, family.size()), a->row->release_date);
    });
    std::vector<std::string> ids;
    for (const KnownName* name : names)
      if (ids.size() < shown && std::ranges::find(ids, name->row->id) == ids.end())
        ids.emplace_back(name->row->id);
    return ids;
  }

  template <typename Fits>
  Rows those(const Fits& fits) const {
    Rows found;
    for (const KnownName& name : names_)
      if (fits(name) && std::ranges::find(found, name.row) == found.end()) found.push_back(name.row);
    return found;
  }

  std::vector<KnownName> names_;
};

std::vector<std::string> ids_newest_first(Rows rows) {
  std::ranges::stable_sort(rows, [](const ModelRow* a, const ModelRow* b) {
    return std::tuple(b->release_date, a->parameters) < std::tuple(a->release_date, b->parameters);
  });
  std::vector<std::string> ids;
  for (const ModelRow* row : rows) ids.emplace_back(row->id);
  return ids;
}

[[noreturn]] void fail_as_several(std::string_view word, std::string_view why, const Rows& rows) {
  const std::vector<std::string> ids = ids_newest_first(rows);
  throw Error(ErrorCode::unknown_name, list_message(fmt::format("{} {}", word, why), ids, "models"), ids);
}

[[noreturn]] void fail_as_unknown(std::string_view word, std::vector<std::string> suggestions) {
  const std::string repair =
      suggestions.empty() ? "\"vramcalc models\" lists them" : did_you_mean(suggestions);
  throw Error(ErrorCode::unknown_name, fmt::format("unknown model \"{}\"; {}", word, repair),
              std::move(suggestions));
}

[[noreturn]] void fail_as_fine_tune(std::string_view word, const ModelRow& base) {
  throw Error(
      ErrorCode::unknown_name,
      fmt::format("unknown model \"{}\"; if it has the shape of {}, ask for that, and if you have its "
                  "file or config.json, give that",
                  word, base.id),
      {std::string(base.id)});
}

// The catalog's variant of that model in that format, by the words of its name.
const ModelRow* variant_in(const Rows& rows, const ModelRow& base, const std::string& format,
                           std::string_view publisher, FormatWords format_words) {
  const ModelRow* found = nullptr;
  for (const ModelRow* row : rows) {
    if (row->variant_of != base.id) continue;
    std::string name(row->id);
    const NamedFormat its = take_format(name, format_words);
    if (its.format == nullptr || its.format->family != format) continue;
    if (found == nullptr || organization(row->hf_repo) == publisher) found = row;
  }
  return found;
}

// Releases and tunings of one model, which differ by a tower or an output at most.
bool are_as_large(const ModelRow& a, const ModelRow& b) {
  const std::uint64_t larger = std::max(a.parameters, b.parameters),
                      smaller = std::min(a.parameters, b.parameters);
  return larger - smaller <= larger / 20;
}

// How a word was resolved.
struct Match {
  const ModelRow* row = nullptr;
  bool changed = false;  // to another model of the same shape
};

class Finder {
 public:
  Finder(std::string_view word, const Rows& rows, std::span<const FileType> file_types,
         FormatWords format_words)
      : word_(word),
        rows_(rows),
        format_words_(format_words),
        names_(rows),
        spelled_(spelled_model(word, file_types, format_words)) {}

  NamedModel found() const {
    const Match match = find();
    NamedModel named;
    named.row = match.row;
    named.quantization = spelled_.quantization;
    named.checkpoint_format = spelled_.format;
    named.checkpoint_spelling = spelled_.format_spelling;
    if (const ModelRow* variant =
            variant_in(rows_, *match.row, spelled_.format, spelled_.publisher, format_words_)) {
      named.row = variant;
      named.checkpoint_format.clear();
    }
    if (spelled_.is_trained_for_it && named.quantization.empty()) named.quantization = "Q4_0";
    add_notes(named, match);
    return named;
  }

 private:
  Match find() const {
    const Tokens tokens = telling(spelled_.name);
    if (tokens.empty()) fail_as_unknown(word_, {});
    for (const auto step : {&Finder::by_key, &Finder::by_words, &Finder::behind_publisher,
                            &Finder::by_beginning, &Finder::by_tuning, &Finder::by_name_inside})
      if (const Match match = (this->*step)(tokens); match.row != nullptr) return match;
    const Rows having = names_.having(tokens);
    if (having.size() > 1) fail_as_several(word_, "fits several models", having);
    if (having.size() == 1) fail_as_unknown(word_, {std::string(having.front()->id)});
    fail_as_unknown(word_, names_.suggestions(tokens));
  }

  Match by_key(const Tokens& tokens) const { return {only(names_.of_key(key_of(tokens))), false}; }

  // Tags of Ollama: deepseek-r1:14b-qwen-distill, mistral-large:123b-instruct-2411.
  Match by_words(const Tokens& tokens) const { return {only(names_.of_words(tokens)), false}; }

  // "mistralai_Mistral-Small-…": the publisher precedes the name.
  Match behind_publisher(const Tokens&) const {
    const std::size_t line = spelled_.name.find('_');
    if (line == std::string::npos) return {};
    const ModelRow* row = only(names_.of_key(key_of(telling(spelled_.name.substr(line + 1)))));
    const bool is_publishers =
        row != nullptr && lowered(organization(row->hf_repo)) == lowered(spelled_.name.substr(0, line));
    return {row, !is_publishers};
  }

  Match by_tuning(const Tokens& tokens) const {
    const Tokens untuned = without(tokens, other_tunings);
    if (untuned.size() == tokens.size() || untuned.empty()) return {};
    return {only(names_.of_key(key_of(untuned))), true};
  }

  Match by_name_inside(const Tokens& tokens) const {
    const KnownName* inside = names_.inside(tokens);
    return inside == nullptr ? Match{} : as_changed(*inside, tokens);
  }

  const ModelRow* only(const Rows& rows) const {
    if (rows.size() > 1) fail_as_several(word_, "is a family", rows);
    return rows.empty() ? nullptr : rows.front();
  }

  // A name with only a size is not the whole family if the other names that begin so have other sizes.
  Match by_beginning(const Tokens& tokens) const {
    const Rows sizes = names_.completing(tokens), all = names_.beginning_with(tokens);
    const auto is_as_large = [&](const ModelRow* row) { return are_as_large(*row, *sizes.front()); };
    if (sizes.size() == 1 && std::ranges::all_of(all, is_as_large)) return {sizes.front(), false};
    if (all.size() > 1) fail_as_several(word_, "is a family", all);
    if (all.size() == 1) fail_as_unknown(word_, {std::string(all.front()->id)});
    return {};
  }

  Match as_changed(const KnownName& name, const Tokens& tokens) const {
    Tokens rest = tokens;
    const auto begin = rest.begin() + static_cast<std::ptrdiff_t>(place_of(name.tokens, tokens));
    rest.erase(begin, begin + static_cast<std::ptrdiff_t>(name.tokens.size()));
    const auto harmless = [](const std::string& token) {
      return is_one_of(reshaping_nothing, token) || is_one_of(other_tunings, token) || token == "v2" ||
             token == "v3";
    };
    const bool is_changed =
        std::ranges::any_of(rest, [](const auto& token) { return is_one_of(reshaping_nothing, token); });
    if (!is_changed || !std::ranges::all_of(rest, harmless)) fail_as_fine_tune(word_, *name.row);
    return {name.row, true};
  }

  void add_notes(NamedModel& named, const Match& match) const {
    const std::string word = printable(word_, 200);
    const std::string in_type = named.quantization.empty() ? "" : fmt::format(" in {}", named.quantization);
    const bool is_publishers = spelled_.publisher.empty() ||
                               lowered(organization(named.row->hf_repo)) == lowered(spelled_.publisher) ||
                               spelled_.publisher == "library";
    if (spelled_.is_file)
      named.notes.push_back(fmt::format("{} is not here; the figures are of the catalog's {}{}", word,
                                        named.row->name, in_type));
    else if (!is_publishers || match.changed)
      named.notes.push_back(fmt::format("{} is taken for {}{}{}", word, named.row->name, in_type, reading()));
    if (spelled_.is_trained_for_it)
      named.notes.push_back(
          "files of quantization-aware training may keep single tensors in other types than llama-quantize "
          "does; "
          "give the file itself for its bytes");
  }

  std::string reading() const {
    if (spelled_.repository.empty()) return "";
    return fmt::format("; hf:{}{} reads the repository itself", spelled_.repository,
                       spelled_.quantization.empty() ? "" : ":" + spelled_.quantization);
  }

  std::string_view word_;
  const Rows& rows_;
  FormatWords format_words_;
  KnownNames names_;
  SpelledModel spelled_;
};

}  // namespace

std::string list_message(std::string_view what, const std::vector<std::string>& ids,
                         std::string_view list_command) {
  constexpr std::size_t shown = 12;
  std::string text = fmt::format("{}; name one: ", what);
  for (std::size_t i = 0; i < ids.size() && i < shown; ++i) text += (i == 0 ? "" : ", ") + ids[i];
  if (ids.size() > shown)
    text += fmt::format(" and {} more (\"vramcalc {}\" lists them all)", ids.size() - shown, list_command);
  return text;
}

NamedModel find_model(std::string_view word, const std::vector<const ModelRow*>& rows,
                      std::span<const FileType> file_types, std::span<const FormatWord> format_words) {
  if (word.size() > longest_name) fail_as_unknown(word, {});
  return Finder(word, rows, file_types, format_words).found();
}

}  // namespace vramcalc::catalog
