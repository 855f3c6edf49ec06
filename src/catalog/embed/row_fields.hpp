#pragma once

#include <concepts>
#include <type_traits>

#include "catalog/architecture_row.hpp"
#include "catalog/memory_rules.hpp"
#include "catalog/names.hpp"
#include "catalog/program_text.hpp"
#include "vramcalc/catalog.hpp"

// The members of every row that is embedded, in the order in which they are declared.
namespace vramcalc::catalog {

template <typename Row, typename Wanted>
concept RowOf = std::same_as<std::remove_const_t<Row>, Wanted>;

template <RowOf<Gpu> Row, typename Visit>
void visit_fields(Row& gpu, Visit&& visit) {
  visit(gpu.id), visit(gpu.name), visit(gpu.vendor), visit(gpu.architecture), visit(gpu.segment);
  visit(gpu.memory_gb), visit(gpu.memory_type), visit(gpu.bus_bits);
  visit(gpu.driver_total_mib), visit(gpu.driver_total_evidence), visit(gpu.driver_total_source);
  visit(gpu.usable_mib), visit(gpu.usable_evidence), visit(gpu.usable_source);
  visit(gpu.bandwidth_gbps), visit(gpu.fp16_tflops), visit(gpu.fp32_tflops),
      visit(gpu.fp32_accumulate_half_rate);
  visit(gpu.streaming_multiprocessors), visit(gpu.compute_capability), visit(gpu.gfx);
  visit(gpu.interconnect), visit(gpu.tdp_watts), visit(gpu.release_date), visit(gpu.msrp_usd);
  visit(gpu.splits_into_two), visit(gpu.last_level_cache_mib), visit(gpu.notes), visit(gpu.aliases),
      visit(gpu.source), visit(gpu.prominence);
}

template <RowOf<System> Row, typename Visit>
void visit_fields(Row& system, Visit&& visit) {
  visit(system.id), visit(system.name), visit(system.vendor), visit(system.kind);
  visit(system.gpu), visit(system.gpu_id), visit(system.gpu_count), visit(system.gpu_fraction);
  visit(system.memory_gb), visit(system.usable_mib), visit(system.usable_evidence),
      visit(system.usable_source);
  visit(system.system_memory_gb), visit(system.bandwidth_gbps), visit(system.fp16_tflops),
      visit(system.last_level_cache_mib), visit(system.interconnect);
  visit(system.compute_capability), visit(system.release_date), visit(system.notes), visit(system.aliases);
  visit(system.source), visit(system.prominence);
}

template <RowOf<ModelRow> Row, typename Visit>
void visit_fields(Row& model, Visit&& visit) {
  visit(model.id), visit(model.name), visit(model.publisher), visit(model.family), visit(model.license);
  visit(model.release_date), visit(model.hf_repo), visit(model.model_type), visit(model.architecture_class);
  visit(model.variant_of), visit(model.parameters), visit(model.active_parameters),
      visit(model.context_length);
  visit(model.modalities), visit(model.aliases), visit(model.incomplete), visit(model.json),
      visit(model.file);
}

template <RowOf<ProgramText> Row, typename Visit>
void visit_fields(Row& program, Visit&& visit) {
  visit(program.id), visit(program.json);
}

template <RowOf<NamedPlace> Row, typename Visit>
void visit_fields(Row& name, Visit&& visit) {
  visit(name.key), visit(name.place);
}

template <RowOf<FormatWord> Row, typename Visit>
void visit_fields(Row& word, Visit&& visit) {
  visit(word.word), visit(word.family), visit(word.nearest), visit(word.what);
}

template <RowOf<PackedLayout> Row, typename Visit>
void visit_fields(Row& layout, Visit&& visit) {
  visit(layout.parts), visit(layout.value_bits), visit(layout.value_hundredths);
  visit(layout.values_per_element), visit(layout.word_bytes);
  visit(layout.scale_rows), visit(layout.scale_columns), visit(layout.scale_bytes);
  visit(layout.scales_counted), visit(layout.zero_point_bits);
  visit(layout.matrix_bytes), visit(layout.matrix_elements);
  visit(layout.output_bytes), visit(layout.input_bytes);
}

template <RowOf<Packing> Row, typename Visit>
void visit_fields(Row& packing, Visit&& visit) {
  visit(packing.layout), visit(packing.others);
  visit(packing.prediction_layers), visit(packing.trunk_only), visit(packing.plain_bytes);
  visit(packing.plain_first_layers), visit(packing.plain_last_layers);
}

template <RowOf<PackingEnd> Row, typename Visit>
void visit_fields(Row& end, Visit&& visit) {
  visit(end.name), visit(end.packing), visit(end.without_experts);
}

template <RowOf<CheckpointFormatRow> Row, typename Visit>
void visit_fields(Row& format, Visit&& visit) {
  visit(format.name), visit(format.title), visit(format.families), visit(format.aliases);
  visit(format.details), visit(format.nominal_bits), visit(format.packing), visit(format.least),
      visit(format.most), visit(format.leaves);
  visit(format.runtimes), visit(format.native_from), visit(format.weight_only_from);
  visit(format.unsupported_from), visit(format.native_gfx), visit(format.weight_only_gfx);
  visit(format.weight_only_reason), visit(format.nearest), visit(format.source);
}

template <RowOf<ArchitectureRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.model_type), visit(row.json);
}

template <RowOf<DriverTotalRule> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.name), visit(rule.sixteenths), visit(rule.mib_per_gib), visit(rule.mib_per_channel);
  visit(rule.channel_bits), visit(rule.mib), visit(rule.source);
}

template <RowOf<DriverReserve> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.architecture), visit(rule.memory_type), visit(rule.from_memory_gb), visit(rule.mib),
      visit(rule.source);
}

template <RowOf<UsableFallback> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.vendor), visit(rule.share), visit(rule.source);
}

template <RowOf<ArchitectureCache> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.architecture), visit(rule.memory_type), visit(rule.mib), visit(rule.source);
}

template <RowOf<SystemCache> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.gpu), visit(rule.mib), visit(rule.source);
}

template <RowOf<MemoryShare> Row, typename Visit>
void visit_fields(Row& rule, Visit&& visit) {
  visit(rule.name), visit(rule.from_gb), visit(rule.share), visit(rule.source);
}

}  // namespace vramcalc::catalog
