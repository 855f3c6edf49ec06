#pragma once

#include <algorithm>
#include <cstdint>

namespace vramcalc {

// A number and the room that it leaves, which is negative if it does not fit.
struct Tried {
  std::uint64_t number = 0;
  std::int64_t room = 0;
  bool fits() const { return room >= 0; }
};

// The number at which the room is used up if it shrinks evenly.
inline double proportion(const Tried& low, const Tried& high) {
  const auto room = static_cast<double>(low.room);
  return room / (room - static_cast<double>(high.room));
}

// The answer is in [low, high): low fits and high does not. Memory grows almost linearly, so guessing in
// proportion needs far fewer steps than halving; every other step halves, which bounds the worst case.
template <class RoomAt>
std::uint64_t last_with_room(Tried low, Tried high, const RoomAt& room_at) {
  const auto look_at = [&](std::uint64_t number) {
    const Tried tried{number, room_at(number)};
    (tried.fits() ? low : high) = tried;
  };
  const auto between = [&] { return high.number - low.number > 1; };
  for (bool by_proportion = true; between(); by_proportion = !by_proportion) {
    const double share = by_proportion ? proportion(low, high) : 0.5;
    const auto numbers = static_cast<double>(high.number - low.number);
    const std::uint64_t guess = low.number + static_cast<std::uint64_t>(share * numbers);
    look_at(std::clamp(guess, low.number + 1, high.number - 1));
    // A proportional guess is often the last number that fits: check the next one before halving again.
    if (by_proportion && between() && low.number == guess) look_at(guess + 1);
  }
  return low.number;
}

}  // namespace vramcalc
