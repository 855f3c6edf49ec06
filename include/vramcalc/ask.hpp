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

enum class Command { overview, check, models, quants, gpus, systems, plan, recommend, compare };

// ---- what one command asks alone

struct CheckQuestion {
  bool fail_on_tight = false;  // a tight fit is a 1
};

struct PlanQuestion {
  bool like_runtime = false;  // --like-llama-cpp: what the runtime's own fit would set
};

struct RecommendQuestion {
  std::string family, license, modality;  // parts of the names, empty: all
};

// Each model with each quantization, on each GPU.
struct CompareQuestion {
  std::vector<std::string> models, quantizations, gpus;
};

struct ListQuestion {
  bool local = false;  // models: those that other programs have on this machine
};

// What a person asks, as said: names are not looked up yet, defaults not put in.
struct Question {
  Command command = Command::overview;

  // ---- the model
  std::string model;                        // what load_model takes
  std::string model_type;                   // how to read a config of an unknown type, empty: not said
  std::vector<std::string> ignored_fields;  // of its config.json, which is read without understanding them
  std::uint32_t hub_seconds = LoadOptions{}.hub_seconds;  // for each model or file from a hub
  std::string quantization;                               // empty: the recommended one
  std::optional<bool> imatrix;  // empty: as most published files of that type are made
  QuantizerRelease quantizer = QuantizerRelease::v0_5_0;
  bool no_mtp = false;                // the file is converted without the multi-token-prediction layers
  std::string projector;              // --mmproj: a file, a URL, or hf:ORG/NAME that has one
  std::vector<std::string> adapters;  // --lora, likewise
  std::string draft;                  // -md: what load_model takes

  // ---- the demand
  std::optional<std::uint64_t> context;  // -c, tokens; empty: what the command looks at by default
  bool full_context = false;             // -c max: the model's own
  std::uint64_t least_context = 4096;    // -fitc, worth having

  // ---- the runtime
  std::string runtime = "llama.cpp";  // as typed, with a release behind an @
  Options options = llama_cpp::Options{};

  // ---- the hardware
  std::string gpu;                 // "rtx-4090", "dgx-h100", "24GiB"; empty: none
  std::optional<Bytes> ram;        // --ram, of the host; empty: what the hardware's row says
  Bytes reserve;                   // --reserve, kept free on each GPU
  std::optional<Backend> backend;  // empty: what people use for the hardware

  // ---- the answer
  bool explain = false;                    // every term with all that goes into it
  bool everything = false;                 // every row complete, not only those of the default table
  std::string filter;                      // recommend and lists: part of a name, empty: all
  std::vector<std::string> catalog_paths;  // catalog files or folders that add to the built-in ones

  CheckQuestion check;
  PlanQuestion plan;
  RecommendQuestion recommend;
  CompareQuestion compare;
  ListQuestion list;
};

// The options of llama.cpp in a question about it.
inline llama_cpp::Options& llama_cpp_options(Question& question) {
  return std::get<llama_cpp::Options>(question.options);
}

// Loads the catalog and answers; throws Error where the question cannot be answered.
Report answer(const Question& question, std::span<const Runtime> runtimes,
              const EmbeddedFigures& figures = {});
Report answer(const Question& question);  // by the runtimes of this program, from no figures

}  // namespace vramcalc
