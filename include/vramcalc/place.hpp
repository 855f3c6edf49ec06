#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace vramcalc {

// A memory that can contain parts of a model: that of a GPU, counted from 0, or the host's.
class Place {
 public:
  static constexpr Place gpu(std::size_t index) { return Place(static_cast<std::int32_t>(index)); }
  static constexpr Place host() { return Place(-1); }

  constexpr bool is_host() const { return number_ < 0; }
  constexpr std::size_t gpu_index() const { return static_cast<std::size_t>(number_); }  // only for a GPU

  friend constexpr bool operator==(const Place&, const Place&) = default;

 private:
  constexpr explicit Place(std::int32_t number) : number_(number) {}
  std::int32_t number_;
};

std::string to_string(Place place);  // "gpu0", "gpu1" … or "host"

}  // namespace vramcalc
