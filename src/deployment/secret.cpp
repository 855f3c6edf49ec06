#include "deployment/secret.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// In lower case: names of variables and headers, and how tokens of Hugging Face, OpenAI, GitHub, AWS, NVIDIA
// and Slack begin.
constexpr std::array<std::string_view, 15> marks = {"token", "_key",   "apikey",        "api-key", "secret",
                                                    "passw", "bearer", "authorization", "hf_",     "sk-",
                                                    "ghp_",  "gho_",   "akia",          "nvapi-",  "xoxb-"};

}  // namespace

bool looks_secret(std::string_view text) {
  const std::string lower = lowered(text);
  return std::ranges::any_of(marks, [&](std::string_view mark) { return lower.find(mark) != lower.npos; });
}

}  // namespace vramcalc::deployment
