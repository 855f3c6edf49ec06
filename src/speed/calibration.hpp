#pragma once

#include <span>
#include <string_view>

#include "speed/parts.hpp"
#include "vramcalc/machine.hpp"
#include "vramcalc/speed.hpp"

// Coefficients by backend, generation and chip (data/speeds.json, which tests/calibration/calibrate.py
// computes from tests/measured/speeds.tsv).
namespace vramcalc::speed {

// The coefficients of a chip, of a generation if `chip` is empty, or of a whole family.
template <std::size_t count>
struct Calibration {
  std::string_view family;  // "cuda", "cuda, HBM"
  std::string_view generation;
  std::string_view chip;
  Parts<count> coefficients;
};

// Measured figures over those that the coefficients give: where most lay.
struct Spread {
  double low = 1, high = 1;
};
struct Spreads {
  Spread this_card, its_generation, rule;
  const Spread& of(SpeedBasis basis) const {
    return basis == SpeedBasis::this_card ? this_card : basis == SpeedBasis::rule ? rule : its_generation;
  }
};

// Of the figures of one family.
struct FamilySpreads {
  std::string_view family;
  Spreads spreads;
};

template <std::size_t count>
struct Table {
  std::span<const Calibration<count>> rows;  // a family first, then its generations, then their chips
  std::span<const FamilySpreads> families;
  Spreads of_others;

  const Spread& spread(std::string_view family, SpeedBasis basis) const {
    for (const FamilySpreads& each : families)
      if (each.family == family) return each.spreads.of(basis);
    return of_others.of(basis);
  }
};
extern const Table<decode_parts> decode_table;
extern const Table<prefill_parts> prefill_table;
extern const Spread with_host;         // of decode, where the host takes part
extern const double host_coefficient;  // how much longer the host takes than at `usual_host_gbps`

// Serving engines, of which too few figures are known to fit anything.
struct EngineRule {
  DecodeParts decode;
  PrefillParts prefill;
  Spread spread;
};
extern const EngineRule engines;

template <std::size_t count>
struct Found {
  const Parts<count>* coefficients = nullptr;
  SpeedBasis basis = SpeedBasis::rule;
  Spread spread = {};
};

// The closest coefficients of llama.cpp; null for a backend that none were measured of nor resembles.
Found<decode_parts> find_decode(const Device& device);
Found<prefill_parts> find_prefill(const Device& device);

// "cuda, HBM": devices of one family spend their time alike.
std::string_view family_of(const Device& device);

}  // namespace vramcalc::speed
