#include <fmt/format.h>

#include "model/printable.hpp"
#include "source/gguf.hpp"
#include "source/gguf_model.hpp"
#include "source/hub.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc {
namespace {

using namespace source;

GgufFile gguf_file(const std::string& word, Beside kind, const LoadOptions& options) {
  if (is_hub_name(word)) return read_hub_gguf(word, kind, options);
  return is_url(word) ? read_url_gguf(word, options) : read_gguf(word);
}

std::string text(const GgufMetadata& metadata, std::string_view key) {
  return printable(metadata.text(key).value_or(""), 120);
}

[[noreturn]] void fail_other_kind(const GgufMetadata& metadata, std::string_view expected,
                                  std::string_view key) {
  throw Error(ErrorCode::unsupported,
              fmt::format("{}: not a {}: {} is {}", metadata.file(), expected, key,
                          metadata.has(key) ? in_quotes(text(metadata, key)) : "missing"));
}

// Keys are those of llama.cpp 0.5.0, tools/mtmd/clip-impl.h. A file for images and sound names both types.
Encoder encoder(const GgufHeader& header, const std::string& prefix, bool audio) {
  const GgufMetadata& metadata = header.metadata;
  const auto number = [&](std::string_view key) {
    return std::uint64_t{metadata.number(prefix + std::string(key)).value_or(0)};
  };
  Encoder encoder;
  encoder.type = text(metadata, "clip.projector_type");
  if (encoder.type.empty()) encoder.type = text(metadata, prefix + "projector_type");
  encoder.audio = audio;
  encoder.width = number("embedding_length");
  encoder.feed_forward = number("feed_forward_length");
  encoder.heads = number("attention.head_count");
  encoder.windowed = number("n_wa_pattern") != 0;
  encoder.image_size = number("image_size");
  encoder.patch_size = number("patch_size");
  encoder.merge = number("spatial_merge_size");
  if (encoder.merge == 0) encoder.merge = number("projector.scale_factor");
  encoder.most_pixels = number("image_max_pixels");
  const std::string gate = audio ? "a.blk.0.ffn_gate.weight" : "v.blk.0.ffn_gate.weight";
  for (const Tensor& tensor : header.tensors) encoder.gated = encoder.gated || tensor.name == gate;
  return encoder;
}

}  // namespace

Projector read_projector(const std::string& word, const LoadOptions& options) {
  GgufFile file = gguf_file(word, Beside::projector, options);
  const GgufMetadata& metadata = file.header.metadata;
  if (text(metadata, "general.architecture") != "clip")
    fail_other_kind(metadata, "projector (mmproj)", "general.architecture");
  Projector projector;
  const bool audio = metadata.flag("clip.has_audio_encoder").value_or(false);
  const bool images = metadata.flag("clip.has_vision_encoder").value_or(!audio);
  if (images) projector.encoders.push_back(encoder(file.header, "clip.vision.", false));
  if (audio) projector.encoders.push_back(encoder(file.header, "clip.audio.", true));
  projector.weights = stored_weights(std::move(file), {});
  return projector;
}

Adapter read_adapter(const std::string& word, const LoadOptions& options) {
  GgufFile file = gguf_file(word, Beside::adapter, options);
  const GgufMetadata& metadata = file.header.metadata;
  if (text(metadata, "general.type") != "adapter")
    fail_other_kind(metadata, "adapter (LoRA)", "general.type");
  if (const std::string type = text(metadata, "adapter.type"); type != "lora")
    throw Error(ErrorCode::unsupported, fmt::format("{}: adapter.type is {}, but llama.cpp loads only lora",
                                                    metadata.file(), in_quotes(type)));
  Adapter adapter;
  adapter.architecture = text(metadata, "general.architecture");
  adapter.weights = stored_weights(std::move(file), {});
  return adapter;
}

}  // namespace vramcalc
