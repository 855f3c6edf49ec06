#include <functional>
#include <map>

#include "report/judge.hpp"

namespace vramcalc {
namespace report {
namespace {

template <class Hardware>
HardwareRow judged_row(const Catalog& catalog, const Hardware& hardware, const JudgedHardware& judged) {
  HardwareRow row = row_of(hardware);
  Machine machine = machine_of(catalog, hardware);
  limit_devices(machine, runtimes().front());
  row.gpu_count = machine.device.count;
  row.memory = machine.memory;
  row.usable = machine.usable;
  row.verdict = judged.verdict;
  row.max_context = judged.max_context;
  row.best_quantization = judged.best_quantization;
  row.needed = judged.needed;
  return row;
}

template <class Describe>
HardwareTable table_of(const JudgedTable& judged, const Describe& describe) {
  HardwareTable table;
  table.unlisted = judged.unlisted;
  table.rows.reserve(judged.rows.size());
  for (const JudgedHardware& each : judged.rows) table.rows.push_back(describe(each));
  if (judged.largest) table.largest = describe(*judged.largest);
  return table;
}

}  // namespace

HardwareTable judged_gpus(const Catalog& catalog, const JudgedTable& judged) {
  return table_of(judged, [&](const JudgedHardware& each) {
    return judged_row(catalog, catalog.gpu_at(each.place), each);
  });
}

HardwareTable judged_systems(const Catalog& catalog, const JudgedTable& judged) {
  return table_of(judged, [&](const JudgedHardware& each) {
    return judged_row(catalog, catalog.system_at(each.place), each);
  });
}

}  // namespace report

namespace {

using Places = std::map<std::string, std::uint32_t, std::less<>>;

JudgedTable judged(const HardwareTable& table, const Places& places) {
  const auto judged = [&](const HardwareRow& row) {
    return JudgedHardware{places.at(row.id), row.verdict, row.max_context, row.best_quantization, row.needed};
  };
  JudgedTable result{{}, {}, table.unlisted};
  for (const HardwareRow& row : table.rows) result.rows.push_back(judged(row));
  if (table.largest) result.largest = judged(*table.largest);
  return result;
}

}  // namespace

JudgedTables judged_tables(const Catalog& catalog, const OverviewReport& overview) {
  Places places;
  for (std::uint32_t place = 0; place < catalog.gpu_count(); ++place)
    places.emplace(catalog.gpu_at(place).id, place);
  for (std::uint32_t place = 0; place < catalog.system_count(); ++place)
    places.emplace(catalog.system_at(place).id, place);
  return {judged(overview.gpus, places), judged(overview.systems, places)};
}

}  // namespace vramcalc
