#include <algorithm>
#include <array>

#include "catalog/name_tokens.hpp"
#include "deployment/image.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/session.hpp"
#include "deployment/visible_gpus.hpp"

// From a program's words to a launch.
namespace vramcalc::deployment {
namespace {

constexpr std::array<std::string_view, 8> model_flags = {
    "--model", "--model-path", "--model_path", "-m", "--hf-repo", "-hf", "-hfr", "--model-tag"};
constexpr std::array<std::string_view, 5> questions = {"--version", "--help", "-h", "-v", "--list-devices"};

using catalog::is_one_of;

// The model as the command line names it; the last part of a path.
std::string model_word(std::span<const Word> arguments) {
  std::string_view model;
  if (!arguments.empty() && !arguments[0].text.starts_with('-')) model = arguments[0].text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i].text;
    const std::size_t equals = word.find('=');
    if (is_one_of(model_flags, word) && i + 1 < arguments.size())
      model = arguments[i + 1].text;
    else if (equals != std::string_view::npos && is_one_of(model_flags, word.substr(0, equals)))
      model = word.substr(equals + 1);
  }
  while (model.ends_with('/')) model.remove_suffix(1);
  const bool is_path =
      model.starts_with('/') || model.starts_with('.') || model.starts_with('~') || model.starts_with('$');
  return std::string(is_path ? model.substr(std::min(model.rfind('/') + 1, model.size())) : model);
}

void add(Launch launch, std::span<const Word> arguments, Session& session) {
  launch.arguments.assign(arguments.begin(), arguments.end());
  if (launch.at.line == 0 && !arguments.empty() && arguments[0].at.line > 0) launch.at = arguments[0].at;
  if (launch.name.empty()) launch.name = model_word(arguments);
  if (launch.name.empty()) launch.name = std::string(base_name(launch.at.file));
  if (launch.release.empty()) launch.release = release_of_image(launch.image);
  apply_visible_gpus(launch);
  session.reading.launches.push_back(std::move(launch));
}

}  // namespace

Launch launch_at(std::string name, Position at) {
  Launch launch;
  launch.name = std::move(name);
  launch.at = std::move(at);
  return launch;
}

Started start_program(std::string program, std::span<const Word> arguments, Launch launch, Session& session) {
  if (std::ranges::any_of(arguments, [](const Word& word) { return is_one_of(questions, word.text); }))
    return {};
  launch.program = std::move(program);
  add(std::move(launch), arguments, session);
  return {.launches = 1};
}

Started start_unknown(Hole hole, std::span<const Word> arguments, Launch launch, Session& session) {
  launch.holes.push_back(std::move(hole));
  add(std::move(launch), arguments, session);
  return {.launches = 1};
}

}  // namespace vramcalc::deployment
