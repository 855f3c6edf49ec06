#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "accuracy/accuracy.hpp"

// Prints the table; with the path of a document, checks that it contains the table.
int main(int argc, char** argv) {
  const std::string table = vramcalc::accuracy::table_of(vramcalc::accuracy::quantities());
  if (argc < 2) {
    std::fputs(table.c_str(), stdout);
    return 0;
  }
  std::ifstream file(argv[1]);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  if (document.find(table) != std::string::npos) return 0;
  std::fprintf(stderr, "%s does not contain the current accuracy table:\n%s", argv[1], table.c_str());
  return 1;
}
