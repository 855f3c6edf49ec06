#include <algorithm>

#include "report/judge.hpp"
#include "report/judged_rows.hpp"

namespace vramcalc::report {
namespace judged {
namespace {

// The fields of a row, packed into one number.
constexpr std::uint32_t verdict_bits = 3, type_bits = 8, needed_bits = 5;
static_assert(verdict_count <= 1u << verdict_bits);

std::uint32_t take(std::uint32_t& from, std::uint32_t bits) {
  const std::uint32_t value = from & ((1u << bits) - 1);
  from >>= bits;
  return value;
}

template <class Hardware>
HardwareRow described(const Catalog& catalog, const Hardware& hardware) {
  HardwareRow row = row_of(hardware);
  Machine machine = machine_of(catalog, hardware);
  limit_devices(machine, runtimes().front());
  row.gpu_count = machine.device.count;
  row.memory = machine.memory;
  row.usable = machine.usable;
  return row;
}

HardwareTable table_of(const Catalog& catalog, const Table& table, bool is_system) {
  HardwareTable result;
  result.unlisted = {table.great, table.fits, table.tight, table.offload, table.no};
  result.rows.reserve(table.rows);
  for (std::uint32_t i = 0; i < table.rows; ++i)
    result.rows.push_back(unpacked(catalog, catalog::unpack<Row>(rows, table.first + i), is_system));
  if (!table.largest_apart) return result;
  result.largest = std::move(result.rows.back());
  result.rows.pop_back();
  return result;
}

}  // namespace

Row packed(const HardwareRow& row, std::size_t place, std::span<const FileType> file_types) {
  const auto best = std::ranges::find(file_types, row.best_quantization, &FileType::name);
  std::uint32_t what = static_cast<std::uint32_t>(place);
  if (row.needed >= 1u << needed_bits) throw_overflow();
  what = what << needed_bits | row.needed;
  what = what << type_bits | static_cast<std::uint32_t>(best - file_types.begin());
  what = what << verdict_bits | static_cast<std::uint32_t>(row.verdict);
  return {what, static_cast<std::uint32_t>(row.max_context.value_or(0))};
}

HardwareRow unpacked(const Catalog& catalog, const Row& row, bool is_system) {
  std::uint32_t what = row.what;
  const auto verdict = static_cast<Verdict>(take(what, verdict_bits));
  const std::uint32_t type = take(what, type_bits);
  const std::uint32_t needed = take(what, needed_bits);
  HardwareRow result =
      is_system ? described(catalog, catalog.system_at(what)) : described(catalog, catalog.gpu_at(what));
  result.verdict = verdict;
  result.needed = needed;
  if (row.max_context > 0) result.max_context = row.max_context;
  if (type < catalog.file_types().size()) result.best_quantization = catalog.file_types()[type].name;
  return result;
}

}  // namespace judged

std::optional<HardwareTables> judged_tables(const Catalog& catalog, std::string_view model_id) {
  const auto place = catalog::find_sorted(judged::models, &judged::Model::id, model_id);
  if (!place) return std::nullopt;
  const auto model = catalog::unpack<judged::Model>(judged::models, *place);
  return HardwareTables{judged::table_of(catalog, model.gpus, false),
                        judged::table_of(catalog, model.systems, true)};
}

}  // namespace vramcalc::report
