#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "render/render.hpp"

// The schema, version 1: keys may be added, never changed or taken away. What is not known is null.
namespace vramcalc::render {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
template <typename T>
Json known(const T& value) {  // 0 and "" stand for unknown in the catalog
  return value == T{} ? Json(nullptr) : Json(value);
}
Json known(std::string_view text) { return text.empty() ? Json(nullptr) : Json(std::string(text)); }
Json known(const std::string& text) { return known(std::string_view(text)); }

// Four decimals: enough for bits per weight and KLD, and no digits that are only rounding.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

template <typename Rows, typename F>
Json array_of(const Rows& rows, F&& one) {
  Json array = Json::array();
  for (const auto& row : rows) array.push_back(one(row));
  return array;
}

Json document(std::string_view kind) {
  return {{"schema_version", 1},
          {"vramcalc_version", std::string(program_version())},
          {"kind", std::string(kind)}};
}

// ---- parts
// ---------------------------------------------------------------------------------------------------------

Json model_json(const ModelSummary& summary) {
  const Model& model = summary.model;
  const Architecture& shape = model.architecture;
  return {{"id", model.id},
          {"name", model.name},
          {"publisher", model.publisher},
          {"family", model.family},
          {"parameters", summary.parameters.trunk + summary.parameters.towers},
          {"active_parameters", summary.parameters.active},
          {"total_parameters", summary.parameters.total()},
          {"published_parameters", known(model.published_parameters)},
          {"architecture", model.architecture_class},
          {"model_type", known(shape.model_type)},
          {"gguf_architecture", known(shape.gguf_name)},
          {"context_length", shape.context_length},
          {"vocab_size", shape.vocab_size},
          {"hidden_size", shape.hidden_size},
          {"layers", shape.blocks.size()},
          {"release_date", known(model.release_date)},
          {"license", known(model.license)},
          {"hf_repo", known(model.hf_repo)},
          {"variant_of", known(model.variant_of)}};
}

Json settings_json(const Settings& settings) {
  const ResolvedWorkload& resolved = settings.resolved;
  return {{"runtime", settings.runtime},
          {"runtime_version", settings.runtime_version},
          {"quantization", settings.quantization},
          {"imatrix", settings.imatrix},
          {"context", resolved.context},
          {"context_asked", or_null(settings.asked.context)},
          {"context_per_slot", resolved.context_per_slot},
          {"parallel", resolved.sequences},
          {"kv_unified", resolved.kv_unified},
          {"cache_type_k", std::string(to_string(settings.asked.cache_type_k))},
          {"cache_type_v", std::string(to_string(settings.asked.cache_type_v))},
          {"batch", resolved.batch},
          {"ubatch", resolved.ubatch},
          {"flash_attention", resolved.flash_attention},
          {"swa_full", settings.asked.swa_full},
          {"kv_offload", settings.asked.kv_offload}};
}

Json term_json(const Term& term) {
  return {{"name", std::string(to_string(term.kind))},   {"bytes", term.amount.best.count()},
          {"low_bytes", term.amount.low.count()},        {"high_bytes", term.amount.high.count()},
          {"basis", std::string(to_string(term.basis))}, {"why", term.why}};
}

Json device_json(const DeviceEstimate& device) {
  const Amount total = device.total();
  return {{"device", device.device},
          {"total_bytes", total.best.count()},
          {"low_bytes", total.low.count()},
          {"high_bytes", total.high.count()},
          {"terms", array_of(device.terms, term_json)}};
}

Json estimate_json(const Estimate& estimate) {
  const Amount total = estimate.gpu_total();
  return {{"tensor_bytes", estimate.tensor_bytes.count()},
          {"file_bytes", estimate.file_bytes.count()},
          {"total_bytes", total.best.count()},
          {"low_bytes", total.low.count()},
          {"high_bytes", total.high.count()},
          {"recommended_bytes", estimate.recommended().count()},
          {"devices", array_of(estimate.devices, device_json)}};
}

Json quantization_json(const QuantizationRow& row) {
  const bool possible = row.refused.empty();
  const auto figure = [&](std::uint64_t value) { return possible ? Json(value) : Json(nullptr); };
  return {{"name", row.name},
          {"bits_per_weight", possible ? Json(rounded(row.bits_per_weight)) : Json(nullptr)},
          {"nominal_bits", known(row.nominal_bits)},
          {"tensor_bytes", figure(row.tensor_bytes.count())},
          {"file_bytes", figure(row.file_bytes.count())},
          {"total_bytes", figure(row.at_context.best.count())},
          {"low_bytes", figure(row.at_context.low.count())},
          {"high_bytes", figure(row.at_context.high.count())},
          {"full_context_total_bytes",
           row.at_full_context ? figure(row.at_full_context->best.count()) : Json(nullptr)},
          {"quality", known(row.quality)},
          {"quality_class", known(row.quality_class)},
          {"kld", row.kld ? Json(rounded(*row.kld)) : Json(nullptr)},
          {"recommended", row.recommended},
          {"chosen", row.chosen},
          {"in_default_table", row.in_default_table},
          {"refused", known(row.refused)}};
}

Json hardware_json(const HardwareRow& row) {
  return {{"id", row.id},
          {"name", row.name},
          {"gpu_count", row.gpu_count},
          {"memory_bytes", known(row.memory.count())},
          {"usable_bytes", row.usable.count()},
          {"verdict", std::string(to_string(row.verdict))},
          {"max_context", or_null(row.max_context)},
          {"best_quantization", known(row.best_quantization)},
          {"needed", known(row.needed)}};
}

Json rule_of_thumb_json(const RuleOfThumb& rule) {
  return {{"total_bytes", rule.at_context.best.count()},
          {"full_context_total_bytes",
           rule.at_full_context ? Json(rule.at_full_context->best.count()) : Json(nullptr)},
          {"differs", rule.differs},
          {"why", known(rule.why)}};
}

Json related_json(const RelatedModel& model) {
  return {{"id", model.id}, {"name", model.name}, {"parameters", model.parameters}};
}

Json checked_device_json(const DeviceFit& device) {
  return {{"device", device.device},
          {"name", device.name},
          {"usable_bytes", known(device.usable.count())},
          {"used_bytes", device.used.best.count()},
          {"low_bytes", device.used.low.count()},
          {"high_bytes", device.used.high.count()},
          {"free_bytes", device.usable > device.used.best ? (device.usable - device.used.best).count() : 0},
          {"verdict", std::string(to_string(device.verdict))}};
}

// ---- documents
// -----------------------------------------------------------------------------------------------------

Json view(const OverviewReport& report) {
  Json json = document("overview");
  json["model"] = model_json(report.summary);
  json["settings"] = settings_json(report.settings);
  json["estimate"] = estimate_json(report.estimate);
  json["full_context"] = report.full_context ? estimate_json(*report.full_context) : Json(nullptr);
  json["kv_bytes_per_token"] = report.kv_bytes_per_token.count();
  json["quantizations"] = array_of(report.quantizations, quantization_json);
  json["best_quantization"] = known(report.best);
  json["better_quantization"] = known(report.better);
  json["smallest_quantization"] = known(report.smallest);
  json["gpus"] = array_of(report.gpus.rows, hardware_json);
  json["systems"] = array_of(report.systems.rows, hardware_json);
  json["hardware"] = report.asked_hardware ? hardware_json(*report.asked_hardware) : Json(nullptr);
  json["related"] = array_of(report.related, related_json);
  json["rule_of_thumb"] = report.rule_of_thumb ? rule_of_thumb_json(*report.rule_of_thumb) : Json(nullptr);
  json["warnings"] = report.warnings;
  return json;
}

Json view(const CheckReport& report) {
  Json json = document("check");
  json["model"] = model_json(report.summary);
  json["settings"] = settings_json(report.settings);
  json["estimate"] = estimate_json(report.estimate);
  json["hardware"] = {{"id", report.machine.id},
                      {"name", report.machine.name},
                      {"gpu_count", report.machine.device.count},
                      {"memory_bytes", known(report.machine.memory.count())},
                      {"usable_bytes", report.machine.usable.count()},
                      {"host_bytes", known(report.machine.host.count())}};
  json["check"] = {{"verdict", std::string(to_string(report.verdict))},
                   {"fits", report.fits},
                   {"exit_status", report.exit_status},
                   {"devices", array_of(report.devices, checked_device_json)},
                   {"max_context", or_null(report.max_context)},
                   {"suggestions", report.suggestions}};
  json["warnings"] = report.warnings;
  return json;
}

Json model_row(const ModelListing::Row& row) {
  return {{"id", row.id},
          {"name", row.name},
          {"publisher", row.publisher},
          {"family", row.family},
          {"parameters", known(row.parameters)},
          {"active_parameters", known(row.active_parameters)},
          {"context_length", known(row.context_length)},
          {"release_date", known(row.release_date)},
          {"license", known(row.license)},
          {"hf_repo", known(row.hf_repo)},
          {"aliases", row.aliases},
          {"incomplete", known(row.incomplete)}};
}

Json alias_array(std::span<const std::string_view> aliases) {
  return array_of(aliases, [](std::string_view alias) { return Json(std::string(alias)); });
}

Json gpu_row(const Gpu& gpu) {
  return {{"id", std::string(gpu.id)},
          {"name", std::string(gpu.name)},
          {"vendor", std::string(gpu.vendor)},
          {"architecture", known(gpu.architecture)},
          {"segment", known(gpu.segment)},
          {"memory_gb", gpu.memory_gb},
          {"usable_bytes", known(gpu.usable().count())},
          {"usable_source", known(gpu.usable_source)},
          {"bandwidth_gbps", known(gpu.bandwidth_gbps)},
          {"fp16_tflops", known(gpu.fp16_tflops)},
          {"streaming_multiprocessors", known(gpu.streaming_multiprocessors)},
          {"compute_capability", known(gpu.compute_capability)},
          {"interconnect", known(gpu.interconnect)},
          {"release_date", known(gpu.release_date)},
          {"msrp_usd", known(gpu.msrp_usd)},
          {"notes", known(gpu.notes)},
          {"aliases", alias_array(gpu.aliases)},
          {"source", known(gpu.source)}};
}

std::string_view kind_name(System::Kind kind) {
  switch (kind) {
    case System::Kind::unified:
      return "unified";
    case System::Kind::multi_gpu:
      return "multi_gpu";
    case System::Kind::cloud:
      return "cloud";
  }
  return "unified";
}

Json system_row(const System& system) {
  return {{"id", std::string(system.id)},
          {"name", std::string(system.name)},
          {"vendor", std::string(system.vendor)},
          {"kind", std::string(kind_name(system.kind))},
          {"gpu", known(system.gpu)},
          {"gpu_id", known(system.gpu_id)},
          {"gpu_count", system.gpu_count},
          {"memory_gb", system.memory_gb},
          {"usable_bytes", known(system.usable().count())},
          {"usable_source", known(system.usable_source)},
          {"system_memory_gb", known(system.system_memory_gb)},
          {"bandwidth_gbps", known(system.bandwidth_gbps)},
          {"interconnect", known(system.interconnect)},
          {"release_date", known(system.release_date)},
          {"notes", known(system.notes)},
          {"aliases", alias_array(system.aliases)},
          {"source", known(system.source)}};
}

Json file_type_row(const FileType& type) {
  return {{"name", std::string(type.name)},
          {"type", std::string(to_string(type.type))},
          {"nominal_bits", known(type.nominal_bits)},
          {"quality", known(type.quality)},
          {"quality_class", std::string(to_string(type.quality_class))},
          {"kld", known(type.kld)},
          {"kld_imatrix", known(type.kld_imatrix)},
          {"needs_imatrix", std::string(to_string(type.needs_imatrix))},
          {"derived_from", known(type.derived_from)},
          {"in_default_table", type.in_default_table},
          {"aliases", alias_array(type.aliases)},
          {"source", known(type.source)}};
}

Json view(const ModelListing& listing) {
  Json json = document("models");
  json["models"] = array_of(listing.rows, model_row);
  return json;
}

Json view(const GpuListing& listing) {
  Json json = document("gpus");
  json["gpus"] = array_of(listing.rows, gpu_row);
  return json;
}

Json view(const SystemListing& listing) {
  Json json = document("systems");
  json["systems"] = array_of(listing.rows, system_row);
  return json;
}

Json view(const QuantizationListing& listing) {
  Json json = document("quants");
  json["quantizations"] = array_of(listing.rows, file_type_row);
  return json;
}

Json view(const ErrorReport& report) {
  Json json = document("error");
  json["error"] = {
      {"code", to_string(report.code)}, {"message", report.message}, {"suggestions", report.suggestions}};
  return json;
}

}  // namespace

std::string json(const Report& report, const Style&) {
  const Json document = std::visit([](const auto& what) { return view(what); }, report);
  // A name that is not UTF-8 (from somebody's own catalog) must not cost the whole document.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vramcalc::render
