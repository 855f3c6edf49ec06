#include <fmt/format.h>

#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

std::string_view id_of(SpeedBasis basis) {
  switch (basis) {
    case SpeedBasis::this_card: return "this_card";
    case SpeedBasis::its_generation: return "its_generation";
    case SpeedBasis::rule: break;
  }
  return "rule";
}

}  // namespace

void write_speed(JsonWriter& to, std::string_view test, const std::optional<SpeedEstimate>& estimate) {
  write_range(to, fmt::format("{}_tokens_per_second", test),
              estimate ? std::optional(estimate->tokens_per_second) : std::nullopt);
  const std::string basis = fmt::format("{}_basis", test);
  if (estimate)
    to.member(basis, id_of(estimate->basis));
  else
    to.member(basis, std::nullopt);
}

void write(JsonWriter& to, const Speed& speed) {
  write_speed(to, "decode", speed.decode);
  to.member("decode_ceiling",
            speed.decode_ceiling ? std::optional(rounded(*speed.decode_ceiling)) : std::nullopt);
  write_speed(to, "prefill", speed.prefill);
  to.member("prompt_tokens", speed.prompt_tokens);
  write_speed(to, "throughput", speed.throughput);
  to.member("sequences", speed.sequences);
  to.member("why", known(speed.why));
}

}  // namespace vramcalc::render
