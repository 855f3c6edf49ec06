#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "render/render.hpp"
#include "vramcalc/estimate.hpp"

// Figures as people read them. What is counted is rounded as a whole number.
namespace vramcalc::render {

std::string_view unit_name(Units units);

// A number of bytes in `units`, with thousands separators: "1,170.3".
std::string bytes_text(Bytes bytes, Units units, int decimals);

// How many decimals a page of figures around `typical` takes: a small model would drown in one.
int decimals_for(Bytes typical, Units units);

std::string context_label(std::uint64_t tokens);                  // 164K, as model-card sites round
std::string parameters_text(std::uint64_t parameters);            // 671.0B, 596.0M
std::string decimal(double value, int decimals);                  // 4.82
std::string or_dash(const std::optional<std::uint64_t>& number);  // 163,840 or -

// The figures of one page: one unit, one number of decimals.
struct Figures {
  Units units = Units::GB;
  int decimals = 1;
  std::uint64_t rounds_to = 1;  // bytes; what the runtime's own figures are rounded to before they are shown

  Bytes shown(Bytes bytes) const;  // as the page reads: differences of shown figures come out right
  std::string operator()(Bytes bytes) const { return bytes_text(shown(bytes), units, decimals); }
  std::string range(const Amount& amount) const;     // 0.3..0.6, or one figure where both read alike
  std::string interval(const Amount& amount) const;  // 0.3..0.6, empty where both read alike
  std::string with_unit(Bytes bytes) const;          // 404.9 GB
  std::string file_size(Bytes bytes) const;          // 236.18: files are known exactly
  std::string rounded(Bytes bytes) const;            // 527: what is rounded up to a GB anyway
};

}  // namespace vramcalc::render
