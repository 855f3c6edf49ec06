#include <algorithm>
#include <array>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

HardwareRow row_of(const Machine& machine, double memory_gb, std::uint32_t prominence, bool is_system) {
  HardwareRow row;
  row.id = machine.id;
  row.name = machine.name;
  row.is_system = is_system;
  row.gpu_count = machine.device.count;
  row.memory_gb = memory_gb;
  row.memory = machine.memory;
  row.usable = machine.usable;
  row.prominence = prominence;
  return row;
}

// What a machine needs differs from another only by its overhead.
class Judge {
 public:
  Judge(const Catalog& catalog, Estimator& estimator, const FileType& file_type, std::uint64_t context)
      : candidates_(common_file_types(catalog)),
        estimator_(estimator),
        file_type_(file_type),
        context_(context) {}

  void judge(HardwareRow& row, const Machine& machine) {
    const Amount needed = estimator_.gpu_total(file_type_, context_, machine.device);
    row.verdict = verdict_for(needed, machine.usable, machine.host);
    if (row.verdict == Verdict::no && machine.usable > Bytes(0))
      row.needed = static_cast<std::uint32_t>((needed.high.count() + machine.usable.count() - 1) /
                                              machine.usable.count());
  }

  void detail(HardwareRow& row, const Machine& machine) {
    row.max_context = largest_context(estimator_, file_type_, machine.usable, machine.device);
    if (const FileType* best =
            best_quantization(estimator_, candidates_, context_, machine.usable, machine.device))
      row.best_quantization = best->name;
  }

 private:
  std::vector<const FileType*> candidates_;
  Estimator& estimator_;
  const FileType& file_type_;
  std::uint64_t context_;
};

struct Candidate {
  HardwareRow row;
  Machine machine;
};

HardwareTable table_of(Judge& judge, std::vector<Candidate> candidates, std::size_t detailed) {
  for (Candidate& candidate : candidates) judge.judge(candidate.row, candidate.machine);
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.row.verdict, b.row.prominence) < std::pair(b.row.verdict, a.row.prominence);
  });
  HardwareTable table;
  table.rows.reserve(candidates.size());
  std::array<std::size_t, 5> seen{};
  for (Candidate& candidate : candidates) {
    if (seen[static_cast<std::size_t>(candidate.row.verdict)]++ < detailed)
      judge.detail(candidate.row, candidate.machine);
    table.rows.push_back(std::move(candidate.row));
  }
  return table;
}

template <class Hardware>
HardwareTable table_over(Judge judge, const std::vector<const Hardware*>& all, bool are_systems,
                         std::size_t detailed) {
  std::vector<Candidate> candidates;
  candidates.reserve(all.size());
  for (const Hardware* each : all) {
    if (each->usable_mib == 0) continue;  // nobody knows what it gives
    Machine machine = machine_of(*each);
    HardwareRow row = row_of(machine, each->memory_gb, each->prominence, are_systems);
    candidates.push_back({std::move(row), std::move(machine)});
  }
  return table_of(judge, std::move(candidates), detailed);
}

}  // namespace

HardwareTable gpu_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                        std::uint64_t context, std::size_t detailed) {
  return table_over<Gpu>(Judge(catalog, estimator, file_type, context), catalog.gpus(), false, detailed);
}

HardwareTable system_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                           std::uint64_t context, std::size_t detailed) {
  return table_over<System>(Judge(catalog, estimator, file_type, context), catalog.systems(), true, detailed);
}

HardwareRow hardware_row(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                         std::uint64_t context, const Machine& machine) {
  HardwareRow row =
      row_of(machine, static_cast<double>(machine.memory.count()) / static_cast<double>(GiB), 0, false);
  Judge judge(catalog, estimator, file_type, context);
  judge.judge(row, machine);
  judge.detail(row, machine);
  return row;
}

}  // namespace vramcalc::report
