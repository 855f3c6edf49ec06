#include "catalog/quantizations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/fields.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

// ---- words

struct CategoryWord {
  std::string_view word;
  CategorySet tensors;
};
constexpr std::array category_words{
    CategoryWord{"output",      only(TensorCategory::output)     },
    CategoryWord{"embedding",   only(TensorCategory::embedding)  },
    CategoryWord{"qkv",         only(TensorCategory::qkv)        },
    CategoryWord{"kv_b",        only(TensorCategory::kv_b)       },
    CategoryWord{"v",           only(TensorCategory::v)          },
    CategoryWord{"k",           only(TensorCategory::k)          },
    CategoryWord{"q",           only(TensorCategory::q)          },
    CategoryWord{"attn_output", only(TensorCategory::attn_output)},
    CategoryWord{"ffn_up",      only(TensorCategory::ffn_up)     },
    CategoryWord{"ffn_gate",    only(TensorCategory::ffn_gate)   },
    CategoryWord{"ffn_down",    only(TensorCategory::ffn_down)   },
    CategoryWord{"other",       only(TensorCategory::other)      },
    CategoryWord{"v_like",      v_like_bit                       },
    CategoryWord{"all",         v_like_bit - 1                   },
};

enum class Argument { number, flag, text, type, release };

struct ConditionWord {
  std::string_view word;  // as in the data, and the name of the enumerator
  ConditionKind kind;
  Argument argument;
};
constexpr std::array condition_words{
    ConditionWord{"always",            ConditionKind::always,            Argument::flag   },
    ConditionWord{"gqa_at_least",      ConditionKind::gqa_at_least,      Argument::number },
    ConditionWord{"gqa_below",         ConditionKind::gqa_below,         Argument::number },
    ConditionWord{"experts",           ConditionKind::experts,           Argument::number },
    ConditionWord{"experts_not",       ConditionKind::experts_not,       Argument::number },
    ConditionWord{"experts_at_least",  ConditionKind::experts_at_least,  Argument::number },
    ConditionWord{"architecture",      ConditionKind::architecture,      Argument::text   },
    ConditionWord{"architecture_not",  ConditionKind::architecture_not,  Argument::text   },
    ConditionWord{"like_70b",          ConditionKind::like_70b,          Argument::flag   },
    ConditionWord{"imatrix",           ConditionKind::imatrix,           Argument::flag   },
    ConditionWord{"release",           ConditionKind::release,           Argument::release},
    ConditionWord{"chosen",            ConditionKind::chosen,            Argument::type   },
    ConditionWord{"row_fits_default",  ConditionKind::row_fits_default,  Argument::flag   },
    ConditionWord{"three_dimensional", ConditionKind::three_dimensional, Argument::flag   },
    ConditionWord{"in_first",          ConditionKind::in_first,          Argument::number },
    ConditionWord{"after_first",       ConditionKind::after_first,       Argument::number },
    ConditionWord{"before_last",       ConditionKind::before_last,       Argument::number },
    ConditionWord{"more_bits",         ConditionKind::more_bits,         Argument::flag   },
    ConditionWord{"v_below",           ConditionKind::v_below,           Argument::number },
    ConditionWord{"v_more_bits",       ConditionKind::v_more_bits,       Argument::flag   },
    ConditionWord{"down_in_first",     ConditionKind::down_in_first,     Argument::number },
};

constexpr bool words_follow_the_enum() {
  for (std::size_t i = 0; i < condition_words.size(); ++i)
    if (static_cast<std::size_t>(condition_words[i].kind) != i) return false;
  return static_cast<std::size_t>(ConditionKind::down_in_first) + 1 == condition_words.size();
}
static_assert(words_follow_the_enum());

const ConditionWord& word_of(ConditionKind kind) { return condition_words[static_cast<std::size_t>(kind)]; }

// ---- reading

using RuleSets = std::map<std::string, std::vector<Rule>, std::less<>>;

class Reader {
 public:
  Reader(std::string file, std::span<const FileType> known) : file_(std::move(file)), known_(known) {}

  Quantizations read(std::string_view text) {
    const json document = parse_json(text, file_);
    Fields fields(document, file_, "document");
    fields.optional_text("$schema");
    read_sources(fields.raw("sources"));
    if (const json* sets = fields.optional_raw("rule_sets")) read_rule_sets(*sets);
    const json& entries = list(fields, "file_types");
    fields.finish();
    for (const json& entry : entries) result_.file_types.push_back(read_file_type(entry));
    refuse_repeated_names();
    return std::move(result_);
  }

 private:
  std::string_view keep(std::string text) { return result_.texts.emplace_back(std::move(text)); }

  const json& list(Fields& fields, std::string_view key) {
    const json& value = fields.raw(key);
    if (!value.is_array()) fields.fail(key, "a list was expected");
    return value;
  }

