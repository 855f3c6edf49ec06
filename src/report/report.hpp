#pragma once

#include <string>

#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/report.hpp"

// One file a report. Each takes the question and the catalog and gives a complete value.
namespace vramcalc::report {

OverviewReport overview(const Catalog& catalog, const Question& question);
CheckReport check(const Catalog& catalog, const Question& question);
PlanReport plan(const Catalog& catalog, const Question& question);
RecommendReport recommend(const Catalog& catalog, const Question& question);
CompareReport compare(const Catalog& catalog, const Question& question);
ModelListing models(const Catalog& catalog, const Question& question);
LocalModelListing local_models(const Question& question);
GpuListing gpus(const Catalog& catalog, const Question& question);
SystemListing systems(const Catalog& catalog, const Question& question);
QuantizationListing quantizations(const Catalog& catalog, const Question& question);

// ---- what several of them share

// llama.cpp's own advice and what most people download; model-card sites recommend it too.
inline constexpr std::string_view recommended_quantization = "Q4_K_M";

// The context that model-card sites show beside the full one.
inline constexpr std::uint64_t overview_context = 2048;

// `otherwise` where the question names none; never more than the model has, unless it was asked for.
std::uint64_t asked_context(const Question& question, const Architecture& architecture,
                            std::uint64_t otherwise);

// The model that the question's word names, wherever it is.
LoadOptions load_options(const Question& question);
ModelSummary find_model(const Catalog& catalog, const Question& question);

// A file as it is, as one more file type. No quality is known of it: a mix made by hand may call itself
// anything.
FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored);

// The question with the defaults that only several of its parts together have.
Question completed(Question question);

// Projector, adapters and draft model, where there are any.
void add_companions(const Catalog& catalog, const ModelSummary& summary, const Question& question,
                    Estimator& estimator);

// With all that is loaded beside the model. It refers to the summary.
Estimator estimator_of(const Catalog& catalog, const ModelSummary& summary, const Runtime& runtime,
                       const Question& question);

// Of a model of the catalog as it is embedded, where figures are known of it.
std::optional<ModelFigures> embedded_figures(const Catalog& catalog, const std::string& model_id);
// As far as they answer this question: they were computed for the default workload.
KnownFigures figures_for(const Question& question, const std::optional<ModelFigures>& figures);

// With nothing set but the context, the file type and the hardware.
bool asks_as_usual(const Question& question);

// What people download: the file types of the default table.
std::vector<const FileType*> common_file_types(const Catalog& catalog);

// Of these what no other one outdoes, which is as small and as good; the largest and best first. Types whose
// loss nobody has measured are none.
std::vector<const FileType*> worthwhile_file_types(const Catalog& catalog, Estimator& estimator);

// The file that everybody has of a model trained in few bits, as one more file type. It refers to `published`.
FileType published_file_type(const Catalog& catalog, const PublishedFile& published);

// The question or the model leaves no choice: a quantization was named, or there is but one file.
bool has_one_file_type(const ModelSummary& summary, const Question& question);

// The one asked for, else the file's own, else the one that the model's name says, else the published one, else
// the recommended one. Error (unsupported) where the name says a format of which there is no GGUF.
FileType chosen_file_type(const Catalog& catalog, const ModelSummary& summary, const Question& question);
Settings settings_of(const Question& question, Estimator& estimator, const FileType& file_type,
                     std::uint64_t context);
QuantizeOptions quantize_options(const Question& question);

// Every term of the estimate with all that goes into it.
ExplanationReport explain(const ModelSummary& summary, Estimator& estimator, const Estimate& estimate,
                          const FileType& file_type, std::uint64_t context);

// The estimates of its speed there, for the same report; none where the machine is not known device by
// device.
std::vector<ExplainedSpeed> explained_speeds(Estimator& estimator, const FileType& file_type,
                                             std::uint64_t context, const Spread& spread,
                                             const Machine& machine);

// The question with the backend that drives the machine, for what is loaded beside the model.
Question driven_as(Question question, const Machine& machine);

// Says why the compute buffers are an interval on this backend, where they are.
void add_interval_note(std::vector<std::string>& notes, const Estimator& estimator, Backend backend);

// What deserves a word: what was noticed when the model was read, a context beyond the model's.
std::vector<std::string> warnings_about(const ModelSummary& summary, std::uint64_t context);

// The hardware that the question names: "rtx-4090", "2x rtx-4090,rtx-3090", "dgx-h100", "24GiB",
// "m3-ultra-512gb@480GiB". Error where nobody knows it, with suggestions.
Machine find_machine(const Catalog& catalog, const Question& question);

// Of more GPUs than the runtime drives only so many count, which a warning says.
void limit_devices(Machine& machine);

// A runtime without a notion of devices sees a pool. Error where the question places parts of the model.
void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked);

// The worst of all devices. What only host memory could take is another verdict than what nothing can.
Verdict verdict_on(const Estimate& estimate, const Machine& machine, const Placement& asked);

// What of the question says where the parts of the model go. Error where the GPUs cannot take it, or where
// there are more overrides than llama.cpp takes.
Placement asked_placement(const Question& question, const Machine& machine);

// Each device of an estimate with what the machine has there.
std::vector<PlaceFit> place_fits(const Estimate& estimate, const Machine& machine);

// The llama-server command for a load.
std::string server_command(const ModelSummary& summary, const Question& question, const PlannedLoad& load);

// How many sequences of so many tokens each fit at once (-np), everything else as asked; 0: the runtime does
// not say.
std::uint32_t most_sequences_of(const Catalog& catalog, const ModelSummary& summary, const Question& question,
                                const Estimator& estimator, const FileType& file_type, std::uint64_t tokens,
                                const Machine& machine, const Placement& asked);

// What would make the model fit, each found by search: a shorter context, a smaller file type, more GPUs of
// the kind, parts in host memory.
std::vector<std::string> ways_to_fit(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                                     std::uint64_t context, const CheckReport& report,
                                     const Placement& asked);

// Every GPU (or system) of the catalog with its verdict; the rows of the first `rows_a_verdict` of each.
class Judge;
HardwareTable gpu_table(const Catalog& catalog, Judge& judge, std::size_t rows_a_verdict);
HardwareTable system_table(const Catalog& catalog, Judge& judge, std::size_t rows_a_verdict);
HardwareRow hardware_row(Judge& judge, const Machine& machine);

}  // namespace vramcalc::report
