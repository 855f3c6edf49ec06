#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vramcalc/placement.hpp"
#include "vramcalc/report.hpp"
#include "vramcalc/source.hpp"
#include "vramcalc/workload.hpp"

namespace vramcalc {

enum class Command { overview, check, models, quants, gpus, systems, plan, recommend, compare };

// Where the parts of the model go, as said on the command line.
struct Offload {
  std::optional<std::uint32_t> layers;    // -ngl
  std::vector<double> split;              // -ts
  std::optional<std::uint32_t> main_gpu;  // -mg
  bool one_gpu = false;                   // -sm none
  bool cpu_moe = false;                   // -cmoe
  std::uint32_t cpu_moe_layers = 0;       // -ncmoe
  std::vector<TensorOverride> overrides;  // -ot
  bool operations = true;                 // --op-offload
  friend bool operator==(const Offload&, const Offload&) = default;
};

// What a person asks, as said: names are not looked up yet, defaults not put in.
struct Question {
  Command command = Command::overview;
  std::string model;         // overview, check: what load_model takes
  std::string model_type;    // how to read a config of an unknown type, empty: not said
  std::uint32_t hub_seconds = LoadOptions{}.hub_seconds;  // for each model or file from a hub
  std::vector<std::string> ignored_fields;  // of its config.json, which is read without understanding them
  std::string quantization;                 // empty: the recommended one
  std::string gpu;           // "rtx-4090", "dgx-h100", "24GiB"; empty: none
  std::optional<Bytes> ram;  // --ram, of the host; empty: what the hardware's row says
  Bytes reserve;             // --reserve, kept free on each GPU
  Offload offload;
  Workload workload;  // an empty context: 2,048 tokens and the full one (overview), the full one (check)
  bool full_context = false;          // -c max: as if the model's own context had been typed
  std::string projector;              // --mmproj: a file, a URL, or hf:ORG/NAME that has one
  std::vector<std::string> adapters;  // --lora, likewise
  std::string draft;                  // -md: what load_model takes
  ElementType draft_cache_type_k = ElementType::f16, draft_cache_type_v = ElementType::f16;
  std::string runtime = "llama.cpp";  // as typed, with a release behind an @
  std::string tool, release;          // of it, where they were typed
  std::optional<Backend> backend;     // empty: what people use for the hardware
  std::optional<bool> imatrix;             // empty: as most published files of that type are made
  bool like_llama_cpp = false;             // plan: as llama.cpp's own fit
  Bytes fit_margin{1024 * MiB};            // plan: -fitt, for that one
  std::uint64_t fit_context = 4096;        // plan, recommend: -fitc, the least context worth having
  std::string family, license, modality;   // recommend: parts of the names, empty: all
  QuantizerRelease quantizer = QuantizerRelease::v0_5_0;
  bool no_mtp = false;  // the file is converted without the multi-token-prediction layers
  std::vector<std::string> models, quantizations, gpus;  // compare: each of each
  bool explain = false;                    // every term with all that goes into it
  bool fail_on_tight = false;              // check: a tight fit is a 1
  bool local = false;                      // models: those that other programs have on this machine
  bool everything = false;                 // every row complete, not only those of the default table
  std::string filter;                      // models, quants, gpus, systems: part of a name, empty: all
  std::vector<std::string> catalog_paths;  // catalog files or folders beside the built-in ones
};

// Loads the catalog and answers; throws Error where the question cannot be answered.
Report answer(const Question& question);

}  // namespace vramcalc
