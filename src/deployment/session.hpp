#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// What the readers of commands and scripts share.
struct Session {
  const Supplied& supplied;
  Reading& reading;
  std::span<const Input> inputs = {};  // that a script may source
  std::size_t steps_left = 60'000;     // commands and copied variables, so that no script takes long
  int depth = 0;                       // of scripts in commands in scripts
  int nesting = 0;                     // of commands in one another
};
constexpr int deepest_script = 6;
constexpr int deepest_nesting = 400;

// What a command started.
struct Started {
  std::size_t launches = 0;
  bool goes_on = false;  // it runs while the next command does: `docker run -d`, `tmux new -d`
};

// The launches that `words` start get what `base` says. Words that start no program are arguments of the
// image's own.
Started start_words(std::span<const Word> words, const Launch& base, Session& session,
                    bool has_entrypoint_of_image = true);
// Whether the first word is one that `start_words` may make something of.
bool may_start(std::span<const Word> words);

struct ScriptPlace {
  Position first_line;
  bool one_line = false;  // all of it is said to be at `first_line`
};
Started start_script(std::string_view script, const Launch& base, const std::vector<Word>& arguments,
                     const ScriptPlace& place, Session& session);

// `docker run …` and its like, after these words.
Started start_container(std::span<const Word> words, const Launch& base, Session& session);

// What a command at `at` starts with.
Launch launch_at(std::string name, Position at);
// The launch of a known program.
Started start_program(std::string program, std::span<const Word> arguments, Launch launch, Session& session);
// A launch of which nothing is known but `hole`.
Started start_unknown(Hole hole, std::span<const Word> arguments, Launch launch, Session& session);

}  // namespace vramcalc::deployment
