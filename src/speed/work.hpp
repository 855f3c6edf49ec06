#pragma once

#include <vector>

#include "speed/calibration.hpp"
#include "speed/parts.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/machine.hpp"
#include "vramcalc/session.hpp"

// What a model asks of memory and arithmetic, whatever runs it.
namespace vramcalc::speed {

// One token of one sequence that has `tokens` before it. Bytes, unless said otherwise.
struct TokenWork {
  double dense = 0;         // weights that every token reads
  double low_bit = 0;       // of them in three bits and fewer
  double experts = 0;       // the experts that it uses
  double half_experts = 0;  // of them in 16 bits
  double cache = 0;         // keys, values and states that it reads
  double layers = 0, recurrent_layers = 0, expert_layers = 0;
  double matrix_flops = 0;      // of decoding, with the output
  double share_of_experts = 1;  // of the routed ones that it uses; 1 without experts
  bool generates = true;        // false for encoders and models that only embed, which read prompts alone
};

// One token of a batch of a prompt.
struct PromptWork {
  std::uint64_t batch = 0;   // tokens that are computed at once
  std::uint64_t prompt = 0;  // tokens of which the last has the whole context before it
  double dense_flops = 0;    // without the output, which only the last token needs
  double expert_flops = 0;
  double tokens_per_expert = 0;  // of a batch
  double attention_flops = 0;    // with the tokens before
  double cache = 0;              // bytes of the tokens before
  bool half_experts = false;     // experts of 16 bits
  double weights = 0;            // bytes that a batch reads
  bool half = false;             // weights of 16 bits
  double layers = 0;
};

// The parameters that a token is multiplied with, those of the output included.
double multiplied_parameters(const Architecture& architecture);

TokenWork token_work(const Architecture& architecture, const WeightBytes& weights, double cache_bytes,
                     double parameters);

// In tokens: a prompt at the end of a context, in batches.
struct PromptTokens {
  std::uint64_t context = 0, prompt = 0, batch = 0;
};
PromptWork prompt_work(const Architecture& architecture, const WeightBytes& weights, double cache_bytes,
                       double parameters, const PromptTokens& tokens);

// Bytes of keys and values that a token with `tokens` before it reads, per element of `key_bytes` and
// `value_bytes`, and the states that it reads and writes.
double cache_read(const Architecture& architecture, std::uint64_t tokens, double key_bytes,
                  double value_bytes);

// The part of a model that is on one device.
struct DeviceShare {
  const Device* device = nullptr;
  double dense = 0;    // of the dense weights on GPUs, 0 to 1
  double experts = 0;  // of the experts on GPUs
  double cache = 0;    // of the cache
  double layers = 0;
};

struct Work {
  TokenWork token;  // on the GPUs
  PromptWork prompt;
  std::vector<DeviceShare> devices;
  double host = 0;              // bytes that a token reads from host memory
  std::uint32_t at_once = 1;    // devices that work at the same time on a slice of each matrix
  bool by_engine = false;       // a serving engine's kernels, not llama.cpp's
  std::uint32_t sequences = 1;  // that are decoded together
};

// What each device does for a token, in order; for a prompt as if none of them ever waited for another.
std::vector<DecodeParts> decode_parts_of(const Work& work);
std::vector<PrefillParts> prefill_parts_of(const Work& work);
double host_seconds(const Work& work);  // at `usual_host_gbps`

// What multiplies the parts of a device, given by its place.
Found<decode_parts> decode_coefficients(const Work& work, std::size_t device);
Found<prefill_parts> prefill_coefficients(const Work& work, std::size_t device);

Speed speed_of(const Work& work);
std::optional<SpeedEstimate> decode_of(const Work& work);
std::vector<ExplainedSpeed> explain(const Work& work);

}  // namespace vramcalc::speed
