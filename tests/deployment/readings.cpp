#include "deployment/readings.hpp"

#include "deployment/formats.hpp"

namespace vramcalc::deployment {

Reading read_script(const std::string& script, const Supplied& supplied) {
  Reading reading;
  Launch base;
  base.at = {"start.sh", 0};
  add_script(script, base, supplied, reading);
  return reading;
}

std::string line_of(const Launch& launch) {
  std::string line = launch.program + ":";
  for (const Word& word : launch.arguments) {
    line += " " + word.text;
    for (const Hole& hole : word.holes) line += "⟨" + hole.name + "⟩";
  }
  for (const Hole& hole : launch.holes) line += " ⟨" + hole.name + "⟩";
  return line;
}

std::vector<std::string> lines_of(const Reading& reading) {
  std::vector<std::string> lines;
  for (const Launch& launch : reading.launches) lines.push_back(line_of(launch));
  return lines;
}

std::vector<std::string> started(const std::string& script, const Supplied& supplied) {
  return lines_of(read_script(script, supplied));
}

Supplied with(const std::string& name, const std::string& value) {
  return {.variables = {{name, value}}, .paths = {}};
}

}  // namespace vramcalc::deployment
