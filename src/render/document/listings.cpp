#include <fmt/format.h>

#include "render/document/documents.hpp"
#include "render/document/words.hpp"
#include "render/numbers.hpp"
#include "vramcalc/catalog_date.hpp"

// The contents of the catalog, one line per entry, to be read and grepped.
namespace vramcalc::render {
namespace {

using enum Column::Kind;

std::string text_or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }
std::string count_or_dash(std::uint64_t count, std::string (*text)(std::uint64_t)) {
  return count == 0 ? "-" : text(count);
}

// As sold: whole gigabytes without decimals.
std::string sold(double gigabytes) {
  if (gigabytes == 0) return "-";
  const bool whole = gigabytes == static_cast<double>(static_cast<std::uint64_t>(gigabytes));
  return decimal(gigabytes, whole ? 0 : 1);
}
std::string rounded(double number) {
  return number == 0 ? "-" : grouped(static_cast<std::uint64_t>(number + 0.5));
}
std::string in_units(Bytes bytes, Units units) {
  return bytes_text(bytes, units, units == Units::MiB ? 0 : 1);
}
std::string given(std::uint64_t usable_mib, Bytes usable, Units units) {
  return usable_mib == 0 ? "-" : in_units(usable, units);
}
std::string kld(double value) { return kld_text(value == 0 ? std::nullopt : std::optional(value)); }

Grid rows_of(const ModelListing& listing, Units) {
  Grid grid;
  grid.columns = {
      {"id",         name,   0},
      {"parameters", figure, 0},
      {"active",     figure, 2},
      {"context",    figure, 0},
      {"released",   name,   3},
      {"publisher",  name,   4},
      {"license",    name,   1}
  };
  for (const ModelListing::Row& row : listing.rows) {
    grid.add(cells_of(row.id, count_or_dash(row.parameters, parameters_text),
                      count_or_dash(row.active_parameters, parameters_text),
                      count_or_dash(row.context_length, grouped), text_or_dash(row.release_date),
                      text_or_dash(row.publisher), text_or_dash(row.license)));
    if (!row.incomplete.empty()) grid.add_note("no figures: " + row.incomplete, Grid::Note::On::row);
  }
  grid.add_note(fmt::format("the catalog covers what was public on {}", catalog_date()));
  return grid;
}

Grid rows_of(const LocalModelListing& listing, Units units) {
  Grid grid;
  grid.columns = {
      {"model",                       name,   0},
      {std::string(unit_name(units)), figure, 0},
      {"store",                       name,   1}
  };
  for (const LocalModel& model : listing.rows)
    grid.add(cells_of(model.word, in_units(model.bytes, units), model.store));
  return grid;
}

Grid rows_of(const GpuListing& listing, Units units) {
  Grid grid;
  grid.columns = {
      {"id",                                      name,   0},
      {"name",                                    name,   0},
      {"sold GB",                                 figure, 1},
      {"usable " + std::string(unit_name(units)), figure, 0},
      {"GB/s",                                    figure, 2},
      {"released",                                name,   3}
  };
  for (const Gpu& gpu : listing.rows) {
    grid.add(cells_of(gpu.id, name_cell(gpu.name), sold(gpu.memory_gb),
                      given(gpu.usable_mib, gpu.usable(), units), rounded(gpu.bandwidth_gbps),
                      text_or_dash(gpu.release_date)));
  }
  return grid;
}

Grid rows_of(const SystemListing& listing, Units units) {
  Grid grid;
  grid.columns = {
      {"id",                                      name,   0},
      {"name",                                    name,   0},
      {"GPUs",                                    figure, 2},
      {"sold GB",                                 figure, 1},
      {"usable " + std::string(unit_name(units)), figure, 0},
      {"GB/s",                                    figure, 3},
      {"released",                                name,   4}
  };
  for (const System& system : listing.rows) {
    grid.add(cells_of(system.id, name_cell(system.name), fmt::format("{}", system.gpu_count),
                      sold(system.memory_gb), given(system.usable_mib, system.usable(), units),
                      rounded(system.bandwidth_gbps), text_or_dash(system.release_date)));
  }
  return grid;
}

Grid rows_of(const QuantizationListing& listing, Units) {
  Grid grid;
  grid.columns = {
      {"name",         name,   0},
      {"bits",         figure, 0},
      {"KLD",          figure, 0},
      {"with imatrix", figure, 2},
      {"loss",         name,   0},
      {"",             name,   1}
  };
  for (const FileType& type : listing.rows) {
    grid.add(cells_of(type.name, type.nominal_bits == 0 ? "-" : decimal(type.nominal_bits, 1), kld(type.kld),
                      kld(type.kld_imatrix), to_string(type.quality_class), type.quality));
  }
  return grid;
}

// "vllm, sglang"
std::string texts(const TextList& list) {
  std::string text;
  for (const std::string_view each : list) text += (text.empty() ? "" : ", ") + std::string(each);
  return text;
}

Grid formats_of(const std::vector<CheckpointFormatRow>& formats) {
  Grid grid;
  grid.indented = false;
  grid.columns = {
      {"checkpoint format", name,     0},
      {"bits",              figure,   0},
      {"loaded by",         name,     1},
      {"",                  sentence, 2}
  };
  for (const CheckpointFormatRow& format : formats)
    grid.add(cells_of(format.name, decimal(format.nominal_bits, 2), texts(format.runtimes), format.title));
  return grid;
}

template <class Listing>
Document list_of(const Listing& listing, Units units, std::vector<Text> footnotes = {}) {
  Section section;
  if (listing.rows.empty()) {
    section.add(Line{Line::Kind::message, "nothing found"});
  } else {
    Grid grid = rows_of(listing, units);
    grid.indented = false;
    section.add(std::move(grid));
    section.add(Paragraph::Kind::footnote, std::move(footnotes), Paragraph::Between::dot);
  }
  Document document(std::move(section));
  document.width = Document::Width::list;
  return document;
}

}  // namespace

Document document_of(const ModelListing& listing, const Content& content) {
  return list_of(listing, content.units);
}
Document document_of(const LocalModelListing& listing, const Content& content) {
  return list_of(listing, content.units);
}
Document document_of(const GpuListing& listing, const Content& content) {
  return list_of(listing, content.units);
}
Document document_of(const SystemListing& listing, const Content& content) {
  return list_of(listing, content.units);
}
Document document_of(const QuantizationListing& listing, const Content& content) {
  Document document;
  if (!listing.rows.empty() || listing.formats.empty())
    document = list_of(listing, content.units,
                       {"bits: bits per weight by common usage",
                        "KLD: divergence from the FP16 output, measured on Llama 3 8B; 0 is identical",
                        "imatrix: made with an importance matrix"});
  if (listing.formats.empty()) return document;
  Section formats;
  formats.add(formats_of(listing.formats));
  document.add(std::move(formats));
  document.width = Document::Width::list;
  return document;
}

}  // namespace vramcalc::render
