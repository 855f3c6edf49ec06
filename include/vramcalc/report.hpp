#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vramcalc/deployment.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/figures.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/session.hpp"
#include "vramcalc/source.hpp"

// The results of a command, complete before anything is printed. Every output format is a view of them.
namespace vramcalc {

struct ModelSummary {
  Model model;
  Parameters parameters;  // the headline count is trunk and towers, as in published names
  std::string source;     // id of its origin: "catalog", "gguf" …
  std::optional<StoredWeights> stored;
  std::optional<StoredCheckpoint> checkpoint;
  std::string named_quantization, named_format, named_format_spelling;  // see LoadedModel
  std::optional<ModelFigures> figures;  // precomputed, for a model of the embedded catalog
  std::vector<std::string> warnings;    // about the files that were read
};

// The settings that the figures are for, including defaults.
struct Settings {
  std::string runtime, runtime_version;
  std::string tool, release;  // as requested; empty for those of the version
  std::string tool_title;     // of the tool with its engine; empty if the names say enough
  Backend backend = Backend::cuda;
  std::uint64_t rounds_to = 1;       // see Runtime
  bool counts_nominal_bits = false;  // see Capabilities
  bool takes_a_share = false;        // see Capabilities
  std::string quantization;
  Demand demand;
  std::vector<Setting> of_runtime;
  std::vector<std::string> unusual;  // non-default settings, in words
  bool imatrix = false;
  QuantizerRelease quantizer = QuantizerRelease::v0_5_0;
  bool mtp = false;  // the file has multi-token-prediction layers
};

struct QuantizationRow {
  std::string name;
  double bits_per_weight = 0;         // of this file
  double nominal_bits = 0;            // as model-card sites count
  std::uint32_t nominal_quality = 0;  // per cent, as their charts show it; 0 if they do not
  Bytes tensor_bytes, file_bytes;
  Amount at_context;                      // GPU total at the requested context
  std::optional<Amount> at_full_context;  // empty if the full context is not above the requested one
  std::string quality;                    // one line
  std::string quality_class;              // "negligible", "small" …
  std::optional<double> kld;              // measured on Llama 3 8B
  bool in_default_table = true;
  bool recommended = false;
  bool chosen = false;  // whether this is the requested one
  std::string refused;  // why this model has no such file, in which case the figures are 0
};

struct HardwareRow {
  std::string id, name;
  bool is_system = false;
  std::uint32_t gpu_count = 1;
  double memory_gb = 0;  // as sold
  Bytes memory, usable;
  Verdict verdict = Verdict::no;
  std::optional<std::uint64_t> max_context;  // at the chosen quantization
  std::string best_quantization;             // at the requested context; empty if none fits
  bool weight_only = false;                  // stores the quantization, but computes in 16 bits
  // The fewest of these GPUs that fit the model according to `check`, if one does not; 0 if unknown or more
  // than the runtime supports.
  std::uint32_t needed = 0;
  std::uint32_t prominence = 0;
  std::optional<SpeedEstimate> decode;  // at the requested context; empty if unknown or not all of it fits
};

// Rows per verdict in a table without --all.
inline constexpr std::size_t rows_per_verdict = 12;

// Rows ordered by verdict, then prominence: all of them, or the first `rows_per_verdict` of each verdict.
struct HardwareTable {
  std::vector<HardwareRow> rows;
  std::array<std::size_t, verdict_count> unlisted{};  // rows left out, per verdict
  std::optional<HardwareRow> largest;                 // by usable memory; empty if it is among the rows
};

struct RuleOfThumb {
  Amount at_context;
  std::optional<Amount> at_full_context;
  bool differs = false;  // by more than a tenth at one of the contexts
  std::string why;       // "it does not know latent attention"
};

struct RelatedModel {
  std::string id, name;
  std::uint64_t parameters = 0;
};

// --explain: the inputs of every term. `shape` says where the model's own numbers come from.
struct ExplanationReport {
  std::string shape;
  std::vector<ExplainedTerm> terms;
  std::vector<ExplainedSpeed> speeds;  // on the named hardware
};

// How much more context or how many more sequences a load leaves room for.
struct Room {
  std::uint64_t context = 0;    // the longest that fits
  std::uint64_t tokens = 0;     // of one sequence
  std::uint32_t sequences = 0;  // sequences of that many tokens that fit at once
  std::string flags;            // that set them: "-np 4 -c 32768"
  friend bool operator==(const Room&, const Room&) = default;
};

// The size of published files, which older releases of the quantizer made.
struct OtherQuantizer {
  QuantizerRelease release = QuantizerRelease::before_fused_qkv_rules;
  Bytes tensor_bytes;
};

// Memory against the context, for several quantizations.
struct MemoryCurves {
  struct Curve {
    std::string quantization;
    std::vector<Amount> needed;  // on the GPU, at each context
  };
  std::vector<std::uint64_t> contexts;  // rising, up to the full one
  std::vector<Curve> curves;            // smallest first
};

// What a page has besides an overview: every quantization of its table on every usual device.
struct PageFigures {
  struct Device {
    std::string id, name, vendor;
    std::string
        segment;  // of a GPU: "consumer", "datacenter" …; of a system: "unified", "multi_gpu", "cloud"
    bool is_system = false;
    Bytes usable;
  };
  struct Judgement {
    Verdict verdict = Verdict::no;
    std::optional<std::uint64_t> max_context;  // the longest that fits
    std::optional<SpeedEstimate> decode;       // see HardwareRow
  };
  // A quantization that a reader may choose.
  struct Choice {
    std::string quantization;
    Estimate estimate;
    std::optional<Estimate> full_context;  // empty where the asked context is the full one
    std::vector<Judgement> on;             // each device
  };
  std::vector<Device> devices;   // GPUs, then systems; the most prominent of each first
  std::vector<Choice> choices;   // in the order of the table
  std::size_t more_devices = 0;  // of the catalog, which are not among `devices`
};

struct OverviewReport {
  ModelSummary summary;
  Settings settings;
  Estimate estimate;
  std::optional<Estimate> full_context;             // empty where the asked context is the full one
  Bytes kv_bytes_per_token;                         // at the full context; 0 if the model has no cache
  std::vector<QuantizationRow> quantizations;       // by size
  std::vector<QuantizationRow> gguf_quantizations;  // the same for another runtime, if this one loads no GGUF
  std::string gguf_runtime;                         // "llama.cpp 0.5.0"
  std::string best, better, smallest;               // names; `better` may be empty
  HardwareTable gpus, systems;
  std::optional<HardwareRow> asked_hardware;  // --gpu
  std::vector<RelatedModel> related;
  std::optional<RuleOfThumb> rule_of_thumb;
  std::optional<OtherQuantizer> other_quantizer;
  std::optional<Bytes> newer_releases_add;  // at most, beyond the estimate
  std::optional<Bytes>
      tensor_bytes_without_mtp;  // of a file converted with --no-mtp; empty if the model has no MTP layers
  std::optional<ExplanationReport> explanation;
  std::optional<MemoryCurves> curves;  // if asked for
  std::optional<PageFigures> page;     // if asked for
  std::vector<std::string> warnings;
};

// One device of the machine and what is on it. Several GPUs that count as one pool are one device, "gpu0".
struct PlaceFit {
  Place place = Place::gpu(0);
  std::string name;
  Bytes usable;  // 0 if unknown
  Amount used;
  std::optional<Verdict> verdict;  // empty if usable memory is unknown
};

// What the runtime starts with by itself, which may be a shorter context or fewer layers on the GPUs.
struct OwnChoice {
  bool of_context = false;          // no context was asked for
  std::uint64_t context = 0;        // tokens, of all sequences together
  std::uint64_t least_context = 0;  // it never chooses less, tokens
  LayerCounts layers;
  Placement placement;
  std::optional<Speed> speed;  // with parts in host memory
};

struct CheckReport {
  ModelSummary summary;
  Settings settings;
  Estimate estimate;
  Machine machine;
  Verdict verdict = Verdict::no;
  bool fits = false;
  bool refused = false;  // the runtime would not start, whatever the length
  int exit_status = 1;
  std::vector<PlaceFit> places;
  Placement placement;  // the one that the figures are for
  Speed speed;          // of that placement, if it does not fit as if it did
  std::optional<std::uint64_t> max_context;
  std::optional<Room> room;  // only if it fits
  std::optional<OwnChoice> own_choice;
  std::vector<Answer> answers;
  std::vector<std::string> suggestions;
  std::optional<ExplanationReport> explanation;
  std::vector<std::string> warnings;
};

// ---- deployments

// One engine that a deployment starts.
struct ServiceReport {
  enum class Status : std::uint8_t { fits, tight, does_not_fit, would_not_start, unresolved };
  std::string name;
  deployment::Position at;
  std::string program;  // "vllm"
  std::string release;  // as the input says it; empty: the newest that is known
  std::string model, quantization;
  std::vector<deployment::Argument> arguments;
  std::string hardware;    // of one replica: "2x h100-sxm-80gb"; empty: unknown
  std::uint32_t gpus = 0;  // of one replica; 0: unknown
  std::uint32_t replicas = 1;
  Status status = Status::unresolved;
  std::optional<CheckReport> check;  // of one replica; empty where nothing could be calculated
  std::vector<deployment::Finding> findings;
};
inline constexpr std::size_t status_count = 5;
std::string_view to_string(ServiceReport::Status status);  // "does-not-fit"

// What services that share a GPU need of it together, at most.
struct SharedGpu {
  std::string name;  // "gpu0"
  Bytes usable;
  Amount used;
  std::vector<std::string> services;  // that may run at once and need the most
  std::optional<Verdict> verdict;     // empty if the usable memory is unknown
};
struct SharedMachine {
  std::string name;      // of the file or host
  std::string hardware;  // "4x rtx-4090"
  std::vector<SharedGpu> gpus;
};

// What a change of a deployment changes, against a report that was kept.
struct DeploymentChange {
  struct Gpu {
    std::string machine, gpu;
    Bytes before, after;  // best estimates
  };
  struct Service {
    std::string name;
    std::string before, after;        // statuses; empty: not there
    Bytes bytes_before, bytes_after;  // on all GPUs of one replica, best estimates; 0: unknown
  };
  std::string baseline;  // the file
  std::vector<Gpu> gpus;
  std::vector<Service> services;  // those that differ
};

struct DeploymentReport {
  std::vector<ServiceReport> services;
  std::vector<SharedMachine> machines;
  std::vector<deployment::Finding> findings;  // about files and machines
  std::vector<std::string> files;             // that were read
  std::optional<DeploymentChange> change;
  std::vector<std::string> warnings;
  int exit_status = 0;

