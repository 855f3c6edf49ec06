#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// A load and its quantization.
struct Candidate {
  Quantization quantization;
  Load load;
};

struct Planner {
  const Catalog& catalog;
  const Question& question;
  const PlanReport& report;
  Session& session;
  PlanGoal goal;

  const Machine& machine() const { return report.machine; }
  std::uint64_t full_context() const { return session.model().architecture.context_length; }

  // With the same part on the host. A plan without a given context already has the longest one.
  std::optional<Room> room_of(const Candidate& candidate) const {
    const std::uint64_t context = candidate.load.demand.tokens;
    std::uint64_t longest = context;
    if (goal.context)
      longest = std::max(
          context, session.longest_context(candidate.quantization, machine(), candidate.load.asked, context)
                       .value_or(0));
    return report::room_of(session, candidate.quantization, candidate.load, machine(), longest);
  }

  // A name as in file names, or the repository.
  std::string file_of(const Quantization& quantization) const {
    const ModelSummary& summary = report.summary;
    if (summary.stored && !summary.stored->files.empty()) return summary.stored->files.front();
    if (const auto* format = std::get_if<CheckpointFormat>(&quantization))
      return repository_of(catalog, summary, *format);
    return fmt::format("{}-{}.gguf", summary.model.id, name_of(quantization));
  }

  PlannedLoad planned(const Candidate& candidate, std::string trade = {}) const {
    PlannedLoad planned;
    planned.quantization = name_of(candidate.quantization);
    planned.load = candidate.load;
    session.give_reasons(candidate.quantization, planned.load, machine());
    planned.load.estimate.capacity = session.capacity(candidate.quantization, planned.load, machine());
    planned.places = place_fits(planned.load, machine());
    planned.speed = session.speed(candidate.quantization, planned.load, machine());
    planned.trade = std::move(trade);
    planned.command = session.command(file_of(candidate.quantization), planned.load);
    return planned;
  }

  std::vector<Quantization> candidates() const {
    return worthwhile_quantizations(catalog, question, session);
  }

  std::optional<Candidate> whole(const Quantization& quantization, const PlanGoal& with) const {
    auto load = load_whole(session, quantization, machine(), with);
    return load ? std::optional(Candidate{quantization, *std::move(load)}) : std::nullopt;
  }

  // At the shortest context that is of use, if only the low end fits.
  std::optional<Candidate> tight(const Quantization& quantization) const {
    const Demand least{goal.context.value_or(std::min(goal.least_context, full_context()))};
    if (session.verdict(quantization, least, machine()) != Verdict::tight) return std::nullopt;
    return Candidate{quantization, session.load(quantization, least, machine(), {})};
  }

  std::optional<Candidate> with_host(const Quantization& quantization) const {
    auto load = session.load_with_host(quantization, machine(), goal);
    return load ? std::optional(Candidate{quantization, *std::move(load)}) : std::nullopt;
  }

  std::optional<Candidate> largest_whole(const std::vector<Quantization>& quantizations,
                                         const PlanGoal& with) const {
    for (const Quantization& quantization : quantizations) {
      if (session.weights(quantization).gpu > machine().usable) continue;
      if (auto candidate = whole(quantization, with)) return candidate;
    }
    return std::nullopt;
  }
};

std::string in_host_memory(const LayerCounts& layers) {
  if (layers.on_gpus < layers.all)
    return fmt::format("{} of {} layers in host memory", layers.all - layers.on_gpus, layers.all);
  return fmt::format("the experts of {} layers in host memory", layers.without_experts);
}

// Compared with the best plan: quality, context, and the part in host memory.
std::string trade(const Load& other, const Load& best) {
  std::vector<std::string> parts;
  const Bytes size = other.estimate.tensor_bytes, best_size = best.estimate.tensor_bytes;
  if (size != best_size) parts.push_back(size > best_size ? "better quality" : "lower quality");
  if (other.demand.tokens != best.demand.tokens)
    parts.push_back(other.demand.tokens > best.demand.tokens ? "more context" : "less context");
  if (!other.layers.whole) parts.push_back(in_host_memory(other.layers));
  if (other.layers.whole && !best.layers.whole) parts.emplace_back("nothing in host memory");
  return fmt::format("{}", fmt::join(parts, ", "));
}

void add_runner_up(const Planner& planner, PlanReport& report, const std::optional<Candidate>& other,
                   const Candidate& best) {
  if (!other || report.runners_up.size() == 2) return;
  if (name_of(other->quantization) == name_of(best.quantization) &&
      other->load.demand.tokens == best.load.demand.tokens)
    return;
  report.runners_up.push_back(planner.planned(*other, trade(other->load, best.load)));
}

// The next larger one above the best one.
const Quantization* above(const std::vector<Quantization>& largest_first, const Quantization& best) {
  const auto at = std::ranges::find(largest_first, name_of(best), name_of);
  return at == largest_first.begin() || at == largest_first.end() ? nullptr : &*(at - 1);
}

void set_best(const Planner& planner, PlanReport& report, const Candidate& best) {
  report.best = planner.planned(best);
  report.best->room = planner.room_of(best);
}

