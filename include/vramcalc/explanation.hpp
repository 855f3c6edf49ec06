#pragma once

#include <string>
#include <vector>

#include "vramcalc/estimate.hpp"

// Why a term has its value: the formula, its inputs and their origins, and the source of the rule.
namespace vramcalc {

enum class Origin {
  shape,            // the model: a field of its config or a key of its file
  quantization,     // the file type's rules
  flag,             // given on the command line
  runtime_default,  // not given
  derived,          // follows from other inputs by a rule of the runtime
};

struct Ingredient {
  std::string name;   // "cells"
  std::string value;  // "2,048"
  Origin origin = Origin::shape;
  std::string key;  // Hugging Face's field, the flag, or how the value is derived
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
