#include <fmt/format.h>

#include "speed/calibration.hpp"
#include "speed/work.hpp"

namespace vramcalc::speed {
namespace {

// In the order of DecodePart and of PrefillPart.
constexpr std::array<std::string_view, decode_parts> decode_titles{
    "reading weights",           "reading and unpacking weights of few bits",
    "reading experts",           "reading experts of 16 bits",
    "reading the cache",         "starting the layers",
    "starting recurrent layers", "choosing experts",
    "going to the next GPU",     "arithmetic without tensor cores",
};
constexpr std::array<std::string_view, prefill_parts> prefill_titles{
    "matrices",
    "matrices of 16 bits",
    "matrices of experts",
    "matrices of experts of 16 bits",
    "experts that get few tokens",
    "attention",
    "reading the cache",
    "reading weights",
    "starting the layers",
};

std::string gigabytes(double bytes) { return fmt::format("{:.2f} GB", bytes / 1e9); }
std::string gigaflops(double flops) { return fmt::format("{:.2f} GFLOP", flops / 1e9); }

Ingredient derived(std::string name, std::string value, std::string key) {
  return {std::move(name), std::move(value), Origin::derived, std::move(key)};
}

std::string rates(const Device& device) {
  const auto known = [](double figure, std::string_view unit) {
    return figure > 0 ? fmt::format("{:.0f} {}", figure, unit) : std::string("unknown");
  };
  return fmt::format("{}, {} dense FP16", known(device.bandwidth_gbps, "GB/s"),
                     known(device.fp16_tflops, "TFLOPS"));
}

void add_devices(Explanation& why, const Work& work) {
  for (std::size_t i = 0; i < work.devices.size(); ++i) {
    const DeviceShare& share = work.devices[i];
    why.ingredients.push_back(
        derived(to_string(Place::gpu(i)), rates(*share.device), "hardware catalog: " + share.device->name));
  }
}

template <std::size_t count>
void add_parts(Explanation& why, const Parts<count>& parts, const Parts<count>& coefficients,
               const std::array<std::string_view, count>& names) {
  for (std::size_t i = 0; i < count; ++i)
    if (parts[i] > 0)
      why.ingredients.push_back(derived(std::string(names[i]),
                                        fmt::format("{:.3f} ms", 1e3 * parts[i] * coefficients[i]),
                                        "its part of the time"));
}

void add_basis(Explanation& why, const SpeedEstimate& estimate) {
  const Range& range = estimate.tokens_per_second;
  why.ingredients.push_back(derived("basis", std::string(to_string(estimate.basis)), "data/speeds.json"));
  why.ingredients.push_back(derived("width", fmt::format("{:.2f}", range.high / range.low),
                                    "the spread of measured figures around what the parts give"));
}

// The devices and, if there is an estimate, each one's parts of the time and what it is based on.
template <std::size_t count>
void add_time(Explanation& why, const Work& work, const std::optional<SpeedEstimate>& estimate,
              const std::vector<Parts<count>>& parts, Found<count> (*find)(const Work&, std::size_t),
              const std::array<std::string_view, count>& names) {
  add_devices(why, work);
  if (!estimate) return;
  for (std::size_t i = 0; i < parts.size(); ++i) add_parts(why, parts[i], *find(work, i).coefficients, names);
  add_basis(why, *estimate);
}

Explanation of_decode(const Work& work, const Speed& speed) {
  Explanation why;
  why.formula = "spread / sum over the devices of (part of a token × its coefficient)";
  const TokenWork& token = work.token;
  why.ingredients.push_back(
      derived("a token reads",
              fmt::format("{} of weights, {} of experts, {} of cache", gigabytes(token.dense),
                          gigabytes(token.experts), gigabytes(token.cache)),
              "tensors by role, the share of the experts that it uses, and the cache at this context"));
  if (work.host > 0)
    why.ingredients.push_back(derived("host memory", gigabytes(work.host) + " per token",
                                      fmt::format("assumed to give {:.0f} GB/s", usual_host_gbps)));
  add_time(why, work, speed.decode, decode_parts_of(work), decode_coefficients, decode_titles);
  if (speed.decode_ceiling)
    why.ingredients.push_back(derived("ceiling", fmt::format("{:.0f} tokens/s", *speed.decode_ceiling),
                                      "nothing but reading, with all of the last-level cache in use"));
  why.rule = work.by_engine
                 ? "one sequence, without drafted tokens; by rule for serving engines"
                 : "one sequence, without drafted tokens; fitted to published benchmarks of llama.cpp";
  return why;
}

Explanation of_prefill(const Work& work, const Speed& speed) {
  Explanation why;
  why.formula = "spread / sum over the devices of (part of a token × its coefficient)";
  if (work.host > 0) why.formula = "unknown where the host takes part, since it depends on the bus";
  const PromptWork& prompt = work.prompt;
  why.ingredients.push_back(
      derived("arithmetic of a token",
              fmt::format("{} of matrices, {} of experts, {} of attention", gigaflops(prompt.dense_flops),
                          gigaflops(prompt.expert_flops), gigaflops(prompt.attention_flops)),
              "two operations per parameter; attention to all earlier tokens"));
  add_time(why, work, speed.prefill, prefill_parts_of(work), prefill_coefficients, prefill_titles);
  why.rule = fmt::format("the last {} tokens of a prompt that fills the context, in batches of {}",
                         grouped(prompt.prompt), grouped(prompt.batch));
  return why;
}

}  // namespace

std::vector<ExplainedSpeed> explain(const Work& work) {
  const Speed speed = speed_of(work);
  return {
      {"decode",  speed.decode,  of_decode(work,  speed)},
      {"prefill", speed.prefill, of_prefill(work, speed)}
  };
}

}  // namespace vramcalc::speed
