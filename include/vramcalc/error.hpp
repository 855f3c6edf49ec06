#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace vramcalc {

// What kind of thing went wrong; the stable word that JSON errors carry.
enum class ErrorCode {
  usage,         // the command line itself
  unknown_name,  // a model, quantization, GPU … that nobody knows
  bad_value,     // a number or a setting that cannot be
  bad_file,      // a file that cannot be read or does not say what it must
  unsupported,   // known, but refused with a reason
  overflow,      // a size beyond 64 bits
  output,        // stdout could not take the answer
};

std::string to_string(ErrorCode code);

// The one exception of the library: a message ready for a person (what, where, what to do). It is one line and fit for
// a terminal whatever it quotes.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, std::vector<std::string> suggestions = {});

  ErrorCode code() const { return code_; }
  const std::vector<std::string>& suggestions() const { return suggestions_; }

 private:
  ErrorCode code_;
  std::vector<std::string> suggestions_;
};

}  // namespace vramcalc
