#include "cli/deployment.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>

#include "catalog/regular_file.hpp"
#include "cli/service_question.hpp"
#include "cli/values.hpp"
#include "deployment/finding_codes.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t longest_input = std::uint64_t{16} << 20;
constexpr std::uint64_t longest_baseline = std::uint64_t{256} << 20;
constexpr std::string_view project_file = ".vramcalc.yaml";

// Models come in these.
constexpr std::array<std::string_view, 3> endings_of_models = {".gguf", ".safetensors", ".json"};
// A file of these need not be there to be meant.
constexpr std::array<std::string_view, 5> endings_of_inputs = {".yaml", ".yml", ".sh", ".bash", ".service"};

bool ends_with_one_of(const std::string& word, std::span<const std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return word.ends_with(ending); });
}

bool is_file(const std::string& word) {
  std::error_code failure;
  return fs::is_regular_file(word, failure);
}

// A manifest may be JSON too.
bool is_json_manifest(const std::string& word) {
  if (!word.ends_with(".json") || !is_file(word)) return false;
  const std::string text = catalog::read_regular_file(word, longest_baseline);
  return text.find("\"apiVersion\"") != text.npos || text.find("\"services\"") != text.npos;
}

deployment::Input input_of(const std::string& word) {
  if (word == catalog::stdin_path) return {"stdin", catalog::read_stdin(longest_input)};
  return {word, catalog::read_regular_file(word, longest_input)};
}

deployment::Project project_here() {
  const std::string name(project_file);
  if (!is_file(name)) return {};
  return deployment::parse_project({name, catalog::read_regular_file(name, longest_input)});
}

// The command line's own come first, so that they win.
deployment::Supplied supplied_by(const Invocation& invocation, const deployment::Project& project) {
  deployment::Supplied supplied = invocation.deployment.supplied;
  const auto append = [](auto& to, const auto& more) { to.insert(to.end(), more.begin(), more.end()); };
  append(supplied.variables, project.supplied.variables);
  append(supplied.paths, project.supplied.paths);
  return supplied;
}

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

void check_failures(const std::vector<std::string>& words) {
  const std::vector<std::string_view> known = failures();
  for (const std::string& word : words)
    if (std::ranges::find(known, word) == known.end())
      refuse_value("--fail-on", word,
                   "tight, unresolved, error, warning, none or the code of a finding, separated by commas");
}

DeploymentPolicy policy_of(const Invocation& invocation, const deployment::Project& project) {
  DeploymentPolicy policy;
  if (!project.headroom.empty()) policy.headroom = parse_headroom("headroom", project.headroom);
  policy.headroom = invocation.deployment.headroom.value_or(policy.headroom);
  policy.fail_on = invocation.deployment.fail_on.empty() ? project.fail_on : invocation.deployment.fail_on;
  check_failures(policy.fail_on);
  policy.ignored = project.ignored;
  policy.today = today();
  return policy;
}

// What stands in .env beside a file fills its variables, as compose does it.
void add_environment_files(std::vector<deployment::Input>& inputs) {
  std::vector<std::string> added;
  for (const deployment::Input& input : inputs) {
    std::string name = (fs::path(input.name).parent_path() / ".env").string();
    if (is_file(name) && std::ranges::find(added, name) == added.end()) added.push_back(std::move(name));
  }
  for (const std::string& name : added) {
    const auto is_it = [&](const deployment::Input& input) { return input.name == name; };
    if (std::ranges::none_of(inputs, is_it)) inputs.push_back(input_of(name));
  }
}

deployment::Reading reading_of(const Invocation& invocation, const deployment::Supplied& supplied,
                               DeploymentQuestion& question) {
  const DeploymentWords& words = invocation.deployment;
  if (!words.command.empty()) return deployment::read_command(words.command, supplied);
  std::vector<deployment::Input> inputs;
  for (const std::string& file : words.files) {
    inputs.push_back(input_of(file));
    question.files.push_back(inputs.back().name);
    std::ranges::move(deployment::ignored_findings(inputs.back()),
                      std::back_inserter(question.policy.ignored));
  }
  add_environment_files(inputs);
  return deployment::read(inputs, supplied);
}

}  // namespace

bool is_deployment_file(const std::string& word) {
  if (word == catalog::stdin_path || ends_with_one_of(word, endings_of_inputs)) return true;
  return is_json_manifest(word) || (is_file(word) && !ends_with_one_of(word, endings_of_models));
}

std::vector<std::string_view> failures() {
  std::vector<std::string_view> words = {
      "fits", "tight", "does-not-fit", "would-not-start", "unresolved", "error", "warning", "note", "none"};
  for (const deployment::FindingCode& each : deployment::finding_codes())
    if (std::ranges::find(words, each.code) == words.end()) words.push_back(each.code);
  return words;
}

DeploymentQuestion question_of(const Invocation& invocation) {
  const deployment::Project project = project_here();
  Invocation with_project = invocation;
  if (invocation.question.reserve == Bytes() && !project.reserve.empty())
    with_project.question.reserve = parse_size("reserve", project.reserve);
  DeploymentQuestion question;
  question.policy = policy_of(invocation, project);
  question.catalog_paths = invocation.question.catalog_paths;
  const deployment::Supplied supplied = supplied_by(invocation, project);
  deployment::Reading reading = reading_of(invocation, supplied, question);
  for (const deployment::Launch& launch : reading.launches)
    question.services.push_back(service_question(launch, {with_project, project, supplied}));
  question.together = std::move(reading.together);
  question.findings = std::move(reading.findings);
  if (const std::string& baseline = invocation.deployment.baseline; !baseline.empty()) {
    question.baseline = baseline;
    question.baseline_text = catalog::read_regular_file(baseline, longest_baseline);
  }
  return question;
}

}  // namespace vramcalc::cli
