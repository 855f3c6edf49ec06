#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/report.hpp"

// A deployment made by hand, with one service of each status.
namespace vramcalc::sample {

// compose.yaml: chat fits, embed does not fit, and both share gpu0. k8s/models.yaml: rerank would not start,
// draft is unresolved, code is tight.
DeploymentReport deployment();
DeploymentReport one_service();         // fits, without a finding
DeploymentReport changed_deployment();  // with what has changed
DeploymentReport hostile_deployment();  // whose every text is `hostile_text`

inline const std::string hostile_text =
    "a|b`c``d <img src=x> & \"q\" 'r' ::error::x,y:z % \r\n@all #1 \x1b[31m \x01 \xff ]]> --> $1";

ServiceReport service(const std::string& name, const std::string& file, std::uint32_t line,
                      ServiceReport::Status status);
CheckReport check_of(double needs, double usable, Verdict verdict);

// ---- of what is printed
std::vector<std::string> lines_of(std::string_view text);
bool contains(std::string_view text, std::string_view part);

}  // namespace vramcalc::sample
