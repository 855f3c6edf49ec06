#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"

namespace vramcalc::cli {

// The whole outcome of a command line, before a byte of it is written.
struct Outcome {
  std::string out;
  std::string err;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> files = {};  // path and text: --format FORMAT=FILE
};

// How questions are answered.
struct Answer {
  using OfModel = Report (*)(const Question&);
  using OfDeployment = DeploymentReport (*)(const DeploymentQuestion&);
  Answer(OfModel model) : of_model(model) {}  // NOLINT: a function for models alone will do
  Answer(OfModel model, OfDeployment deployment) : of_model(model), of_deployment(deployment) {}

  OfModel of_model;
  OfDeployment of_deployment = [](const DeploymentQuestion& question) {
    return answer(question, runtimes());
  };
};

Outcome outcome_of(const Arguments& arguments, Answer answer, const Terminal& terminal);

// Writes the outcome and returns the exit status.
int run(const Arguments& arguments, Answer answer);

}  // namespace vramcalc::cli
