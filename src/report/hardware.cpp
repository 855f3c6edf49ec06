#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// What one machine needs differs from what another does only by its overhead.
class Judge {
 public:
  Judge(const Catalog& catalog, Estimator& estimator, const FileType& file_type, std::uint64_t context,
        std::optional<Backend> backend = std::nullopt)
      : estimator_(estimator),
        backend_(backend),
        file_type_(file_type),
        weighing_(estimator.weigh(file_type)),
        context_(context),
        best_(estimator, common_file_types(catalog), context) {}

  Verdict verdict(const Pool& pool) const { return verdict_for(needed_on(pool), pool.usable, pool.host); }

  // With the backend that was asked for, where it drives the hardware.
  Pool driven(Pool pool) const {
    if (backend_ && drives(*backend_, pool.device.backend)) pool.device.backend = *backend_;
    return pool;
  }

  void judge(HardwareRow& row, const Pool& pool) const {
    const Amount needed = needed_on(pool);
    row.verdict = verdict_for(needed, pool.usable, pool.host);
    row.gpu_count = pool.device.count;
    row.memory = pool.memory;
    row.usable = pool.usable;
    if (row.verdict == Verdict::no && pool.usable > Bytes(0))
      row.needed =
          static_cast<std::uint32_t>((needed.high.count() + pool.usable.count() - 1) / pool.usable.count());
    row.max_context = largest_context(estimator_, file_type_, pool.usable, pool.device);
    if (const FileType* best = best_.on(pool.usable, pool.device)) row.best_quantization = best->name;
  }

 private:
  Amount needed_on(const Pool& pool) const {
    std::optional<Amount>& known = without_overhead_[static_cast<std::size_t>(pool.device.backend)];
    if (!known) known = without_overhead(pool.device.backend);
    return *known + estimator_.overhead(weighing_, pool.device);
  }
  Amount without_overhead(Backend backend) const {
    return estimator_.weights_on_gpu(weighing_, backend) + estimator_.allocation(context_, backend) +
           estimator_.beside(context_);
  }

  Estimator& estimator_;
  std::optional<Backend> backend_;
  const FileType& file_type_;
  const Weighing& weighing_;
  std::uint64_t context_;
  mutable std::array<std::optional<Amount>, backend_count> without_overhead_;
  BestQuantization best_;
};

// Of all that the catalog has few are shown, so that a first look keeps only what orders them.
struct Place {
  std::size_t place = 0;
  std::uint32_t prominence = 0;
};

// The most prominent ones of each verdict, and how many more there are.
class Shortlist {
 public:
  explicit Shortlist(std::size_t rows_a_verdict) : rows_a_verdict_(rows_a_verdict) {}

  void add(Verdict verdict, const Place& place) {
    auto& [places, more] = verdicts_[static_cast<std::size_t>(verdict)];
    const bool full = places.size() == rows_a_verdict_;
    if (full) ++more;
    if (full && places.back().prominence >= place.prominence) return;
    if (full) places.pop_back();
    const auto behind = std::ranges::upper_bound(places, place.prominence, std::greater(), &Place::prominence);
    places.insert(behind, place);
  }

  struct Listed {
    std::vector<Place> places;
    std::size_t more = 0;
  };
  const std::array<Listed, verdict_count>& verdicts() const { return verdicts_; }
  std::size_t size() const {
    std::size_t sum = 0;
    for (const Listed& listed : verdicts_) sum += listed.places.size();
    return sum;
  }

 private:
  std::size_t rows_a_verdict_;
  std::array<Listed, verdict_count> verdicts_;
};

std::size_t count_of(const Catalog& catalog, const Gpu*) { return catalog.gpu_count(); }
std::size_t count_of(const Catalog& catalog, const System*) { return catalog.system_count(); }
Gpu at(const Catalog& catalog, std::size_t place, const Gpu*) { return catalog.gpu_at(place); }
System at(const Catalog& catalog, std::size_t place, const System*) { return catalog.system_at(place); }

template <class Hardware>
HardwareRow row_of(const Judge& judge, const Hardware& hardware) {
  HardwareRow row;
  row.id = hardware.id;
  row.name = hardware.name;
  row.is_system = std::is_same_v<Hardware, System>;
  row.memory_gb = hardware.memory_gb;
  row.prominence = hardware.prominence;
  judge.judge(row, judge.driven(pool_of(hardware)));
  return row;
}

// Where the one with most memory stands, of several the first.
class Largest {
 public:
  void look_at(std::size_t place, Bytes usable) {
    if (place_ && usable <= usable_) return;
    place_ = place;
    usable_ = usable;
  }
  const std::optional<std::size_t>& place() const { return place_; }

 private:
  std::optional<std::size_t> place_;
  Bytes usable_;
};

template <class Hardware>
HardwareTable table_of(const Judge& judge, const Catalog& catalog, const Shortlist& shortlist,
                       const Largest& largest) {
  const auto row = [&](std::size_t place) {
    return row_of(judge, at(catalog, place, static_cast<const Hardware*>(nullptr)));
  };
  HardwareTable table;
  table.rows.reserve(shortlist.size());
  bool lists_largest = !largest.place();
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
    const Shortlist::Listed& listed = shortlist.verdicts()[verdict];
    table.unlisted[verdict] = listed.more;
    for (const Place& each : listed.places) {
      table.rows.push_back(row(each.place));
      lists_largest = lists_largest || each.place == *largest.place();
    }
  }
  if (!lists_largest) table.largest = row(*largest.place());
  return table;
}

template <class Hardware>
HardwareTable table_over(const Judge& judge, const Catalog& catalog, std::size_t rows_a_verdict) {
  constexpr const Hardware* kind = nullptr;
  Shortlist shortlist(rows_a_verdict);
  Largest largest;
  for (std::size_t place = 0; place < count_of(catalog, kind); ++place) {
    const Hardware each = at(catalog, place, kind);
    if (each.usable_mib == 0) continue;  // nobody knows what it gives
    shortlist.add(judge.verdict(judge.driven(pool_of(each))), {place, each.prominence});
    largest.look_at(place, each.usable());
  }
  return table_of<Hardware>(judge, catalog, shortlist, largest);
}

}  // namespace

HardwareTable gpu_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                        std::uint64_t context, std::size_t rows_a_verdict, std::optional<Backend> backend) {
  return table_over<Gpu>(Judge(catalog, estimator, file_type, context, backend), catalog, rows_a_verdict);
}

HardwareTable system_table(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                           std::uint64_t context, std::size_t rows_a_verdict,
                           std::optional<Backend> backend) {
  return table_over<System>(Judge(catalog, estimator, file_type, context, backend), catalog, rows_a_verdict);
}

HardwareRow hardware_row(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                         std::uint64_t context, const Machine& machine) {
  HardwareRow row;
  row.id = machine.id;
  row.name = machine.name;
  row.memory_gb = static_cast<double>(machine.memory.count()) / static_cast<double>(GiB);
  Judge(catalog, estimator, file_type, context)
      .judge(row, {machine.memory, machine.usable, machine.host, machine.device});
  return row;
}

}  // namespace vramcalc::report
