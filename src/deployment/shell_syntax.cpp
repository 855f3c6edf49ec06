#include "deployment/shell_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

using Kind = ShellToken::Kind;
constexpr int deepest = 100;

class Parser {
 public:
  Parser(std::vector<ShellToken> tokens, const std::string& file) : tokens_(std::move(tokens)), file_(file) {}

  ShellList script() {
    ShellList all;
    while (token().kind != Kind::end) {
      ShellList part = list({});
      std::ranges::move(part, std::back_inserter(all));
      if (token().kind != Kind::end) ++at_;  // a stray `)` or `fi`: read on after it
    }
    return all;
  }

 private:
  const ShellToken& token() const { return tokens_[at_]; }
  const ShellToken& following() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool is_word(std::string_view word) const { return token().is_word(word); }

  void skip_newlines() {
    while (token().kind == Kind::newline) ++at_;
  }
  void skip_word(std::string_view word) {
    skip_newlines();
    if (is_word(word)) ++at_;
  }

  bool at_any(std::initializer_list<std::string_view> words) const {
    return token().kind == Kind::word && std::ranges::find(words, token().text) != words.end();
  }

  // What ends a list wherever it stands.
  bool ends_list(std::initializer_list<std::string_view> terminators) const {
    if (token().kind == Kind::end || token().is_control(")")) return true;
    if (token().is_control(";;") || token().is_control(";&") || token().is_control(";;&")) return true;
    return at_any(terminators) || at_any({"fi", "done", "esac", "then", "do", "else", "elif"});
  }

  ShellList list(std::initializer_list<std::string_view> terminators) {
    ShellList steps;
    auto when = ShellStep::When::always;
    std::size_t chain = 0;  // where the and-or list began
    while (true) {
      skip_newlines();
      if (ends_list(terminators)) return steps;
      const std::size_t before = at_;
      pipeline(steps, when);
      if (at_ == before) ++at_;
      when = ShellStep::When::always;
      if (token().is_control("&&"))
        when = ShellStep::When::success;
      else if (token().is_control("||"))
        when = ShellStep::When::failure;
      else if (token().is_control("&"))
        for (std::size_t i = chain; i < steps.size(); ++i) steps[i].background = true;
      if (when == ShellStep::When::always) chain = steps.size();
      if (when != ShellStep::When::always || token().is_control(";") || token().is_control("&")) ++at_;
    }
  }

  void pipeline(ShellList& steps, ShellStep::When when) {
    bool piped = false;
    while (true) {
      ShellStep step;
      step.when = piped ? ShellStep::When::always : when;
      while (is_word("!")) {
        step.negated = !step.negated;
        ++at_;
      }
      step.node = command();
      const bool pipes = token().is_control("|") || token().is_control("|&");
      step.piped = piped || pipes;
      steps.push_back(std::move(step));
      if (!pipes) return;
      piped = true;
      ++at_;
      skip_newlines();
      if (token().kind == Kind::end) return;
    }
  }

  ShellNode command() {
    if (++depth_ > deepest)
      throw Error(ErrorCode::bad_file, fmt::format("{}: line {}: commands are nested more than {} deep",
                                                   file_, token().line, deepest));
    ShellNode node = compound();
    --depth_;
    return node;
  }

  ShellNode compound() {
    struct Row {
      std::string_view word;
      ShellNode (Parser::*read)();
    };
    static constexpr std::array<Row, 8> rows = {
        Row{"if",       &Parser::choice  },
        Row{"for",      &Parser::each    },
        Row{"select",   &Parser::each    },
        Row{"while",    &Parser::loop    },
        Row{"until",    &Parser::loop    },
        Row{"case",     &Parser::match   },
        Row{"{",        &Parser::group   },
        Row{"function", &Parser::function}
    };
    if (token().is_control("(")) return subshell();
    for (const Row& row : rows)
      if (is_word(row.word)) return (this->*row.read)();
    if (token().kind == Kind::word && following().is_control("(") && !is_word("[[")) return function();
    return simple();
  }

  ShellNode begin(ShellNode::Kind kind) const {
    ShellNode node;
    node.kind = kind;
    node.line = token().line;
    return node;
  }

