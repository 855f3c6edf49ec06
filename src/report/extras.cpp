#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

void require(const Runtime& runtime, std::string_view flag) {
  if (!runtime.can.loads_extras)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} does not support {}; leave out {}", runtime.title,
                            flag == "-md" ? "draft models" : "files loaded along with a model", flag));
}

// The draft model is found like any other model; options for the main model do not apply to it.
Asked about_draft(const Asked& asked, const std::string& model) {
  Asked draft = asked;
  Question& question = draft.question;
  question.model = model;
  question.quantization.clear();
  question.model_type.clear();
  question.ignored_fields.clear();
  question.no_mtp = false;
  return draft;
}

std::shared_ptr<const DraftModel> load_draft(const Catalog& catalog, const Asked& main,
                                             const std::string& model) {
  Asked asked = about_draft(main, model);
  ModelSummary summary = find_model(catalog, asked);
  const auto draft = std::make_shared<DraftModel>();
  draft->quantization = chosen_quantization(catalog, summary, asked);
  draft->file = std::move(summary.stored);
  if (auto* file = std::get_if<FileContents>(&draft->quantization)) file->weights = &*draft->file;
  if (summary.figures) draft->known = summary.figures->known;
  draft->model = std::move(summary.model);
  return draft;
}

}  // namespace

Extras load_extras(const Catalog& catalog, const Asked& asked) {
  const Question& question = asked.question;
  Extras extras;
  if (!question.projector.empty()) {
    require(asked.runtime(), "--mmproj");
    extras.projectors.push_back(read_projector(question.projector, load_options(question)));
  }
  for (const std::string& adapter : question.adapters) {
    require(asked.runtime(), "--lora");
    extras.adapters.push_back(read_adapter(adapter, load_options(question)));
  }
  if (!question.draft.empty()) {
    require(asked.runtime(), "-md");
    extras.draft = load_draft(catalog, asked, question.draft);
  }
  // vLLM names its draft model in --speculative-config.
  if (const auto* vllm = std::get_if<vllm::Options>(&asked.choice.options); vllm != nullptr)
    if (vllm->drafts.method == serving::Drafts::Method::draft_model && !vllm->drafts.model.empty())
      extras.draft = load_draft(catalog, asked, vllm->drafts.model);
  return extras;
}

}  // namespace vramcalc::report
