#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/options.hpp"
#include "vramcalc/report.hpp"
#include "vramcalc/runtime.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc {

// `site` asks many questions, of which the program makes pages; answer() knows nothing of it.
enum class Command { overview, check, models, quants, gpus, systems, plan, recommend, compare, site };

// ---- questions of single commands

struct CheckQuestion {
  bool fail_on_tight = false;  // a tight fit exits with 1
  bool as_started = false;     // without a context, with the one that the runtime chooses by itself
  friend bool operator==(const CheckQuestion&, const CheckQuestion&) = default;
};

struct PlanQuestion {
  bool like_runtime = false;  // --like-llama-cpp: use the runtime's own automatic fit
  friend bool operator==(const PlanQuestion&, const PlanQuestion&) = default;
};

struct RecommendQuestion {
  std::string family, license, modality;  // parts of the names; empty for all
  RecommendOrder order = RecommendOrder::usual;
  double least_speed = 0;  // tokens per second that the whole range reaches
  friend bool operator==(const RecommendQuestion&, const RecommendQuestion&) = default;
};

// A flag on the command line that belongs to some runtimes only.
struct RuntimeFlag {
  std::string name;
  std::string_view runtimes;  // their ids, separated by blanks
  friend bool operator==(const RuntimeFlag&, const RuntimeFlag&) = default;
};
bool belongs_to(const RuntimeFlag& flag, std::string_view runtime_id);

// Every model with every quantization under every runtime that loads it, on every GPU.
struct CompareQuestion {
  std::vector<std::string> models, quantizations, gpus, runtimes;
  friend bool operator==(const CompareQuestion&, const CompareQuestion&) = default;
};

struct ListQuestion {
  bool local = false;  // only models that other programs store on this machine
  friend bool operator==(const ListQuestion&, const ListQuestion&) = default;
};

// A question as the user typed it, before names are looked up and defaults filled in.
struct Question {
  Command command = Command::overview;

  // ---- the model
  std::string model;                        // argument of load_model
  std::string model_type;                   // how to read a config of an unknown type; empty if not given
  std::vector<std::string> ignored_fields;  // unknown fields of config.json to skip
  std::uint32_t hub_seconds = LoadOptions{}.hub_seconds;  // timeout per model or file of a hub
  std::string quantization;                               // empty for the recommended one
  std::optional<bool> imatrix;                            // empty: as in most published files of that type
  QuantizerRelease quantizer = QuantizerRelease::v0_5_0;
  bool no_mtp = false;                // convert the file without multi-token-prediction layers
  std::string projector;              // --mmproj: a file, a URL or hf:ORG/NAME
  std::vector<std::string> adapters;  // --lora, in the same forms
  std::string draft;                  // -md: argument of load_model

  // ---- the demand
  std::optional<std::uint64_t> context;  // -c, in tokens; empty for the command's default
  bool full_context = false;             // -c max: the model's full context
  bool longest_context = false;          // --max-model-len auto: the longest that fits, up to the full one
  std::uint64_t least_context = 4096;    // -fitc

  std::optional<std::uint32_t> users;               // --users, requests at once
  std::optional<std::uint64_t> tokens_per_request;  // of such a request; empty for the full length

  // ---- the runtime
  std::string runtime;  // as typed, with an optional release after @; empty: what loads the quantization
  AskedOptions options;
  std::vector<RuntimeFlag> runtime_flags;  // those that only some runtimes have

  // ---- the hardware
  std::string gpu;                          // "rtx-4090", "dgx-h100", "24GiB"; empty if not given
  std::vector<std::uint32_t> visible_gpus;  // of that hardware, as CUDA_VISIBLE_DEVICES; empty for all
  std::optional<Bytes> ram;                 // --ram, of the host; empty for the catalog's figure
  Bytes reserve;                            // --reserve, to be kept free on each GPU
  std::optional<Backend> backend;           // empty for the usual one of the hardware

  // ---- the answer
  bool explain = false;                    // show the inputs of every term
  bool everything = false;                 // show all rows in full
  bool curves = false;                     // memory against the context, of an overview
  bool page = false;                       // what a page has besides an overview
  std::string filter;                      // recommend and lists: part of a name; empty for all
  std::vector<std::string> catalog_paths;  // catalog files or folders added to the built-in catalog

  CheckQuestion check;
  PlanQuestion plan;
  RecommendQuestion recommend;
  CompareQuestion compare;
  ListQuestion list;
  friend bool operator==(const Question&, const Question&) = default;
};

// ---- deployments

// One engine that a deployment starts, as a question of `check`.
struct ServiceQuestion {
  deployment::Launch launch;
  std::string release;  // as the input says it; empty: the newest that is known
  std::vector<deployment::Argument> arguments;
  std::vector<deployment::Finding> findings;
  std::vector<deployment::Hole> holes;  // any of them leaves the service unresolved
  bool starts = true;                   // false: its program refuses the command line
  std::uint32_t gpus_needed = 0;        // by its parallel sizes, of all pods; 0: as many as there are
  Question question;                    // Command::check
};

struct DeploymentPolicy {
  double headroom = 0;               // of each GPU's usable memory, to be left free
  std::vector<std::string> fail_on;  // statuses, codes and severities; empty: the usual ones
  std::vector<deployment::IgnoredFinding> ignored;
  std::string today;  // YYYY-MM-DD
};

struct DeploymentQuestion {
  std::vector<ServiceQuestion> services;
  std::vector<deployment::Together> together;  // indices into `services`
  std::vector<deployment::Finding> findings;   // about files
  std::vector<std::string> files;
  std::vector<std::string> catalog_paths;
  DeploymentPolicy policy;
  std::string baseline, baseline_text;  // a file with a previous report; empty if not given
};

// Loads the catalog and answers; throws Error if the question cannot be answered.
Report answer(const Question& question, std::span<const Runtime> runtimes,
              const EmbeddedFigures& figures = {});
DeploymentReport answer(DeploymentQuestion question, std::span<const Runtime> runtimes,
                        const EmbeddedFigures& figures = {});
Report answer(const Question& question);  // with this program's runtimes and no embedded figures

}  // namespace vramcalc
