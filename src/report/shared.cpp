#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "catalog/checkpoint_formats.hpp"
#include "model/letters.hpp"
#include "report/report.hpp"

namespace vramcalc::report {

std::optional<ModelFigures> figures_of(const Catalog& catalog, const Asked& asked,
                                       std::string_view model_id) {
  if (!catalog.is_as_embedded()) return std::nullopt;
  return asked.figures.of_model(model_id, catalog.file_types());
}

namespace {

// Like the converter's --no-mtp; figures computed before are for the whole file.
void leave_out_mtp(ModelSummary& summary) {
  Architecture& architecture = summary.model.architecture;
  if (summary.stored)
    throw Error(ErrorCode::usage,
                fmt::format("--no-mtp applies to the conversion of a checkpoint, but {} is already a GGUF",
                            summary.model.name));
  if (!keeps_mtp(architecture)) {
    summary.warnings.push_back(fmt::format(
        "files of {} have no prediction layers, so --no-mtp changes nothing", summary.model.name));
    return;
  }
  architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
  summary.figures.reset();
}

}  // namespace

namespace {

// A quantized release that only other programs load and that has no file for llama.cpp.
bool is_packed_variant(const Model& model, std::string_view source) {
  return source == "catalog" && model.packed && !model.published_file;
}

// If a file type is requested, it is one of the base model.
void take_base_for_file_type(const Catalog& catalog, const Asked& asked, LoadedModel& loaded) {
  if (!is_packed_variant(loaded.model, loaded.source) || !asked.runtime().can.loads_only_gguf) return;
  if (asked.question.quantization.empty() && loaded.named_quantization.empty()) return;
  Model base = catalog.model(loaded.model.variant_of);
  loaded.warnings.push_back(
      fmt::format("{} is taken for {}, from which such a file is made", loaded.model.id, base.id));
  loaded.model = std::move(base);
}

// Publishers use one name for two files: the model's own and that of llama-quantize.
std::string other_published_files(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  const auto& published = summary.model.published_file;
  const bool is_taken = published && asked.question.quantization.empty() &&
                        summary.named_quantization.empty() && summary.named_format.empty() &&
                        asked.runtime().can.loads_only_gguf;
  if (!is_taken) return "";
  const FileType* other = find_file_type(catalog.file_types(), published->name);
  if (other == nullptr) return "";
  return fmt::format(
      "{} is the file with the experts in {} and the rest in {:g} bits, as Ollama publishes it; ggml-org and "
      "LM Studio keep the rest in Q8_0 (-q {})",
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

ModelSummary find_model(const Catalog& catalog, Asked& asked) {
  const Question& question = asked.question;
  LoadedModel loaded = load_model(catalog, question.model, load_options(question));
  take_base_for_file_type(catalog, asked, loaded);
  ModelSummary summary;
  if (loaded.source == "catalog") summary.figures = figures_of(catalog, asked, loaded.model.id);
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
  if (std::string others = other_published_files(catalog, summary, asked); !others.empty())
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

bool asks_as_usual(const Asked& asked) {
  const Question& question = asked.question;
  const bool usual_runtime =
      &asked.runtime() == asked.runtimes.data() && asked.choice.tool.empty() && asked.choice.release.empty();
  return usual_runtime && question.options == AskedOptions{} && !question.imatrix &&
         question.quantizer == QuantizerRelease::v0_5_0 && question.projector.empty() &&
         question.adapters.empty() && question.draft.empty() && !question.backend;
}

std::unique_ptr<Session> open(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  return asked.runtime().open(
      asked.runtime(), {summary.model, summary.stored ? &*summary.stored : nullptr, asked.choice.options,
                        load_extras(catalog, asked), summary.figures ? summary.figures->known : nullptr});
}

Quantization mix(const FileType& file_type, const Question& question) {
  return GgufMix{
      file_type, {question.imatrix, question.quantizer}
  };
}

std::vector<Quantization> common_quantizations(const Catalog& catalog, const Question& question) {
  std::vector<Quantization> common;
  for (const FileType& file_type : catalog.file_types())
    if (file_type.in_default_table) common.push_back(mix(file_type, question));
  return common;
}

namespace {

// No loss was measured above it.
constexpr double enough_bits = 8.6;

struct Sized {
  Bytes size;
  const Quantization* quantization;
  double loss;
};

// As large or larger, and no better.
bool is_outdone(const Sized& one, const std::vector<Sized>& all) {
  return std::ranges::any_of(all, [&](const Sized& other) {
    return other.quantization != one.quantization && other.size <= one.size && other.loss <= one.loss;
  });
}

}  // namespace

std::vector<Quantization> worthwhile_quantizations(const Catalog& catalog, const Question& question,
                                                   Session& session) {
  const std::vector<Quantization> common = common_quantizations(catalog, question);
  std::vector<Sized> all, kept;
  for (const Quantization& quantization : common) {
    const FileType* file_type = file_type_of(quantization);
    if (file_type == nullptr) continue;
    const WeightBytes* weights = session.find_weights(quantization);
    const double loss = measured_loss(*file_type);
    if (weights != nullptr && bits_of_type(*file_type) <= enough_bits && loss > 0)
      all.push_back({weights->tensor_bytes, &quantization, loss});
  }
  std::ranges::copy_if(all, std::back_inserter(kept),
                       [&](const Sized& one) { return !is_outdone(one, all); });
  std::ranges::stable_sort(kept, [](const Sized& a, const Sized& b) { return b.size < a.size; });
  std::vector<Quantization> quantizations;
  for (const Sized& one : kept) quantizations.push_back(*one.quantization);
  return quantizations;
}

Demand demand_of(const Question& question, const Architecture& architecture, std::uint64_t otherwise) {
  if (question.full_context) return {architecture.context_length, Origin::shape};
  if (question.context) return {*question.context, Origin::flag};
  return {std::min<std::uint64_t>(otherwise, architecture.context_length), Origin::runtime_default};
}

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
  if (published && same_letters(published->name, name)) return published_file_type(catalog, *published);
  return catalog.file_type(name);
}

// "AWQ (4-bit integers with a scale per group, for vLLM and SGLang)"
std::string format_of(const Catalog& catalog, const ModelSummary& summary) {
  const Model& model = summary.model;
  if (const auto* named = catalog::word_of_family(summary.named_format, catalog.format_words()))
    return fmt::format("{} ({})", named->family, named->what);
  std::string name = model.id;
  if (const auto* its = catalog::take_format(name, catalog.format_words()).format)
    return fmt::format("{} ({})", its->family, its->what);
  return fmt::format("packed weights ({})", model.packed->scheme);
}

// A name that includes a format is not answered with another one.
void require_a_gguf(const Catalog& catalog, const ModelSummary& summary) {
  const Model& model = summary.model;
  const bool is_variant = is_packed_variant(model, summary.source);
  if (!is_variant && summary.named_format.empty()) return;
  const std::string& base = is_variant ? model.variant_of : model.id;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}{} is in {}, a checkpoint format that llama.cpp does not load and that is not estimated "
                  "yet; {} -q {} asks for a GGUF of the same model",
                  is_variant ? "" : "this ", model.name, format_of(catalog, summary), base,
                  recommended_quantization),
      {base});
}

}  // namespace

