#include "cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "catalog/suggest.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::array command_names = {
    CommandName{"check",     Command::check,     "MODEL|FILE... --gpu ...", "does it fit? the exit status answers"     },
    CommandName{"plan",      Command::plan,      "MODEL --gpu HARDWARE",    "the best way to load it, as a command"    },
    CommandName{"recommend", Command::recommend, "--gpu HARDWARE",          "what runs on it"                          },
    CommandName{"compare",   Command::compare,   "MODEL... [-q Q,Q]",       "side by side; repeat --gpu for more"      },
    CommandName{"models",    Command::models,    "[FILTER]",                "the models of the catalog"                },
    CommandName{"quants",    Command::quants,    "[FILTER]",                "its quantizations and checkpoint formats" },
    CommandName{"gpus",      Command::gpus,      "[FILTER]",                "its GPUs"                                 },
    CommandName{"systems",   Command::systems,   "[FILTER]",                "its systems of several GPUs or one memory"},
    CommandName{"site",      Command::site,      "DIR",                     "a page for every model, with an index"    },
};

struct ForeignCommand {
  std::string_view word, ours;
};
constexpr std::array foreign_commands = {
    ForeignCommand{"help",    "vramcalc --help"   },
    ForeignCommand{"version", "vramcalc --version"},
    ForeignCommand{"list",    "vramcalc models"   },
    ForeignCommand{"ls",      "vramcalc models"   },
    ForeignCommand{"model",   "vramcalc models"   },
    ForeignCommand{"gpu",     "vramcalc gpus"     },
    ForeignCommand{"system",  "vramcalc systems"  },
    ForeignCommand{"quant",   "vramcalc quants"   },
    ForeignCommand{"fit",     "vramcalc check"    },
    ForeignCommand{"run",     "vramcalc check"    },
    ForeignCommand{"search",  "vramcalc models"   },
};

}  // namespace

std::span<const CommandName> commands() { return command_names; }

CommandName overview() { return {"", Command::overview, "MODEL [flags]", "what it needs and where it runs"}; }

std::optional<Command> command_named(std::string_view word) {
  const auto found = std::ranges::find(command_names, word, &CommandName::word);
  return found == command_names.end() ? std::nullopt : std::optional(found->command);
}

void refuse_mistaken_command(std::string_view word) {
  const auto foreign = std::ranges::find(foreign_commands, word, &ForeignCommand::word);
  if (foreign != foreign_commands.end())
    throw Error(ErrorCode::usage, fmt::format("there is no command \"{}\"; try {}", word, foreign->ours),
                {std::string(foreign->ours)});
  for (const CommandName& name : command_names)
    if (word.size() > 3 && catalog::edit_distance(word, name.word, 1) == 1)
      throw Error(ErrorCode::usage,
                  fmt::format("there is no command \"{}\"; did you mean {}?", word, name.word),
                  {std::string(name.word)});
}

}  // namespace vramcalc::cli
