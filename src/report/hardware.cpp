#include <array>

#include "report/judge.hpp"

namespace vramcalc::report {
namespace {

// The first rows of a verdict, and the number of the rest.
template <class Hardware>
struct Listed {
  std::vector<const Hardware*> rows;
  std::size_t more = 0;
};

// The catalog lists the most prominent ones first.
template <class Hardware>
HardwareTable table_of(Judge& judge, const std::vector<const Hardware*>& all, std::size_t rows_per_verdict) {
  std::array<Listed<Hardware>, verdict_count> verdicts;
  const Hardware* largest = nullptr;  // the first of those with the most memory
  for (const Hardware* each : all) {
    if (each->usable_mib == 0) continue;  // its usable memory is unknown
    Listed<Hardware>& listed = verdicts[static_cast<std::size_t>(judge.verdict(*each))];
    if (listed.rows.size() < rows_per_verdict)
      listed.rows.push_back(each);
    else
      ++listed.more;
    if (largest == nullptr || each->usable() > largest->usable()) largest = each;
  }
  std::vector<Machine> machines;  // of the rows
  const auto row = [&](const Hardware& hardware) {
    HardwareRow filled = row_of(hardware);
    judge.fill(filled, machines.emplace_back(judge.machine(hardware)));
    return filled;
  };
  HardwareTable table;
  bool lists_largest = largest == nullptr;
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
    table.unlisted[verdict] = verdicts[verdict].more;
    for (const Hardware* each : verdicts[verdict].rows) {
      table.rows.push_back(row(*each));
      lists_largest = lists_largest || each == largest;
    }
  }
  judge.add_speeds(table.rows, machines);
  if (!lists_largest) table.largest = row(*largest);
  return table;
}

}  // namespace

HardwareTable gpu_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict) {
  return table_of(judge, catalog.gpus(), rows_per_verdict);
}

HardwareTable system_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict) {
  return table_of(judge, catalog.systems(), rows_per_verdict);
}

HardwareRow hardware_row(Judge& judge, const Machine& machine) {
  HardwareRow row;
  row.id = machine.id;
  row.name = machine.name;
  row.memory_gb = static_cast<double>(machine.memory.count()) / static_cast<double>(GiB);
  judge.fill(row, machine);
  judge.add_speeds({&row, 1}, {&machine, 1});
  return row;
}

}  // namespace vramcalc::report
