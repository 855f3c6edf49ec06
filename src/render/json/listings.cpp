#include <optional>
#include <string>
#include <vector>

#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

std::string_view name_of(System::Kind kind) {
  switch (kind) {
    case System::Kind::unified: return "unified";
    case System::Kind::multi_gpu: return "multi_gpu";
    case System::Kind::cloud: return "cloud";
  }
  return "unified";
}

std::vector<std::string> texts_of(const TextList& list) { return {list.begin(), list.end()}; }

// Compute capabilities as NVIDIA writes them: 8.9.
std::optional<double> capability(std::uint32_t tenths) {
  return tenths == 0 ? std::nullopt : std::optional(static_cast<double>(tenths) / 10);
}

}  // namespace

void write(JsonWriter& to, const ModelListing::Row& row) {
  to.member("id", row.id);
  to.member("name", row.name);
  to.member("publisher", row.publisher);
  to.member("family", row.family);
  to.member("parameters", known(row.parameters));
  to.member("active_parameters", known(row.active_parameters));
  to.member("context_length", known(row.context_length));
  to.member("release_date", known(row.release_date));
  to.member("license", known(row.license));
  to.member("hf_repo", known(row.hf_repo));
  to.texts("aliases", row.aliases);
  to.member("incomplete", known(row.incomplete));
}

void write(JsonWriter& to, const LocalModel& model) {
  to.member("word", model.word);
  to.member("store", model.store);
  to.member("path", model.path);
  to.member("file_bytes", model.bytes.count());
}

void write(JsonWriter& to, const Gpu& gpu) {
  to.member("id", gpu.id);
  to.member("name", gpu.name);
  to.member("vendor", gpu.vendor);
  to.member("architecture", known(gpu.architecture));
  to.member("segment", known(gpu.segment));
  to.member("memory_gb", gpu.memory_gb);
  to.member("usable_bytes", known(gpu.usable().count()));
  to.member("usable_source", known(gpu.usable_source));
  to.member("bandwidth_gbps", known(gpu.bandwidth_gbps));
  to.member("fp16_tflops", known(gpu.fp16_tflops));
  to.member("fp32_tflops", known(gpu.fp32_tflops));
  to.member("streaming_multiprocessors", known(gpu.streaming_multiprocessors));
  to.member("compute_capability", known(gpu.compute_capability));
  to.member("interconnect", known(gpu.interconnect));
  to.member("release_date", known(gpu.release_date));
  to.member("msrp_usd", known(gpu.msrp_usd));
  to.member("notes", known(gpu.notes));
  to.texts("aliases", gpu.aliases);
  to.member("source", known(gpu.source));
}

void write(JsonWriter& to, const System& system) {
  to.member("id", system.id);
  to.member("name", system.name);
  to.member("vendor", system.vendor);
  to.member("kind", name_of(system.kind));
  to.member("gpu", known(system.gpu));
  to.member("gpu_id", known(system.gpu_id));
  to.member("gpu_count", system.gpu_count);
  to.member("memory_gb", system.memory_gb);
  to.member("usable_bytes", known(system.usable().count()));
  to.member("usable_source", known(system.usable_source));
  to.member("system_memory_gb", known(system.system_memory_gb));
  to.member("bandwidth_gbps", known(system.bandwidth_gbps));
  to.member("fp16_tflops", known(system.fp16_tflops));
  to.member("interconnect", known(system.interconnect));
  to.member("release_date", known(system.release_date));
  to.member("notes", known(system.notes));
  to.texts("aliases", system.aliases);
  to.member("source", known(system.source));
}

void write(JsonWriter& to, const FileType& type) {
  to.member("name", type.name);
  to.member("type", to_string(type.type));
  to.member("nominal_bits", known(type.nominal_bits));
  to.member("nominal_quality", known(type.nominal_quality));
  to.member("quality", known(type.quality));
  to.member("quality_class", to_string(type.quality_class));
  to.member("kld", known(type.kld));
  to.member("kld_imatrix", known(type.kld_imatrix));
  to.member("needs_imatrix", to_string(type.needs_imatrix));
  to.member("derived_from", known(type.derived_from));
  to.member("in_default_table", type.in_default_table);
  to.texts("aliases", type.aliases);
  to.member("source", known(type.source));
}

void write(JsonWriter& to, const CheckpointFormatRow& format) {
  to.member("name", format.name);
  to.member("title", format.title);
  to.member("nominal_bits", known(format.nominal_bits));
  to.member("leaves", known(format.leaves));
  to.texts("runtimes", texts_of(format.runtimes));
  to.member("native_from", capability(format.native_from));
  to.member("weight_only_from", capability(format.weight_only_from));
  to.member("nearest", known(format.nearest));
  to.texts("aliases", texts_of(format.aliases));
  to.member("source", known(format.source));
}

}  // namespace vramcalc::render
