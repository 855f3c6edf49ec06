#include <fmt/format.h>

#include <algorithm>

#include "model/shell_word.hpp"
#include "report/judge.hpp"

namespace vramcalc::report {
namespace {

// The question that every way varies in one respect.
struct Case {
  const Catalog& catalog;
  Estimator& estimator;
  const FileType& file_type;
  std::uint64_t context;
  const Machine& machine;
  const Placement& asked;

  bool fits(const Placement& placement) const {
    return fits_over(estimator, file_type, context, machine, placement);
  }
};

using Way = std::optional<std::string>;

Way smaller_file_type(const Case& of) {
  const FileType* smaller =
      best_quantization(of.estimator, common_file_types(of.catalog), of.context, of.machine, of.asked);
  if (smaller == nullptr || smaller->name == of.file_type.name) return std::nullopt;
  return fmt::format("fits at {} (--quant {})", smaller->name, shell_word(smaller->name));
}

Way more_gpus(const Case& of) {
  if (of.machine.devices.empty() || of.asked != Placement{}) return std::nullopt;
  if (const auto count = fewest_gpus(of.estimator, of.file_type, of.context, of.machine))
    return fmt::format("{} such GPUs would hold it", *count);
  return std::nullopt;
}

// The fewest of `all` that are enough, where more of them only help.
template <class Enough>
std::optional<std::uint32_t> fewest(std::uint32_t all, const Enough& enough) {
  if (!enough(all)) return std::nullopt;
  std::uint32_t low = 0, high = all;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

bool has_experts(const Architecture& architecture) { return shape_facts(architecture).experts > 0; }

Way experts_in_ram(const Case& of) {
  const Architecture& architecture = of.estimator.model().architecture;
  if (!has_experts(architecture) || of.asked != Placement{}) return std::nullopt;
  const auto layers = fewest(shape_facts(architecture).block_count, [&](std::uint32_t count) {
    Placement placement;
    placement.overrides = experts_on_host(count);
    return of.fits(placement);
  });
  if (!layers) return std::nullopt;
  return fmt::format("fits with the experts of {} layers in host memory (-ncmoe {})", *layers, *layers);
}

Way layers_in_ram(const Case& of) {
  if (of.asked != Placement{}) return std::nullopt;
  const std::uint32_t all = shape_facts(of.estimator.model().architecture).block_count + 1;
  const auto left = fewest(all, [&](std::uint32_t count) {
    Placement placement;
    placement.layers = all - count;
    return of.fits(placement);
  });
  if (!left || *left == all) return std::nullopt;
  return fmt::format("fits with {} of {} layers on the GPU (-ngl {})", all - *left, all, all - *left);
}

bool has_a_host(const Case& of) {
  return of.estimator.runtime().place != nullptr && !of.machine.devices.empty() && !of.machine.shares_memory;
}

}  // namespace

std::vector<std::string> ways_to_fit(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                                     std::uint64_t context, const CheckReport& report,
                                     const Placement& asked) {
  const Case of{catalog, estimator, file_type, context, report.machine, asked};
  std::vector<std::string> ways;
  const auto add = [&](Way way) {
    if (way) ways.push_back(*std::move(way));
    return way.has_value();
  };
  if (report.max_context && *report.max_context < context)
    ways.push_back(
        fmt::format("fits at {} tokens (-c {})", grouped(*report.max_context), *report.max_context));
  add(smaller_file_type(of));
  add(more_gpus(of));
  if (has_a_host(of) && !add(experts_in_ram(of))) add(layers_in_ram(of));
  return ways;
}

}  // namespace vramcalc::report
