#include "report/report.hpp"

namespace vramcalc {

namespace {

template <class Listing>
Listing keeping(std::shared_ptr<const Catalog> catalog, Listing listing) {
  listing.texts = std::move(catalog);
  return listing;
}

}  // namespace

Report answer(const Question& question) { return answer(question, runtimes()); }

Report answer(const Question& question, std::span<const Runtime> runtimes, const EmbeddedFigures& figures) {
  const report::Asked asked = report::completed(question, runtimes, figures);
  const auto catalog = std::make_shared<const Catalog>(catalog_files(question.catalog_paths));
  switch (question.command) {
    case Command::overview: return report::overview(*catalog, asked);
    case Command::check: return report::check(*catalog, asked);
    case Command::plan: return report::plan(*catalog, asked);
    case Command::recommend: return report::recommend(*catalog, asked);
    case Command::compare: return report::compare(*catalog, asked);
    case Command::models:
      if (question.list.local) return report::local_models(question);
      return report::models(*catalog, question);
    case Command::gpus: return keeping(catalog, report::gpus(*catalog, question));
    case Command::systems: return keeping(catalog, report::systems(*catalog, question));
    case Command::quants: return keeping(catalog, report::quantizations(*catalog, question));
    case Command::site: break;
  }
  throw Error(ErrorCode::usage, "no such command");
}

int exit_status(const Report& report) {
  if (std::holds_alternative<ErrorReport>(report)) return 2;
  if (const auto* check = std::get_if<CheckReport>(&report)) return check->exit_status;
  if (const auto* deployment = std::get_if<DeploymentReport>(&report)) return deployment->exit_status;
  if (const auto* plan = std::get_if<PlanReport>(&report)) return plan->best ? 0 : 1;
  return 0;
}

}  // namespace vramcalc
