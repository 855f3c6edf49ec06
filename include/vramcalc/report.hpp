#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vramcalc/error.hpp"
#include "vramcalc/figures.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/session.hpp"
#include "vramcalc/source.hpp"

// What a command found out, complete before a byte of it is printed. Every output format is a view of it.
namespace vramcalc {

struct ModelSummary {
  Model model;
  Parameters parameters;  // the headline is the trunk's and the towers': what the published name counts
  std::string source;     // id of where it is from: "catalog", "gguf" …
  std::optional<StoredWeights> stored;
  std::optional<StoredCheckpoint> checkpoint;
  std::string named_quantization, named_format;  // that the word names, as LoadedModel has them
  std::optional<ModelFigures> figures;  // computed before, of a model of the embedded catalog
  std::vector<std::string> warnings;    // of what was read
};

// The settings that the figures hold for, after defaults.
struct Settings {
  std::string runtime, runtime_version;
  std::string tool, release;  // as asked for, empty: what the version says
  Backend backend = Backend::cuda;
  std::uint64_t rounds_to = 1;       // see Runtime
  bool counts_nominal_bits = false;  // see Capabilities
  std::string quantization;
  Demand demand;
  std::vector<Setting> of_runtime;
  std::vector<std::string> unusual;  // of these what was asked for, in words
  bool imatrix = false;
  QuantizerRelease quantizer = QuantizerRelease::v0_5_0;
  bool mtp = false;  // the file has multi-token-prediction layers
};

struct QuantizationRow {
  std::string name;
  double bits_per_weight = 0;  // of this model's file
  double nominal_bits = 0;     // as model-card sites count
  std::uint32_t nominal_quality = 0;  // per cent, as their charts show it, 0: they do not
  Bytes tensor_bytes, file_bytes;
  Amount at_context;                      // GPU total at the asked context
  std::optional<Amount> at_full_context;  // empty where the full context is not above the asked one
  std::string quality;                    // one line
  std::string quality_class;              // "negligible", "small" …
  std::optional<double> kld;              // measured on Llama 3 8B
  bool in_default_table = true;
  bool recommended = false;
  bool chosen = false;  // the one asked for
  std::string refused;  // why this model has no such file; then the figures are 0
};

struct HardwareRow {
  std::string id, name;
  bool is_system = false;
  std::uint32_t gpu_count = 1;
  double memory_gb = 0;  // as sold
  Bytes memory, usable;
  Verdict verdict = Verdict::no;
  std::optional<std::uint64_t> max_context;  // at the chosen quantization
  std::string best_quantization;             // at the asked context, empty: none
  // The fewest of them that `check` says hold it, where one does not; 0: unknown, or more than the runtime
  // drives.
  std::uint32_t needed = 0;
  std::uint32_t prominence = 0;
};

// Rows of one verdict that a person sees unless --all asks for more.
inline constexpr std::size_t rows_per_verdict = 12;

// Rows in order of verdict, then of prominence: all of them, or of each verdict those that a person sees.
struct HardwareTable {
  std::vector<HardwareRow> rows;
  std::array<std::size_t, verdict_count> unlisted{};  // of each verdict, that are not among the rows
  std::optional<HardwareRow> largest;                 // by usable memory; empty: it is among the rows
};

struct RuleOfThumb {
  Amount at_context;
  std::optional<Amount> at_full_context;
  bool differs = false;  // by more than a tenth at either context
  std::string why;       // "it does not know latent attention"
};

struct RelatedModel {
  std::string id, name;
  std::uint64_t parameters = 0;
};

// --explain: what goes into every term. `shape` says where the model's own numbers are from.
struct ExplanationReport {
  std::string shape;
  std::vector<ExplainedTerm> terms;
  std::vector<ExplainedSpeed> speeds;  // on the hardware that was named
};

// What room a load that fits leaves on its machine.
struct Room {
  std::uint64_t context = 0;    // the largest one that fits
  std::uint64_t tokens = 0;     // of one sequence
  std::uint32_t sequences = 0;  // so many of these tokens each fit at once
  std::string flags;            // that ask for them: "-np 4 -c 32768"
  friend bool operator==(const Room&, const Room&) = default;
};

// Published files are older than the release whose rules are taken, and are of another size.
struct OtherQuantizer {
  QuantizerRelease release = QuantizerRelease::before_fused_qkv_rules;
  Bytes tensor_bytes;
};

struct OverviewReport {
  ModelSummary summary;
  Settings settings;
  Estimate estimate;
  std::optional<Estimate> full_context;        // empty where the asked context is the full one
  Bytes kv_bytes_per_token;                    // at the full context, 0: holds no cache
  std::vector<QuantizationRow> quantizations;  // by size
  std::string best, better, smallest;          // names; better may be empty
  HardwareTable gpus, systems;
  std::optional<HardwareRow> asked_hardware;  // --gpu
  std::vector<RelatedModel> related;
  std::optional<RuleOfThumb> rule_of_thumb;
  std::optional<OtherQuantizer> other_quantizer;
  std::optional<Bytes> tensor_bytes_without_mtp;  // of a file converted so; empty: it has none to leave out
  std::optional<ExplanationReport> explanation;
  std::vector<std::string> warnings;
};

// One device of the machine and what lies on it. Where several GPUs count as one pool they are one device,
// "gpu0".
struct PlaceFit {
  Place place = Place::gpu(0);  // as in the estimate
  std::string name;
  Bytes usable;  // 0: unknown
  Amount used;
  std::optional<Verdict> verdict;  // empty: nobody knows what the device gives
};

struct CheckReport {
  ModelSummary summary;
  Settings settings;
  Estimate estimate;
  Machine machine;
  Verdict verdict = Verdict::no;
  bool fits = false;
  int exit_status = 1;
  std::vector<PlaceFit> places;
  Placement placement;  // that the figures are for
  std::optional<std::uint64_t> max_context;
  std::optional<Room> room;  // where it fits
  std::vector<std::string> suggestions;
  std::optional<ExplanationReport> explanation;
  std::vector<std::string> warnings;
};

// One way to load the model, with the command that does it.
struct PlannedLoad {
  std::string quantization;
  Load load;
  std::vector<PlaceFit> places;
  Speed speed;
  std::optional<Room> room;  // of the best one
  std::string command;
  std::string trade;  // what it gives and takes against the best one; empty for that
};

struct PlanReport {
  ModelSummary summary;
  Settings settings;  // of the best one, or of what was asked for
  Machine machine;
  bool like_runtime = false;  // as the runtime's own fit would
  std::optional<PlannedLoad> best;
  std::vector<PlannedLoad> runners_up;
  std::optional<ExplanationReport> explanation;  // of the best one
  std::vector<std::string> warnings;
};

// What runs on a machine, the best quantization of each model that fits whole.
struct RecommendReport {
  struct Row {
    std::string id, name, publisher, family, license, release_date;
    std::uint64_t parameters = 0, active_parameters = 0, context_length = 0;
    std::string quantization;
    std::uint64_t context = 0;
    Amount needed;  // at the least context
    std::optional<Range> decode;
  };
  Machine machine;
  std::uint64_t least_context = 0;
  // Those of the newest half-year first, in families, of which the one with the largest model goes first; in
  // a family the largest model first. Models that only few bits make fit come last.
  std::vector<Row> rows;
  std::size_t too_large = 0;  // models that do not fit at all
  std::vector<std::string> warnings;
};

// Several models, quantizations and machines side by side.
struct CompareReport {
  struct Fit {
    Verdict verdict = Verdict::no;
    std::optional<std::uint64_t> max_context;
  };
  struct Row {
    ModelSummary summary;
    std::string quantization;
    std::string refused;  // why the model has no such file; then there are no figures
    Settings settings;
    double bits_per_weight = 0;
    std::optional<double> kld;  // measured on Llama 3 8B
    Estimate estimate;
    std::optional<Estimate> full_context;  // empty where the asked context is the full one
    Bytes kv_bytes_per_token;
    std::vector<Fit> fits;  // on each machine, at the asked context
  };
  std::vector<Machine> machines;
  std::vector<Row> rows;  // as they were asked for
  std::vector<std::string> warnings;
};

// What `models`, `gpus`, `systems` and `quants` list.
struct ModelListing {
  struct Row {
    std::string id, name, publisher, family, license, release_date, hf_repo;
    std::uint64_t parameters = 0, active_parameters = 0, context_length = 0;
    std::vector<std::string> aliases;
    std::string incomplete;  // why no figures can be given, empty: they can
  };
  std::vector<Row> rows;
};
// What `models --local` lists.
struct LocalModelListing {
  std::vector<LocalModel> rows;
};
// Their rows hold views of texts; `texts` keeps those alive.
struct GpuListing {
  std::vector<Gpu> rows;
  std::shared_ptr<const void> texts;
};
struct SystemListing {
  std::vector<System> rows;
  std::shared_ptr<const void> texts;
};
struct QuantizationListing {
  std::vector<FileType> rows;
  std::shared_ptr<const void> texts;
};

struct ErrorReport {
  ErrorCode code = ErrorCode::usage;
  std::string message;
  std::vector<std::string> suggestions;
};

using Report = std::variant<OverviewReport, CheckReport, PlanReport, RecommendReport, CompareReport, ModelListing,
                            LocalModelListing, GpuListing, SystemListing, QuantizationListing, ErrorReport>;

int exit_status(const Report& report);

// The hardware tables of an overview, as they are embedded.
JudgedTables judged_tables(const Catalog& catalog, const OverviewReport& overview);

}  // namespace vramcalc
