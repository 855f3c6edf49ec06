#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/render.hpp"
#include "vramcalc/ask.hpp"

namespace vramcalc::cli {

// A file for an answer in one more format.
struct Output {
  std::string_view format;
  std::string file;
};

// What `check` is asked about a deployment.
struct DeploymentWords {
  std::vector<std::string> files;    // "-" for standard input
  std::vector<std::string> command;  // after --
  deployment::Supplied supplied;
  std::vector<std::pair<std::string, std::string>> hardware;  // --gpu NAME=HARDWARE
  std::optional<double> headroom;                             // a share
  std::vector<std::string> fail_on;
  std::string baseline;  // a file
  bool is_asked() const { return !files.empty() || !command.empty(); }
};

// A parsed command line.
struct Invocation {
  enum class Action { answer, short_help, long_help, version, generate };
  Action action = Action::answer;
  Question question;
  DeploymentWords deployment;
  std::string format = "table";
  std::vector<Output> outputs;
  render::Units units = render::Units::GB;
  bool all = false;
  std::size_t generated = 0;  // --generate: a row of generated()
  bool chart = false;
  std::string folder;    // for a site
  std::string base_url;  // of a site, for its sitemap
};

}  // namespace vramcalc::cli
