#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Invalid GGUF files. Each is a valid one with four layers (tests/fuzz/corpus/gguf) and one change.
struct HostileFile {
  std::string kind;  // of the lie
  std::string what;
  std::string bytes;
  std::uint64_t size = 0;  // with the hole in place of the data
  std::string refusal;     // part of the error message; empty: it is answered correctly
};

std::vector<HostileFile> hostile_files();
