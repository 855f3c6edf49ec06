#pragma once

#include <string>

#include "render/render.hpp"
#include "vramcalc/ask.hpp"

namespace vramcalc::cli {

// A parsed command line.
struct Invocation {
  enum class Action { answer, short_help, long_help, version };
  Action action = Action::answer;
  Question question;
  std::string format = "table";
  render::Units units = render::Units::GB;
  bool all = false;
};

}  // namespace vramcalc::cli