  void read_sources(const json& object) {
    Fields fields(object, file_, "sources");
    source_ = keep(fields.text("rules"));
    fields.text("kld");
    fields.text("nominal_bits");
    fields.optional_text("nominal_quality");
    fields.finish();
  }

  void read_rule_sets(const json& object) {
    Fields fields(object, file_, "rule_sets");
    for (const auto& [name, rows] : object.items())
      for (const json& row : list(fields, name)) sets_[name].push_back(read_rule(row, name));
    fields.finish();
  }

  static ElementType element_type(Fields& fields, std::string_view key) {
    const std::string name = fields.text(key);
    const auto type = element_type_from_name(name);
    if (!type) fields.fail(key, fmt::format("\"{}\" is not an element type", name));
    return *type;
  }

  static CategorySet read_tensors(Fields& fields) {
    CategorySet tensors = 0;
    for (const std::string& word : fields.texts("tensors")) {
      const auto found = std::find_if(category_words.begin(), category_words.end(),
                                      [&](const CategoryWord& each) { return each.word == word; });
      if (found == category_words.end())
        fields.fail("tensors", fmt::format("\"{}\" is not a kind of tensor", word));
      tensors |= found->tensors;
    }
    if (tensors == 0) fields.fail("tensors", "names none");
    return tensors;
  }

  Condition read_condition(Fields& fields, const ConditionWord& word) {
    Condition condition{word.kind, true, 0, {}};
    switch (word.argument) {
      case Argument::number:
        condition.number = fields.number32(word.word);
        if (condition.number == 0) fields.fail(word.word, "must be at least 1");
        break;
      case Argument::flag: condition.expected = fields.flag(word.word); break;
      case Argument::text: condition.text = keep(fields.text(word.word)); break;
      case Argument::type:
        condition.number = static_cast<std::uint32_t>(element_type(fields, word.word));
        break;
      case Argument::release:
        condition.number =
            static_cast<std::uint32_t>(fields.word(word.word, {"0.5.0", "before_fused_qkv_rules"}));
        break;
    }
    return condition;
  }

  void read_conditions(const json& object, const std::string& entry, Rule& rule) {
    Fields fields(object, file_, entry + ": if");
    std::size_t count = 0;
    for (const ConditionWord& word : condition_words) {
      if (word.kind == ConditionKind::always || !fields.has(word.word)) continue;
      if (count == rule.conditions.size())
        fields.fail(word.word, fmt::format("a rule has at most {} conditions", rule.conditions.size()));
      rule.conditions[count++] = read_condition(fields, word);
    }
    fields.finish();
  }

  Rule read_rule(const json& object, const std::string& entry) {
    Fields fields(object, file_, entry + ": rules");
    Rule rule;
    rule.tensors = read_tensors(fields);
    rule.type = element_type(fields, "type");
    if (const json* conditions = fields.optional_raw("if")) read_conditions(*conditions, entry, rule);
    fields.finish();
    return rule;
  }

  // A row is a rule, or the name of a set of rules.
  void add_rows(const json& row, Fields& fields, std::vector<Rule>& rules) {
    if (!row.is_string()) {
      rules.push_back(read_rule(row, fields.entry()));
      return;
    }
    const auto set = sets_.find(row.get<std::string>());
    if (set == sets_.end())
      fields.fail("rules", fmt::format("\"{}\" is not a rule set", row.get<std::string>()));
    rules.insert(rules.end(), set->second.begin(), set->second.end());
  }

  std::span<const Rule> read_rules(Fields& fields, std::span<const Rule> inherited) {
    std::vector<Rule> rules(inherited.begin(), inherited.end());
    for (const json& row : list(fields, "rules")) add_rows(row, fields, rules);
    return result_.rule_lists.emplace_back(std::move(rules));
  }

  std::span<const std::string_view> read_aliases(Fields& fields) {
    std::vector<std::string_view> aliases;
    for (std::string& alias : fields.texts_or_none("aliases")) aliases.push_back(keep(std::move(alias)));
    return result_.alias_lists.emplace_back(std::move(aliases));
  }

  // The fields that a variant takes from its base; an ordinary file type states them itself.
  FileType read_basis(Fields& fields) {
    FileType basis;
    const auto base = fields.optional_text("derived_from");
    if (!base) {
      basis.ftype = fields.number32("ftype");
      basis.type = element_type(fields, "type");
      basis.refuses_q2_K_without_imatrix = fields.flag_or("refuses_q2_K_without_imatrix", false);
      if (fields.has("needs_imatrix"))
        basis.needs_imatrix =
            static_cast<ImatrixNeed>(fields.word("needs_imatrix", {"never", "nearly_always", "always"}));
      basis.source = source_;
      return basis;
    }
    const FileType* found = find_file_type(result_.file_types, *base);
    if (found == nullptr) found = find_file_type(known_, *base);
    if (found == nullptr)
      fields.fail("derived_from", fmt::format("\"{}\" is not a file type listed above", *base));
    basis.ftype = found->ftype;
    basis.type = found->type;
    basis.refuses_q2_K_without_imatrix = found->refuses_q2_K_without_imatrix;
    basis.needs_imatrix = found->needs_imatrix;
    basis.rules = found->rules;
    basis.derived_from = found->name;
    basis.source = keep(fields.text("source"));
    return basis;
  }

