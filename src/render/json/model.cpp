#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

void write(JsonWriter& to, const TypeShare& share) {
  to.member("type", to_string(share.type));
  to.member("tensors", share.tensors);
  to.member("bytes", share.bytes.count());
}

}  // namespace

void write(JsonWriter& to, const StoredWeights& stored) {
  to.member("file_type", known(stored.file_type));
  to.member("tensor_bytes", stored.tensor_bytes.count());
  to.member("file_bytes", stored.file_bytes.count());
  to.member("bits_per_weight", rounded(bits_per_weight(stored)));
  to.member("tensors", stored.tensors.size());
  to.objects("types", shares_of(stored), [&](const TypeShare& share) { write(to, share); });
  to.texts("files", stored.files);
}

void write(JsonWriter& to, const StoredCheckpoint& checkpoint) {
  to.member("tensor_bytes", checkpoint.tensor_bytes.count());
  to.member("file_bytes", checkpoint.file_bytes.count());
  to.member("elements", known(checkpoint.elements));
  to.objects("dtypes", checkpoint.shares, [&](const StoredCheckpoint::Share& share) {
    to.member("dtype", share.dtype);
    to.member("elements", share.elements);
    to.member("bytes", share.bytes.count());
  });
  to.texts("files", checkpoint.files);
}

void write(JsonWriter& to, const PackedCheckpoint& packed) {
  to.member("scheme", packed.scheme);
  to.member("stored_elements", known(packed.stored_elements));
  to.member("stored_bytes", known(packed.stored_bytes));
}

void write(JsonWriter& to, const ModelSummary& summary) {
  const Model& model = summary.model;
  const Architecture& shape = model.architecture;
  to.member("id", model.id);
  to.member("name", model.name);
  to.member("publisher", model.publisher);
  to.member("family", model.family);
  to.member("parameters", summary.parameters.trunk + summary.parameters.towers);
  to.member("active_parameters", summary.parameters.active);
  to.member("total_parameters", summary.parameters.total());
  to.member("published_parameters", known(model.published_parameters));
  to.member("architecture", model.architecture_class);
  to.member("model_type", known(shape.model_type));
  to.member("gguf_architecture", known(shape.gguf_name));
  to.member("context_length", shape.context_length);
  to.member("vocab_size", shape.vocab_size);
  to.member("hidden_size", shape.hidden_size);
  to.member("layers", shape.blocks.size());
  to.member("release_date", known(model.release_date));
  to.member("license", known(model.license));
  to.member("hf_repo", known(model.hf_repo));
  to.member("variant_of", known(model.variant_of));
  to.member("source", summary.source);
  part(to, "stored", summary.stored);
  part(to, "checkpoint", summary.checkpoint);
  part(to, "packed", model.packed);
}

}  // namespace vramcalc::render
