#pragma once

#include "source/gguf.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::source {

// Whether the file is a head that drafts for another model (llama.cpp 0.5.0: eagle3 and dflash).
bool is_draft_head(const GgufMetadata& metadata);

// Its shape. Error (unsupported) for heads whose graph is not known, (bad_file) for what llama.cpp would not
// load.
Architecture draft_head(const GgufHeader& header);

}  // namespace vramcalc::source
