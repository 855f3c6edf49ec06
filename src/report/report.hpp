#pragma once

#include <memory>
#include <string>

#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/report.hpp"

// One file a report. Each takes the question and the catalog and gives a complete value.
namespace vramcalc::report {

// A question whose runtime is looked up.
struct Asked {
  Question question;
  RuntimeChoice choice;
  std::span<const Runtime> runtimes;
  EmbeddedFigures figures;

  const Runtime& runtime() const { return *choice.runtime; }
};

// Error where the runtime is unknown, or where parts of the question mean nothing without others.
Asked completed(const Question& question, std::span<const Runtime> runtimes,
                const EmbeddedFigures& figures = {});

OverviewReport overview(const Catalog& catalog, const Asked& asked);
CheckReport check(const Catalog& catalog, const Asked& asked);
PlanReport plan(const Catalog& catalog, const Asked& asked);
RecommendReport recommend(const Catalog& catalog, const Asked& asked);
CompareReport compare(const Catalog& catalog, const Asked& asked);
ModelListing models(const Catalog& catalog, const Question& question);
LocalModelListing local_models(const Question& question);
GpuListing gpus(const Catalog& catalog, const Question& question);
SystemListing systems(const Catalog& catalog, const Question& question);
QuantizationListing quantizations(const Catalog& catalog, const Question& question);

// ---- what several of them share

// llama.cpp's own advice and what most people download; model-card sites recommend it too.
inline constexpr std::string_view recommended_quantization = "Q4_K_M";

// The context that model-card sites show next to the full one.
inline constexpr std::uint64_t overview_context = 2048;

// The tokens asked for, else `otherwise`, which is never more than the model has.
Demand demand_of(const Question& question, const Architecture& architecture, std::uint64_t otherwise);

// The model that the question's word names, wherever it is.
LoadOptions load_options(const Question& question);
ModelSummary find_model(const Catalog& catalog, const Asked& asked);

// Projector, adapters and draft model, where there are any. Error (unsupported) where the runtime loads none.
Extras load_extras(const Catalog& catalog, const Asked& asked);

// With all that is loaded together with the model. It refers to the summary.
std::unique_ptr<Session> open(const Catalog& catalog, const ModelSummary& summary, const Asked& asked);

// Of a model of the catalog as it is embedded, where figures are known of it.
std::optional<ModelFigures> figures_of(const Catalog& catalog, const Asked& asked, std::string_view model_id);

// With nothing set but the context, the quantization and the hardware.
bool asks_as_usual(const Question& question);

// What people download: the file types of the default table, made as the question says.
std::vector<Quantization> common_quantizations(const Catalog& catalog, const Question& question);
Quantization mix(const FileType& file_type, const Question& question);

// Of these what no other one outdoes, which is as small and as good; the largest and best first. Types whose
// loss was never measured are left out.
std::vector<Quantization> worthwhile_quantizations(const Catalog& catalog, const Question& question,
                                                   Session& session);

// A file as it is, as one more file type. No quality is known of it: a mix made by hand may call itself
// anything.
FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored);

// The file that everybody has of a model trained in few bits, as one more file type. It refers to `published`.
FileType published_file_type(const Catalog& catalog, const PublishedFile& published);

// The question or the model leaves no choice: a quantization was named, or there is but one file.
bool has_one_quantization(const ModelSummary& summary, const Question& question);

// The one asked for, else the file's own, else the one that the model's name says, else the published one, else
// the recommended one. Error (unsupported) where the name says a format of which there is no GGUF.
Quantization chosen_quantization(const Catalog& catalog, const ModelSummary& summary, const Asked& asked);
Settings settings_of(const Asked& asked, Session& session, const Quantization& quantization,
                     const Demand& demand, Backend backend);

// Every term of the estimate with all that goes into it.
ExplanationReport explain(const ModelSummary& summary, Session& session, const Estimate& estimate,
                          const Quantization& quantization, const Demand& demand);

// The estimates of a load's speed, for the same report; none where it does not fit.
std::vector<ExplainedSpeed> explained_speeds(Session& session, const Quantization& quantization,
                                             const Load& load, const Machine& machine);

// Says why the compute buffers are an interval on this backend, where they are.
void add_interval_note(std::vector<std::string>& notes, const Session& session, Backend backend);

// What deserves a word: what was noticed when the model was read, a context beyond the model's.
std::vector<std::string> warnings_about(const ModelSummary& summary, const Demand& demand);

// The hardware that the question names: "rtx-4090", "2x rtx-4090,rtx-3090", "dgx-h100", "24GiB",
// "m3-ultra-512gb@480GiB". Error where it is unknown, with suggestions.
Machine find_machine(const Catalog& catalog, const Asked& asked);

// Of more GPUs than the runtime drives only so many count, which a warning says.
void limit_devices(Machine& machine, const Runtime& runtime);

// A runtime that does not tell GPUs apart sees a pool. Error where the options place parts of the model.
void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked);

// Each place of an estimate with what the machine has there.
std::vector<PlaceFit> place_fits(const Estimate& estimate, const Machine& machine);

// What would make the model fit, each found by search: a shorter context, a smaller quantization, more GPUs of
// the kind, parts in host memory.
std::vector<std::string> ways_to_fit(const Catalog& catalog, const Question& question, Session& session,
                                     const Quantization& quantization, const Load& load,
                                     const CheckReport& report);

// What room a load leaves; empty where the runtime does not say.
std::optional<Room> room_of(Session& session, const Quantization& quantization, const Load& load,
                            const Machine& machine, std::uint64_t longest_context);

// Every GPU (or system) of the catalog with its verdict; the rows of the first `rows_per_verdict` of each.
class Judge;
// With what the catalog says of the hardware.
HardwareTable judged_gpus(const Catalog& catalog, const JudgedTable& judged);
HardwareTable judged_systems(const Catalog& catalog, const JudgedTable& judged);

HardwareTable gpu_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict);
HardwareTable system_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict);
HardwareRow hardware_row(Judge& judge, const Machine& machine);

}  // namespace vramcalc::report
