#include "deployment/finding_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

using enum Severity;

constexpr std::array codes = {
    FindingCode{"ambiguous-flag",       warning, "An abbreviated flag could be one of several."                     },
    FindingCode{"context-shortened",    warning, "The engine shortens a context that nobody set until it fits."     },
    FindingCode{"does-not-fit",         error,   "The service needs more memory than its GPUs have."                },
    FindingCode{"fractions-exceed-one", error,
                "Engines that share a GPU claim more than all of its memory together."                              },
    FindingCode{"gpu-count-mismatch",   error,
                "The parallel sizes need another number of GPUs than the service gets."                             },
    FindingCode{"headroom",             error,   "Less memory than the policy asks for stays free."                 },
    FindingCode{"idle-gpus",            warning, "The service gets GPUs that it does not use."                      },
    FindingCode{"ignored-flag",         warning, "The program accepts the flag and does nothing with it."           },
    FindingCode{"invalid-value",        error,   "The program refuses the value of a flag."                         },
    FindingCode{"not-modelled",         warning, "A flag bears on the memory in a way that is not calculated."      },
    FindingCode{"reads-differently",    warning, "The program reads a value otherwise than it looks."               },
    FindingCode{"removed-flag",         error,   "The program no longer has the flag and refuses to start."         },
    FindingCode{"repeated-flag",        warning, "A flag is given twice; the last one counts."                      },
    FindingCode{"replicas-vary",        note,    "An autoscaler, or a count of zero, decides how many replicas run."},
    FindingCode{"shared-gpu-overfull",  error,   "Services that may run at once need more than their GPU has."      },
    FindingCode{"tight",                warning, "The service fits by the low end of the interval only."            },
    FindingCode{"unknown-flag",         warning, "The program has no such flag."                                    },
    FindingCode{"unresolved",           warning, "Something that the figures need is not in the input."             },
    FindingCode{"would-not-start",      error,   "The engine refuses to start."                                     },
};

}  // namespace

std::span<const FindingCode> finding_codes() { return codes; }

const FindingCode* find_code(std::string_view code) {
  const auto found = std::ranges::find(codes, code, &FindingCode::code);
  return found == codes.end() ? nullptr : &*found;
}

Finding finding(std::string_view code, std::string message, Position at, std::string fix) {
  const FindingCode* row = find_code(code);
  if (row == nullptr) throw Error(ErrorCode::bad_value, fmt::format("no finding has the code \"{}\"", code));
  return {row->code, row->severity, std::move(message), std::move(at), std::move(fix)};
}

}  // namespace vramcalc::deployment
