#include "runtime/llama_cpp/graph_settings.hpp"

namespace vramcalc::llama_cpp {

GraphSettings for_small_batch(GraphSettings settings) {
  settings.ubatch = settings.outputs = settings.sequences;
  return settings;
}

}  // namespace vramcalc::llama_cpp
