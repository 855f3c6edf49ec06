#include "render/json/write.hpp"

namespace vramcalc::render {

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
  write_speed(to, "decode", row.decode);
}

void write(JsonWriter& to, const MemoryCurves& curves) {
  to.numbers("contexts", curves.contexts);
  to.objects("quantizations", curves.curves, [&](const MemoryCurves::Curve& curve) {
    std::vector<Bytes> totals;
    for (const Amount& needed : curve.needed) totals.push_back(needed.best);
    to.member("name", curve.quantization);
    to.numbers("total_bytes", totals);
  });
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

void write(JsonWriter& to, const OtherQuantizer& other) {
  to.member("release", to_string(other.release));
  to.member("tensor_bytes", other.tensor_bytes.count());
}

}  // namespace vramcalc::render
