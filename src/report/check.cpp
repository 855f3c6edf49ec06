#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// 1: it does not fit, or only tightly where that is not enough.
int status_for(Verdict verdict, bool fail_on_tight) {
  if (verdict == Verdict::great || verdict == Verdict::fits) return 0;
  return verdict == Verdict::tight && !fail_on_tight ? 0 : 1;
}

// As the runtime finds it when it starts; the full one if none fits.
std::uint64_t longest_that_fits(Session& session, const Quantization& quantization, const Demand& full,
                                const Machine& machine) {
  const Load load = session.load(quantization, full, machine, {});
  const std::uint64_t longest = session.capacity(quantization, load, machine).max_model_len;
  return longest == 0 ? full.tokens : std::min(longest, full.tokens);
}

std::optional<OwnChoice> own_choice(Session& session, const Quantization& quantization,
                                    const Question& question, const Demand& full, const Machine& machine) {
  std::optional<std::uint64_t> asked = question.context;
  if (question.full_context) asked = full.tokens;
  const auto load = session.own_choice(quantization, asked, question.least_context, machine);
  if (!load) return std::nullopt;
  OwnChoice own{!asked,       load->demand.tokens, question.least_context,
                load->layers, load->placement,     std::nullopt};
  if (!load->layers.whole) own.speed = session.speed(quantization, *load, machine);
  return own;
}

// Those that the engine's split leaves over.
std::string idle_gpus(const Estimate& estimate, const Machine& machine) {
  const auto used = static_cast<std::size_t>(std::ranges::count_if(
      estimate.places, [](const PlaceEstimate& each) { return !each.place.is_host(); }));
  if (used >= machine.devices.size()) return "";
  return fmt::format("{} of the {} GPUs are used; the others are idle", used, machine.devices.size());
}

Placement placement_asked(const Session& session, Machine& machine) {
  const Placement asked = session.asked_placement(machine);
  if (machine.device.backend != Backend::cpu || asked == Placement{}) return asked;
  machine.warnings.emplace_back("without a GPU, flags that place layers and tensors are ignored");
  return {};
}

}  // namespace

CheckReport check(const Catalog& catalog, Asked asked) {
  const Question& question = asked.question;
  if (question.gpu.empty() && question.backend != Backend::cpu)
    throw Error(ErrorCode::usage,
                "check needs --gpu: a GPU (rtx-4090), a system (dgx-h100) or a size (24GiB)");
  CheckReport report;
  report.summary = find_model(catalog, asked);
  const Architecture& architecture = report.summary.model.architecture;
  const Quantization quantization = chosen_quantization(catalog, report.summary, asked);
  Machine& machine = report.machine = find_machine(catalog, asked);
  const auto session = open(catalog, report.summary, asked);
  const Placement placement = placement_asked(*session, machine);
  pool_where_it_must(machine, asked.runtime(), placement);
  apply_budget(machine, *session);

  Demand demand = demand_on(question, *session, machine, architecture.context_length);
  if (question.longest_context) demand.tokens = longest_that_fits(*session, quantization, demand, machine);
  report.own_choice = own_choice(*session, quantization, question, demand, machine);
  if (question.check.as_started && report.own_choice) demand.tokens = report.own_choice->context;
  const Backend backend = machine.device.backend;
  report.settings = settings_of(asked, *session, quantization, demand, machine.device);
  Load load = session->load(quantization, demand, machine, placement);
  session->give_reasons(quantization, load, machine);
  load.estimate.capacity = session->capacity(quantization, load, machine);
  report.placement = load.placement;
  report.speed = session->speed(quantization, load, machine);
  report.estimate = load.estimate;
  report.verdict = session->verdict(load, machine);
  report.exit_status = status_for(report.verdict, question.check.fail_on_tight);
  report.fits = report.exit_status == 0;
  report.places = place_fits(load, machine);
  report.max_context = session->longest_context(quantization, machine, placement, 0);
  report.answers = session->answers(quantization, load, machine);
  report.refused = load.verdict == Verdict::no && !report.max_context && report.answers.empty();
  if (!report.fits) report.suggestions = ways_to_fit(catalog, question, *session, quantization, load, report);
  if (report.fits && report.max_context && report.answers.empty()) {
    report.room = room_of(*session, quantization, load, machine, *report.max_context);
    if (report.room->sequences == 0) report.room.reset();
  }
  if (question.explain) {
    report.explanation = explain(report.summary, *session, report.estimate, quantization, demand);
    report.explanation->speeds = explained_speeds(*session, quantization, load, machine);
  }
  report.warnings = machine.warnings;
  for (std::string& remark :
       session->remarks(quantization, machine.devices.empty() ? machine.device : machine.devices[0].target))
    report.warnings.push_back(std::move(remark));
  if (std::string idle = idle_gpus(report.estimate, machine); !idle.empty())
    report.warnings.push_back(std::move(idle));
  add_file_note(report.warnings, report.summary, asked, *session, quantization);
  add_interval_note(report.warnings, *session, backend);
  if (!report.fits && !load.caveat.empty()) report.warnings.push_back(load.caveat);
  if (load.moved && load.fits) report.warnings.push_back(session->why_moved(load));
  for (std::string& warning : warnings_about(report.summary, demand))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
