#include "catalog/packing.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

PackedLayout read_layout(Fields& fields) {
  PackedLayout layout;
  layout.parts = read_parts(fields, "parts");
  layout.value_bits = positive(fields, "value_bits");
  layout.value_hundredths = fields.number32_or("value_hundredths", 0);
  layout.values_per_element = optional_positive(fields, "values_per_element").value_or(1);
  layout.word_bytes = fields.number32_or("word_bytes", 0);
  layout.scale_rows = fields.number32_or("scale_rows", 0);
  layout.scale_columns = fields.number32_or("scale_columns", 0);
  layout.scale_bytes = fields.number32_or("scale_bytes", 0);
  layout.scales_counted = fields.flag_or("scales_counted", true);
  layout.zero_point_bits = fields.number32_or("zero_point_bits", 0);
  layout.matrix_bytes = fields.number32_or("matrix_bytes", 0);
  layout.matrix_elements = fields.number32_or("matrix_elements", 0);
  layout.output_bytes = fields.number32_or("output_bytes", 0);
  layout.input_bytes = fields.number32_or("input_bytes", 0);
  return layout;
}

void read_others(Fields& fields, Packing& packing) {
  const json* others = fields.optional_raw("others");
  if (others == nullptr) return;
  if (!others->is_array() || others->size() > packing.others.size())
    fields.fail("others", fmt::format("a list of at most {} layouts was expected", packing.others.size()));
  for (std::size_t i = 0; i < others->size(); ++i) {
    Fields other((*others)[i], fields.file(), fields.entry() + ": others");
    packing.others[i] = read_layout(other);
    other.finish();
  }
}

}  // namespace

PartSet read_parts(Fields& fields, std::string_view key) {
  PartSet parts;
  for (const std::string& name : fields.texts(key)) {
    const std::optional<PackedPart> part = packed_part_named(name);
    if (!part)
      fields.fail(key, fmt::format("\"{}\" is not a part of a layer that a checkpoint quantizes", name));
    parts.add(*part);
  }
  return parts;
}

std::optional<Packing> read_packing(Fields& entry, std::string_view key) {
  const json* object = entry.optional_raw(key);
  if (object == nullptr) return std::nullopt;
  Fields fields(*object, entry.file(), fmt::format("{}: {}", entry.entry(), key));
  Packing packing;
  packing.layout = read_layout(fields);
  read_others(fields, packing);
  packing.prediction_layers = fields.flag_or("prediction_layers", false);
  packing.trunk_only = fields.flag_or("trunk_only", false);
  packing.plain_first_layers = fields.number32_or("plain_first_layers", 0);
  packing.plain_last_layers = fields.number32_or("plain_last_layers", 0);
  packing.plain_bytes = optional_positive(fields, "plain_bytes").value_or(2);
  fields.finish();
  return packing;
}

}  // namespace vramcalc::catalog
