#include "render/json/write.hpp"
#include "vramcalc/catalog_date.hpp"

// The documents of the schema, version 1.
namespace vramcalc::render {
namespace {

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
    to.member("newer_releases_add_bytes", report.newer_releases_add);
    to.member("tensor_bytes_without_mtp", report.tensor_bytes_without_mtp);
    if (report.explanation) part(to, "explanation", report.explanation);
    if (report.curves) part(to, "memory_by_context", *report.curves);
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
      part(to, "speed", report.speed);
      to.member("max_context", report.max_context);
      part(to, "room", report.room);
      part(to, "own_choice", report.own_choice);
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
    to.member("min_speed", report.least_speed);
    to.member("too_slow", report.too_slow);
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
    write(to, report);
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
