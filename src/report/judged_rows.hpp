#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "catalog/packed.hpp"
#include "report/report.hpp"

// The hardware tables of an overview with default options, computed at build time for every model of the
// catalog (src/judged/) as an overview does, since systems of several GPUs take long to judge.
namespace vramcalc::report {

struct HardwareTables {
  HardwareTable gpus, systems;
};

namespace judged {

// A row is its place in the catalog and its results.
struct Row {
  std::uint32_t what = 0;         // place, verdict, best file type and number needed: see judged_tables.cpp
  std::uint32_t max_context = 0;  // 0: none
  friend bool operator==(const Row&, const Row&) = default;
};

// The range of a table's rows; the last one may be its largest, which is shown separately.
struct Table {
  std::uint32_t first = 0, rows = 0;
  bool largest_apart = false;
  std::uint32_t great = 0, fits = 0, tight = 0, offload = 0, no = 0;  // without a row
  friend bool operator==(const Table&, const Table&) = default;
};

struct Model {
  std::string_view id;
  Table gpus, systems;
};

template <catalog::RowOf<Row> Any, typename Visit>
void visit_fields(Any& row, Visit&& visit) {
  visit(row.what), visit(row.max_context);
}

template <catalog::RowOf<Model> Any, typename Visit>
void visit_fields(Any& row, Visit&& visit) {
  visit(row.id);
  for (auto* table : {&row.gpus, &row.systems}) {
    visit(table->first), visit(table->rows), visit(table->largest_apart);
    visit(table->great), visit(table->fits), visit(table->tight), visit(table->offload), visit(table->no);
  }
}

using catalog::PackedTable;
extern const PackedTable models;  // sorted by id; empty in a build without VRAMCALC_FIGURES
extern const PackedTable rows;

Row packed(const HardwareRow& row, std::size_t place, std::span<const FileType> file_types);

// The row completed with the catalog's facts of its hardware.
HardwareRow unpacked(const Catalog& catalog, const Row& row, bool is_system);

}  // namespace judged

// For a model of the embedded catalog; empty if nothing was computed.
std::optional<HardwareTables> judged_tables(const Catalog& catalog, std::string_view model_id);

}  // namespace vramcalc::report
