#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "render/render.hpp"
#include "vramcalc/estimate.hpp"

// Figures for people. Counts are rounded as whole numbers.
namespace vramcalc::render {

std::string_view unit_name(Units units);

// A number of bytes in `units`, with thousands separators: "1,170.3".
std::string bytes_text(Bytes bytes, Units units, int decimals);

// The number of decimals for a page of figures around `typical`: one would be too few for a small model.
int decimals_for(Bytes typical, Units units);

std::string context_label(std::uint64_t tokens);                  // 164K, as model-card sites round
std::string parameters_text(std::uint64_t parameters);            // 671.0B, 596.0M
std::string decimal(double value, int decimals);                  // 4.82
std::string or_dash(const std::optional<std::uint64_t>& number);  // 163,840 or -

// The figures of one page: one unit, one number of decimals.
struct Figures {
  Units units = Units::GB;
  int decimals = 1;
  std::uint64_t rounds_to = 1;  // bytes; the runtime's figures are rounded to this before display

  Bytes shown(Bytes bytes) const;  // as displayed, so that differences of displayed figures come out right
  std::string operator()(Bytes bytes) const { return bytes_text(shown(bytes), units, decimals); }
  std::string range(const Amount& amount) const;     // 0.3..0.6, or one figure if both read alike
  std::string interval(const Amount& amount) const;  // 0.3..0.6; empty if both read alike
  std::string with_unit(Bytes bytes) const;          // 404.9 GB
  std::string file_size(Bytes bytes) const;          // 236.18: files are known exactly
  std::string rounded(Bytes bytes) const;            // 527: for sizes already rounded up to whole GB
};

}  // namespace vramcalc::render
