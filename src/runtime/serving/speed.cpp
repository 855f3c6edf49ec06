#include "runtime/serving/speed.hpp"

#include <algorithm>

namespace vramcalc::serving {
namespace {

// Tokens of a prompt that are computed at once; engines cut longer prompts (chunked prefill).
constexpr std::uint64_t prompt_tokens = 2048;

double in_floating(Bytes bytes) { return static_cast<double>(bytes.count()); }

bool is_looked_up(const CheckpointPart& part, bool tied) {
  return part.tower || (part.kind.role == Role::embedding && part.layer < 0 && !tied);
}

// Of all tokens that are not in a window.
double elements_per_token(const Architecture& architecture) {
  return speed::cache_read(architecture, 2, 1, 1) - speed::cache_read(architecture, 1, 1, 1);
}

// In bytes: 8 bits if all ranks together hold no more than that.
double element_size(const Architecture& architecture, const Engine& engine) {
  const double of_all = in_floating(engine.cache->bytes_per_token()) * engine.parallel.tensor;
  return of_all > 0 && of_all < 1.5 * elements_per_token(architecture) ? 1 : 2;
}

}  // namespace

void add_by_reading(WeightBytes& bytes, std::span<const CheckpointPart> parts,
                    const Architecture& architecture) {
  for (const CheckpointPart& part : parts) {
    if (part.prediction) continue;
    if (is_routed_expert(part.kind.role)) {
      bytes.experts += part.bytes;
      if (!part.packed) bytes.half_experts += part.bytes;
    } else if (is_looked_up(part, architecture.tied_embeddings)) {
      bytes.looked_up += part.bytes;
    }
  }
}

speed::Work work_of(const Architecture& architecture, const WeightBytes& weights, const Engine& engine,
                    std::uint64_t tokens, std::span<const Device> devices) {
  speed::Work work;
  const double element = element_size(architecture, engine);
  const double cache = speed::cache_read(architecture, tokens, element, element);
  const double parameters = speed::multiplied_parameters(architecture);
  work.token = speed::token_work(architecture, weights, cache, parameters);
  work.prompt = speed::prompt_work(architecture, weights, cache, parameters,
                                   {.context = tokens, .prompt = prompt_tokens, .batch = prompt_tokens});
  work.at_once = std::max(1u, engine.parallel.tensor);
  const std::size_t count = std::min<std::size_t>(devices.size(), engine.parallel.ranks());
  const double part = count == 0 ? 0 : 1.0 / static_cast<double>(count);
  const double layers = work.at_once > 1 ? 1.0 / engine.parallel.pipeline : part;
  for (std::size_t i = 0; i < count; ++i) work.devices.push_back({&devices[i], part, part, part, layers});
  work.by_engine = true;
  return work;
}

}  // namespace vramcalc::serving
