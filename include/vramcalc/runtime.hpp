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

// What a session is opened for. The model, and the file that it may be, outlive the session.
struct Opening {
  const Model& model;
  const StoredWeights* file = nullptr;
  Options options = {};
  Extras extras = {};
  std::shared_ptr<const Precomputed> known = nullptr;
};

// What a runtime can do beyond estimating a model on one pool of GPU memory.
struct Capabilities {
  bool has_options = false;       // those of its alternative in Options
  bool loads_only_gguf = false;   // no checkpoint format
  bool tells_gpus_apart = false;  // says which part of a model lies where
  bool loads_extras = false;      // projectors, adapters and draft models
  bool fits_by_itself = false;    // has an automatic fit that can be foreseen
  bool counts_nominal_bits = false;  // as model-card sites do, which chart a quality for them
  std::uint32_t most_gpus = 0;    // that it drives, 0: any number
};

// A program that loads models: a row of a table. A new one is a folder and a row in runtimes.cpp.
struct Runtime {
  std::string_view id;                      // "llama.cpp"
  std::string_view title;                   // "llama-server of llama.cpp"
  std::string_view version;                 // release whose rules these are
  std::span<const std::string_view> tools;  // other programs of it, as --runtime names them
  std::uint64_t rounds_to = 1;              // bytes; its figures are rounded to this before they are shown
  std::uint32_t context_step = 1;           // tokens; contexts between two steps take what the next one takes
  Capabilities can;
  std::unique_ptr<Session> (*open)(const Runtime& runtime, const Opening& opening) = nullptr;
  // Sets what a tool and a release change. Error (bad_value) for releases whose rules are not known; null: it
  // has neither tools nor releases.
  void (*select)(Options& options, std::string_view tool, std::string_view release) = nullptr;
  // Puts the defaults in that only several options together have. Error (usage) for options that mean nothing
  // without others; null: there are none.
  void (*complete)(Options& options, bool has_draft_model) = nullptr;
  // The one GPU that the options use of all, empty: all of them; null: it has no such option.
  std::optional<std::uint32_t> (*gpu_alone)(const Options& options) = nullptr;
};

std::span<const Runtime> runtimes();

// What --runtime names: "llama.cpp", "llama.cpp@b9010", "llama-bench".
struct RuntimeChoice {
  const Runtime* runtime = nullptr;
  std::string tool, release;  // empty: the one of the row
};

// With what tool and release change put into the options. Error (unknown_name, bad_value).
RuntimeChoice choose_runtime(std::span<const Runtime> runtimes, std::string_view words, Options& options);

}  // namespace vramcalc
