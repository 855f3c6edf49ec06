#pragma once

#include <string>

#include "source/gguf.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc::source {

// The model in a GGUF, including all its parts. Refuses (unsupported) projectors, adapters and other files
// that are not language models.
LoadedModel load_gguf(const Catalog& catalog, const std::string& path);
LoadedModel load_gguf(const Catalog& catalog, const std::string& path, const OpenSource& open);

// The contents of a file of any kind.
StoredWeights stored_weights(GgufFile file, std::string file_type);

// The name of a file without its folder, ending and part number: "Qwen3-8B-Q4_K_M".
std::string stem_of(const std::string& path);

// The literal config values that the rule of thumb uses: heads and KV heads of the first layer with
// attention.
void set_config_heads(Model& model);

}  // namespace vramcalc::source
