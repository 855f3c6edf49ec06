#include "runtime/llama_cpp/draft_model.hpp"

#include <fmt/format.h>

#include "runtime/llama_cpp/session.hpp"

namespace vramcalc::llama_cpp {
namespace {

// A separate model in the same process, so without driver overhead of its own.
struct Draft {
  std::shared_ptr<const DraftModel> loaded;
  Session session;
};

Options options_of_draft(const Options& main) {
  Options options;
  options.context = main.context;
  options.context.draft_tokens = 0;
  options.context.cache_type_k = main.draft_cache_type_k;
  options.context.cache_type_v = main.draft_cache_type_v;
  return options;
}

std::vector<PlaceEstimate> as_terms(const Draft& draft, std::vector<PlaceEstimate> places, Reasons reasons) {
  for (PlaceEstimate& each : places) {
    std::erase_if(each.terms, [](const Term& term) { return term.kind == TermKind::runtime_overhead; });
    for (Term& term : each.terms) {
      if (reasons == Reasons::full)
        term.why = fmt::format("{} of {}: {}", to_string(term.kind), draft.loaded->model.name, term.why);
      term.kind = TermKind::draft_model;
    }
  }
  return places;
}

}  // namespace

Companion draft_companion(const Runtime& runtime, std::shared_ptr<const DraftModel> loaded,
                          const Options& options, const Architecture& main) {
  const StoredWeights* file = loaded->file ? &*loaded->file : nullptr;
  const Opening opening{loaded->model, file, options_of_draft(options), {}, loaded->known};
  const std::shared_ptr<Draft> draft(new Draft{std::move(loaded), Session(runtime, opening)});
  const auto cells = [&main, params = options.context](std::uint64_t context) {
    return resolve(main, params, context).context;
  };
  Companion companion;
  companion.terms = [=](std::uint64_t context, Backend backend, Reasons reasons) {
    const Demand demand{cells(context)};
    return as_terms(
        *draft, draft->session.estimate(draft->loaded->quantization, demand, {1, 0, backend}, reasons).places,
        reasons);
  };
  companion.gpu = [=](std::uint64_t context, Backend backend) {
    return draft->session.gpu_total(draft->loaded->quantization, Demand{cells(context)}, {0, 0, backend});
  };
  companion.spread = [=](std::uint64_t context, const MainModel& model, Reasons reasons) {
    return as_terms(
        *draft,
        draft->session
            .placed(draft->loaded->quantization, cells(context), {}, model.left, reasons, Buffers::all)
            .places,
        reasons);
  };
  return companion;
}

}  // namespace vramcalc::llama_cpp
