#include "runtime/llama_cpp/fit/automatic_fit.hpp"

#include <fmt/format.h>

#include "catch.hpp"
#include "runtime/fit/measured_fits.hpp"
#include "support/measured_shape.hpp"
#include "support/sampled.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

std::string_view word_of(TensorOverride::Part part) {
  switch (part) {
    case TensorOverride::Part::named: return "named";
    case TensorOverride::Part::experts: return "experts";
    case TensorOverride::Part::feed_forward: return "feed_forward";
    case TensorOverride::Part::feed_forward_but_up: return "feed_forward_but_up";
    case TensorOverride::Part::feed_forward_down: return "feed_forward_down";
  }
  return "";
}

std::string target(const TensorOverride& moved) {
  return moved.place.is_host() ? "" : fmt::format("={}", moved.place.gpu_index());
}

// Runs of experts as one word, as in the measured figures.
std::string words(const std::vector<TensorOverride>& overrides) {
  std::string text;
  for (std::size_t i = 0; i < overrides.size();) {
    std::size_t end = i + 1;
    const auto goes_on = [&] {
      return end < overrides.size() && overrides[i].part == TensorOverride::Part::experts &&
             overrides[end].part == overrides[i].part && overrides[end].place == overrides[i].place &&
             *overrides[end].layer == *overrides[end - 1].layer + 1;
    };
    while (goes_on()) ++end;
    text += fmt::format("{}{}@{}", text.empty() ? "" : " ", word_of(overrides[i].part), *overrides[i].layer);
    if (end > i + 1) text += fmt::format("-{}", *overrides[end - 1].layer);
    text += target(overrides[i]);
    i = end;
  }
  return text;
}

std::string words(const FittedLoad& load) {
  const llama_cpp::Placement& placement = load.placement;
  std::vector<double> split = placement.split;
  split.resize(placement.free.size());
  const std::string layers = placement.layers ? fmt::format("{}", *placement.layers) : "all";
  return fmt::format("{} {} {:g} | {}", load.context, layers, fmt::join(split, ","),
                     words(placement.overrides));
}

}  // namespace

TEST_CASE("the automatic fit chooses what llama.cpp's fit chooses") {
  const Catalog catalog;
  std::size_t compared = 0, alike = 0, foreseen = 0;
  for (const measured::Fit& fit : test::sampled(measured::fits())) {
    Model model = test::measured_model(catalog, fit.model);
    model.architecture.context_length = measured::trained_context(fit.model);
    llama_cpp::Options options;
    options.context = fit.params;
    llama_cpp::Session session(runtimes().front(), {model, nullptr, options});
    INFO(fit.line);
    const Quantization quantization = GgufMix{catalog.file_type(measured::file_type_of(fit.model)), {}};
    const FittedLoad load =
        automatic_fit(session, quantization, fit.free, FitSettings{.context = fit.context});
    ++compared;
    const bool same = words(load) == fit.chosen;
    alike += same ? 1 : 0;
    foreseen += load.used == fit.used ? 1 : 0;
    if (!same) UNSCOPED_INFO(fit.line << "\n   " << words(load));
  }
  CHECK(compared == test::sampled(1538));
  CHECK(alike + 1 >= compared);
  CHECK(foreseen + 12 >= compared);  // to the byte; the others have quantized caches partly on the host
}
