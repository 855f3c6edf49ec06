#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"
#include "vramcalc/automatic_fit.hpp"

namespace vramcalc::report {
namespace {

struct Planner {
  const Catalog& catalog;
  const Question& question;
  const PlanReport& report;
  Estimator& estimator;
  PlanGoal goal;

  const Machine& machine() const { return report.machine; }

  // With as much of it on the host.
  Room room_of(const Plan& plan) const {
    Placement asked = plan.placement;
    asked.free.clear();
    asked.split.clear();
    // A plan for no context in particular has the longest one already.
    const std::uint64_t longest =
        goal.context ? largest_context(estimator, plan.file_type, machine(), asked, plan.context).value_or(0)
                     : 0;
    Workload workload = question.workload;
    workload.context = plan.context;
    const std::uint64_t tokens =
        estimator.runtime().resolve(estimator.model().architecture, workload).context_per_slot;
    return {std::max(longest, plan.context), tokens,
            most_sequences_of(catalog, report.summary, question, estimator, plan.file_type, tokens, machine(),
                              asked)};
  }

  PlannedLoad loaded(const Plan& plan, std::string trade = {}) const {
    PlannedLoad load;
    load.quantization = plan.file_type.name;
    load.context = plan.context;
    load.whole = plan.whole;
    load.layers = plan.layers;
    load.all_layers = plan.all_layers;
    load.layers_without_experts = plan.layers_without_experts;
    load.placement = plan.placement;
    load.estimate =
        estimate_on(estimator, plan.file_type, plan.context, machine(), plan.placement, Reasons::full);
    load.places = place_fits(load.estimate, machine());
    load.speed = speed_of(estimator, plan.file_type, plan.context, load.estimate, machine(), plan.placement);
    load.trade = std::move(trade);
    load.command = server_command(report.summary, question, load);
    return load;
  }

  std::vector<const FileType*> candidates() const { return worthwhile_file_types(catalog, estimator); }