  ShellNode simple() {
    ShellNode node = begin(ShellNode::Kind::simple);
    while (token().kind == Kind::word || token().kind == Kind::array) node.words.push_back(tokens_[at_++]);
    return node;
  }

  ShellNode subshell() {
    ShellNode node = begin(ShellNode::Kind::subshell);
    ++at_;
    node.lists.push_back(list({}));
    if (token().is_control(")")) ++at_;
    return node;
  }

  ShellNode group() {
    ShellNode node = begin(ShellNode::Kind::group);
    ++at_;
    node.lists.push_back(list({"}"}));
    skip_word("}");
    return node;
  }

  ShellNode function() {
    if (is_word("function")) ++at_;
    ShellNode node = begin(ShellNode::Kind::function);
    node.name = token().text;
    if (token().kind == Kind::word) ++at_;
    if (token().is_control("(")) ++at_;
    if (token().is_control(")")) ++at_;
    skip_newlines();
    if (token().kind == Kind::end) return node;
    ShellStep body;
    body.node = command();
    node.lists.emplace_back();
    node.lists.back().push_back(std::move(body));
    return node;
  }

  ShellNode choice() {
    ShellNode node = begin(ShellNode::Kind::choice);
    do {
      ++at_;
      node.lists.push_back(list({"then"}));
      skip_word("then");
      node.lists.push_back(list({"elif", "else", "fi"}));
    } while (is_word("elif"));
    if (is_word("else")) {
      ++at_;
      node.lists.push_back(list({"fi"}));
    }
    skip_word("fi");
    return node;
  }

  ShellNode each() {
    ShellNode node = begin(ShellNode::Kind::each);
    const bool asks = is_word("select");
    ++at_;
    if (token().is_control("(")) {
      skip_arithmetic(node);
    } else {
      node.name = token().kind == Kind::word ? tokens_[at_++].text : "";
      skip_newlines();
      node.over_arguments = !is_word("in");
      if (is_word("in"))
        while (tokens_[++at_].kind == Kind::word) node.words.push_back(token());
    }
    if (asks) node.words.clear();
    body(node);
    return node;
  }

  // `for ((i = 0; i < 8; i++))`: what the variable becomes is left open.
  void skip_arithmetic(ShellNode& node) {
    std::size_t open = 0;
    for (; token().kind != Kind::end; ++at_) {
      if (token().is_control("(")) ++open;
      if (token().kind == Kind::word && node.name.empty())
        node.name = token().text.substr(0, token().text.find('='));
      if (token().is_control(")") && --open == 0) break;
    }
    if (token().kind != Kind::end) ++at_;
  }

  void body(ShellNode& node) {
    if (token().is_control(";")) ++at_;
    skip_word("do");
    node.lists.push_back(list({"done"}));
    skip_word("done");
  }

  ShellNode loop() {
    ShellNode node = begin(ShellNode::Kind::loop);
    node.negated_loop = is_word("until");
    ++at_;
    node.lists.push_back(list({"do"}));
    body(node);
    return node;
  }

  ShellNode match() {
    ShellNode node = begin(ShellNode::Kind::match);
    ++at_;
    if (token().kind == Kind::word) node.words.push_back(tokens_[at_++]);
    skip_word("in");
    while (true) {
      skip_newlines();
      if (token().kind == Kind::end || is_word("esac")) break;
      const std::size_t before = at_;
      arm(node);
      if (at_ == before) break;
    }
    skip_word("esac");
    return node;
  }

  void arm(ShellNode& node) {
    std::vector<ShellToken> patterns;
    if (token().is_control("(")) ++at_;
    while (token().kind == Kind::word || token().is_control("|")) {
      if (token().kind == Kind::word) patterns.push_back(token());
      ++at_;
    }
    if (!token().is_control(")")) return;
    ++at_;
    node.patterns.push_back(std::move(patterns));
    node.lists.push_back(list({"esac"}));
    if (token().kind == Kind::control && token().text.starts_with(";")) ++at_;
  }

  std::vector<ShellToken> tokens_;
  const std::string& file_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

ShellList parse_shell(std::string_view script, const std::string& file) {
  return Parser(shell_tokens(script), file).script();
}

}  // namespace vramcalc::deployment
