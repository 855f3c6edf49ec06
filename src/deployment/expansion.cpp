#include <fmt/format.h>

#include <algorithm>

#include "deployment/formats.hpp"
#include "deployment/shell_expansion.hpp"
#include "deployment/shell_words.hpp"
#include "deployment/text.hpp"
#include "deployment/variable_names.hpp"

// Expansion of one text of a manifest.
namespace vramcalc::deployment {
namespace {

constexpr int deepest = 16;

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') return 0;
  while (length < text.size() && is_name_character(text[length])) ++length;
  return length;
}

// Of `$(NAME)`; npos if it is none.
std::size_t end_of_reference(std::string_view text, std::size_t i) {
  if (!text.substr(i).starts_with("$(")) return std::string_view::npos;
  std::size_t end = i + 2;
  while (end < text.size() && end - i < 256 && text[end] != ')') ++end;
  return end < text.size() && text[end] == ')' ? end : std::string_view::npos;
}

class Expander {
 public:
  Expander(const std::vector<Variable>& variables, const Supplied& supplied)
      : variables_(variables), supplied_(supplied) {}

  // compose-spec, 12-interpolation.md: $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?error},
  // ${NAME?error}, ${NAME:+other}, ${NAME+other}, nested in one another; $$ is a dollar.
  Text compose(std::string_view text) {
    Text all;
    for (std::size_t i = 0; i < text.size();) i = compose_one(text, i, all);
    return all;
  }

  // Kubernetes, third_party/forked/golang/expansion: $(NAME) only, and $$ is a dollar.
  Text kubernetes(std::string_view text) {
    Text all;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = end_of_reference(text, i);
      if (text.substr(i).starts_with("$$")) {
        all.add("$");
        i += 2;
      } else if (end != std::string_view::npos) {
        const std::string_view name = text.substr(i + 2, end - i - 2);
        all.add(value_or_hole(name, text.substr(i, end + 1 - i)));
        i = end + 1;
      } else {
        i = plain(text, i, all);
      }
    }
    return all;
  }

  Text none(std::string_view text) {
    Text all;
    for (std::size_t i = 0; i < text.size();) i = plain(text, i, all);
    return all;
  }

 private:
  std::optional<Text> value(std::string_view name) const {
    const auto found = std::ranges::find(variables_, name, &Variable::name);
    if (found != variables_.end() && found->value.is_known()) return known_text(found->value.text);
    if (const std::string* text = supplied_value(supplied_, name)) return known_text(*text);
    if (found != variables_.end()) return to_text(found->value);
    return std::nullopt;
  }

  Text value_or_hole(std::string_view name, std::string_view spelled) const {
    if (const auto known = value(name)) return *known;
    return unknown_text(std::string(spelled),
                        {.name = std::string(name), .why = "has no value here", .fix = set_option(name)});
  }

  // Text up to what may be expanded, or a template.
  static std::size_t plain(std::string_view text, std::size_t i, Text& all) {
    if (const std::size_t end = after_template(text, i); end != i) {
      all.add(template_hole(text.substr(i, end - i)));
      return end;
    }
    const std::size_t end = std::min(text.find_first_of("${<", i + 1), text.size());
    all.add(text.substr(i, end - i));
    return end;
  }

  std::size_t compose_one(std::string_view text, std::size_t i, Text& all) {
    if (text[i] != '$') return plain(text, i, all);
    const std::string_view rest = text.substr(i + 1);
    if (rest.starts_with("$")) {
      all.add("$");
      return i + 2;
    }
    if (rest.starts_with("{")) {
      const std::size_t end = after_braces(text, i);
      all.add(braces(text.substr(i + 2, std::max(end, i + 3) - i - 3)));
      return end;
    }
    const std::size_t length = name_length(rest);
    if (length == 0) {
      all.add("$");
      return i + 1;
    }
    all.add(value_or_hole(rest.substr(0, length), text.substr(i, length + 1)));
    return i + 1 + length;
  }

  static std::size_t after_braces(std::string_view text, std::size_t from) {
    std::size_t open = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
      if (text.substr(i, 2) == "${") ++open;
      if (text[i] == '}' && --open == 0) return i + 1;
    }
    return text.size();
  }

  Text braces(std::string_view inside) {
    const std::string_view name = inside.substr(0, name_length(inside));
    const std::string spelled = fmt::format("${{{}}}", name);
    std::string_view operation = inside.substr(name.size());
    const bool colon = operation.starts_with(":") && operation.size() > 1;
    if (colon) operation.remove_prefix(1);
    // `${var.model}` is Terraform's, and what else is no name no interpolation of compose.
    if (name.empty() ||
        (!operation.empty() && std::string_view("-?+").find(operation[0]) == std::string_view::npos))
      return template_hole(fmt::format("${{{}}}", inside));
    const auto known = value(name);
    const bool there = known && !(colon && known->is_empty());
    if (operation.starts_with("+")) return there ? nested(operation.substr(1)) : Text();
    if (operation.starts_with("-") && !there) return nested(operation.substr(1));
    return there ? *known : value_or_hole_of_empty(name, spelled, known.has_value() && operation.empty());
  }

  Text value_or_hole_of_empty(std::string_view name, const std::string& spelled, bool is_empty) const {
    return is_empty ? Text() : value_or_hole(name, spelled);
  }

  Text nested(std::string_view text) {
    if (++depth_ > deepest) {
      --depth_;
      return template_hole(text);
    }
    Text all = compose(text);
    --depth_;
    return all;
  }

  const std::vector<Variable>& variables_;
  const Supplied& supplied_;
  int depth_ = 0;
};

Text expand_as_shell(std::string_view text, const std::vector<Variable>& variables,
                     const Supplied& supplied) {
  Scope scope;
  for (const Variable& variable : variables)
    scope.values[variable.name] = {
        .items = {to_text(variable.value)}, .is_array = false, .is_exported = true};
  return ShellExpander(scope, supplied).quoted(text);
}

}  // namespace

Word expand(std::string_view text, const Position& at, Expansion expansion,
            const std::vector<Variable>& variables, const Supplied& supplied) {
  Expander expander(variables, supplied);
  switch (expansion) {
    case Expansion::shell: return to_word(expand_as_shell(text, variables, supplied), at);
    case Expansion::compose: return to_word(expander.compose(text), at);
    case Expansion::kubernetes: return to_word(expander.kubernetes(text), at);
    case Expansion::none: break;
  }
  return to_word(expander.none(text), at);
}

}  // namespace vramcalc::deployment