  std::size_t count(ServiceReport::Status status) const;
};

// One way to load the model, with its command.
struct PlannedLoad {
  std::string quantization;
  Load load;
  std::vector<PlaceFit> places;
  Speed speed;
  std::optional<Room> room;  // of the best one
  std::string command;
  std::string trade;  // what it gains and loses compared with the best one; empty for the best
};

struct PlanReport {
  ModelSummary summary;
  Settings settings;  // of the best load, or as requested
  Machine machine;
  bool like_runtime = false;  // the runtime's own automatic fit was requested
  std::optional<PlannedLoad> best;
  std::vector<PlannedLoad> runners_up;
  std::optional<ExplanationReport> explanation;  // of the best one
  std::vector<std::string> warnings;
};

// What goes first: recent generations with room for a long context, the fastest, the largest, or the newest.
enum class RecommendOrder : std::uint8_t { usual, speed, size, recent };

// The models that fit on a machine as a whole, each in its best quantization.
struct RecommendReport {
  struct Row {
    std::string id, name, publisher, family, license, release_date;
    std::uint64_t parameters = 0, active_parameters = 0, context_length = 0;
    std::string quantization;
    std::uint64_t context = 0;
    Amount needed;  // at the minimum context
    std::optional<SpeedEstimate> decode;
  };
  Machine machine;
  std::uint64_t least_context = 0;
  // As asked for. By default those with the usual bits and room for a long context come first, then by
  // half-year, newest first, then by family and model, largest first.
  std::vector<Row> rows;
  RecommendOrder order = RecommendOrder::usual;
  double least_speed = 0;     // tokens per second; 0: any
  std::size_t too_large = 0;  // models that do not fit at all
  std::size_t too_slow = 0;   // models that fit and are slower, or of unknown speed
  std::vector<std::string> warnings;
};

struct CompareReport {
  struct Fit {
    Verdict verdict = Verdict::no;
    std::optional<std::uint64_t> max_context;
    std::optional<SpeedEstimate> decode;  // see HardwareRow
  };
  struct Row {
    ModelSummary summary;
    std::string quantization;
    std::string refused;  // why the model has no such file, in which case there are no figures
    Settings settings;
    double bits_per_weight = 0;
    std::optional<double> kld;  // measured on Llama 3 8B
    Estimate estimate;
    std::optional<Estimate> full_context;  // empty where the asked context is the full one
    Bytes kv_bytes_per_token;
    std::vector<Fit> fits;  // on each machine at the requested context
  };
  std::vector<Machine> machines;
  std::vector<Row> rows;  // in the requested order
  std::vector<std::string> warnings;
};

// What `models`, `gpus`, `systems` and `quants` list.
struct ModelListing {
  struct Row {
    std::string id, name, publisher, family, license, release_date, hf_repo;
    std::uint64_t parameters = 0, active_parameters = 0, context_length = 0;
    std::vector<std::string> aliases;
    std::string incomplete;  // why no figures can be given; empty if they can
  };
  std::vector<Row> rows;
};
// What `models --local` lists.
struct LocalModelListing {
  std::vector<LocalModel> rows;
};
// The rows have views of texts, which `texts` keeps alive.
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
  std::vector<CheckpointFormatRow> formats;
  std::shared_ptr<const void> texts;
};

struct ErrorReport {
  ErrorCode code = ErrorCode::usage;
  std::string message;
  std::vector<std::string> suggestions;
};

using Report = std::variant<OverviewReport, CheckReport, PlanReport, RecommendReport, CompareReport,
                            ModelListing, LocalModelListing, GpuListing, SystemListing, QuantizationListing,
                            DeploymentReport, ErrorReport>;

int exit_status(const Report& report);

// The hardware tables of an overview, as they are embedded.
JudgedTables judged_tables(const Catalog& catalog, const OverviewReport& overview);

}  // namespace vramcalc
