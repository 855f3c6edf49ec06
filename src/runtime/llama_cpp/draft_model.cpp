#include "runtime/llama_cpp/draft_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/session.hpp"

namespace vramcalc::llama_cpp {
namespace {

// How many there are, and whether one is for all slots.
struct Contexts {
  std::uint32_t fewest = 1, most = 1;
  bool shared = true;
};

// A separate model in the same process, so without driver overhead of its own.
struct Draft {
  std::shared_ptr<const DraftModel> loaded;
  Session session;
  Contexts contexts;
};

Contexts contexts_of(const Options& main, const Architecture& architecture) {
  const Applies shared = main.drafting.rules.shares_draft_context;
  if (shared == Applies::yes) return {};
  const std::uint32_t slots = resolve(architecture, main.context, cell_step).sequences;
  return {shared == Applies::no ? slots : 1, slots, shared == Applies::unknown};
}

// common/speculative.cpp, common_base_params_to_speculative
bool drafts_blocks(const Options& main) {
  return std::ranges::any_of(main.drafting.types, [](Drafting type) {
    return type == Drafting::draft_dflash || type == Drafting::draft_dspark;
  });
}

Options options_of_draft(const Options& main, const Contexts& contexts) {
  Options options;
  options.context = main.context;
  options.context.draft_tokens = drafts_blocks(main) ? main.context.rollback_states : 0;
  options.context.rollback_states = 0;
  options.context.extracted_layers.clear();
  options.context.samples_on_device = main.context.samples_on_device && !main.drafting.types.empty();
  options.context.cache_type_k = main.draft_cache_type_k;
  options.context.cache_type_v = main.draft_cache_type_v;
  if (!contexts.shared) {
    options.context.parallel = 1;
    options.context.kv_unified.reset();
  }
  return options;
}

Amount times(std::uint32_t fewest, std::uint32_t most, const Amount& amount) {
  return {amount.low * fewest, amount.best * most, amount.high * most};
}

// EAGLE-3 heads that norm before the residual, or whose layers are on several GPUs, reserve 256 bytes more
// per slot (measured with 0.5.0; the rule was not found).
Bytes unexplained(const Draft& draft) {
  const std::optional<DraftHead>& head = draft.loaded->model.architecture.draft_head;
  if (!head || head->kind != DraftHead::Kind::eagle3) return {};
  return Bytes(256) * resolve(draft.loaded->model.architecture, draft.session.params(), cell_step).sequences;
}

std::vector<PlaceEstimate> as_terms(const Draft& draft, std::vector<PlaceEstimate> places, Reasons reasons) {
  for (PlaceEstimate& each : places) {
    std::erase_if(each.terms, [](const Term& term) { return term.kind == TermKind::runtime_overhead; });
    for (Term& term : each.terms) {
      if (reasons == Reasons::full)
        term.why = fmt::format("{} of {}: {}", to_string(term.kind), draft.loaded->model.name, term.why);
      if (term.kind == TermKind::compute_buffer) term.amount.high += unexplained(draft);
      if (term.kind != TermKind::weights)
        term.amount = times(draft.contexts.fewest, draft.contexts.most, term.amount);
      term.kind = TermKind::draft_model;
    }
  }
  return places;
}

}  // namespace

std::string file_of(const DraftModel& draft) {
  if (draft.file && !draft.file->files.empty()) return draft.file->files.front();
  return fmt::format("{}-{}.gguf", draft.model.id, name_of(draft.quantization));
}

Companion draft_companion(const Runtime& runtime, std::shared_ptr<const DraftModel> loaded,
                          const Options& options, const Architecture& main) {
  const Contexts contexts = contexts_of(options, main);
  const StoredWeights* file = loaded->file ? &*loaded->file : nullptr;
  const Opening opening{loaded->model, file, options_of_draft(options, contexts), {}, loaded->known};
  const std::shared_ptr<Draft> draft(new Draft{std::move(loaded), Session(runtime, opening), contexts});
  const auto cells = [&main, params = options.context, shared = contexts.shared](std::uint64_t context) {
    const ResolvedContext resolved = resolve(main, params, context);
    return shared ? resolved.context : resolved.cells;
  };
  Companion companion;
  companion.terms = [=](std::uint64_t context, Backend backend, Reasons reasons) {
    const Demand demand{cells(context)};
    return as_terms(
        *draft, draft->session.estimate(draft->loaded->quantization, demand, {1, 0, backend}, reasons).places,
        reasons);
  };
  companion.gpu = [=](std::uint64_t context, Backend backend) {
    const Quantization& quantization = draft->loaded->quantization;
    Amount sum = draft->session.gpu_total(quantization, Demand{cells(context)}, {0, 0, backend});
    const Contexts& numbers = draft->contexts;
    if (numbers.most > 1)
      sum +=
          times(numbers.fewest - 1, numbers.most - 1, draft->session.context_on_gpu(cells(context), backend));
    return sum;
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
