#include "vramcalc/error.hpp"

#include "vramcalc/bytes.hpp"

namespace vramcalc {

std::string to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::unknown_name:
      return "unknown_name";
    case ErrorCode::bad_value:
      return "bad_value";
    case ErrorCode::bad_file:
      return "bad_file";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::overflow:
      return "overflow";
    case ErrorCode::output:
      return "output";
  }
  return "unknown";
}

void throw_overflow() {
  throw Error(ErrorCode::overflow, "the amount of memory is beyond 64 bits; check the numbers given");
}

}  // namespace vramcalc
