#include "render/document/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "render/document/words.hpp"

// Charts as grids of figures with a bar after each row, so that every format has the figures.
namespace vramcalc::render {
namespace {

using Curve = MemoryCurves::Curve;

double length_of(Bytes bytes, Bytes longest) {
  return longest == Bytes(0) ? 0 : static_cast<double>(bytes.count()) / static_cast<double>(longest.count());
}

// "█ weights · ▓ cache", as the bars show them.
std::vector<Text> legend_of(const std::vector<std::string>& parts) {
  const std::span<const std::string_view> shades = shades_for(parts.size());
  std::vector<Text> texts;
  for (std::size_t i = 0; i < parts.size(); ++i)
    texts.emplace_back(fmt::format("{} {}", shades[i], parts[i]));
  return texts;
}

// ---- memory against the context

Grid grid_of(const MemoryCurves& curves, const std::vector<const Curve*>& shown, std::string_view chosen,
             const Figures& figures) {
  using enum Column::Kind;
  Grid grid;
  grid.chart = true;
  grid.columns = {
      {"context", figure, 0}
  };
  int drop = 0;
  for (const Curve* curve : shown)
    grid.columns.push_back({curve->quantization, figure, curve->quantization == chosen ? 0 : ++drop});
  const Bytes longest = shown.back()->needed.back().best;
  for (std::size_t at = 0; at < curves.contexts.size(); ++at) {
    Grid::Row row{{Cell(grouped(curves.contexts[at]))}};
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Bytes needed = shown[i]->needed[at].best;
      row.cells.emplace_back(figures(needed), shown[i]->quantization == chosen ? Ink::bold : Ink::plain);
      row.bar.ends[i] = length_of(needed, longest);
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

// ---- the terms of each device

struct Group {
  std::string_view name;
  std::vector<TermKind> kinds;
};

std::array<Group, Bar::most_parts> groups() {
  using enum TermKind;
  return {
      Group{"weights", {weights, projector, lora, draft_model}                      },
      Group{"cache",   {kv_cache, recurrent_state}                                  },
      Group{"compute", {compute_buffer, output_buffer, activation_peak, cuda_graphs}},
      Group{"runtime", {non_torch, runtime_overhead}                                }
  };
}

Bytes bytes_of(const Group& group, const PlaceEstimate& place) {
  Bytes bytes;
  for (const TermKind kind : group.kinds) bytes += place.term(kind).best;
  return bytes;
}

struct Stack {
  std::string name;
  std::array<Bytes, Bar::most_parts> parts{};
  Bytes total = {}, usable = {};
};

std::vector<Stack> stacks_of(const Estimate& estimate, const std::vector<PlaceFit>& places) {
  std::vector<Stack> stacks;
  const auto all = groups();
  for (const PlaceEstimate& place : estimate.places) {
    Stack stack{std::string(to_string(place.place))};
    for (std::size_t i = 0; i < all.size(); ++i) stack.total += stack.parts[i] = bytes_of(all[i], place);
    const auto fit = std::ranges::find(places, place.place, &PlaceFit::place);
    if (fit != places.end()) stack.usable = fit->usable;
    stacks.push_back(std::move(stack));
  }
  return stacks;
}

Bytes longest_of(const std::vector<Stack>& stacks) {
  Bytes longest;
  for (const Stack& stack : stacks) {
    const bool host = stack.name == to_string(Place::host());  // of which most is free
    longest = std::max({longest, stack.total, host ? Bytes(0) : stack.usable});
  }
  return longest;
}

Grid grid_of(const std::vector<Stack>& stacks, const Figures& figures) {
  using enum Column::Kind;
  Grid grid;
  grid.chart = true;
  grid.columns = {
      {"device", name, 0}
  };
  int drop = Bar::most_parts;
  for (const Group& group : groups()) grid.columns.push_back({std::string(group.name), figure, drop--});
  const Bytes longest = longest_of(stacks);
  for (const Stack& stack : stacks) {
    Grid::Row row{{Cell(stack.name)}};
    Bytes end;
    for (std::size_t i = 0; i < stack.parts.size(); ++i) {
      row.cells.emplace_back(figures(stack.parts[i]));
      row.bar.ends[i] = length_of(end += stack.parts[i], longest);
    }
    if (stack.usable <= longest) row.bar.limit = length_of(stack.usable, longest);
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

}  // namespace

std::vector<const Curve*> shown_curves(const OverviewReport& report) {
  const std::vector<Curve>& all = report.curves->curves;
  const std::array<std::string_view, Bar::most_parts> names = {
      all.front().quantization, report.settings.quantization, report.better, all.back().quantization};
  std::vector<const Curve*> shown;
  for (const Curve& curve : all)
    if (std::ranges::find(names, curve.quantization) != names.end()) shown.push_back(&curve);
  return shown;
}

Section memory_chart(const OverviewReport& report, const Figures& figures) {
  Section section;
  if (!report.curves || report.curves->curves.empty()) return section;
  const std::vector<const Curve*> shown = shown_curves(report);
  std::vector<std::string> names;
  for (const Curve* curve : shown) names.push_back(curve->quantization);
  section.title = fmt::format("Memory against the context, in {}", unit_name(figures.units));
  section.add(grid_of(*report.curves, shown, report.settings.quantization, figures));
  section.add(Paragraph::Kind::legend, legend_of(names), Paragraph::Between::dot);
  return section;
}

void add_terms_chart(Section& to, const Estimate& estimate, const std::vector<PlaceFit>& places,
                     const Figures& figures) {
  std::vector<std::string> names;
  for (const Group& group : groups()) names.emplace_back(group.name);
  std::vector<Text> legend = legend_of(names);
  legend.emplace_back("│ usable");
  to.add(grid_of(stacks_of(estimate, places), figures));
  to.add(Paragraph::Kind::legend, std::move(legend), Paragraph::Between::dot);
}

}  // namespace vramcalc::render
