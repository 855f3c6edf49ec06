#pragma once

#include <cstdint>
#include <string>

namespace vramcalc::serving {

// Speculative decoding: where drafted tokens come from, and how many are drafted at once.
struct Drafts {
  enum class Method { none, mtp, eagle, draft_model, ngram };
  Method method = Method::none;
  std::uint32_t tokens = 0;
  std::string model;  // of eagle and draft_model
  friend bool operator==(const Drafts&, const Drafts&) = default;
};

}  // namespace vramcalc::serving
