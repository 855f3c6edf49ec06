#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vramcalc::source {

// An architecture that llama.cpp loads, but whose tensors and graph are not known here.
// tests/conformance/known.txt lists all names that its releases have.
struct KnownArchitecture {
  std::string_view name;
  std::string_view release;  // one that has it
};

std::span<const KnownArchitecture> known_architectures();

// Why a file of this architecture cannot be estimated, to follow its name in a sentence: "is not known …".
std::string why_unknown(std::string_view architecture);

}  // namespace vramcalc::source
