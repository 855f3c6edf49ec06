#include <fmt/format.h>

#include <array>
#include <string>

#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "cli/generate.hpp"
#include "cli/generate/flag_words.hpp"
#include "cli/help.hpp"
#include "render/render.hpp"
#include "vramcalc/catalog_date.hpp"

// man(7) macros only, which groff and mandoc both read.
namespace vramcalc::cli {
namespace {

struct Described {
  std::string_view name, what;
};

constexpr std::array environment = {
    Described{"VRAMCALC_CATALOG",
              "files or folders with more models and hardware, separated by colons; see --catalog"                                               },
    Described{"HF_TOKEN",                                          "sent to the hub with requests for model files, for repositories that need it"},
    Described{"HF_ENDPOINT",                                       "another hub than https://huggingface.co"                                     },
    Described{"HF_HOME, HF_HUB_CACHE, LLAMA_CACHE, OLLAMA_MODELS",
              "where other programs keep models, for models --local"                                                                             },
    Described{"COLUMNS",                                           "the width of the answer"                                                     },
    Described{"NO_COLOR, CLICOLOR_FORCE",                          "no colour, or colour even where the output is no terminal"                   },
};

constexpr std::array files = {
    Described{"~/.config/vramcalc/*.json",
              "more models and hardware, or other figures for those that are known"                                    },
    Described{".vramcalc.yaml",            "in the current folder: what all checks of a repository's deployments share"},
};

// A backslash, a hyphen and a dot or quote at the start of a line mean something in roff.
// An ellipsis is three dots, since terminals without UTF-8 lack it.
std::string roff(std::string_view text) {
  constexpr std::string_view ellipsis = "…";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_start = i == 0 || text[i - 1] == '\n';
    if (at_start && (c == '.' || c == '\'')) result += "\\&";
    if (text.substr(i, ellipsis.size()) == ellipsis) {
      result += "...";
      i += ellipsis.size() - 1;
    } else if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string paragraph(std::string_view what, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", what, text);
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }

std::string literal(std::string_view text) { return fmt::format(".nf\n{}.fi\n", roff(text)); }

std::string line_of(const CommandName& name) {
  return fmt::format("{} {}", bold(name.word.empty() ? "vramcalc" : fmt::format("vramcalc {}", name.word)),
                     roff(name.arguments));
}

std::string synopsis() {
  std::string text = ".SH SYNOPSIS\n" + line_of(overview()) + "\n";
  for (const CommandName& name : commands()) text += fmt::format(".br\n{}\n", line_of(name));
  return text;
}

std::string described_commands() {
  std::string text = ".SH COMMANDS\n" + paragraph(line_of(overview()), roff(overview().help));
  for (const CommandName& name : commands()) text += paragraph(line_of(name), roff(name.help));
  return text + paragraph(bold("vramcalc complete") + " WORDS...",
                          roff("what may follow on the command line, for the completion of shells"));
}

std::string option_text(const Flag& flag) {
  std::string names;
  for (const std::string_view name : names_of(flag.names))
    names += fmt::format("{}{}", names.empty() ? "" : ", ", bold(name));
  if (!flag.value.empty()) names += fmt::format(" \\fI{}\\fR", roff(flag.value));
  const std::string words = flag.commands == every_command ? "" : fmt::format(" (for {})", commands_of(flag));
  return paragraph(names, roff(flag.help) + roff(words));
}

std::string options() {
  std::string text = ".SH OPTIONS\n";
  for (const Topic topic : topics()) {
    text += fmt::format(".SS \"{}\"\n", roff(title(topic)));
    for (const FlagTable* table : flag_tables())
      if (table->topic == topic)
        for (const Flag& flag : table->flags) text += option_text(flag);
  }
  return text;
}

template <typename List>
std::string section(std::string_view title, const List& list) {
  std::string text = fmt::format(".SH {}\n", title);
  for (const Described& each : list) text += paragraph(bold(each.name), roff(each.what));
  return text;
}

}  // namespace

std::string man_page() {
  std::string text = fmt::format(
      ".\\\" Printed by vramcalc --generate man.\n.TH VRAMCALC 1 \"{}\" \"vramcalc {}\" \"User Commands\"\n",
      roff(catalog_date()), render::program_version());
  text += ".SH NAME\nvramcalc \\- how much GPU memory a language model needs, and what can run it\n";
  text += synopsis();
  text += fmt::format(".SH DESCRIPTION\n{}\n.PP\n{}.PP\n{}", roff(summary()), literal(words_of_usage()),
                      roff(remarks()));
  text += described_commands() + options();
  text += fmt::format(".SH \"EXIT STATUS\"\n{}", roff(exit_status()));
  text += section("ENVIRONMENT", environment) + section("FILES", files);
  text += fmt::format(".SH EXAMPLES\n{}", literal(examples()));
  return text;
}

}  // namespace vramcalc::cli
