#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/flags/table.hpp"
#include "cli/values.hpp"
#include "model/whole_number.hpp"
#include "vramcalc/error.hpp"

// What `check` takes for files and commands.
namespace vramcalc::cli {
namespace {

using deployment::Supplied;

std::pair<std::string, std::string> parse_pair(std::string_view flag, const std::string& value,
                                               std::string_view expected) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || equals == value.npos) refuse_value(flag, value, expected);
  return {value.substr(0, equals), value.substr(equals + 1)};
}

void add_variable(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.deployment.supplied.variables.push_back(parse_pair(flag, value, "NAME=VALUE"));
}

void add_path(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.deployment.supplied.paths.push_back(parse_pair(flag, value, "/PATH/THERE=PATH/HERE"));
}

void set_headroom(Invocation& invocation, std::string_view flag, const std::string& value) {
  invocation.deployment.headroom = parse_headroom(flag, value);
}

constexpr std::array flags = {
    option("--set", "NAME=VALUE", "a variable that an input leaves open", about_deployments, add_variable),
    option("--map", "/THERE=HERE", "where a container's path is here", about_deployments, add_path),
    option("--headroom", "PERCENT", "to be left free on each GPU: 10%", about_deployments, set_headroom),
    option("--baseline", "FILE", "an earlier --json: says what changed", about_deployments,
           set<&DeploymentWords::baseline, as_typed>),
};

}  // namespace

constinit const FlagTable deployment_flags{Topic::deployment, flags};

}  // namespace vramcalc::cli
