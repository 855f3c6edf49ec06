#include "render/grid.hpp"
#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

std::string balance(const PlaceFit& device, const Figures& figures) {
  if (device.usable == Bytes(0)) return "-";
  if (device.usable >= device.used.best) return figures(device.usable - device.used.best);
  return '-' + figures(device.used.best - device.usable);
}

Cell verdict_of(const PlaceFit& device) {
  if (!device.verdict) return {};
  return {std::string(to_string(*device.verdict)), ink_of(*device.verdict)};
}

std::vector<Column> columns(bool with_free, const Figures& figures) {
  using enum Column::Kind;
  std::vector<Column> columns = {
      {"device",                                         name,   0},
      {"",                                               name,   1},
      {"needs " + std::string(unit_name(figures.units)), figure, 0},
      {"interval",                                       figure, 2},
      {"usable",                                         figure, 0},
  };
  if (with_free) columns.push_back({"free", figure, 0});
  columns.push_back({"", name, 3});
  return columns;
}

}  // namespace

std::string devices_table(const std::vector<PlaceFit>& devices, bool with_free, const Figures& figures,
                          const Style& style) {
  Grid grid(columns(with_free, figures));
  for (const PlaceFit& device : devices) {
    const std::string range = figures.range(device.used);
    std::vector<Cell> row = {to_string(device.place), device.name, figures(device.used.best),
                             range.find("..") == std::string::npos ? "" : range,
                             device.usable == Bytes(0) ? "-" : figures(device.usable)};
    if (with_free) row.push_back(balance(device, figures));
    row.push_back(verdict_of(device));
    grid.add(std::move(row));
  }
  if (grid.empty()) return {};
  std::vector<Verdict> verdicts;
  for (const PlaceFit& device : devices)
    if (device.verdict) verdicts.push_back(*device.verdict);
  return grid.text(style) + verdicts_legend(verdicts, style);
}

}  // namespace vramcalc::render
