#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace vramcalc {

// The kind of an error; its name is part of the JSON output and stays stable.
enum class ErrorCode {
  usage,         // the command line itself
  unknown_name,  // an unknown model, quantization, GPU …
  bad_value,     // an invalid number or setting
  bad_file,      // a file that cannot be read or lacks something required
  unsupported,   // known but refused, with a reason
  overflow,      // a size beyond 64 bits
  output,        // stdout could not take the answer
};

std::string to_string(ErrorCode code);

// The only exception of the library. Its message says what is wrong, where, and what to do, in one line that
// is safe for a terminal whatever it quotes.
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