void plan_any_quantization(const Planner& planner, PlanReport& report) {
  const std::vector<Quantization> quantizations = planner.candidates();
  const auto whole = planner.largest_whole(quantizations, planner.goal);
  const Quantization recommended = mix(planner.catalog.file_type(recommended_quantization), planner.question);
  const bool poor = !whole || planner.session.weights(whole->quantization).tensor_bytes <
                                  planner.session.weights(recommended).tensor_bytes;
  const auto offloaded = poor ? planner.with_host(recommended) : std::nullopt;
  if (!whole && !offloaded) return;
  // For a mixture of experts, host memory costs less than fewer bits.
  const Candidate& best = whole ? *whole : *offloaded;
  set_best(planner, report, best);
  if (!planner.goal.context && whole) {
    PlanGoal full = planner.goal;
    full.context = planner.full_context();
    if (best.load.demand.tokens < *full.context)
      add_runner_up(planner, report, planner.largest_whole(quantizations, full), best);
  }
  if (whole && offloaded) add_runner_up(planner, report, offloaded, best);
  if (const Quantization* next = above(quantizations, best.quantization); next != nullptr && !poor)
    add_runner_up(planner, report, planner.with_host(*next), best);
}

// The largest format that fits as a whole, and the next smaller ones.
void plan_any_format(const Planner& planner, PlanReport& report) {
  const std::vector<Quantization> formats =
      common_quantizations(planner.catalog, planner.question, planner.session);
  auto best = planner.largest_whole(formats, planner.goal);
  for (const Quantization& format : formats)
    if (!best) best = planner.tight(format);
  if (!best) return;
  set_best(planner, report, *best);
  for (const Quantization& other : formats) {
    if (planner.session.weights(other).tensor_bytes >=
        planner.session.weights(best->quantization).tensor_bytes)
      continue;
    add_runner_up(planner, report, planner.whole(other, planner.goal), *best);
  }
}

void plan_quantization(const Planner& planner, PlanReport& report, const Quantization& quantization) {
  auto whole = planner.whole(quantization, planner.goal);
  if (!whole && planner.session.runtime().can.loads_checkpoints) whole = planner.tight(quantization);
  const auto offloaded = whole ? std::nullopt : planner.with_host(quantization);
  if (!whole && !offloaded) return;
  const Candidate& best = whole ? *whole : *offloaded;
  set_best(planner, report, best);
  const std::vector<Quantization> quantizations = planner.candidates();
  PlanGoal goal = planner.goal;
  if (whole && !goal.context && best.load.demand.tokens < planner.full_context())
    goal.context = planner.full_context();
  if (!whole || goal.context != planner.goal.context)
    add_runner_up(planner, report, planner.largest_whole(quantizations, goal), best);
}

void plan_like_runtime(const Planner& planner, PlanReport& report, const Quantization& quantization) {
  if (!planner.session.runtime().can.fits_by_itself)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} has no automatic fit to predict", planner.session.runtime().id));
  const Load load = planner.session.load_by_itself(quantization, planner.question.context,
                                                   planner.question.least_context, planner.machine());
  report.best = planner.planned({quantization, load});
  if (!fits_on(report.best->load.estimate, report.machine)) report.warnings.push_back(load.caveat);
}

// As if its command had been typed, which names the context.
ExplanationReport explained(const Planner& planner, const PlannedLoad& best,
                            const Quantization& quantization) {
  const Demand demand{best.load.demand.tokens, Origin::flag};
  ExplanationReport explanation =
      explain(planner.report.summary, planner.session, best.load.estimate, quantization, demand);
  explanation.speeds = planner.session.explain_speed(quantization, best.load, planner.machine());
  return explanation;
}

std::string host_warning(const Machine& machine, const PlannedLoad& best) {
  if (best.load.layers.whole || machine.host > Bytes(0)) return "";
  return "the size of the host memory is unknown; give it with --ram 64GiB";
}

}  // namespace

PlanReport plan(const Catalog& catalog, Asked asked) {
  const Question& question = asked.question;
  PlanReport report;
  report.summary = find_model(catalog, asked);
  report.machine = find_machine(catalog, asked);
  const auto session = open(catalog, report.summary, asked);
  if (session->asked_placement(report.machine) != Placement{})
    throw Error(
        ErrorCode::usage,
        "plan chooses where each part of the model goes; leave out the placement flags, or use check");
  pool_where_it_must(report.machine, asked.runtime(), {});
  apply_budget(report.machine, *session);
  const Backend backend = report.machine.device.backend;
  const std::uint64_t full = report.summary.model.architecture.context_length;
  Planner planner{
      catalog, question, report, *session, {question.context, question.least_context}
  };
  if (question.full_context && !question.longest_context) planner.goal.context = full;

  const Quantization quantization = chosen_quantization(catalog, report.summary, asked);
  const bool leaves_a_choice = !has_one_quantization(report.summary, question);
  report.like_runtime = question.plan.like_runtime;
  report.warnings = report.machine.warnings;
  if (question.plan.like_runtime)
    plan_like_runtime(planner, report, quantization);
  else if (leaves_a_choice && asked.runtime().can.loads_checkpoints)
    plan_any_format(planner, report);
  else if (leaves_a_choice)
    plan_any_quantization(planner, report);
  else
    plan_quantization(planner, report, quantization);

  const Demand demand = report.best ? report.best->load.demand : Demand{full, Origin::shape};
  const Quantization used = report.best && leaves_a_choice
                                ? quantization_called(catalog, report.best->quantization, question, *session)
                                : quantization;
  report.settings = settings_of(asked, *session, used, demand, report.machine.device);
  if (report.best)
    for (std::string& remark : session->remarks(used, report.machine.device))
      report.warnings.push_back(std::move(remark));
  if (report.best) add_interval_note(report.warnings, *session, backend);
  if (question.explain && report.best) report.explanation = explained(planner, *report.best, used);
  if (report.best)
    if (std::string warning = host_warning(report.machine, *report.best); !warning.empty())
      report.warnings.push_back(std::move(warning));
  for (std::string& warning : warnings_about(report.summary, demand))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
