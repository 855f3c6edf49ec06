#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fit/search.hpp"

// Searches for the last number that fits. Estimates are exact but slow; guesses of the remaining room are
// fast and improve with every estimate. Guesses choose what to try, and estimates decide.
namespace vramcalc::llama_cpp {

// Buffers depend on the split unpredictably: a quick search tries likely splits, a thorough one more.
enum class SearchDepth { quick, thorough };

// The answer by the guess alone.
template <class RoomAbout>
std::uint64_t guess_of_last(std::uint64_t low, std::uint64_t high, const RoomAbout& room_about) {
  const Tried first{low + 1, room_about(low + 1)};
  if (!first.fits()) return low;
  const Tried last{high - 1, room_about(high - 1)};
  return last.fits() ? last.number : last_with_room(first, last, room_about);
}

// The answer is in [low, high), where low is assumed to fit and high not to. A quick look is reliable only if
// it says that a number fits, so the first number that does not is checked thoroughly.
template <class RoomAbout, class Fits>
class LastThatFits {
 public:
  LastThatFits(std::uint64_t low, std::uint64_t high, const RoomAbout& room_about, const Fits& fits)
      : low_(low),
        refused_{
            {high, SearchDepth::thorough}
  },
        room_about_(room_about),
        fits_(fits) {}

  std::uint64_t find() {
    for (int looks = 1; high() - low_ > 1 || !is_sure(); ++looks) {
      if (high() - low_ > 1)
        look_between(looks % looks_until_halving == 0);
      else
        look_again();
    }
    return low_;
  }

 private:
  static constexpr int looks_until_halving = 8;  // so that bad guesses do not make it a linear search

  struct Refused {
    std::uint64_t number;
    SearchDepth depth;
  };
  std::uint64_t high() const { return refused_.back().number; }
  bool is_sure() const { return refused_.back().depth == SearchDepth::thorough; }

  void look_between(bool halving) {
    const std::uint64_t guess = guess_of_last(low_, high(), room_about_);
    const std::uint64_t guessed = std::clamp(guess, std::min(low_ + above_, high() - 1),
                                             std::max(high() - std::min(below_, high()), low_ + 1));
    const std::uint64_t next = halving ? low_ + (high() - low_) / 2 : guessed;
    const SearchDepth depth = next == low_ + 1 ? SearchDepth::thorough : depth_;
    const bool fit = fits_(next, depth);
    const std::uint64_t far = (high() - low_) / 8;
    above_ = fit && guess == low_ ? std::max(2 * above_, far) : 1;
    below_ = !fit && guess == high() - 1 ? std::max(2 * below_, far) : 1;
    if (fit)
      low_ = next;
    else
      refused_.push_back({next, depth});
  }

  void look_again() {
    if (fits_(high(), SearchDepth::thorough)) {
      low_ = high();
      refused_.pop_back();
      depth_ = SearchDepth::thorough;
    } else {
      refused_.back().depth = SearchDepth::thorough;
    }
  }

  std::uint64_t low_;
  SearchDepth depth_ = SearchDepth::quick;  // thorough once a quick look was wrong, as the next would be too
  std::vector<Refused> refused_;            // smallest last
  std::uint64_t above_ = 1, below_ = 1;     // distance to the ends when the guess is too low or too high
  const RoomAbout& room_about_;
  const Fits& fits_;
};

template <class RoomAbout, class Fits>
std::uint64_t last_that_fits(std::uint64_t low, std::uint64_t high, const RoomAbout& room_about,
                             const Fits& fits) {
  return LastThatFits<RoomAbout, Fits>(low, high, room_about, fits).find();
}

}  // namespace vramcalc::llama_cpp
