#include "runtime/llama_cpp/fit/search.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/fit/seen_buffers.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

struct Looks {
  std::uint64_t found = 0;
  int taken = 0;
};

// Of the numbers up to 4,096 those up to `last` fit; the guess is off by `error`, a quick look by
// `blindness`.
Looks look_for(std::uint64_t last, std::int64_t error, std::uint64_t blindness = 0) {
  Looks looks;
  const auto room_about = [&](std::uint64_t number) {
    return (static_cast<std::int64_t>(last) + error - static_cast<std::int64_t>(number)) * 1000;
  };
  const auto fits = [&](std::uint64_t number, SearchDepth depth) {
    ++looks.taken;
    return number + (depth == SearchDepth::quick ? blindness : 0) <= last;
  };
  looks.found = last_that_fits(0, 4097, room_about, fits);
  return looks;
}

std::vector<PlaceEstimate> with_buffer(Bytes bytes) {
  PlaceEstimate device{Place::gpu(0), {}};
  device.terms.push_back({TermKind::compute_buffer, Amount::exactly(bytes), Basis::derived, {}});
  return {device};
}

}  // namespace

TEST_CASE("a search finds the last number that fits, and better guesses need fewer looks") {
  struct Row {
    const char* what;
    std::uint64_t last;
    std::int64_t error;
    int most_looks;
  };
  const Row rows[] = {
      {"a right guess",          1700, 0,     2 },
      {"one too low",            1700, -1,    4 },
      {"far too low",            1700, -900,  60},
      {"one too high",           1700, 1,     60},
      {"far too high",           1700, 900,   60},
      {"nothing fits",           0,    0,     1 },
      {"everything fits",        4096, 0,     1 },
      {"guess: everything fits", 0,    99999, 60},
      {"guess: nothing fits",    4096, -9999, 60},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Looks looks = look_for(row.last, row.error);
    CHECK(looks.found == row.last);
    CHECK(looks.taken <= row.most_looks);
  }
}

TEST_CASE("a number that a quick look wrongly refuses is checked again") {
  for (const std::uint64_t blindness : {1u, 2u, 50u}) CHECK(look_for(1700, 0, blindness).found == 1700);
}

TEST_CASE("buffers are guessed from the nearest known contexts") {
  llama_cpp::Placement one;
  one.free = {Bytes(1)};
  SeenBuffers seen;
  const auto about = [&](std::uint64_t context) { return seen.about(one, context).at(0).count(); };
  CHECK(about(4096) == 0);
  seen.see(one, 4096, with_buffer(Bytes(1000)));
  CHECK(about(4096) == 1000);
  CHECK(about(8192) == 1000);
  seen.see(one, 12288, with_buffer(Bytes(3000)));
  CHECK(about(8192) == 2000);
  CHECK(about(12288) == 3000);
  // Buffers of longer contexts start higher but grow more slowly.
  seen.see(one, 16384, with_buffer(Bytes(3100)));
  CHECK(about(8192) == 2900);
  llama_cpp::Placement other = one;
  other.overrides = {experts_on_host()};
  CHECK(seen.about(other, 8192).at(0).count() == 0);
}
