#pragma once

#include "catalog/packed.hpp"
#include "runtime/llama_cpp/precomputed.hpp"
#include "vramcalc/figures.hpp"

// The embedded form of the figures (catalog/packed.hpp). A model's own row says where its other rows are.
namespace vramcalc::figures {

struct ModelPlaces {
  std::string_view id;
  std::uint64_t trunk = 0, mtp = 0, towers = 0, duplicate_head = 0, active = 0;
  std::uint32_t first_weight = 0, weights = 0;
  std::uint32_t first_other = 0, others = 0;
  std::uint32_t first_growth = 0, growths = 0;
  std::uint32_t first_compute = 0, computes = 0;
  bool flash_attention = false;
};

struct WeightRow {
  std::uint32_t file_type = 0;  // its index in the catalog
  std::uint64_t tensor_bytes = 0, file_bytes = 0, gpu = 0, host = 0;
  double bits_per_weight = 0;
  bool imatrix = false;
};

// The bytes of a file of that type that was made differently; 0 if they are the same.
struct OtherFilesRow {
  std::uint32_t file_type = 0;
  std::uint64_t by_other_release = 0, without_mtp = 0;
};

struct GrowthRow {
  std::uint64_t first = 0, last = 0, step = 1;
  std::uint32_t first_term = 0, terms = 0;
};

struct TermRow {
  bool on_host = false;
  TermKind kind = TermKind::kv_cache;
  Basis basis = Basis::exact;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_per_step = 0;  // modulo 2^64
};

// A BoundedGrowth. The default cache is f16, which no backend pads.
struct ComputeRow {
  Backend backend = Backend::cuda;
  std::uint64_t first = 0, last = 0, step = 1;
  std::uint64_t low = 0, low_per_step = 0, best = 0, best_per_step = 0, high = 0, high_per_step = 0;
  std::uint64_t host_low = 0, host_low_per_step = 0, host_best = 0, host_best_per_step = 0, host_high = 0,
                host_high_per_step = 0;
  std::uint32_t below = 0, above = 0, host_below = 0, host_above = 0;
};

using catalog::RowOf;

template <RowOf<ModelPlaces> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.id), visit(row.trunk), visit(row.mtp), visit(row.towers), visit(row.duplicate_head);
  visit(row.active), visit(row.first_weight), visit(row.weights);
  visit(row.first_other), visit(row.others);
  visit(row.first_growth), visit(row.growths), visit(row.first_compute), visit(row.computes);
  visit(row.flash_attention);
}

template <RowOf<WeightRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.file_type), visit(row.tensor_bytes), visit(row.file_bytes), visit(row.gpu), visit(row.host);
  visit(row.bits_per_weight), visit(row.imatrix);
}

template <RowOf<OtherFilesRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.file_type), visit(row.by_other_release), visit(row.without_mtp);
}

template <RowOf<GrowthRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.first), visit(row.last), visit(row.step), visit(row.first_term), visit(row.terms);
}

template <RowOf<TermRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.on_host), visit(row.kind), visit(row.basis), visit(row.bytes), visit(row.bytes_per_step);
}

template <RowOf<ComputeRow> Row, typename Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit(row.backend), visit(row.first), visit(row.last), visit(row.step);
  visit(row.low), visit(row.low_per_step), visit(row.best), visit(row.best_per_step);
  visit(row.high), visit(row.high_per_step);
  visit(row.host_low), visit(row.host_low_per_step), visit(row.host_best), visit(row.host_best_per_step);
  visit(row.host_high), visit(row.host_high_per_step);
  visit(row.below), visit(row.above), visit(row.host_below), visit(row.host_above);
}

namespace embedded {
using catalog::PackedTable;
extern const PackedTable models;  // sorted by id
extern const PackedTable weights;
extern const PackedTable others;
extern const PackedTable growths;
extern const PackedTable terms;
extern const PackedTable computes;
}  // namespace embedded

}  // namespace vramcalc::figures
