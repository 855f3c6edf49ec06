#pragma once

#include "source/gguf_keys.hpp"

namespace vramcalc::source {

// Refuses (bad_file) an unknown key of the file's own architecture, since it may affect the shape, and a
// value of the wrong type for a known key. Other keys (general., tokenizer., split., quantize. and programs'
// own notes) are not checked.
void refuse_unknown_keys(const GgufKeys& keys);

}  // namespace vramcalc::source
