#pragma once

#include <string>
#include <vector>

#include "vramcalc/estimate.hpp"

// Why a term is what it is: the formula, the numbers put in, where each of them is from, and whose rule it
// is.
namespace vramcalc {

enum class Origin {
  shape,            // the model's: a field of its config, a key of its file
  quantization,     // the rules of the file type
  flag,             // said on the command line
  runtime_default,  // not said
  derived,          // follows from the others by a rule of the runtime
};

struct Ingredient {
  std::string name;   // "cells"
  std::string value;  // "2,048"
  Origin origin = Origin::shape;
  std::string key;  // of the shape: Hugging Face's field; of a flag or default: the flag; else how it follows
  friend bool operator==(const Ingredient&, const Ingredient&) = default;
};

struct Explanation {
  std::string formula;
  std::vector<Ingredient> ingredients;
  std::string rule;  // runtime, version, file
  friend bool operator==(const Explanation&, const Explanation&) = default;
};

// One term of one place with its explanation.
struct ExplainedTerm {
  Place place = Place::gpu(0);
  TermKind kind = TermKind::weights;
  Amount amount;
  Basis basis = Basis::exact;
  Explanation explanation;
};

}  // namespace vramcalc
