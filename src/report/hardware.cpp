#include <algorithm>
#include <array>
#include <functional>

#include "report/judge.hpp"

namespace vramcalc::report {
namespace {

// Only a few rows of the catalog are shown, so the first pass keeps only the fields for sorting.
struct Place {
  std::size_t place = 0;
  std::uint32_t prominence = 0;
};

// The most prominent rows of each verdict, and the number of the rest.
class Shortlist {
 public:
  explicit Shortlist(std::size_t rows_per_verdict) : rows_per_verdict_(rows_per_verdict) {}

  void add(Verdict verdict, const Place& place) {
    auto& [places, more] = verdicts_[static_cast<std::size_t>(verdict)];
    const bool full = places.size() == rows_per_verdict_;
    if (full) ++more;
    if (full && places.back().prominence >= place.prominence) return;
    if (full) places.pop_back();
    const auto behind =
        std::ranges::upper_bound(places, place.prominence, std::greater(), &Place::prominence);
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
  std::size_t rows_per_verdict_;
  std::array<Listed, verdict_count> verdicts_;
};

std::size_t count_of(const Catalog& catalog, const Gpu*) { return catalog.gpu_count(); }
std::size_t count_of(const Catalog& catalog, const System*) { return catalog.system_count(); }
Gpu at(const Catalog& catalog, std::size_t place, const Gpu*) { return catalog.gpu_at(place); }
System at(const Catalog& catalog, std::size_t place, const System*) { return catalog.system_at(place); }

// The place of the first row with the most memory.
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
HardwareTable table_of(Judge& judge, const Catalog& catalog, const Shortlist& shortlist,
                       const Largest& largest) {
  const auto row = [&](std::size_t place) {
    const Hardware hardware = at(catalog, place, static_cast<const Hardware*>(nullptr));
    HardwareRow filled = row_of(hardware);
    judge.fill(filled, hardware);
    return filled;
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
HardwareTable table_over(Judge& judge, const Catalog& catalog, std::size_t rows_per_verdict) {
  constexpr const Hardware* kind = nullptr;
  Shortlist shortlist(rows_per_verdict);
  Largest largest;
  for (std::size_t place = 0; place < count_of(catalog, kind); ++place) {
    const Hardware each = at(catalog, place, kind);
    if (each.usable_mib == 0) continue;  // its usable memory is unknown
    shortlist.add(judge.verdict(each), {place, each.prominence});
    largest.look_at(place, each.usable());
  }
  return table_of<Hardware>(judge, catalog, shortlist, largest);
}

}  // namespace

HardwareTable gpu_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict) {
  return table_over<Gpu>(judge, catalog, rows_per_verdict);
}

HardwareTable system_table(const Catalog& catalog, Judge& judge, std::size_t rows_per_verdict) {
  return table_over<System>(judge, catalog, rows_per_verdict);
}

HardwareRow hardware_row(Judge& judge, const Machine& machine) {
  HardwareRow row;
  row.id = machine.id;
  row.name = machine.name;
  row.memory_gb = static_cast<double>(machine.memory.count()) / static_cast<double>(GiB);
  judge.fill(row, machine);
  return row;
}

}  // namespace vramcalc::report
