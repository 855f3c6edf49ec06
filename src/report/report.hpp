#pragma once

#include <memory>
#include <string>

#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/report.hpp"

// One file per report. Each takes the question and the catalog and returns a complete value.
namespace vramcalc::report {

// A question whose runtime has been looked up.
struct Asked {
  Question question;
  RuntimeChoice choice;
  bool may_choose = false;  // neither --runtime nor a flag names the runtime, so the quantization decides
  std::span<const Runtime> runtimes;
  EmbeddedFigures figures;

  const Runtime& runtime() const { return *choice.runtime; }
};

// Looks up another runtime. Error if it is unknown, lacks a given flag or needs another.
void choose(Asked& asked, std::string_view runtime);

// Lets the quantization choose the runtime if nothing else has: checkpoint formats are loaded by vLLM.
void settle_runtime(const Catalog& catalog, const ModelSummary& summary, Asked& asked);

// Adds why figures of the model's own format may be off.
void warn_of_format(const Catalog& catalog, ModelSummary& summary, const Asked& asked);

// The base model, if a release of one format is asked for in another.
void take_base(const Catalog& catalog, const Asked& asked, LoadedModel& loaded);

// One of the common quantizations.
Quantization quantization_called(const Catalog& catalog, std::string_view name, const Question& question,
                                 Session& session);

// The repository that has a format of the model, as far as the catalog knows.
std::string repository_of(const Catalog& catalog, const ModelSummary& summary,
                          const CheckpointFormat& format);

// Forgets the flags of other runtimes.
void keep_flags_of(Question& question, std::string_view runtime);

// Error if the runtime is unknown or options are given without others that they need.
Asked completed(const Question& question, std::span<const Runtime> runtimes,
                const EmbeddedFigures& figures = {});

OverviewReport overview(const Catalog& catalog, Asked asked);
CheckReport check(const Catalog& catalog, Asked asked);
PlanReport plan(const Catalog& catalog, Asked asked);
RecommendReport recommend(const Catalog& catalog, Asked asked);
CompareReport compare(const Catalog& catalog, Asked asked);
ModelListing models(const Catalog& catalog, const Question& question);
LocalModelListing local_models(const Question& question);
GpuListing gpus(const Catalog& catalog, const Question& question);
SystemListing systems(const Catalog& catalog, const Question& question);
QuantizationListing quantizations(const Catalog& catalog, const Question& question);

// What has changed since a report of the same deployment was kept as JSON: `json` is the text of `file`.
// Services and machines are paired by their names and those of their files, wherever these lie. Error
// (bad_file) for a text that is no such report.
DeploymentChange change_since(const DeploymentReport& now, const std::string& file, std::string_view json);

// ---- shared by several reports

// llama.cpp's own advice and what most people download; model-card sites recommend it too.
inline constexpr std::string_view recommended_quantization = "Q4_K_M";

// The context that model-card sites show next to the full one.
inline constexpr std::uint64_t overview_context = 2048;

// The requested number of tokens, else `otherwise`, limited to the model's context.
Demand demand_of(const Question& question, const Architecture& architecture, std::uint64_t otherwise);

// The same, where the runtime has a default of its own.
Demand demand_on(const Question& question, const Session& session, const Machine& machine,
                 std::uint64_t otherwise);

// The model that the question's word names, wherever it is.
LoadOptions load_options(const Question& question);
// May choose another runtime for it; see Asked::may_choose.
ModelSummary find_model(const Catalog& catalog, Asked& asked);
ModelSummary find_model(const Catalog& catalog, Asked& asked, LoadedModel loaded);  // read before

// Projector, adapters and draft model, if any. Error (unsupported) if the runtime loads none.
Extras load_extras(const Catalog& catalog, const Asked& asked);

// Includes everything loaded together with the model. It refers to the summary.
std::unique_ptr<Session> open(const Catalog& catalog, const ModelSummary& summary, const Asked& asked);

// For a model of the embedded catalog whose figures are known.
std::optional<ModelFigures> figures_of(const Catalog& catalog, const Asked& asked, std::string_view model_id);

// Nothing is set except the runtime, the context, the quantization and the hardware.
bool asks_as_usual(const Asked& asked);

// What people download: the file types of the default table, made as the question says.
std::vector<Quantization> common_quantizations(const Catalog& catalog, const Question& question,
                                               Session& session);
Quantization mix(const FileType& file_type, const Question& question);

// Those that no other type of at most the same size beats, the largest and best first. Types without a
// measured loss are left out.
std::vector<Quantization> worthwhile_quantizations(const Catalog& catalog, const Question& question,
                                                   Session& session);

// A file as it is, as one more file type. Its quality is unknown, since a mix made by hand may have any name.
FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored);

