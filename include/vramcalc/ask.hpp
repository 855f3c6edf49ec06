#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vramcalc/report.hpp"
#include "vramcalc/workload.hpp"

namespace vramcalc {

enum class Command { overview, check, models, quants, gpus, systems };

// What a person asks, as said: names are not looked up yet, defaults not put in.
struct Question {
  Command command = Command::overview;
  std::string model;         // overview, check: what load_model takes
  std::string model_type;    // how to read a config of an unknown type, empty: not said
  std::string quantization;  // empty: the recommended one
  std::string gpu;           // "rtx-4090", "dgx-h100", "24GiB"; empty: none
  Workload workload;  // an empty context: 2,048 tokens and the full one (overview), the full one (check)
  bool full_context = false;  // -c max: as if the model's own context had been typed
  std::string runtime = "llama.cpp";
  std::optional<bool> imatrix;             // empty: as most published files of that type are made
  bool fail_on_tight = false;              // check: a tight fit is a 1
  bool local = false;                      // models: those that other programs have on this machine
  bool everything = false;                 // every row complete, not only those of the default table
  std::string filter;                      // models, quants, gpus, systems: part of a name, empty: all
  std::vector<std::string> catalog_paths;  // catalog files or folders beside the built-in ones
};

// Loads the catalog and answers; throws Error where the question cannot be answered.
Report answer(const Question& question);

}  // namespace vramcalc
