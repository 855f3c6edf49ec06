#include <fmt/format.h>

#include <algorithm>

#include "render/grid.hpp"
#include "render/numbers.hpp"
#include "render/sections.hpp"
#include "render/table.hpp"
#include "vramcalc/catalog_date.hpp"

// What the catalog knows, one line each: made to be read and to be grepped.
namespace vramcalc::render {
namespace {

using enum Column::Kind;

std::string text_or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }
std::string count_or_dash(std::uint64_t count, std::string (*text)(std::uint64_t)) {
  return count == 0 ? "-" : text(count);
}

// As sold: whole gigabytes read so.
std::string sold(double gigabytes) {
  if (gigabytes == 0) return "-";
  const bool whole = gigabytes == static_cast<double>(static_cast<std::uint64_t>(gigabytes));
  return decimal(gigabytes, whole ? 0 : 1);
}
// The id says which one it is: on a narrow terminal the name goes without its maker.
std::string name_in(std::string_view name, const Style& style) {
  constexpr int narrow = 72;
  return style.columns < narrow ? short_name(name) : std::string(name);
}
std::string rounded(double number) {
  return number == 0 ? "-" : grouped(static_cast<std::uint64_t>(number + 0.5));
}
std::string given(std::uint64_t usable_mib, const Bytes& usable, const Style& style) {
  return usable_mib == 0 ? "-" : bytes_text(usable, style.units, style.units == Units::MiB ? 0 : 1);
}
std::string kld(double value) { return value == 0 ? "-" : decimal(value, value < 0.1 ? 3 : 2); }

}  // namespace

std::string listing(const ModelListing& listing, const Style& style) {
  Grid grid(
      {
          {"id",         name,   0},
          {"parameters", figure, 0},
          {"active",     figure, 2},
          {"context",    figure, 0},
          {"released",   name,   3},
          {"publisher",  name,   4},
          {"license",    name,   1}
  },
      0);
  for (const ModelListing::Row& row : listing.rows) {
    grid.add({row.id, count_or_dash(row.parameters, parameters_text),
              count_or_dash(row.active_parameters, parameters_text),
              count_or_dash(row.context_length, grouped), text_or_dash(row.release_date),
              text_or_dash(row.publisher), text_or_dash(row.license)});
    if (!row.incomplete.empty()) grid.add_note({"  no figures: " + row.incomplete, Ink::dim});
  }
  grid.add_note({fmt::format("the catalog knows what was public on {}", catalog_date()), Ink::dim});
  return grid.text(style);
}

std::string listing(const LocalModelListing& listing, const Style& style) {
  const std::string unit(unit_name(style.units));
  Grid grid(
      {
          {"model", name,   0},
          {unit,    figure, 0},
          {"store", name,   1}
  },
      0);
  for (const LocalModel& model : listing.rows)
    grid.add(
        {model.word, bytes_text(model.bytes, style.units, style.units == Units::MiB ? 0 : 1), model.store});
  return grid.text(style);
}

std::string listing(const GpuListing& listing, const Style& style) {
  const std::string unit(unit_name(style.units));
  Grid grid(
      {
          {"id",             name,   0},
          {"name",           name,   0},
          {"sold GB",        figure, 1},
          {"usable " + unit, figure, 0},
          {"GB/s",           figure, 2},
          {"released",       name,   3}
  },
      0);
  for (const Gpu& gpu : listing.rows) {
    grid.add({std::string(gpu.id), name_in(gpu.name, style), sold(gpu.memory_gb),
              given(gpu.usable_mib, gpu.usable(), style), rounded(gpu.bandwidth_gbps),
              text_or_dash(gpu.release_date)});
  }
  return grid.text(style);
}

std::string listing(const SystemListing& listing, const Style& style) {
  const std::string unit(unit_name(style.units));
  Grid grid(
      {
          {"id",             name,   0},
          {"name",           name,   0},
          {"GPUs",           figure, 2},
          {"sold GB",        figure, 1},
          {"usable " + unit, figure, 0},
          {"GB/s",           figure, 3},
          {"released",       name,   4}
  },
      0);
  for (const System& system : listing.rows) {
    grid.add({std::string(system.id), name_in(system.name, style), fmt::format("{}", system.gpu_count),
              sold(system.memory_gb), given(system.usable_mib, system.usable(), style),
              rounded(system.bandwidth_gbps), text_or_dash(system.release_date)});
  }
  return grid.text(style);
}

std::string listing(const QuantizationListing& listing, const Style& style) {
  Grid grid(
      {
          {"name",         name,   0},
          {"bits",         figure, 0},
          {"KLD",          figure, 0},
          {"with imatrix", figure, 2},
          {"loss",         name,   0},
          {"",             name,   1}
  },
      0);
  for (const FileType& type : listing.rows) {
    grid.add({std::string(type.name), type.nominal_bits == 0 ? "-" : decimal(type.nominal_bits, 1),
              kld(type.kld), kld(type.kld_imatrix), std::string(to_string(type.quality_class)),
              std::string(type.quality)});
  }
  return grid.text(style) +
         paint(flow({"bits per weight, as its name counts them",
                     "KLD: how far the output strays from FP16's, measured on Llama 3 8B; 0 is the same",
                     "imatrix: made with an importance matrix"},
                    {dot(style), 0, 0}, style),
               Ink::dim, style);
}

}  // namespace vramcalc::render
