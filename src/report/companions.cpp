#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

void require(bool known, const Runtime& runtime, std::string_view what) {
  if (!known)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} knows nothing of {} beside a model; leave out {}", runtime.title,
                            what == "-md" ? "draft models" : "other files", what));
}

// A model of its own, whose runtime has the same process: what it takes but for the overhead.
struct Draft {
  ModelSummary summary;
  FileType file_type;
  std::optional<Estimator> estimator;
};

std::vector<PlaceEstimate> as_terms(const Draft& draft, std::vector<PlaceEstimate> devices,
                                     Reasons reasons) {
  for (PlaceEstimate& device : devices) {
    std::erase_if(device.terms, [](const Term& term) { return term.kind == TermKind::runtime_overhead; });
    for (Term& term : device.terms) {
      if (reasons == Reasons::full)
        term.why = fmt::format("{} of {}: {}", to_string(term.kind), draft.summary.model.name, term.why);
      term.kind = TermKind::draft_model;
    }
  }
  return devices;
}

// As llama-server loads it (llama.cpp 0.5.0, common/speculative.cpp, common_base_params_to_speculative): with
// the cells, slots and batches of the model beside it, a cache of its own types (f16) whatever that one's
// are, and a row of logits a slot.
Question question_about(const Question& asked) {
  Question question = asked;
  question.model = asked.draft;
  question.quantization.clear();
  question.model_type.clear();
  question.ignored_fields.clear();
  question.no_mtp = false;
  question.draft.clear();
  question.projector.clear();
  question.adapters.clear();
  question.workload.draft_tokens = 0;
  question.workload.cache_type_k = asked.draft_cache_type_k;
  question.workload.cache_type_v = asked.draft_cache_type_v;
  return question;
}

Companion draft_companion(const Catalog& catalog, const Runtime& runtime, const Question& asked,
                          const Architecture& beside) {
  const Question question = question_about(asked);
  auto draft = std::make_shared<Draft>();
  draft->summary = find_model(catalog, question);
  draft->file_type = chosen_file_type(catalog, draft->summary, question);
  draft->estimator.emplace(estimator_of(catalog, draft->summary, runtime, question));
  const auto cells = [&runtime, &beside, asked_workload = asked.workload](std::uint64_t context) {
    Workload workload = asked_workload;
    workload.context = context;
    return runtime.resolve(beside, workload).context;
  };
  TargetDevice device;
  device.backend = asked.backend.value_or(device.backend);
  Companion companion;
  companion.terms = [=](std::uint64_t context, Reasons reasons) {
    Estimator& estimator = *draft->estimator;
    return as_terms(*draft, estimator.estimate(draft->file_type, cells(context), device, reasons).places,
                    reasons);
  };
  companion.gpu = [=](std::uint64_t context) {
    Estimator& estimator = *draft->estimator;
    return estimator.weights_on_gpu(estimator.weigh(draft->file_type), device.backend) +
           estimator.allocation(cells(context), device.backend);
  };
  companion.spread = [=](std::uint64_t context, const Surroundings& around, Reasons reasons) {
    Estimator& estimator = *draft->estimator;
    return as_terms(
        *draft,
        estimator
            .estimate(draft->file_type, cells(context), std::span<const TargetDevice>(), around.left, reasons)
            .places,
        reasons);
  };
  return companion;
}

}  // namespace

void add_companions(const Catalog& catalog, const ModelSummary& summary, const Question& question,
                    Estimator& estimator) {
  const Runtime& runtime = estimator.runtime();
  const Model& model = summary.model;
  if (!question.projector.empty()) {
    require(runtime.projector != nullptr, runtime, "--mmproj");
    estimator.add(
        runtime.projector(read_projector(question.projector, load_options(question)), question.workload));
  }
  for (const std::string& adapter : question.adapters) {
    require(runtime.adapter != nullptr, runtime, "--lora");
    estimator.add(runtime.adapter(read_adapter(adapter, load_options(question)), model, question.workload));
  }
  if (!question.draft.empty()) {
    require(runtime.adapter != nullptr, runtime, "-md");
    estimator.add(draft_companion(catalog, runtime, question, model.architecture));
  }
}

Question completed(Question question) {
  if (question.runtime != Question{}.runtime) {
    RuntimeName name = runtime_named(question.runtime);
    question.runtime = std::move(name.id);
    question.tool = std::move(name.tool);
    question.release = std::move(name.release);
    question.workload.reserves_all_logits = name.reserves_all_logits;
  }
  constexpr std::uint32_t drafted_by_default = 3;  // llama.cpp 0.5.0, common/common.h: --spec-draft-n-max
  std::uint32_t& tokens = question.workload.draft_tokens;
  if (question.draft.empty() && tokens > 0)
    throw Error(ErrorCode::usage, "--draft-max means nothing without a draft model (-md)");
  const bool typed =
      question.draft_cache_type_k != ElementType::f16 || question.draft_cache_type_v != ElementType::f16;
  if (question.draft.empty() && typed)
    throw Error(ErrorCode::usage, "-ctkd and -ctvd mean nothing without a draft model (-md)");
  if (!question.draft.empty() && tokens == 0) tokens = drafted_by_default;
  return question;
}

}  // namespace vramcalc::report
