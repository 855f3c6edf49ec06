#include <fmt/format.h>

#include <algorithm>

#include "report/judge.hpp"
#include "report/rule_of_thumb.hpp"

namespace vramcalc::report {
namespace {

constexpr std::size_t shown_related = 8;

// The demands that the table of quantizations is computed for.
struct Columns {
  Demand demand;
  std::optional<Demand> full;  // if it is larger than that
  TargetDevice device;
};

QuantizationRow described(const FileType& file_type) {
  QuantizationRow row;
  row.name = file_type.name;
  row.nominal_bits = file_type.nominal_bits;
  row.nominal_quality = file_type.nominal_quality;
  row.quality = file_type.quality;
  row.quality_class = to_string(file_type.quality_class);
  if (const double kld = measured_loss(file_type); kld > 0) row.kld = kld;
  row.in_default_table = file_type.in_default_table;
  return row;
}

void measure(QuantizationRow& row, Session& session, const Quantization& quantization,
             const Columns& columns) {
  const WeightBytes& weights = session.weights(quantization);
  row.bits_per_weight = weights.bits_per_weight;
  row.tensor_bytes = weights.tensor_bytes;
  row.file_bytes = weights.file_bytes;
  row.at_context = session.gpu_total(quantization, columns.demand, columns.device);
  if (columns.full) row.at_full_context = session.gpu_total(quantization, *columns.full, columns.device);
}

QuantizationRow describe(const Quantization& quantization) {
  if (const FileType* file_type = file_type_of(quantization)) return described(*file_type);
  const CheckpointFormatRow* format = std::get<CheckpointFormat>(quantization).row;
  QuantizationRow row;
  row.name = name_of(quantization);
  row.nominal_bits = nominal_bits(quantization);
  row.quality = format == nullptr ? std::string_view("As its publisher packed it") : format->title;
  row.quality_class = to_string(QualityClass::unknown);
  return row;
}

bool is_in_default_table(const Quantization& quantization) {
  const FileType* file_type = file_type_of(quantization);
  return file_type == nullptr || file_type->in_default_table;
}

QuantizationRow row_of(Session& session, const Quantization& quantization, const Columns& columns) {
  QuantizationRow row = describe(quantization);
  try {
    measure(row, session, quantization, columns);
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    row.refused = refusal.what();
  }
  return row;
}

struct Names {
  std::string_view chosen, smallest, best;
};

// Those of the default table, and any with a name that matters.
std::vector<QuantizationRow> rows_of(const std::vector<Quantization>& quantizations, Session& session,
                                     const Names& names, const Columns& columns, bool all) {
  std::vector<QuantizationRow> rows;
  rows.reserve(quantizations.size());
  for (const Quantization& quantization : quantizations) {
    const std::string_view name = name_of(quantization);
    const bool is_named = name == names.chosen || name == names.smallest;
    if (!all && !is_in_default_table(quantization) && !is_named) continue;
    rows.push_back(row_of(session, quantization, columns));
    rows.back().chosen = name == names.chosen;
    rows.back().recommended = name == names.best;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const QuantizationRow& a, const QuantizationRow& b) {
    return a.tensor_bytes < b.tensor_bytes;
  });
  return rows;
}

// The catalog's file types, and the file itself if the model is one.
std::vector<Quantization> file_types_of(const Catalog& catalog, const ModelSummary& summary,
                                        const Question& question, std::string_view best) {
  std::vector<Quantization> quantizations;
  for (const FileType& file_type : catalog.file_types()) quantizations.push_back(mix(file_type, question));
  if (summary.stored)
    quantizations.emplace_back(FileContents{&*summary.stored, stored_file_type(catalog, *summary.stored)});
  if (const auto& published = summary.model.published_file; published && published->name == best)
    quantizations.push_back(mix(published_file_type(catalog, *published), question));
  return quantizations;
}

// What the runtime loads, with the model's own format.
std::vector<Quantization> formats_with(const Catalog& catalog, const Question& question, Session& session,
                                       const Quantization& own) {
  std::vector<Quantization> formats = common_quantizations(catalog, question, session);
  const auto same = std::ranges::find(formats, name_of(own), name_of);
  if (same == formats.end())
    formats.push_back(own);
  else
    *same = own;
  return formats;
}

// Types without a measured loss are for models trained in them.
bool for_any_model(const FileType& file_type) {
  return file_type.derived_from.empty() && file_type.quality_class != QualityClass::unknown;
}

std::vector<const FileType*> by_bits(const Catalog& catalog) {
  std::vector<const FileType*> file_types;
  for (const FileType& file_type : catalog.file_types())
    if (for_any_model(file_type)) file_types.push_back(&file_type);
  std::stable_sort(file_types.begin(), file_types.end(),
                   [](const FileType* a, const FileType* b) { return bits_of_type(*a) < bits_of_type(*b); });
  return file_types;
}

// Rules only raise tensors above a file type's own element type, so types above the smallest need not be
// weighed.
std::string smallest_of(const Catalog& catalog, const Question& question, Session& session) {
  std::string smallest;
  double bits = 0;
  for (const FileType* file_type : by_bits(catalog)) {
    if (!smallest.empty() && bits_of_type(*file_type) > bits) break;
    const WeightBytes* weights = session.find_weights(mix(*file_type, question));
    if (weights == nullptr || (!smallest.empty() && weights->bits_per_weight >= bits)) continue;
    smallest = file_type->name;
    bits = weights->bits_per_weight;
  }
  return smallest;
}

std::string best_of(const Model& model, const Runtime& runtime) {
  const bool has_file = model.published_file && runtime.can.loads_only_gguf;
  return has_file ? model.published_file->name : std::string(recommended_quantization);
}

// The next step up from the recommended one, as on model-card sites.
std::string better_of(const Catalog& catalog, const Question& question, Session& session) {
  for (const char* name : {"Q5_K_S", "Q5_K_M"})
    if (session.find_weights(mix(catalog.file_type(name), question)) != nullptr) return name;
  return {};
}

std::vector<RelatedModel> related_to(const Catalog& catalog, const Model& model) {
  std::vector<RelatedModel> related;
  for (const ModelRow* row : catalog.models_of_family(model.family))
    if (row->id != model.id && related.size() < shown_related)
      related.push_back({std::string(row->id), std::string(row->name), row->parameters});
  return related;
}

// Whether it is the quantization of an overview that names none.
bool is_usual(const ModelSummary& summary, const Asked& asked, const Quantization& quantization) {
  if (!asked.runtime().can.loads_checkpoints)
    return name_of(quantization) == best_of(summary.model, asked.runtime());
  return asked.question.quantization.empty() && summary.named_quantization.empty() &&
         summary.named_format.empty();
}

// The tables computed at build time, if the question is the one they answer.
std::optional<JudgedTables> known_tables(const Catalog& catalog, const ModelSummary& summary,
                                         const Asked& asked, const Quantization& quantization,
                                         const Demand& demand) {
  const Question& question = asked.question;
  const bool usual = summary.source == "catalog" && catalog.is_as_embedded() && !question.everything &&
                     !question.no_mtp && is_usual(summary, asked, quantization) &&
                     demand.tokens == demand_of({}, summary.model.architecture, overview_context).tokens &&
                     demand.requests == 0 && asks_as_usual(asked);
  if (!usual) return std::nullopt;
  return asked.figures.of_hardware(summary.model.id, asked.runtime().id, catalog.file_types());
}

void add_hardware(OverviewReport& report, const Catalog& catalog, Session& session, const Asked& asked,
                  const Quantization& quantization, const Demand& demand) {
  const Question& question = asked.question;
  if (const auto known = known_tables(catalog, report.summary, asked, quantization, demand)) {
    const JudgedLoad load{catalog, session, quantization, demand};
    report.gpus = judged_gpus(load, known->gpus);
    report.systems = judged_systems(load, known->systems);
    if (question.gpu.empty()) return;
  }
  Judge judge(catalog, question, session, quantization, demand);
  if (report.gpus.rows.empty()) {
    const std::size_t rows = question.everything ? SIZE_MAX : rows_per_verdict;
    report.gpus = gpu_table(catalog, judge, rows);
    report.systems = system_table(catalog, judge, rows);
  }
  if (question.gpu.empty()) return;
  Machine machine = find_machine(catalog, asked);
  pool_where_it_must(machine, session.runtime(), {});
  apply_budget(machine, session);
  report.asked_hardware = hardware_row(judge, machine);
  report.warnings = machine.warnings;
}

void add_file_types(OverviewReport& report, const Catalog& catalog, Session& session,
                    const Question& question, std::string_view chosen, const Columns& columns) {
  report.smallest = smallest_of(catalog, question, session);
  report.best = best_of(report.summary.model, session.runtime());
  report.quantizations = rows_of(file_types_of(catalog, report.summary, question, report.best), session,
                                 {chosen, report.smallest, report.best}, columns, question.everything);
  if (report.best == recommended_quantization) report.better = better_of(catalog, question, session);
}

// The GGUFs of the same model, for the runtime that loads them.
void add_gguf_table(OverviewReport& report, const Catalog& catalog, Asked asked, const Columns& columns) {
  const auto loads_gguf = [](const Runtime& runtime) { return runtime.can.loads_only_gguf; };
  const auto runtime = std::ranges::find_if(asked.runtimes, loads_gguf);
  if (runtime == asked.runtimes.end() || report.summary.model.architecture.gguf_name.empty()) return;
  keep_flags_of(asked.question, runtime->id);
  choose(asked, runtime->id);
  const Model& model = report.summary.model;
  ModelSummary summary;
  summary.model = model;
  if (report.summary.source == "catalog")
    summary.figures = figures_of(catalog, asked, model.variant_of.empty() ? model.id : model.variant_of);
  const auto session = open(catalog, summary, asked);
  OverviewReport ggufs;
  ggufs.summary.model = model;
  add_file_types(ggufs, catalog, *session, asked.question, "", columns);
  report.gguf_quantizations = std::move(ggufs.quantizations);
  report.gguf_runtime = std::string(runtime->id) + ' ' + std::string(runtime->version);
}

void add_formats(OverviewReport& report, const Catalog& catalog, Session& session, const Asked& asked,
                 const Quantization& own, const Columns& columns) {
  const std::string_view name = name_of(own);
  report.best = name;
  report.quantizations = rows_of(formats_with(catalog, asked.question, session, own), session,
                                 {name, name, name}, columns, asked.question.everything);
  if (!report.quantizations.empty()) report.smallest = report.quantizations.front().name;
  add_gguf_table(report, catalog, asked, columns);
}

// Which NVIDIA GPUs compute in the format, and what the others do.
std::string note_on_kernels(const Quantization& quantization) {
  const auto* format = std::get_if<CheckpointFormat>(&quantization);
  const CheckpointFormatRow* row = format == nullptr ? nullptr : format->row;
  if (row == nullptr || row->native_from <= 80 || row->weight_only_reason.empty()) return "";
  return fmt::format("{} runs natively on NVIDIA GPUs from compute capability {}.{}; before that {}",
                     row->name, row->native_from / 10, row->native_from % 10, row->weight_only_reason);
}

void add_other_files(OverviewReport& report, const OtherFiles& others, QuantizerRelease release) {
  if (others.by_other_release) report.other_quantizer = {other_than(release), *others.by_other_release};
  report.tensor_bytes_without_mtp = others.without_mtp;
}

// What only charts and pages show.
void add_what_is_drawn(OverviewReport& report, const Catalog& catalog, Session& session, const Asked& asked,
                       const Quantization& own, const Columns& columns) {
  const Question& question = asked.question;
  if (!question.curves && !question.page) return;
  const auto quantizations = asked.runtime().can.loads_checkpoints
                                 ? formats_with(catalog, question, session, own)
                                 : file_types_of(catalog, report.summary, question, report.best);
  add_curves(report, session, quantizations, columns.device);
  if (question.page)
    add_page(report, catalog, question, session, quantizations, columns.demand, columns.device);
}

}  // namespace