  static std::string entry_named(const json& object) {
    const auto name = object.is_object() ? object.find("name") : object.end();
    return name != object.end() && name->is_string() ? name->get<std::string>() : "file_types";
  }

  FileType read_file_type(const json& object) {
    Fields fields(object, file_, entry_named(object));
    FileType result = read_basis(fields);
    result.name = keep(fields.text("name"));
    result.aliases = read_aliases(fields);
    result.nominal_bits = fields.optional_real("nominal_bits").value_or(0.0);
    result.nominal_quality = fields.number32_or("nominal_quality", 0);
    if (result.nominal_quality > 100) fields.fail("nominal_quality", "more than 100 per cent");
    result.quality = keep(fields.text("quality"));
    result.quality_class = static_cast<QualityClass>(fields.word(
        "quality_class", {"none", "negligible", "small", "moderate", "large", "extreme", "unknown"}));
    result.kld = fields.optional_real("kld").value_or(0.0);
    result.kld_imatrix = fields.optional_real("kld_imatrix").value_or(0.0);
    result.in_default_table = fields.flag_or("in_default_table", false);
    Fields named(object, file_, std::string(result.name));
    result.rules = read_rules(named, result.rules);
    fields.raw("rules");
    fields.finish();
    return result;
  }

  void refuse_repeated_names() const {
    for (const FileType& each : result_.file_types) {
      const auto refuse_other = [&](std::string_view name) {
        if (find_file_type(result_.file_types, name) != &each)
          throw Error(ErrorCode::bad_file,
                      fmt::format("{}: {}: the name \"{}\" is taken", file_, each.name, name));
      };
      refuse_other(each.name);
      for (std::string_view alias : each.aliases) refuse_other(alias);
    }
  }

  std::string file_;
  std::span<const FileType> known_;
  std::string_view source_;
  RuleSets sets_;
  Quantizations result_;
};

// ---- writing

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string literal(const Condition& condition) {
  return fmt::format("{{ConditionKind::{}, {}, {}, {}}}", word_of(condition.kind).word, condition.expected,
                     condition.number, quoted(condition.text));
}

std::string literal(const Rule& rule) {
  std::string conditions;
  for (const Condition& condition : rule.conditions)
    if (condition.kind != ConditionKind::always) conditions += literal(condition) + ", ";
  return fmt::format("{{{:#x}, {{{{{}}}}}, ElementType::{}}}", rule.tensors, conditions,
                     to_string(rule.type));
}

template <typename Item, typename Print>
std::string array_literal(std::string_view type, const std::string& name, std::span<const Item> items,
                          Print print) {
  if (items.empty()) return {};
  std::string result = fmt::format("constexpr {} {}[] = {{\n", type, name);
  for (const Item& item : items) result += "    " + print(item) + ",\n";
  return result + "};\n";
}

std::string reference(const std::string& name, bool empty) { return empty ? "{}" : name; }

std::string literal(const FileType& type, const std::string& rules, const std::string& aliases) {
  return fmt::format(
      "    {{{}, {}, ElementType::{}, {}, {}, {}, {}, {}, {}, QualityClass::{}, {}, {}, ImatrixNeed::{}, {}, "
      "{}, {}}},\n",
      quoted(type.name), type.ftype, to_string(type.type), reference(rules, type.rules.empty()),
      reference(aliases, type.aliases.empty()), quoted(type.derived_from), type.nominal_bits,
      type.nominal_quality, quoted(type.quality), to_string(type.quality_class), type.kld, type.kld_imatrix,
      to_string(type.needs_imatrix), type.refuses_q2_K_without_imatrix, type.in_default_table,
      quoted(type.source));
}

}  // namespace

Quantizations load_quantizations(std::string_view text, const std::string& file,
                                 std::span<const FileType> known) {
  return Reader(file, known).read(text);
}

std::string write_cpp_literal(std::span<const FileType> file_types, std::string_view name) {
  std::string lists, rows;
  for (const FileType& type : file_types) {
    const std::string rules = fmt::format("{}_rules_{}", name, type.name);
    const std::string aliases = fmt::format("{}_aliases_{}", name, type.name);
    lists += array_literal("Rule", rules, type.rules, [](const Rule& rule) { return literal(rule); });
    lists += array_literal("std::string_view", aliases, type.aliases,
                           [](std::string_view alias) { return quoted(alias); });
    rows += literal(type, rules, aliases);
  }
  return fmt::format("{}constexpr FileType {}[] = {{\n{}}};\n", lists, name, rows);
}

}  // namespace vramcalc::catalog
