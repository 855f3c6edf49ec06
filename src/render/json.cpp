#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "render/json_writer.hpp"
#include "render/render.hpp"
#include "vramcalc/catalog_date.hpp"

// The schema, version 1: keys may be added but never changed or removed. Unknown values are null.
namespace vramcalc::render {
namespace {

// 0 and "" stand for unknown in the catalog.
template <typename T>
std::optional<T> known(T value) {
  return value == T{} ? std::nullopt : std::optional<T>(value);
}
std::optional<std::string_view> known(const std::string& text) { return known(std::string_view(text)); }

// Four decimals are enough for bits per weight and KLD and show no rounding noise.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

void write_amount(JsonWriter& to, std::string_view best, const Amount& amount) {
  to.member(best, amount.best.count());
  to.member("low_bytes", amount.low.count());
  to.member("high_bytes", amount.high.count());
}

// ---- parts

void write(JsonWriter& to, const TypeShare& share) {
  to.member("type", to_string(share.type));
  to.member("tensors", share.tensors);
  to.member("bytes", share.bytes.count());
}

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

void write(JsonWriter& to, const Settings& settings) {
  to.member("runtime", settings.runtime);
  to.member("runtime_version", settings.runtime_version);
  to.member("runtime_release", known(settings.release));
  to.member("runtime_tool", known(settings.tool));
  to.member("backend", to_string(settings.backend));
  to.member("quantization", settings.quantization);
  to.member("imatrix", settings.imatrix);
  to.member("quantizer", to_string(settings.quantizer));
  to.member("mtp", settings.mtp);
  for (const Setting& setting : settings.of_runtime)
    std::visit([&](const auto& value) { to.member(setting.key, value); }, setting.value);
}

void write(JsonWriter& to, const Term& term) {
  to.member("name", to_string(term.kind));
  write_amount(to, "bytes", term.amount);
  to.member("basis", to_string(term.basis));
  to.member("why", term.why);
}

void write(JsonWriter& to, const PlaceEstimate& device) {
  to.member("device", to_string(device.place));
  write_amount(to, "total_bytes", device.total());
  to.objects("terms", device.terms, [&](const Term& term) { write(to, term); });
}

void write(JsonWriter& to, const Capacity& capacity) {
  to.member("kv_cache_tokens", capacity.kv_cache_tokens);
  to.member("kv_cache_tokens_low", capacity.kv_cache_tokens_low);
  to.member("kv_cache_tokens_high", capacity.kv_cache_tokens_high);
  to.member("max_concurrency", std::round(capacity.max_concurrency * 100) / 100);
  to.member("max_model_len", known(capacity.max_model_len));
  to.member("kv_bytes_per_token", capacity.kv_bytes_per_token.count());
  to.member("blocks", known(capacity.blocks));
  to.member("block_size", known(capacity.block_size));
  to.member("available_kv_bytes", capacity.available_kv.best.count());
  to.member("available_kv_low_bytes", capacity.available_kv.low.count());
  to.member("available_kv_high_bytes", capacity.available_kv.high.count());
}

void write(JsonWriter& to, const Answer& answer) {
  to.member("key", answer.key);
  std::visit([&](auto value) { to.member("value", value); }, answer.value);
  to.member("text", answer.text);
}

void write(JsonWriter& to, const Estimate& estimate) {
  to.member("tensor_bytes", estimate.tensor_bytes.count());
  to.member("file_bytes", estimate.file_bytes.count());
  write_amount(to, "total_bytes", estimate.gpu_total());
  to.member("recommended_bytes", estimate.recommended().count());
  to.objects("devices", estimate.places, [&](const PlaceEstimate& device) { write(to, device); });
  if (estimate.capacity) to.object("capacity", [&] { write(to, *estimate.capacity); });
}

void write(JsonWriter& to, const QuantizationRow& row) {
  const auto figure = [&](std::string_view key, std::optional<Bytes> bytes) {
    to.member(key, bytes && row.refused.empty() ? std::optional(bytes->count()) : std::nullopt);
  };
  to.member("name", row.name);
  to.member("bits_per_weight",
            row.refused.empty() ? std::optional(rounded(row.bits_per_weight)) : std::nullopt);
  to.member("nominal_bits", known(row.nominal_bits));
  to.member("nominal_quality", known(row.nominal_quality));
  figure("tensor_bytes", row.tensor_bytes);
  figure("file_bytes", row.file_bytes);
  figure("total_bytes", row.at_context.best);
  figure("low_bytes", row.at_context.low);
  figure("high_bytes", row.at_context.high);
  figure("full_context_total_bytes",
         row.at_full_context ? std::optional(row.at_full_context->best) : std::nullopt);
  to.member("quality", known(row.quality));
  to.member("quality_class", known(row.quality_class));
  to.member("kld", row.kld ? std::optional(rounded(*row.kld)) : std::nullopt);
  to.member("recommended", row.recommended);
  to.member("chosen", row.chosen);
  to.member("in_default_table", row.in_default_table);
  to.member("refused", known(row.refused));
}

void write(JsonWriter& to, const HardwareRow& row) {
  to.member("id", row.id);
  to.member("name", row.name);
  to.member("gpu_count", row.gpu_count);
  to.member("memory_bytes", known(row.memory.count()));
  to.member("usable_bytes", row.usable.count());
  to.member("verdict", to_string(row.verdict));
  to.member("max_context", row.max_context);
  to.member("best_quantization", known(row.best_quantization));
  to.member("weight_only", row.weight_only);
  to.member("needed", known(row.needed));
}

void write(JsonWriter& to, const Machine& machine) {
  to.member("id", machine.id);
  to.member("name", machine.name);
  to.member("gpu_count", machine.device.count);
  to.member("memory_bytes", known(machine.memory.count()));
  to.member("usable_bytes", machine.usable.count());
  to.member("host_bytes", known(machine.host.count()));
}

// The layers and other parts that were moved, in llama.cpp's words.
void write(JsonWriter& to, const llama_cpp::Placement& placement) {
  to.member("gpu_layers", placement.layers);
  to.numbers("tensor_split", placement.split);
  to.objects("overrides", placement.overrides, [&](const llama_cpp::TensorOverride& moved) {
    to.member("pattern", pattern_of(moved));
    to.member("device", to_string(moved.place));
  });
}

void write(JsonWriter& to, const Placement& placement) {
  const auto* placed = std::get_if<llama_cpp::Placement>(&placement);
  write(to, placed == nullptr ? llama_cpp::Placement{} : *placed);
}

void write(JsonWriter& to, const RuleOfThumb& rule) {
  to.member("total_bytes", rule.at_context.best.count());
  to.member("full_context_total_bytes",
            rule.at_full_context ? std::optional(rule.at_full_context->best.count()) : std::nullopt);
  to.member("differs", rule.differs);
  to.member("why", known(rule.why));
}

void write(JsonWriter& to, const RelatedModel& model) {
  to.member("id", model.id);
  to.member("name", model.name);
  to.member("parameters", model.parameters);
}

std::string_view word(Origin origin) {
  switch (origin) {
    case Origin::shape: return "model";
    case Origin::quantization: return "quantization";
    case Origin::flag: return "flag";
    case Origin::runtime_default: return "default";
    case Origin::derived: return "derived";
  }
  return "unknown";
}

void write(JsonWriter& to, const Ingredient& ingredient) {
  to.member("name", ingredient.name);
  to.member("value", ingredient.value);
  to.member("origin", word(ingredient.origin));
  to.member("key", known(ingredient.key));
}

void write_range(JsonWriter& to, std::string_view key, const std::optional<Range>& range) {
  if (!range) return to.member(key, std::nullopt);
  to.object(key, [&] {
    to.member("low", rounded(range->low));
    to.member("high", rounded(range->high));
  });
}

void write_explanation(JsonWriter& to, const Explanation& explanation) {
  to.member("formula", explanation.formula);
  to.objects("ingredients", explanation.ingredients,
             [&](const Ingredient& ingredient) { write(to, ingredient); });
  to.member("rule", known(explanation.rule));
}

void write(JsonWriter& to, const ExplainedTerm& term) {
  to.member("device", to_string(term.place));
  to.member("term", to_string(term.kind));
  to.member("bytes", term.amount.best.count());
  to.member("basis", to_string(term.basis));
  write_explanation(to, term.explanation);
}

void write(JsonWriter& to, const ExplainedSpeed& speed) {
  to.member("name", speed.name);
  write_range(to, "tokens_per_second", speed.tokens_per_second);
  write_explanation(to, speed.explanation);
}

void write(JsonWriter& to, const Room& room) {
  to.member("context", room.context);
  to.member("tokens", room.tokens);
  to.member("sequences", room.sequences);
}

void write(JsonWriter& to, const ExplanationReport& explanation) {
  to.member("model_from", explanation.shape);
  to.objects("terms", explanation.terms, [&](const ExplainedTerm& term) { write(to, term); });
  if (!explanation.speeds.empty())
    to.objects("speeds", explanation.speeds, [&](const ExplainedSpeed& speed) { write(to, speed); });
}

void write(JsonWriter& to, const OtherQuantizer& other) {
  to.member("release", to_string(other.release));
  to.member("tensor_bytes", other.tensor_bytes.count());
}

void write(JsonWriter& to, const PlaceFit& device) {
  to.member("device", to_string(device.place));
  to.member("name", device.name);
  to.member("usable_bytes", known(device.usable.count()));
  write_amount(to, "used_bytes", device.used);
  to.member("free_bytes", device.usable > device.used.best ? (device.usable - device.used.best).count() : 0);
  to.member("verdict", device.verdict ? std::optional(to_string(*device.verdict)) : std::nullopt);
}

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
  to.member("streaming_multiprocessors", known(gpu.streaming_multiprocessors));
  to.member("compute_capability", known(gpu.compute_capability));
  to.member("interconnect", known(gpu.interconnect));
  to.member("release_date", known(gpu.release_date));
  to.member("msrp_usd", known(gpu.msrp_usd));
  to.member("notes", known(gpu.notes));
  to.texts("aliases", gpu.aliases);
  to.member("source", known(gpu.source));
}

std::string_view name_of(System::Kind kind) {
  switch (kind) {
    case System::Kind::unified: return "unified";
    case System::Kind::multi_gpu: return "multi_gpu";
    case System::Kind::cloud: return "cloud";
  }
  return "unified";
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

std::vector<std::string> texts_of(const TextList& list) { return {list.begin(), list.end()}; }

// Compute capabilities as NVIDIA writes them: 8.9.
std::optional<double> capability(std::uint32_t tenths) {
  return tenths == 0 ? std::nullopt : std::optional(static_cast<double>(tenths) / 10);
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

void write(JsonWriter& to, const Speed& speed) {
  write_range(to, "decode_tokens_per_second", speed.decode);
  write_range(to, "prefill_tokens_per_second", speed.prefill);
  to.member("why", known(speed.decode ? speed.why : std::string()));
}

void write(JsonWriter& to, const PlannedLoad& load) {
  to.member("quantization", load.quantization);
  to.member("context", load.load.demand.tokens);
  to.member("whole", load.load.layers.whole);
  to.member("layers", load.load.layers.on_gpus);
  to.member("all_layers", load.load.layers.all);
  to.member("layers_without_experts", load.load.layers.without_experts);
  to.object("placement", [&] { write(to, load.load.placement); });
  to.object("estimate", [&] { write(to, load.load.estimate); });
  to.objects("devices", load.places, [&](const PlaceFit& device) { write(to, device); });
  to.object("speed", [&] { write(to, load.speed); });
  if (load.room) to.object("room", [&] { write(to, *load.room); });
  to.member("command", load.command);
  to.member("trade", known(load.trade));
}

void write(JsonWriter& to, const RecommendReport::Row& row) {
  to.member("id", row.id);
  to.member("name", row.name);
  to.member("publisher", row.publisher);
  to.member("family", known(row.family));
  to.member("license", known(row.license));
  to.member("release_date", known(row.release_date));
  to.member("parameters", row.parameters);
  to.member("active_parameters", known(row.active_parameters));
  to.member("context_length", row.context_length);
  to.member("quantization", row.quantization);
  to.member("max_context", row.context);
  write_amount(to, "total_bytes", row.needed);
  write_range(to, "decode_tokens_per_second", row.decode);
}

// ---- documents

void write(JsonWriter& to, const ModelSummary& summary);

template <typename T>
void part(JsonWriter& to, std::string_view key, const T& value) {
  to.object(key, [&] { write(to, value); });
}
template <typename T>
void part(JsonWriter& to, std::string_view key, const std::optional<T>& value) {
  if (value) {
    part(to, key, *value);
  } else {
    to.member(key, std::nullopt);
  }
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

void write(JsonWriter& to, const CompareReport::Fit& fit) {
  to.member("verdict", to_string(fit.verdict));
  to.member("max_context", fit.max_context);
}

void write(JsonWriter& to, const CompareReport::Row& row) {
  part(to, "model", row.summary);
  to.member("quantization", row.quantization);
  to.member("refused", known(row.refused));
  if (!row.refused.empty()) return;
  to.member("bits_per_weight", rounded(row.bits_per_weight));
  to.member("kld", row.kld ? std::optional(rounded(*row.kld)) : std::nullopt);
  part(to, "settings", row.settings);
  part(to, "estimate", row.estimate);
  part(to, "full_context", row.full_context);
  to.member("kv_bytes_per_token", row.kv_bytes_per_token.count());
  to.objects("fits", row.fits, [&](const CompareReport::Fit& fit) { write(to, fit); });
}

template <typename T>
void rows(JsonWriter& to, std::string_view key, const std::vector<T>& values) {
  to.objects(key, values, [&](const T& value) { write(to, value); });
}

struct Document {
  JsonWriter& to;

  void begin(std::string_view kind) const {
    to.member("schema_version", 1);
    to.member("vramcalc_version", program_version());
    to.member("catalog_date", catalog_date());
    to.member("kind", kind);
  }

  void operator()(const OverviewReport& report) const {
    begin("overview");
    part(to, "model", report.summary);
    part(to, "settings", report.settings);
    part(to, "estimate", report.estimate);
    part(to, "full_context", report.full_context);
    to.member("kv_bytes_per_token", report.kv_bytes_per_token.count());
    rows(to, "quantizations", report.quantizations);
    if (!report.gguf_quantizations.empty()) rows(to, "gguf_quantizations", report.gguf_quantizations);
    to.member("best_quantization", known(report.best));
    to.member("better_quantization", known(report.better));
    to.member("smallest_quantization", known(report.smallest));
    rows(to, "gpus", report.gpus.rows);
    rows(to, "systems", report.systems.rows);
    part(to, "hardware", report.asked_hardware);
    rows(to, "related", report.related);
    part(to, "rule_of_thumb", report.rule_of_thumb);
    part(to, "other_quantizer", report.other_quantizer);
    to.member("tensor_bytes_without_mtp", report.tensor_bytes_without_mtp);
    if (report.explanation) part(to, "explanation", report.explanation);
    to.texts("warnings", report.warnings);
  }

  void operator()(const CheckReport& report) const {
    begin("check");
    part(to, "model", report.summary);
    part(to, "settings", report.settings);
    part(to, "estimate", report.estimate);
    part(to, "hardware", report.machine);
    part(to, "placement", report.placement);
    to.object("check", [&] {
      to.member("verdict", to_string(report.verdict));
      to.member("fits", report.fits);
      to.member("exit_status", report.exit_status);
      rows(to, "devices", report.places);
      to.member("max_context", report.max_context);
      part(to, "room", report.room);
      rows(to, "answers", report.answers);
      to.texts("suggestions", report.suggestions);
    });
    if (report.explanation) part(to, "explanation", report.explanation);
    to.texts("warnings", report.warnings);
  }

  void operator()(const PlanReport& report) const {
    begin("plan");
    part(to, "model", report.summary);
    part(to, "settings", report.settings);
    part(to, "hardware", report.machine);
    to.object("plan", [&] {
      to.member("like_llama_cpp", report.like_runtime);
      part(to, "best", report.best);
      rows(to, "runners_up", report.runners_up);
    });
    if (report.explanation) part(to, "explanation", report.explanation);
    to.texts("warnings", report.warnings);
  }

  void operator()(const RecommendReport& report) const {
    begin("recommend");
    part(to, "hardware", report.machine);
    to.member("least_context", report.least_context);
    rows(to, "models", report.rows);
    to.member("too_large", report.too_large);
    to.texts("warnings", report.warnings);
  }

  void operator()(const CompareReport& report) const {
    begin("compare");
    rows(to, "hardware", report.machines);
    rows(to, "rows", report.rows);
    to.texts("warnings", report.warnings);
  }

  void operator()(const ModelListing& listing) const {
    begin("models");
    rows(to, "models", listing.rows);
  }
  void operator()(const LocalModelListing& listing) const {
    begin("local_models");
    rows(to, "models", listing.rows);
  }
  void operator()(const GpuListing& listing) const {
    begin("gpus");
    rows(to, "gpus", listing.rows);
  }
  void operator()(const SystemListing& listing) const {
    begin("systems");
    rows(to, "systems", listing.rows);
  }
  void operator()(const QuantizationListing& listing) const {
    begin("quants");
    rows(to, "quantizations", listing.rows);
    rows(to, "checkpoint_formats", listing.formats);
  }

  void operator()(const DeploymentReport& report) const {
    begin("deployment");
    to.objects("services", report.services, [&](const ServiceReport& service) {
      to.member("name", service.name);
      to.member("status", to_string(service.status));
    });
  }

  void operator()(const ErrorReport& report) const {
    begin("error");
    to.object("error", [&] {
      to.member("code", to_string(report.code));
      to.member("message", report.message);
      to.texts("suggestions", report.suggestions);
    });
  }
};

}  // namespace

std::string json(const Report& report, const Style&) {
  JsonWriter to;
  to.object([&] { std::visit(Document{to}, report); });
  return std::move(to).take();
}

}  // namespace vramcalc::render
