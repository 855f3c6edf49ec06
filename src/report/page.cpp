#include <algorithm>
#include <array>

#include "report/judge.hpp"

// What a page has besides an overview: memory against the context, and the verdict of every quantization on
// every usual device, so that a reader can choose a quantization without asking again.
namespace vramcalc::report {
namespace {

// Of the catalog's marks of prominence: what people have at home or rent.
constexpr std::uint32_t prominent_gpu = 70, prominent_system = 80;

constexpr std::uint64_t first_context = 2048, first_short_context = 256;

// Doubled up to the full one.
std::vector<std::uint64_t> contexts_up_to(std::uint64_t full) {
  std::vector<std::uint64_t> contexts;
  for (std::uint64_t tokens = full > 2 * first_context ? first_context : first_short_context; tokens < full;
       tokens *= 2)
    contexts.push_back(tokens);
  contexts.push_back(full);
  return contexts;
}

std::string_view kind_of(const System& system) {
  constexpr std::array<std::string_view, 3> kinds = {"unified", "multi_gpu", "cloud"};
  return kinds[static_cast<std::size_t>(system.kind)];
}

PageFigures::Device device_of(const Gpu& gpu) {
  return {
      std::string(gpu.id), std::string(gpu.name), std::string(gpu.vendor), std::string(gpu.segment), false,
      gpu.usable()};
}
PageFigures::Device device_of(const System& system) {
  return {std::string(system.id),
          std::string(system.name),
          std::string(system.vendor),
          std::string(kind_of(system)),
          true,
          system.usable()};
}

// The devices of a page. Those that a runtime cannot tell apart are judged once.
class Devices {
 public:
  Devices(const Catalog& catalog, const Judge& judge, PageFigures& page) : judge_(judge), page_(page) {
    for (const Gpu* gpu : catalog.gpus()) add(*gpu, prominent_gpu);
    for (const System* system : catalog.systems()) add(*system, prominent_system);
  }

  std::vector<PageFigures::Judgement> judged(Session& session, const Quantization& quantization,
                                             const Demand& demand) const {
    std::vector<PageFigures::Judgement> of_kinds;
    for (const Machine& machine : kinds_) of_kinds.push_back(judge(session, quantization, demand, machine));
    std::vector<PageFigures::Judgement> judgements;
    for (const std::size_t kind : kind_of_device_) judgements.push_back(of_kinds[kind]);
    add_speeds(std::span(judgements), {devices_.begin(), devices_.end()}, session, quantization, demand);
    return judgements;
  }

 private:
  template <class Hardware>
  void add(const Hardware& hardware, std::uint32_t least_prominence) {
    if (hardware.usable_mib == 0) return;
    if (hardware.prominence < least_prominence) {
      ++page_.more_devices;
      return;
    }
    Machine machine = judge_.machine(hardware);
    page_.devices.push_back(device_of(hardware));
    page_.devices.back().usable = machine.usable;
    const auto same =
        std::ranges::find_if(kinds_, [&](const Machine& each) { return are_judged_alike(each, machine); });
    devices_.push_back(machine.devices);
    kind_of_device_.push_back(static_cast<std::size_t>(same - kinds_.begin()));
    if (same == kinds_.end()) kinds_.push_back(std::move(machine));
  }

  // Only a device that holds it has a longest context.
  static PageFigures::Judgement judge(Session& session, const Quantization& quantization,
                                      const Demand& demand, const Machine& machine) {
    session.forget_searches();
    PageFigures::Judgement judgement{verdict_of(session, quantization, demand, machine), {}, {}};
    if (judgement.verdict > Verdict::fits) return judgement;
    session.forget_searches();
    judgement.max_context = session.longest_context(quantization, machine, {}, 0);
    return judgement;
  }

  const Judge& judge_;
  PageFigures& page_;
  std::vector<Machine> kinds_;
  std::vector<std::size_t> kind_of_device_;
  std::vector<std::vector<Device>> devices_;  // the GPUs of each; those of a kind may differ in speed
};

// Those of the report's table that this model can have.
std::vector<const Quantization*> choices_of(const OverviewReport& report,
                                            std::span<const Quantization> quantizations) {
  std::vector<const Quantization*> choices;
  for (const QuantizationRow& row : report.quantizations) {
    const auto found = std::ranges::find(quantizations, std::string_view(row.name), name_of);
    if (row.refused.empty() && found != quantizations.end()) choices.push_back(&*found);
  }
  return choices;
}

}  // namespace

void add_curves(OverviewReport& report, Session& session, std::span<const Quantization> quantizations,
                const TargetDevice& device) {
  MemoryCurves& curves = report.curves.emplace();
  curves.contexts = contexts_up_to(report.summary.model.architecture.context_length);
  for (const Quantization* quantization : choices_of(report, quantizations)) {
    MemoryCurves::Curve& curve = curves.curves.emplace_back();
    curve.quantization = name_of(*quantization);
    for (const std::uint64_t tokens : curves.contexts)
      curve.needed.push_back(session.gpu_total(*quantization, Demand{tokens, Origin::shape}, device));
  }
}

void add_page(OverviewReport& report, const Catalog& catalog, const Question& question, Session& session,
              std::span<const Quantization> quantizations, const Demand& demand, const TargetDevice& device) {
  const auto choices = choices_of(report, quantizations);
  if (choices.empty()) return;
  PageFigures& page = report.page.emplace();
  const Judge judge(catalog, question, session, *choices.front(), demand);
  const Devices devices(catalog, judge, page);
  const Demand full{report.summary.model.architecture.context_length, Origin::shape};
  for (const Quantization* quantization : choices) {
    PageFigures::Choice& choice = page.choices.emplace_back();
    choice.quantization = name_of(*quantization);
    choice.estimate = session.estimate(*quantization, demand, device, Reasons::none);
    if (report.full_context)
      choice.full_context = session.estimate(*quantization, full, device, Reasons::none);
    choice.on = devices.judged(session, *quantization, demand);
  }
}

}  // namespace vramcalc::report
