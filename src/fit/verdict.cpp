#include "vramcalc/fit.hpp"

namespace vramcalc {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::great: return "great";
    case Verdict::fits: return "fits";
    case Verdict::tight: return "tight";
    case Verdict::offload: return "offload";
    case Verdict::no: return "no";
  }
  return "unknown";
}

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host) {
  if (needed.high <= usable) return needed.best * 3 <= usable * 2 ? Verdict::great : Verdict::fits;
  if (needed.low <= usable) return Verdict::tight;
  return needed.high <= usable + host ? Verdict::offload : Verdict::no;
}

}  // namespace vramcalc
