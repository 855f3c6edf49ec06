#pragma once

#include <fstream>
#include <sstream>
#include <string>

// A table of tests/measured: words in columns, and lines of explanation that begin with '#'.
namespace vramcalc::test {

template <class Read>
void read_measured_rows(const std::string& file, const Read& read) {
  std::ifstream in(std::string(VRAMCALC_MEASURED_DIR) + "/" + file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    read(words);
  }
}

}  // namespace vramcalc::test
