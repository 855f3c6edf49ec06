#include <fmt/format.h>

#include "model/shell_word.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
namespace {

using Suggestion = std::optional<std::string>;

Suggestion shorter_context(const CheckReport& report, const Demand& demand, const Session& session) {
  if (!report.max_context || *report.max_context >= demand.tokens) return std::nullopt;
  return fmt::format("fits at {} tokens ({} {})", grouped(*report.max_context), session.length_flag(),
                     *report.max_context);
}

Suggestion smaller_quantization(Session& session, std::span<const Quantization> quantizations,
                                const Load& load, const Machine& machine, const Quantization& chosen) {
  const BestQuantization best(session, quantizations, load.demand);
  const Quantization* smaller = best.on(machine, load.asked);
  if (smaller == nullptr || name_of(*smaller) == name_of(chosen)) return std::nullopt;
  return fmt::format("fits at {} (--quant {})", name_of(*smaller), shell_word(name_of(*smaller)));
}

Suggestion more_gpus(Session& session, const Quantization& quantization, const Load& load,
                     const Machine& machine) {
  if (machine.devices.empty() || load.asked != Placement{}) return std::nullopt;
  if (const auto count = fewest_gpus(session, quantization, load.demand, machine))
    return fmt::format("{} such GPUs would hold it{}", *count, session.flags_for_gpus(*count));
  return std::nullopt;
}

}  // namespace

std::vector<std::string> ways_to_fit(const Catalog& catalog, const Question& question, Session& session,
                                     const Quantization& quantization, const Load& load,
                                     const CheckReport& report) {
  const std::vector<Quantization> quantizations = common_quantizations(catalog, question, session);
  std::vector<std::string> suggestions;
  for (Suggestion suggestion :
       {shorter_context(report, load.demand, session),
        smaller_quantization(session, quantizations, load, report.machine, quantization),
        more_gpus(session, quantization, load, report.machine)})
    if (suggestion) suggestions.push_back(*std::move(suggestion));
  for (std::string& suggestion : session.ways_to_fit(quantization, load, report.machine))
    suggestions.push_back(std::move(suggestion));
  return suggestions;
}

}  // namespace vramcalc::report