// The commonly published file of a model trained in few bits, as one more file type. It refers to
// `published`.
FileType published_file_type(const Catalog& catalog, const PublishedFile& published);
// Whether the figures are for what Ollama's library has, because no quantization is named.
bool takes_file_of_ollama(const ModelSummary& summary, const Asked& asked);

// There is no choice: a quantization was named, or there is only one file.
bool has_one_quantization(const ModelSummary& summary, const Question& question);

// The requested one, else the file's own, the one in the model's name, the published one, or the recommended
// one. Error (unsupported) if the name includes a format without a GGUF.
Quantization chosen_quantization(const Catalog& catalog, const ModelSummary& summary, const Asked& asked);
Settings settings_of(const Asked& asked, Session& session, const Quantization& quantization,
                     const Demand& demand, const TargetDevice& device);

// Every term of the estimate with its ingredients.
ExplanationReport explain(const ModelSummary& summary, Session& session, const Estimate& estimate,
                          const Quantization& quantization, const Demand& demand);

// The speed estimates of a load, for the same report; none if it does not fit.
std::vector<ExplainedSpeed> explained_speeds(Session& session, const Quantization& quantization,
                                             const Load& load, const Machine& machine);

// The reason why the compute buffers are an interval on this backend, if they are.
// If the file of Ollama's library is larger than the one of these figures.
void add_file_note(std::vector<std::string>& notes, const ModelSummary& summary, const Asked& asked,
                   Session& session, const Quantization& quantization);
void add_interval_note(std::vector<std::string>& notes, const Session& session, Backend backend);
void add_release_note(std::vector<std::string>& notes, const Session& session, const Estimate& estimate,
                      const Demand& demand);

// Warnings: those from reading the model, and a context beyond the model's.
std::vector<std::string> warnings_about(const ModelSummary& summary, const Demand& demand);

// The hardware that the question names: "rtx-4090", "2x rtx-4090,rtx-3090", "dgx-h100", "24GiB",
// "m3-ultra-512gb@480GiB". Error with suggestions if it is unknown.
Machine find_machine(const Catalog& catalog, const Asked& asked);

// At most as many GPUs as the runtime supports are counted, with a warning.
void limit_devices(Machine& machine, const Runtime& runtime);

// The GPUs as one pool, for a runtime that does not tell them apart. Error if options place parts of the
// model.
void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked);
// Completes an estimate that is for no machine.
void add_capacity(Estimate& estimate, Session& session, const Quantization& quantization,
                  const Demand& demand);

// Leaves of a machine's usable memory what the runtime lets itself take.
void apply_budget(Machine& machine, const Session& session);

// Each place of a load with the machine's memory there.
std::vector<PlaceFit> place_fits(const Load& load, const Machine& machine);

// Ways to make the model fit, each found by search: a shorter context, a smaller quantization, more GPUs of
// the same kind, parts in host memory.
std::vector<std::string> ways_to_fit(const Catalog& catalog, const Question& question, Session& session,
                                     const Quantization& quantization, const Load& load,
                                     const CheckReport& report);

// The room that a load leaves; empty if the runtime has no rule for it.
std::optional<Room> room_of(Session& session, const Quantization& quantization, const Load& load,
                            const Machine& machine, std::uint64_t longest_context);

// Every GPU (or system) of the catalog with its verdict; the rows of the first `rows_per_verdict` of each.
class Judge;
// With what the catalog says of the hardware.
struct JudgedLoad {
  const Catalog& catalog;
  Session& session;
  const Quantization& quantization;
  const Demand& demand;
};
HardwareTable judged_gpus(const JudgedLoad& load, const JudgedTable& judged);
HardwareTable judged_systems(const JudgedLoad& load, const JudgedTable& judged);

HardwareTable gpu_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict);
HardwareTable system_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict);
HardwareRow hardware_row(Judge& judge, const Machine& machine);

// Memory against the context, and the devices of a page: for the quantizations of the report's table, which
// are among these.
void add_curves(OverviewReport& report, Session& session, std::span<const Quantization> quantizations,
                const TargetDevice& device);
void add_page(OverviewReport& report, const Catalog& catalog, const Question& question, Session& session,
              std::span<const Quantization> quantizations, const Demand& demand, const TargetDevice& device);

}  // namespace vramcalc::report
