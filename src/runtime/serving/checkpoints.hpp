#pragma once

#include <span>
#include <string>

#include "vramcalc/machine.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/runtime.hpp"

// What all engines that load checkpoints say about one.
namespace vramcalc::serving {

// Error (unsupported) for a GGUF.
const CheckpointFormat& format_of(const Quantization& quantization, const Runtime& runtime);

// Without prediction layers, which are loaded only for speculative decoding.
Bytes loaded_bytes(std::span<const CheckpointPart> parts, bool towers);

// Why these GPUs cannot run the format; empty if they can, or if too little is known of them.
std::string refusal_of_device(const CheckpointFormat& format, const TargetDevice& device,
                              const Runtime& runtime);

// What GPUs lack that load the format but compute in 16 bits; empty if they lack nothing.
std::string remark_on_device(const CheckpointFormat& format, const TargetDevice& device);

}  // namespace vramcalc::serving
