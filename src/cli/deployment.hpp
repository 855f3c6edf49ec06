#pragma once

#include "cli/invocation.hpp"

// `check FILE…` and `check -- COMMAND`: from words to questions.
namespace vramcalc::cli {

// Whether a word names an input of a deployment, and not a model: a file that is neither a model nor a folder
// of one, or standard input.
bool is_deployment_file(const std::string& word);

// What --fail-on takes: statuses, severities, none and the codes of findings.
std::vector<std::string_view> failures();

// Reads the files, the repository's .vramcalc.yaml and the baseline. Error (bad_file) for one that cannot be
// read.
DeploymentQuestion question_of(const Invocation& invocation);

}  // namespace vramcalc::cli