  std::optional<Plan> largest_whole(const std::vector<const FileType*>& file_types,
                                    const PlanGoal& with) const {
    for (const FileType* file_type : file_types) {
      if (estimator.weigh(*file_type).gpu > machine().usable) continue;
      if (auto plan = plan_whole(estimator, *file_type, machine(), with)) return plan;
    }
    return std::nullopt;
  }
};

std::string in_host_memory(const Plan& plan) {
  if (plan.layers < plan.all_layers)
    return fmt::format("{} of {} layers in host memory", plan.all_layers - plan.layers, plan.all_layers);
  return fmt::format("the experts of {} layers in host memory", plan.layers_without_experts);
}

// Against the best one: quality, context, and what is in host memory.
std::string trade(const Plan& other, const Plan& best) {
  std::vector<std::string> parts;
  const Bytes size = other.estimate.tensor_bytes, best_size = best.estimate.tensor_bytes;
  if (size != best_size) parts.push_back(size > best_size ? "better quality" : "less quality");
  if (other.context != best.context)
    parts.push_back(other.context > best.context ? "more context" : "less context");
  if (!other.whole) parts.push_back(in_host_memory(other));
  if (other.whole && !best.whole) parts.emplace_back("nothing in host memory");
  return fmt::format("{}", fmt::join(parts, ", "));
}

void add_runner_up(const Planner& planner, PlanReport& report, const std::optional<Plan>& other,
                   const Plan& best) {
  if (!other || report.runners_up.size() == 2) return;
  if (other->file_type.name == best.file_type.name && other->context == best.context) return;
  report.runners_up.push_back(planner.loaded(*other, trade(*other, best)));
}

// The next file type above the best one.
const FileType* above(const std::vector<const FileType*>& largest_first, const FileType& best) {
  const auto at = std::find_if(largest_first.begin(), largest_first.end(),
                               [&](const FileType* each) { return each->name == best.name; });
  return at == largest_first.begin() || at == largest_first.end() ? nullptr : *(at - 1);
}

void plan_any_file_type(const Planner& planner, PlanReport& report) {
  const auto file_types = planner.candidates();
  const auto whole = planner.largest_whole(file_types, planner.goal);
  const FileType& recommended = planner.catalog.file_type(recommended_quantization);
  const bool poor = !whole || planner.estimator.weigh(whole->file_type).tensor_bytes <
                                  planner.estimator.weigh(recommended).tensor_bytes;
  const auto offloaded =
      poor ? plan_with_host(planner.estimator, recommended, planner.machine(), planner.goal) : std::nullopt;
  if (!whole && !offloaded) return;
  // With a mixture of experts the host costs less than bits do.
  const Plan& best = whole ? *whole : *offloaded;
  report.best = planner.loaded(best);
  report.best->room = planner.room_of(best);
  if (!planner.goal.context && whole) {
    PlanGoal full = planner.goal;
    full.context = planner.estimator.model().architecture.context_length;
    if (best.context < *full.context)
      add_runner_up(planner, report, planner.largest_whole(file_types, full), best);
  }
  if (whole && offloaded) add_runner_up(planner, report, offloaded, best);
  if (const FileType* next = above(file_types, best.file_type); next != nullptr && !poor)
    add_runner_up(planner, report, plan_with_host(planner.estimator, *next, planner.machine(), planner.goal),
                  best);
}

void plan_file_type(const Planner& planner, PlanReport& report, const FileType& file_type) {
  const auto whole = plan_whole(planner.estimator, file_type, planner.machine(), planner.goal);
  const auto offloaded =
      whole ? std::nullopt : plan_with_host(planner.estimator, file_type, planner.machine(), planner.goal);
  if (!whole && !offloaded) return;
  const Plan& best = whole ? *whole : *offloaded;
  report.best = planner.loaded(best);
  report.best->room = planner.room_of(best);
  const auto file_types = planner.candidates();
  PlanGoal goal = planner.goal;
  if (whole && !goal.context && best.context < planner.estimator.model().architecture.context_length)
    goal.context = planner.estimator.model().architecture.context_length;
  if (!whole || goal.context != planner.goal.context)
    add_runner_up(planner, report, planner.largest_whole(file_types, goal), best);
}

std::vector<Bytes> free_of(const Machine& machine) {
  std::vector<Bytes> free;
  for (const Device& device : machine.devices) free.push_back(device.usable);
  return free;
}

void plan_like_llama_cpp(const Planner& planner, PlanReport& report, const FileType& file_type) {
  const FittedLoad load = automatic_fit(planner.estimator, file_type, free_of(planner.machine()),
                                        {planner.question.fit_margin, planner.question.fit_context});
  Plan plan;
  plan.file_type = file_type;
  plan.context = load.context;
  plan.placement = load.placement;
  plan.placement.as_fit_estimates = false;
  plan.all_layers = shape_facts(planner.estimator.model().architecture).block_count + 1;
  plan.layers = std::min(load.placement.layers.value_or(plan.all_layers), plan.all_layers);
  plan.layers_without_experts = static_cast<std::uint32_t>(
      std::count_if(load.placement.overrides.begin(), load.placement.overrides.end(),
                    [](const TensorOverride& moved) { return moved.part == TensorOverride::Part::experts; }));
  plan.whole = plan.layers == plan.all_layers && load.placement.overrides.empty();
  report.best = planner.loaded(plan);
  if (!fits_on(report.best->estimate, report.machine))
    report.warnings.emplace_back(
        "its fit sees neither the copies of a pipeline nor what the driver takes: this is more than the GPUs "
        "have");
}

void require_what_it_needs(const Question& question, const Runtime& runtime) {
  if (runtime.place == nullptr)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} knows one pool of memory; plan is for llama.cpp", runtime.id));
  if (question.offload != Offload{})
    throw Error(ErrorCode::usage, "plan finds -ngl, -ts, -ncmoe and -ot itself; check takes them");
}

// As if its command had been typed: the context is asked for there.
ExplanationReport explained(const Planner& planner, const PlannedLoad& load, const FileType& file_type) {
  Workload workload = planner.question.workload;
  workload.context = load.context;
  Estimator estimator = planner.estimator.under(workload);
  ExplanationReport explanation =
      explain(planner.report.summary, estimator, load.estimate, file_type, load.context);
  explanation.speeds =
      explain_speed(estimator, file_type, load.context, load.estimate, planner.machine(), load.placement);
  return explanation;
}

std::string host_warning(const Machine& machine, const PlannedLoad& load) {
  if (load.whole || machine.host > Bytes(0)) return "";
  return "the size of the host memory is unknown; --ram 64GiB says it";
}

}  // namespace

PlanReport plan(const Catalog& catalog, const Question& question) {
  PlanReport report;
  report.summary = find_model(catalog, question);
  const Runtime& runtime = find_runtime(question.runtime);
  report.machine = find_machine(catalog, question);
  require_what_it_needs(question, runtime);
  const Backend backend = report.machine.device.backend;
  Estimator estimator = estimator_of(catalog, report.summary, runtime, driven_as(question, report.machine));
  const Architecture& architecture = report.summary.model.architecture;
  Planner planner{
      catalog, question, report, estimator, {question.workload.context, question.fit_context}
  };
  if (question.full_context) planner.goal.context = architecture.context_length;

  const FileType file_type = chosen_file_type(catalog, report.summary, question);
  report.like_llama_cpp = question.like_llama_cpp;
  report.warnings = report.machine.warnings;
  if (question.like_llama_cpp)
    plan_like_llama_cpp(planner, report, file_type);
  else if (!has_one_file_type(report.summary, question))
    plan_any_file_type(planner, report);
  else
    plan_file_type(planner, report, file_type);

  const std::uint64_t context = report.best ? report.best->context : architecture.context_length;
  const FileType& used = report.best && !has_one_file_type(report.summary, question)
                             ? catalog.file_type(report.best->quantization)
                             : file_type;
  report.settings = settings_of(question, estimator, used, context);
  report.settings.backend = backend;
  if (report.best) add_interval_note(report.warnings, estimator, backend);
  if (question.explain && report.best) report.explanation = explained(planner, *report.best, used);
  if (report.best)
    if (std::string warning = host_warning(report.machine, *report.best); !warning.empty())
      report.warnings.push_back(std::move(warning));
  for (std::string& warning : warnings_about(report.summary, context))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
