#pragma once

#include "source/gguf_keys.hpp"

namespace vramcalc::source {

// Refuses (bad_file) a key of the file's own architecture that is not known, since it may bear on the shape;
// and a value of a type that such a key cannot have. Keys of no architecture (general., tokenizer., split.,
// quantize. and what programs note for themselves) are free.
void refuse_unknown_keys(const GgufKeys& keys);

}  // namespace vramcalc::source
