#include <algorithm>
#include <map>
#include <string>

#include "catch.hpp"
#include "runtime/llama_cpp/session.hpp"
#include "speed/measured_speeds.hpp"
#include "vramcalc/fit.hpp"

// Estimates of tokens per second against published figures, and how they must behave.
using namespace vramcalc;

namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

Speed speed_of(const measured::SpeedRow& row) {
  measured::AskedWork asked;
  measured::ask(catalog(), row, asked);
  return speed::speed_of(asked.work);
}

bool lies_in(const std::optional<SpeedEstimate>& estimate, double figure) {
  return estimate && estimate->tokens_per_second.low <= figure && figure <= estimate->tokens_per_second.high;
}

struct Share {
  int inside = 0, all = 0;
  void add(bool is_inside) { inside += is_inside, ++all; }
  double value() const { return all == 0 ? 1 : static_cast<double>(inside) / all; }
};

measured::SpeedRow asked_row(std::string hardware, std::string backend = "cuda") {
  measured::SpeedRow row;
  row.model = "llama-3.1-8b", row.quantization = "Q4_K_M", row.hardware = std::move(hardware);
  row.backend = std::move(backend);
  row.tokens = 512;
  return row;
}

double middle(const std::optional<SpeedEstimate>& estimate) {
  REQUIRE(estimate.has_value());
  return (estimate->tokens_per_second.low + estimate->tokens_per_second.high) / 2;
}

}  // namespace

TEST_CASE("Published figures lie in the ranges and under the ceiling") {
  std::map<std::string, Share> shares;
  for (const measured::SpeedRow& row : measured::speed_rows()) {
    const Speed speed = speed_of(row);
    INFO(row.model << " " << row.quantization << " on " << row.gpus << "x " << row.hardware << " at "
                   << row.depth);
    if (row.decode && speed.decode_ceiling) {
      CHECK(row.tokens_per_second <= *speed.decode_ceiling);
      CHECK(speed.decode->tokens_per_second.high <= *speed.decode_ceiling);
    }
    shares[row.decode ? "decode" : "prefill"].add(
        lies_in(row.decode ? speed.decode : speed.prefill, row.tokens_per_second));
  }
  INFO("decode " << shares["decode"].inside << " of " << shares["decode"].all << ", prefill "
                 << shares["prefill"].inside << " of " << shares["prefill"].all);
  CHECK(shares["decode"].value() >= 0.94);
  CHECK(shares["prefill"].value() >= 0.90);
}

TEST_CASE("A range says what it is based on") {
  struct Case {
    std::string hardware, backend;
    SpeedBasis decode;
  };
  const Case expected = GENERATE(values<Case>({
      {"rtx-4090",          "cuda",   SpeedBasis::this_card     },
      {"rtx-4080",          "cuda",   SpeedBasis::its_generation},
      {"gtx-1080-ti",       "cuda",   SpeedBasis::its_generation},
      {"v100-sxm2-32gb",    "cuda",   SpeedBasis::rule          },
      {"rx-7900-xtx",       "rocm",   SpeedBasis::this_card     },
      {"rx-7900-xtx",       "vulkan", SpeedBasis::this_card     },
      {"rx-7600",           "rocm",   SpeedBasis::its_generation},
      {"arc-b580",          "sycl",   SpeedBasis::rule          },
      {"apple-m4-pro-48gb", "metal",  SpeedBasis::this_card     },
      {"apple-m4-max-64gb", "metal",  SpeedBasis::its_generation},
  }));
  INFO(expected.hardware << " with " << expected.backend);
  const Speed speed = speed_of(asked_row(expected.hardware, expected.backend));
  REQUIRE(speed.decode.has_value());
  CHECK(speed.decode->basis == expected.decode);
  CHECK(speed.decode->tokens_per_second.low < speed.decode->tokens_per_second.high);
}

TEST_CASE("Estimates move with what they depend on") {
  const measured::SpeedRow usual = asked_row("rtx-4090");

  SECTION("a longer context is slower to write and to read") {
    measured::SpeedRow deep = usual;
    deep.depth = 65'536;
    CHECK(middle(speed_of(deep).decode) < middle(speed_of(usual).decode));
    deep.decode = false;
    measured::SpeedRow prompt = usual;
    prompt.decode = false;
    CHECK(middle(speed_of(deep).prefill) < middle(speed_of(prompt).prefill));
  }
  SECTION("more bits are slower to write") {
    measured::SpeedRow fine = usual;
    fine.quantization = "Q8_0";
    CHECK(middle(speed_of(fine).decode) < middle(speed_of(usual).decode));
  }
  SECTION("layers on several GPUs are not faster for one sequence") {
    measured::SpeedRow two = usual;
    two.gpus = 2;
    CHECK(middle(speed_of(two).decode) <= middle(speed_of(usual).decode));
  }
  SECTION("layers on the host are slower, and have no ceiling") {
    measured::SpeedRow half = usual;
    half.flags = "-ngl 16";
    const Speed speed = speed_of(half);
    CHECK(middle(speed.decode) < middle(speed_of(usual).decode) / 2);
    CHECK_FALSE(speed.decode_ceiling.has_value());
    CHECK_FALSE(speed.prefill.has_value());
  }
  SECTION("a mixture of experts reads those that a token uses") {
    measured::SpeedRow experts = usual;
    experts.model = "qwen3-30b-a3b";
    measured::SpeedRow dense = usual;
    dense.model = "qwen3-32b";
    CHECK(middle(speed_of(experts).decode) > 3 * middle(speed_of(dense).decode));
  }
}

TEST_CASE("What is unknown of a device is not guessed") {
  Device device;
  device.name = "24 GiB";
  device.usable = Bytes(24 * GiB);
  speed::Work work;
  work.token.dense = 5e9;
  work.prompt.prompt = work.prompt.batch = 512;
  work.devices = {
      {&device, 1, 1, 1, 1}
  };
  CHECK_FALSE(speed::speed_of(work).decode.has_value());
  CHECK_FALSE(speed::speed_of(work).prefill.has_value());
  CHECK_FALSE(speed::speed_of(work).decode_ceiling.has_value());
}

TEST_CASE("Encoders read prompts and write nothing") {
  measured::SpeedRow row = asked_row("rtx-4090");
  row.model = "bge-m3", row.quantization = "Q8_0";
  const Speed speed = speed_of(row);
  CHECK_FALSE(speed.decode.has_value());
  CHECK_FALSE(speed.decode_ceiling.has_value());
  CHECK(speed.prefill.has_value());
}

TEST_CASE("A machine without GPUs reads all from host memory") {
  speed::Work work;
  work.host = 5e9;
  const Speed speed = speed::speed_of(work);
  REQUIRE(speed.decode.has_value());
  CHECK(speed.decode->basis == SpeedBasis::rule);
  CHECK(speed.decode->tokens_per_second.low < 60e9 / 5e9);
}
