#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "catalog/checkpoint_formats.hpp"
#include "report/report.hpp"

namespace vramcalc::report {

std::optional<ModelFigures> embedded_figures(const Catalog& catalog, const std::string& model_id) {
  if (!catalog.is_as_embedded()) return std::nullopt;
  return model_figures(model_id, catalog.file_types());
}

namespace {

// As --no-mtp of the converter: figures that were computed before are of the whole file.
void leave_out_mtp(ModelSummary& summary) {
  Architecture& architecture = summary.model.architecture;
  if (summary.stored)
    throw Error(ErrorCode::usage,
                fmt::format("--no-mtp says how a checkpoint is converted, and {} is a GGUF, which has what it has",
                            summary.model.name));
  if (!keeps_mtp(architecture)) {
    summary.warnings.push_back(fmt::format(
        "a file of {} has no prediction layers anyway, so that --no-mtp changes nothing", summary.model.name));
    return;
  }
  architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
  summary.figures.reset();
}

}  // namespace

namespace {

// A quantized release that only other programs load, and that has no file of its own for llama.cpp.
bool is_packed_variant(const Model& model, std::string_view source) {
  return source == "catalog" && model.packed && !model.published_file;
}

// Where a file type is asked for, it is one of the model that was released so.
void take_base_for_file_type(const Catalog& catalog, const Question& question, LoadedModel& loaded) {
  if (!is_packed_variant(loaded.model, loaded.source) || question.runtime != Question{}.runtime) return;
  if (question.quantization.empty() && loaded.named_quantization.empty()) return;
  Model base = catalog.model(loaded.model.variant_of);
  loaded.warnings.push_back(
      fmt::format("{} is taken for {}, of which such a file is made", loaded.model.id, base.id));
  loaded.model = std::move(base);
}

// Publishers call two files by one name: that of the model's own, and that of llama-quantize.
std::string other_published_files(const Catalog& catalog, const ModelSummary& summary,
                                  const Question& question) {
  const auto& published = summary.model.published_file;
  const bool is_taken = published && question.quantization.empty() && summary.named_quantization.empty() &&
                        summary.named_format.empty() && question.runtime == Question{}.runtime;
  if (!is_taken) return "";
  const FileType* other = find_file_type(catalog.file_types(), published->name);
  if (other == nullptr) return "";
  return fmt::format(
      "{} is the file with the experts in {} and the rest in {:g} bits, as Ollama has it; ggml-org's "
      "and LM Studio's keep the rest in Q8_0 (-q {})",
      published->name, published->name, bits_of_type(catalog.file_type(published->file_type)), other->name);
}

}  // namespace

LoadOptions load_options(const Question& question) {
  LoadOptions options;
  if (!question.model_type.empty()) options.model_type = question.model_type;
  options.ignored_fields = question.ignored_fields;
  options.hub_seconds = question.hub_seconds;
  return options;
}

ModelSummary find_model(const Catalog& catalog, const Question& question) {
  LoadedModel loaded = load_model(catalog, question.model, load_options(question));
  take_base_for_file_type(catalog, question, loaded);
  ModelSummary summary;
  if (loaded.source == "catalog") summary.figures = embedded_figures(catalog, loaded.model.id);
  summary.parameters =
      summary.figures ? summary.figures->parameters : parameters_of(loaded.model.architecture);
  summary.model = std::move(loaded.model);
  summary.source = std::move(loaded.source);
  summary.stored = std::move(loaded.stored);
  summary.checkpoint = std::move(loaded.checkpoint);
  summary.named_quantization = std::move(loaded.named_quantization);
  summary.named_format = std::move(loaded.named_format);
  summary.warnings = std::move(loaded.warnings);
  if (question.no_mtp) leave_out_mtp(summary);
  if (std::string others = other_published_files(catalog, summary, question); !others.empty())
    summary.warnings.push_back(std::move(others));
  return summary;
}

FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored) {
  FileType own;
  own.name = as_stored;
  own.in_default_table = true;
  if (stored.file_type.empty()) return own;
  const FileType& named = catalog.file_type(stored.file_type);
  own.derived_from = named.name;
  own.nominal_bits = named.nominal_bits;
  return own;
}

