#pragma once

#include <cstdint>
#include <string>
#include <vector>

// GGUF files that lie. Each is a true one of four layers (tests/fuzz/corpus/gguf) with something changed.
struct HostileFile {
  std::string kind;  // of the lie
  std::string what;
  std::string bytes;
  std::uint64_t size = 0;  // with the hole that stands for the data
  std::string refusal;     // part of the line that refuses it; empty: it is answered, with nothing amiss
};

std::vector<HostileFile> hostile_files();
