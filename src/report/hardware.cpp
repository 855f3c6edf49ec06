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
        weighing_(estimator.weigh(file_type)),
        context_(context),
        without_overhead_(Amount::exactly(weighing_.gpu + estimator.allocation(context)) +
                          estimator.beside(context)) {}

  Verdict verdict(const Machine& machine) const {
    return verdict_for(needed_on(machine), machine.usable, machine.host);
  }

  void judge(HardwareRow& row, const Machine& machine) const {
    const Amount needed = needed_on(machine);
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
  Amount needed_on(const Machine& machine) const {
    return without_overhead_ + estimator_.overhead(weighing_, machine.device);
  }

  std::vector<const FileType*> candidates_;
  Estimator& estimator_;
  const FileType& file_type_;
  const Weighing& weighing_;
  std::uint64_t context_;
  Amount without_overhead_;
};

// Of all that the catalog has few are shown in detail, so that a first look keeps only what orders them.
struct Place {
  std::size_t place = 0;
  Verdict verdict = Verdict::no;
  std::uint32_t prominence = 0;
};

std::size_t count_of(const Catalog& catalog, const Gpu*) { return catalog.gpu_count(); }
std::size_t count_of(const Catalog& catalog, const System*) { return catalog.system_count(); }
Gpu at(const Catalog& catalog, std::size_t place, const Gpu*) { return catalog.gpu_at(place); }
System at(const Catalog& catalog, std::size_t place, const System*) { return catalog.system_at(place); }

// By verdict, then by prominence.
template <class Hardware>
std::vector<Place> places_of(const Judge& judge, const Catalog& catalog) {
  constexpr const Hardware* kind = nullptr;
  std::vector<Place> places;
  places.reserve(count_of(catalog, kind));
  for (std::size_t place = 0; place < count_of(catalog, kind); ++place) {
    const Hardware each = at(catalog, place, kind);
    if (each.usable_mib == 0) continue;  // nobody knows what it gives
    places.push_back({place, judge.verdict(machine_of(each)), each.prominence});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::pair(a.verdict, b.prominence) < std::pair(b.verdict, a.prominence);
  });
  return places;
}

template <class Hardware>
HardwareTable table_over(Judge judge, const Catalog& catalog, bool are_systems, std::size_t detailed) {
  constexpr const Hardware* kind = nullptr;
  const std::vector<Place> places = places_of<Hardware>(judge, catalog);
  HardwareTable table;
  table.rows.reserve(places.size());
  std::array<std::size_t, 5> seen{};
  for (const Place& place : places) {
    const Hardware each = at(catalog, place.place, kind);
    const Machine machine = machine_of(each);
    table.rows.push_back(row_of(machine, each.memory_gb, each.prominence, are_systems));
    judge.judge(table.rows.back(), machine);
    if (seen[static_cast<std::size_t>(place.verdict)]++ < detailed) judge.detail(table.rows.back(), machine);
  }
  return table;
}

}  // namespace

HardwareTable gpu_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                        std::uint64_t context, std::size_t detailed) {
  return table_over<Gpu>(Judge(catalog, estimator, file_type, context), catalog, false, detailed);
}

HardwareTable system_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                           std::uint64_t context, std::size_t detailed) {
  return table_over<System>(Judge(catalog, estimator, file_type, context), catalog, true, detailed);
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
