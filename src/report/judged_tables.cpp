#include <algorithm>

#include "report/judge.hpp"

namespace vramcalc {
namespace report {
namespace {

template <class Hardware>
HardwareRow judged_row(const Hardware& hardware, const Machine& machine, const JudgedHardware& judged) {
  HardwareRow row = row_of(hardware);
  row.gpu_count = machine.device.count;
  row.memory = machine.memory;
  row.usable = machine.usable;
  row.verdict = judged.verdict;
  row.max_context = judged.max_context;
  row.best_quantization = judged.best_quantization;
  row.weight_only = judged.weight_only;
  row.needed = judged.needed;
  return row;
}

template <class Hardware>
HardwareTable table_of(const JudgedLoad& load, const std::vector<const Hardware*>& all,
                       const JudgedTable& judged) {
  std::vector<Machine> machines;  // of the rows
  machines.reserve(judged.rows.size() + 1);
  const auto describe = [&](const JudgedHardware& each) {
    const Hardware& hardware = *all[each.place];
    machines.push_back(machine_under(load.session, machine_of(load.catalog, hardware)));
    return judged_row(hardware, machines.back(), each);
  };
  HardwareTable table;
  table.unlisted = judged.unlisted;
  table.rows.reserve(judged.rows.size());
  for (const JudgedHardware& each : judged.rows) table.rows.push_back(describe(each));
  add_speeds(table.rows, machines, load.session, load.quantization, load.demand);
  if (judged.largest) table.largest = describe(*judged.largest);
  return table;
}

}  // namespace

HardwareTable judged_gpus(const JudgedLoad& load, const JudgedTable& judged) {
  return table_of(load, load.catalog.gpus(), judged);
}

HardwareTable judged_systems(const JudgedLoad& load, const JudgedTable& judged) {
  return table_of(load, load.catalog.systems(), judged);
}

}  // namespace report

namespace {

template <class Hardware>
JudgedTable judged(const HardwareTable& table, const std::vector<const Hardware*>& all) {
  const auto judged = [&](const HardwareRow& row) {
    const auto found = std::ranges::find(all, row.id, &Hardware::id);
    return JudgedHardware{static_cast<std::uint32_t>(found - all.begin()),
                          row.verdict,
                          row.max_context,
                          row.best_quantization,
                          row.weight_only,
                          row.needed};
  };
  JudgedTable result{{}, {}, table.unlisted};
  for (const HardwareRow& row : table.rows) result.rows.push_back(judged(row));
  if (table.largest) result.largest = judged(*table.largest);
  return result;
}

}  // namespace

JudgedTables judged_tables(const Catalog& catalog, const OverviewReport& overview) {
  return {judged(overview.gpus, catalog.gpus()), judged(overview.systems, catalog.systems())};
}

}  // namespace vramcalc
