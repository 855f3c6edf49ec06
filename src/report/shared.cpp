#include <fmt/format.h>

#include <algorithm>

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

std::string unknown_file_of_ollama(const ModelSummary& summary, const Asked& asked) {
  if (!takes_file_of_ollama(summary, asked) || summary.model.ollama_file) return "";
  return fmt::format(
      "which file Ollama's library has of {} is not known; {}, which most of its models have, is taken (-q "
      "TYPE "
      "names another)",
      summary.model.name, recommended_quantization);
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
  return find_model(catalog, asked, load_model(catalog, asked.question.model, load_options(asked.question)));
}

ModelSummary find_model(const Catalog& catalog, Asked& asked, LoadedModel loaded) {
  const Question& question = asked.question;
  take_base(catalog, asked, loaded);
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
  summary.named_format_spelling = std::move(loaded.named_format_spelling);
  summary.warnings = std::move(loaded.warnings);
  settle_runtime(catalog, summary, asked);
  warn_of_format(catalog, summary, asked);
  if (question.no_mtp) leave_out_mtp(summary);
  if (std::string unknown = unknown_file_of_ollama(summary, asked); !unknown.empty())
    summary.warnings.push_back(std::move(unknown));
  if (std::string others = other_published_files(catalog, summary, asked); !others.empty())
    summary.warnings.push_back(std::move(others));
  return summary;
}

bool asks_as_usual(const Asked& asked) {
  const Question& question = asked.question;
  return asked.choice.tool.empty() && asked.choice.release.empty() && question.options == AskedOptions{} &&
         !question.imatrix && question.quantizer == QuantizerRelease::v0_5_0 && question.projector.empty() &&
         question.adapters.empty() && question.draft.empty() && !question.backend;
}

std::unique_ptr<Session> open(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  return asked.runtime().open(
      asked.runtime(), {summary.model, summary.stored ? &*summary.stored : nullptr, asked.choice.options,
                        load_extras(catalog, asked), summary.figures ? summary.figures->known : nullptr});
}

Demand demand_of(const Question& question, const Architecture& architecture, std::uint64_t otherwise) {
  Demand demand{std::min<std::uint64_t>(otherwise, architecture.context_length), Origin::runtime_default};
  if (question.context) demand = {*question.context, Origin::flag};
  if (question.full_context) demand = {architecture.context_length, Origin::shape};
  if (!question.users && !question.tokens_per_request) return demand;
  demand.requests = question.users.value_or(1);
  demand.tokens_per_request = std::min(question.tokens_per_request.value_or(demand.tokens), demand.tokens);
  return demand;
}

Demand demand_on(const Question& question, const Session& session, const Machine& machine,
                 std::uint64_t otherwise) {
  Question with_default = question;
  Origin origin = Origin::flag;
  if (!question.context && !question.full_context) {
    with_default.context = session.default_tokens(machine);
    origin = Origin::runtime_default;
  }
  Demand demand = demand_of(with_default, session.model().architecture, otherwise);
  if (demand.origin == Origin::flag) demand.origin = origin;
  return demand;
}

Settings settings_of(const Asked& asked, Session& session, const Quantization& quantization,
                     const Demand& demand, const TargetDevice& device) {
  const Runtime& runtime = session.runtime();
  Settings settings;
  settings.runtime = runtime.id;
  settings.runtime_version = runtime.version;
  settings.tool = asked.choice.tool;
  settings.release = asked.choice.release;
  settings.tool_title = asked.choice.title;
  settings.backend = device.backend;
  settings.rounds_to = runtime.rounds_to;
  settings.counts_nominal_bits = runtime.can.counts_nominal_bits;
  settings.takes_a_share = runtime.can.takes_a_share;
  const auto* file = std::get_if<FileContents>(&quantization);
  const bool says_its_type = file != nullptr && !file->file_type.derived_from.empty();
  settings.quantization = says_its_type ? file->file_type.derived_from : name_of(quantization);
  settings.imatrix = session.weights(quantization).imatrix;
  settings.quantizer = asked.question.quantizer;
  settings.mtp = keeps_mtp(session.model().architecture);
  settings.demand = demand;
  settings.of_runtime = session.settings(quantization, demand, device);
  settings.unusual = session.unusual_settings(quantization, demand, device);
  return settings;
}

void add_interval_note(std::vector<std::string>& notes, const Session& session, Backend backend) {
  if (std::string remark = session.remark_on_options(); !remark.empty()) notes.push_back(std::move(remark));
  if (std::string why = session.why_interval(backend); !why.empty()) notes.push_back(std::move(why));
}

namespace {

// What template, license and the tokenizer of another converter make.
constexpr double no_difference = 0.01;

}  // namespace

void add_file_note(std::vector<std::string>& notes, const ModelSummary& summary, const Asked& asked,
                   Session& session, const Quantization& quantization) {
  const auto& file = summary.model.ollama_file;
  if (!file || !takes_file_of_ollama(summary, asked)) return;
  const auto derived = static_cast<double>(session.weights(quantization).file_bytes.count());
  const double more = static_cast<double>(file->bytes) - derived;
  if (more <= no_difference * derived) return;
  notes.push_back(
      fmt::format("Ollama's library has {:.2f} GB for this model, {:.2f} GB more than the file of these "
                  "figures: a projector, or tensors in other types than llama-quantize gives them",
                  static_cast<double>(file->bytes) / 1e9, more / 1e9));
}

void add_release_note(std::vector<std::string>& notes, const Session& session, const Estimate& estimate,
                      const Demand& demand) {
  if (std::string note = session.other_releases(estimate, demand); !note.empty())
    notes.push_back(std::move(note));
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