OverviewReport overview(const Catalog& catalog, Asked asked) {
  const Question& question = asked.question;
  OverviewReport report;
  report.summary = find_model(catalog, asked);
  const Model& model = report.summary.model;
  const Quantization quantization = chosen_quantization(catalog, report.summary, asked);
  const auto session = open(catalog, report.summary, asked);

  const Machine hardware = question.gpu.empty() ? Machine{} : find_machine(catalog, asked);
  const Demand demand = demand_on(question, *session, hardware, overview_context);
  Columns columns{demand, std::nullopt, {}};
  if (demand.tokens < model.architecture.context_length)
    columns.full = Demand{model.architecture.context_length, Origin::shape};
  columns.device.backend =
      question.gpu.empty() ? question.backend.value_or(Backend::cuda) : hardware.device.backend;
  report.settings = settings_of(asked, *session, quantization, demand, columns.device);
  report.estimate = session->estimate(quantization, demand, columns.device, Reasons::full);
  if (columns.full)
    report.full_context = session->estimate(quantization, *columns.full, columns.device,
                                            question.everything ? Reasons::full : Reasons::none);
  report.kv_bytes_per_token = session->kv_bytes_per_token();
  report.newer_releases_add = session->newer_releases_add();
  add_capacity(report.estimate, *session, quantization, demand);
  if (columns.full) add_capacity(*report.full_context, *session, quantization, *columns.full);

  if (asked.runtime().can.loads_checkpoints)
    add_formats(report, catalog, *session, asked, quantization, columns);
  else
    add_file_types(report, catalog, *session, question, name_of(quantization), columns);

  add_hardware(report, catalog, *session, asked, quantization, demand);
  if (std::string note = note_on_kernels(quantization); !note.empty())
    report.warnings.push_back(std::move(note));
  add_file_note(report.warnings, report.summary, asked, *session, quantization);
  add_interval_note(report.warnings, *session, columns.device.backend);
  add_release_note(report.warnings, *session, report.estimate, demand);
  report.related = related_to(catalog, model);
  report.rule_of_thumb = rule_of_thumb_for(model, *session, asked, quantization, demand, columns.full);
  add_other_files(report, session->other_files(quantization), question.quantizer);
  if (question.explain) {
    report.explanation = explain(report.summary, *session, report.estimate, quantization, demand);
    if (!question.gpu.empty()) {
      Machine machine = find_machine(catalog, asked);
      pool_where_it_must(machine, asked.runtime(), {});
      apply_budget(machine, *session);
      report.explanation->speeds =
          explained_speeds(*session, quantization, session->load(quantization, demand, machine, {}), machine);
    }
  }
  add_what_is_drawn(report, catalog, *session, asked, quantization, columns);
  for (std::string& warning : warnings_about(report.summary, demand))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