namespace {

// What figures are computed for while building: the context alone may differ.
bool has_usual_workload(const Question& question) {
  Workload workload = question.workload;
  workload.context.reset();
  return workload == Workload{};
}

bool weighs_as_usual(const Question& question) {
  return question.runtime == Question{}.runtime && quantize_options(question) == QuantizeOptions{};
}

Estimator estimator_alone(const Catalog& catalog, const ModelSummary& summary, const Runtime& runtime,
                          const Question& question) {
  const QuantizeOptions options = quantize_options(question);
  if (!summary.stored)
    return {summary.model, runtime, question.workload, options, figures_for(question, summary.figures)};
  return {summary.model, runtime,         question.workload,
          options,       *summary.stored, stored_file_type(catalog, *summary.stored)};
}

}  // namespace

bool asks_as_usual(const Question& question) {
  return has_usual_workload(question) && weighs_as_usual(question) && question.projector.empty() &&
         question.adapters.empty() && question.draft.empty() && !question.backend;
}

KnownFigures figures_for(const Question& question, const std::optional<ModelFigures>& figures) {
  if (!figures || !weighs_as_usual(question)) return {};
  KnownFigures known = figures->known;
  if (has_usual_workload(question)) return known;
  known.stretches.clear();
  known.compute_stretches.clear();
  known.flash_attention.reset();
  return known;
}

Estimator estimator_of(const Catalog& catalog, const ModelSummary& summary, const Runtime& runtime,
                       const Question& question) {
  Estimator estimator = estimator_alone(catalog, summary, runtime, question);
  add_companions(catalog, summary, question, estimator);
  return estimator;
}

std::vector<const FileType*> common_file_types(const Catalog& catalog) {
  std::vector<const FileType*> common;
  for (const FileType& file_type : catalog.file_types())
    if (file_type.in_default_table) common.push_back(&file_type);
  return common;
}

namespace {

// Above it nobody has measured a loss.
constexpr double enough_bits = 8.6;

struct Sized {
  Bytes size;
  const FileType* file_type;
};

// As large or larger, and no better.
bool is_outdone(const Sized& one, const std::vector<Sized>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Sized& other) {
    return other.file_type != one.file_type && other.size <= one.size &&
           measured_loss(*other.file_type) <= measured_loss(*one.file_type);
  });
}

}  // namespace

std::vector<const FileType*> worthwhile_file_types(const Catalog& catalog, Estimator& estimator) {
  std::vector<Sized> all, kept;
  for (const FileType* file_type : common_file_types(catalog))
    if (const Weighing* weighing = estimator.find_weighing(*file_type);
        weighing != nullptr && bits_of_type(*file_type) <= enough_bits && measured_loss(*file_type) > 0)
      all.push_back({weighing->tensor_bytes, file_type});
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](const Sized& one) { return !is_outdone(one, all); });
  std::stable_sort(kept.begin(), kept.end(), [](const Sized& a, const Sized& b) { return b.size < a.size; });
  std::vector<const FileType*> file_types;
  for (const Sized& one : kept) file_types.push_back(one.file_type);
  return file_types;
}

std::uint64_t asked_context(const Question& question, const Architecture& architecture,
                            std::uint64_t otherwise) {
  if (question.full_context) return architecture.context_length;
  return question.workload.context.value_or(std::min<std::uint64_t>(otherwise, architecture.context_length));
}

