#pragma once

#include <vector>

#include "cli/flags.hpp"
#include "vramcalc/catalog.hpp"

// What the catalog has names for, as words of a command line. They live as long as the catalog.
namespace vramcalc::cli {

std::vector<Word> model_words(const Catalog& catalog);
std::vector<Word> quantization_words(const Catalog& catalog);  // and formats of checkpoints
std::vector<Word> hardware_words(const Catalog& catalog);      // GPUs, systems and "local"
std::vector<Word> gpu_words(const Catalog& catalog);
std::vector<Word> system_words(const Catalog& catalog);

// ---- parts of models
std::vector<Word> family_words(const Catalog& catalog);
std::vector<Word> license_words(const Catalog& catalog);
std::vector<Word> modality_words(const Catalog& catalog);
std::vector<Word> model_type_words(const Catalog& catalog);

}  // namespace vramcalc::cli
