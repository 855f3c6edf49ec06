#include "vramcalc/error.hpp"

#include "model/printable.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc {

// Messages quote text from untrusted files.
Error::Error(ErrorCode code, const std::string& message, std::vector<std::string> suggestions)
    : std::runtime_error(printable(message)), code_(code), suggestions_(std::move(suggestions)) {}

std::string to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return "usage";
    case ErrorCode::unknown_name: return "unknown_name";
    case ErrorCode::bad_value: return "bad_value";
    case ErrorCode::bad_file: return "bad_file";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::overflow: return "overflow";
    case ErrorCode::output: return "output";
  }
  return "unknown";
}

void throw_overflow() {
  throw Error(ErrorCode::overflow, "the amount of memory exceeds 64 bits; check the numbers given");
}

}  // namespace vramcalc
