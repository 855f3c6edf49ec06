#include "deployment/secret.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace vramcalc::deployment {
namespace {

// In lower case: names of variables and headers, and how tokens of Hugging Face, OpenAI, GitHub, AWS, NVIDIA
// and Slack begin.
constexpr std::array<std::string_view, 15> marks = {"token", "_key",   "apikey",        "api-key", "secret",
                                                    "passw", "bearer", "authorization", "hf_",     "sk-",
                                                    "ghp_",  "gho_",   "akia",          "nvapi-",  "xoxb-"};

}  // namespace

bool looks_secret(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::any_of(marks,
                             [&](std::string_view mark) { return lower.find(mark) != std::string::npos; });
}

}  // namespace vramcalc::deployment