bool has_one_quantization(const ModelSummary& summary, const Question& question) {
  return !question.quantization.empty() || summary.stored || !summary.named_quantization.empty() ||
         summary.model.published_file;
}

Quantization chosen_quantization(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  const Question& question = asked.question;
  const auto asked_for = [&](const std::string& name) {
    return mix(asked_file_type(catalog, summary, name), question);
  };
  if (!question.quantization.empty()) return asked_for(question.quantization);
  if (summary.stored) return FileContents{&*summary.stored, stored_file_type(catalog, *summary.stored)};
  if (!summary.named_quantization.empty()) return asked_for(summary.named_quantization);
  if (asked.runtime().can.loads_only_gguf) {
    require_a_gguf(catalog, summary);
    if (const auto& published = summary.model.published_file)
      return mix(published_file_type(catalog, *published), question);
  }
  return mix(catalog.file_type(recommended_quantization), question);
}

Settings settings_of(const Asked& asked, Session& session, const Quantization& quantization,
                     const Demand& demand, Backend backend) {
  const Runtime& runtime = session.runtime();
  Settings settings;
  settings.runtime = runtime.id;
  settings.runtime_version = runtime.version;
  settings.tool = asked.choice.tool;
  settings.release = asked.choice.release;
  settings.backend = backend;
  settings.rounds_to = runtime.rounds_to;
  settings.counts_nominal_bits = runtime.can.counts_nominal_bits;
  const auto* file = std::get_if<FileContents>(&quantization);
  const bool says_its_type = file != nullptr && !file->file_type.derived_from.empty();
  settings.quantization = says_its_type ? file->file_type.derived_from : name_of(quantization);
  settings.imatrix = session.weights(quantization).imatrix;
  settings.quantizer = asked.question.quantizer;
  settings.mtp = keeps_mtp(session.model().architecture);
  settings.demand = demand;
  settings.of_runtime = session.settings(demand);
  settings.unusual = session.unusual_settings();
  return settings;
}

void add_interval_note(std::vector<std::string>& notes, const Session& session, Backend backend) {
  if (std::string why = session.why_interval(backend); !why.empty()) notes.push_back(std::move(why));
}

std::vector<std::string> warnings_about(const ModelSummary& summary, const Demand& demand) {
  std::vector<std::string> warnings = summary.warnings;
  const Model& model = summary.model;
  if (demand.tokens > model.architecture.context_length)
    warnings.push_back(fmt::format("{} tokens are beyond the {} that {} was trained for",
                                   grouped(demand.tokens), grouped(model.architecture.context_length),
                                   model.name));
  return warnings;
}

}  // namespace vramcalc::report
