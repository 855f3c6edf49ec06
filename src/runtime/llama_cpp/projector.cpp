#include "runtime/llama_cpp/projector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/llama_cpp/device_bytes.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Encoders with variable image size: tokens per side of the warm-up image, and the most tokens of an image
// (llama.cpp 0.5.0, tools/mtmd/clip.cpp, load_hparams). 0 if the file's maximum pixels decide.
struct ImageTokens {
  std::string_view type;
  std::uint64_t warm_up_side, most, merge;
};
constexpr std::array image_tokens{
    ImageTokens{"deepseek4v",       16, 384,   1},
    ImageTokens{"dots3note_v",      46, 0,     2},
    ImageTokens{"dots_ocr",         46, 0,     2},
    ImageTokens{"exaone4_5",        46, 0,     2},
    ImageTokens{"gemma4v",          16, 1120,  3},
    ImageTokens{"glm4v",            46, 4096,  2},
    ImageTokens{"hunyuanvl",        32, 16384, 2},
    ImageTokens{"kimik25",          64, 4096,  2},
    ImageTokens{"kimivl",           16, 1024,  2},
    ImageTokens{"lfm2",             16, 256,   2},
    ImageTokens{"lightonocr",       16, 0,     1},
    ImageTokens{"mimovl",           46, 0,     2},
    ImageTokens{"minimax_m3",       16, 576,   2},
    ImageTokens{"muse-glimmer",     32, 4096,  2},
    ImageTokens{"paddleocr",        28, 0,     2},
    ImageTokens{"phi4",             16, 0,     1},
    ImageTokens{"pixtral",          16, 1024,  1},
    ImageTokens{"qwen2.5o",         46, 4096,  2},
    ImageTokens{"qwen2.5vl_merger", 46, 4096,  2},
    ImageTokens{"qwen2vl_merger",   46, 4096,  2},
    ImageTokens{"qwen3vl_merger",   46, 4096,  2},
    ImageTokens{"youtuvl",          16, 62500, 2},
};

// Positions that the encoder computes at once, for the warm-up image and for the largest one.
struct Positions {
  std::uint64_t warm_up = 0, most = 0;
};

std::uint64_t square(std::uint64_t side) { return checked_multiply(side, side); }

Positions image_positions(const Encoder& encoder) {
  if (encoder.patch_size == 0) return {};
  const std::uint64_t fixed = square(encoder.image_size / encoder.patch_size);
  const std::uint64_t pixels = encoder.most_pixels / square(encoder.patch_size);
  const auto dynamic = std::ranges::find(image_tokens, encoder.type, &ImageTokens::type);
  if (dynamic == image_tokens.end()) return {fixed, std::max(fixed, pixels)};
  const std::uint64_t patches = square(encoder.merge != 0 ? encoder.merge : dynamic->merge);
  const std::uint64_t warm_up = checked_multiply(square(dynamic->warm_up_side), patches);
  const std::uint64_t most = pixels != 0 ? pixels : checked_multiply(dynamic->most, patches);
  return {warm_up, std::max(warm_up, most)};
}

// 30 seconds of sound are 3000 frames, which a convolution reduces to 1500.
constexpr Positions sound_positions{1500, 1500};

// Head sizes, equal for K and V, for which CUDA has flash attention (ggml/src/ggml-cuda/fattn.cu).
bool has_flash_attention(const Encoder& encoder) {
  constexpr std::array sizes{40u, 64u, 72u, 80u, 96u, 112u, 128u, 256u};
  return encoder.heads != 0 && std::ranges::find(sizes, encoder.width / encoder.heads) != sizes.end();
}

// The bytes alive at the widest point of a layer: the residual, its norm and the inner rows of the
// feed-forward part, or the operands of attention, which are `copies` rows of the model's width. Windowed
// layers add a mask and its f16 copy for flash attention. Without flash attention the scores of all heads are
// added.
Bytes widest_point(const Encoder& encoder, std::uint64_t positions, std::uint64_t copies,
                   bool flash_attention) {
  const std::uint64_t inner = checked_multiply(encoder.feed_forward, encoder.gated ? 2 : 1);
  const std::uint64_t feed_forward = checked_add(checked_multiply(2, encoder.width), inner);
  const std::uint64_t row = std::max(feed_forward, checked_multiply(copies, encoder.width));
  const std::uint64_t mask = encoder.windowed ? (flash_attention ? 6 : 4) : 0;
  const std::uint64_t scores = flash_attention ? 0 : checked_multiply(4, encoder.heads);
  return Bytes(checked_multiply(checked_multiply(4, positions), row)) +
         Bytes(checked_multiply(square(positions), checked_add(mask, scores)));
}

// For a file that does not describe its encoder.
constexpr Amount unknown_graph{Bytes(0), Bytes(300 * MiB), Bytes(1228 * MiB)};

// MiB measured on an MI300X (gpustack/gguf-parser-go issue 44) with and without flash attention, and computed
// here: Gemma 3 121 and 1132 (126, 1127); Qwen2-VL 267 and 4598 (289, 4620); Qwen2.5-VL 705 and 4872 (713,
// 4949); Qwen3-VL 323 and 4728 (260, 4586; it keeps the results of three layers for its deepstack). The low
// bound is therefore a third less. Images larger than the warm-up image make the buffer grow.
Amount graph_of(const Encoder& encoder, const ContextParams& params) {
  const Positions positions = encoder.audio ? sound_positions : image_positions(encoder);
  if (positions.warm_up == 0 || encoder.width == 0) return unknown_graph;
  const bool flash = params.flash_attention != FlashAttention::off && has_flash_attention(encoder);
  const Bytes best = widest_point(encoder, positions.warm_up, flash ? 7 : 4, flash);
  return {Bytes(best.count() / 3 * 2), best, widest_point(encoder, positions.most, 10, flash)};
}

std::string why_graph(const Encoder& encoder) {
  return fmt::format(
      "graph of the {} encoder {}: the widest point of a layer of width {} and {}, "
      "from the warm-up image to the largest one (llama.cpp 0.5.0, tools/mtmd/clip.cpp)",
      encoder.audio ? "audio" : "image", encoder.type, encoder.width, encoder.feed_forward);
}

}  // namespace

Companion projector_companion(const Projector& projector, const ContextParams& params) {
  Bytes weights;
  for (std::size_t i = 0; i < projector.weights.tensors.size(); ++i)
    weights += device_bytes(projector.weights.types[i], projector.weights.tensors[i].shape);
  PlaceEstimate gpu{Place::gpu(0), {}};
  gpu.terms.push_back({TermKind::projector, Amount::exactly(weights), Basis::exact,
                       fmt::format("the {} tensors of {}", projector.weights.tensors.size(),
                                   projector.weights.files.front())});
  for (const Encoder& encoder : projector.encoders)
    gpu.terms.push_back({TermKind::projector, graph_of(encoder, params), Basis::assumed, why_graph(encoder)});
  return {[gpu](std::uint64_t, Backend, Reasons) { return std::vector{gpu}; },
          [total = gpu.total()](std::uint64_t, Backend) { return total; }, nullptr};
}

}  // namespace vramcalc::llama_cpp
