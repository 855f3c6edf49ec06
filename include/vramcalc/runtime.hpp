#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/extras.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/options.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {

class Session;
struct Runtime;

// The arguments of a new session. The model and its file must outlive the session.
struct Opening {
  const Model& model;
  const StoredWeights* file = nullptr;
  Options options = {};
  Extras extras = {};
  std::shared_ptr<const Precomputed> known = nullptr;
};

// What a runtime can do beyond estimating a model on one pool of GPU memory.
struct Capabilities {
  bool loads_only_gguf = false;      // no checkpoint formats
  bool loads_checkpoints = false;    // checkpoint formats, and no GGUF
  bool tells_gpus_apart = false;     // places the parts of a model on single GPUs
  bool loads_extras = false;         // projectors, adapters and draft models
  bool fits_by_itself = false;       // has an automatic fit that can be predicted
  bool takes_a_share = false;        // lets itself take a part of each GPU's memory only
  bool uses_host_memory = true;      // what does not fit on the GPUs may lie in host memory
  bool counts_nominal_bits = false;  // uses model-card sites' nominal bits and charted quality
  std::uint32_t most_gpus = 0;       // supported GPUs; 0 for any number
};

// A program that loads models, as a row of a table. A new one needs a folder and a row in runtimes.cpp.
struct Runtime {
  std::string_view id;                      // "llama.cpp"
  std::string_view title;                   // "llama-server of llama.cpp"
  std::string_view version;                 // release whose rules these are
  std::span<const std::string_view> tools;  // its other programs, as --runtime names them
  std::uint64_t rounds_to = 1;              // bytes; figures are rounded to a multiple for display
  std::uint32_t context_step = 1;           // tokens; contexts are rounded up to a multiple
  Capabilities can;
  std::unique_ptr<Session> (*open)(const Runtime& runtime, const Opening& opening) = nullptr;
  // The runtime's part of what flags set; null if it has no options.
  Options (*options)(const AskedOptions& asked) = nullptr;
  // Sets the options that a tool and a release change. Error (bad_value) for releases with unknown rules.
  // Null if the runtime has neither tools nor releases.
  void (*select)(Options& options, std::string_view tool, std::string_view release) = nullptr;
  // What to call the selected tool with its engine; empty if the names say enough. Null if that is always so.
  std::string (*tool_title)(const Options& options) = nullptr;
  // Fills in defaults that depend on several options; null if there are none. Error (usage) if one is
  // missing.
  void (*complete)(Options& options, bool has_draft_model) = nullptr;
  // The draft model that the options name; empty if there is none. Null if there is no such option.
  std::string (*draft_model)(const Options& options) = nullptr;
  // The only GPU that the options use; empty for all GPUs. Null if there is no such option.
  std::optional<std::uint32_t> (*gpu_alone)(const Options& options) = nullptr;
};

std::span<const Runtime> runtimes();

// What --runtime names: "llama.cpp", "llama.cpp@b9010", "llama-bench", "ollama@0.34.2".
struct RuntimeChoice {
  const Runtime* runtime = nullptr;
  std::string tool, release;  // empty for those of the row
  std::string title;          // of the tool with its engine; empty if the names say enough
  Options options = {};       // of this runtime, with those that tool and release change
};

// Error (unknown_name, bad_value).
RuntimeChoice choose_runtime(std::span<const Runtime> runtimes, std::string_view words,
                             const AskedOptions& options);

}  // namespace vramcalc
