#pragma once

#include <string>

#include "source/gguf.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc::source {

// The model in a GGUF, its parts included. Refuses (unsupported) what is no language model: projectors,
// adapters.
LoadedModel load_gguf(const Catalog& catalog, const std::string& path);
LoadedModel load_gguf(const Catalog& catalog, const std::string& path, const OpenSource& open);

// What a file holds, whatever it is for.
StoredWeights stored_weights(GgufFile file, std::string file_type);

// The name of a file without its folder, ending and part number: "Qwen3-8B-Q4_K_M".
std::string stem_of(const std::string& path);

// What the rule of thumb reads literally: heads and KV heads as the config of the first attending layer says.
void set_config_heads(Model& model);

}  // namespace vramcalc::source
