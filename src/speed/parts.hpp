#pragma once

#include <array>
#include <cstddef>
#include <numeric>
#include <string_view>

// What the time of a token is made of. Each part is what a device has to do at its full rate, in seconds, or
// how often it starts something; its coefficient (data/speeds.json) says how much longer it takes, or how
// many seconds a start takes.
namespace vramcalc::speed {

enum class DecodePart {
  dense,             // seconds: weights that every token reads, at full bandwidth
  low_bit,           // seconds: those of three bits and fewer, whose unpacking takes longer than reading
  experts,           // seconds: the experts that a token uses
  half_experts,      // seconds: those of 16 bits
  cache,             // seconds: keys and values up to the token, and recurrent states
  layers,            // starts
  recurrent_layers,  // starts
  expert_layers,     // starts
  hops,              // from one device to the next
  arithmetic,        // seconds: the matrices' arithmetic, where no tensor core does it
};
inline constexpr std::size_t decode_parts = 10;

// All for one token of a batch.
enum class PrefillPart {
  quantized,     // seconds: matrices in blocks of few bits, at the peak rate of FP16
  half,          // seconds: matrices of 16 bits
  experts,       // seconds: matrices of experts
  half_experts,  // seconds: those of 16 bits
  few_tokens,    // seconds: both by the tokens that an expert gets of a batch, of which it computes tiles
  attention,     // seconds: the arithmetic with all earlier tokens
  cache,         // seconds: reading their keys and values, which the tokens of a tile share
  weights,       // seconds: reading all weights once for a batch
  layers,        // starts
};
inline constexpr std::size_t prefill_parts = 9;

inline constexpr std::array<std::string_view, decode_parts> decode_part_names{
    "dense",  "low_bit",          "experts",       "half_experts", "cache",
    "layers", "recurrent_layers", "expert_layers", "hops",         "arithmetic"};
inline constexpr std::array<std::string_view, prefill_parts> prefill_part_names{
    "quantized", "half", "experts", "half_experts", "few_tokens", "attention", "cache", "weights", "layers"};

template <std::size_t count>
using Parts = std::array<double, count>;
using DecodeParts = Parts<decode_parts>;
using PrefillParts = Parts<prefill_parts>;

template <std::size_t count>
double seconds(const Parts<count>& parts, const Parts<count>& coefficients) {
  return std::inner_product(parts.begin(), parts.end(), coefficients.begin(), 0.0);
}

inline double& part(DecodeParts& parts, DecodePart which) { return parts[static_cast<std::size_t>(which)]; }
inline double& part(PrefillParts& parts, PrefillPart which) { return parts[static_cast<std::size_t>(which)]; }

// Two channels of DDR4-3200 to two of DDR5-6400 have 51 to 102 GB/s.
inline constexpr double usual_host_gbps = 60;

}  // namespace vramcalc::speed