namespace {

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

FileType published_file_type(const Catalog& catalog, const PublishedFile& published) {
  FileType file_type = catalog.file_type(published.file_type);
  const FileType* usual = find_file_type(catalog.file_types(), published.name);
  file_type.name = published.name;
  file_type.nominal_bits = usual == nullptr ? 0 : bits_of_type(*usual);
  file_type.quality = "As its publisher trained it";
  file_type.quality_class = QualityClass::none;
  file_type.kld = file_type.kld_imatrix = 0;
  file_type.in_default_table = true;
  return file_type;
}

namespace {

FileType asked_file_type(const Catalog& catalog, const ModelSummary& summary, const std::string& name) {
  const auto& published = summary.model.published_file;
  if (published && same_word(published->name, name)) return published_file_type(catalog, *published);
  return catalog.file_type(name);
}

// "AWQ (4-bit integers with a scale per group, for vLLM and SGLang)"
std::string format_of(const ModelSummary& summary) {
  const Model& model = summary.model;
  if (const auto* named = catalog::format_of_title(summary.named_format))
    return fmt::format("{} ({})", named->title, named->what);
  std::string name = model.id;
  if (const auto* its = catalog::take_format(name).format)
    return fmt::format("{} ({})", its->title, its->what);
  return fmt::format("packed weights ({})", model.packed->scheme);
}

// A name that says a format is not answered in another one.
void require_a_gguf(const ModelSummary& summary) {
  const Model& model = summary.model;
  const bool is_variant = is_packed_variant(model, summary.source);
  if (!is_variant && summary.named_format.empty()) return;
  const std::string& base = is_variant ? model.variant_of : model.id;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}{} is in {}, a checkpoint format that llama.cpp does not load and that is not estimated "
                  "yet; {} -q {} asks for a GGUF of the same model",
                  is_variant ? "" : "this ", model.name, format_of(summary), base, recommended_quantization),
      {base});
}

}  // namespace

bool has_one_file_type(const ModelSummary& summary, const Question& question) {
  return !question.quantization.empty() || summary.stored || !summary.named_quantization.empty() ||
         summary.model.published_file;
}

FileType chosen_file_type(const Catalog& catalog, const ModelSummary& summary, const Question& question) {
  if (!question.quantization.empty()) return asked_file_type(catalog, summary, question.quantization);
  if (summary.stored) return stored_file_type(catalog, *summary.stored);
  if (!summary.named_quantization.empty())
    return asked_file_type(catalog, summary, summary.named_quantization);
  if (question.runtime == Question{}.runtime) {
    require_a_gguf(summary);
    if (const auto& published = summary.model.published_file) return published_file_type(catalog, *published);
  }
  return catalog.file_type(recommended_quantization);
}

QuantizeOptions quantize_options(const Question& question) {
  QuantizeOptions options;
  options.imatrix = question.imatrix;
  options.release = question.quantizer;
  return options;
}

Settings settings_of(const Question& question, Estimator& estimator, const FileType& file_type,
                     std::uint64_t context) {
  const Runtime& runtime = estimator.runtime();
  Settings settings;
  settings.runtime = runtime.id;
  settings.runtime_version = runtime.version;
  settings.tool = question.tool;
  settings.release = question.release;
  settings.backend = question.backend.value_or(Backend::cuda);
  settings.rounds_to = runtime.rounds_to;
  const bool says_its_type = file_type.name == as_stored && !file_type.derived_from.empty();
  settings.quantization = says_its_type ? file_type.derived_from : file_type.name;
  settings.imatrix = estimator.weigh(file_type).imatrix;
  settings.quantizer = question.quantizer;
  settings.mtp = keeps_mtp(estimator.model().architecture);
  settings.asked = question.workload;
  settings.asked.context = context;
  settings.resolved = estimator.resolve(context);
  return settings;
}

Question driven_as(Question question, const Machine& machine) {
  question.backend = machine.device.backend;
  return question;
}

void add_interval_note(std::vector<std::string>& notes, const Estimator& estimator, Backend backend) {
  const Runtime& runtime = estimator.runtime();
  if (runtime.why_interval == nullptr) return;
  if (std::string why = runtime.why_interval(estimator.workload(), backend); !why.empty())
    notes.push_back(std::move(why));
}

std::vector<std::string> warnings_about(const ModelSummary& summary, std::uint64_t context) {
  std::vector<std::string> warnings = summary.warnings;
  const Model& model = summary.model;
  if (context > model.architecture.context_length)
    warnings.push_back(fmt::format("{} tokens are beyond the {} that {} was trained for", grouped(context),
                                   grouped(model.architecture.context_length), model.name));
  return warnings;
}

}  // namespace vramcalc::report
