#include "render/document/answer.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

std::string balance(const PlaceFit& place, const Figures& figures) {
  if (place.usable == Bytes(0)) return "-";
  if (place.usable >= place.used.best) return figures(place.usable - place.used.best);
  return '-' + figures(place.used.best - place.usable);
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

std::vector<Cell> cells(const PlaceFit& place, bool with_free, const Figures& figures) {
  std::vector<Cell> cells =
      cells_of(to_string(place.place), place.name, figures(place.used.best), figures.interval(place.used),
               place.usable == Bytes(0) ? "-" : figures(place.usable));
  if (with_free) cells.emplace_back(balance(place, figures));
  cells.push_back(place.verdict ? Cell(verdict_text(*place.verdict)) : Cell());
  return cells;
}

}  // namespace

void add_places(Section& to, const Settings& settings, const std::vector<PlaceFit>& places, bool with_free,
                const Figures& figures) {
  if (places.empty()) return;
  Grid grid;
  grid.columns = columns(with_free, figures);
  std::vector<Verdict> verdicts;
  for (const PlaceFit& place : places) {
    grid.add(cells(place, with_free, figures));
    if (place.verdict) verdicts.push_back(*place.verdict);
  }
  to.add(std::move(grid));
  add_verdicts_legend(to, settings, verdicts);
}

}  // namespace vramcalc::render
