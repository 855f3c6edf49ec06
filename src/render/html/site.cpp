#include "render/html/site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "render/document/words.hpp"
#include "render/html/model.hpp"
#include "vramcalc/catalog_date.hpp"

namespace vramcalc::render::html {
namespace {

const Links in_folder = {true, "../", nullptr};
const Links at_root = {true, "", nullptr};

// The words by which a row is found.
std::string search_text(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return escaped(out);
}

std::string search_field(std::string_view label) {
  return fmt::format(
      "<div class=\"tools needs-js\"><label class=\"vh\" for=\"find\">{0}</label><input id=\"find\" "
      "type=\"search\" "
      "placeholder=\"{0}\" autocomplete=\"off\"><span id=\"found\" class=\"muted\" "
      "role=\"status\"></span></div>\n",
      label);
}

// A column of a table of models. A narrow screen has no room for those that matter less.
struct Heading {
  std::string_view title;
  bool is_figure = false, is_for_wide_screens = false;

  std::string_view style() const {
    if (!is_figure) return is_for_wide_screens ? "hide-narrow" : "text";
    return is_for_wide_screens ? "figure hide-narrow" : "figure";
  }
};

constexpr Heading words(std::string_view title) { return {title, false, false}; }
constexpr Heading figures(std::string_view title) { return {title, true, false}; }
constexpr Heading on_wide_screens(Heading heading) {
  heading.is_for_wide_screens = true;
  return heading;
}

std::string row_markup(std::string_view sought, const std::string& link, std::span<const Heading> headings,
                       std::initializer_list<std::string> cells) {
  std::string out = fmt::format("<tr data-text=\"{}\"><th scope=\"row\">{}</th>", search_text(sought), link);
  auto heading = headings.begin() + 1;
  for (const std::string& cell : cells)
    out += fmt::format("<td class=\"{}\">{}</td>", (heading++)->style(), cell);
  return out + "</tr>\n";
}

std::string table_markup(std::string_view caption, std::string_view legend, std::span<const Heading> headings,
                         const std::string& rows) {
  std::string head;
  for (const Heading& each : headings)
    head += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", each.style(), each.title);
  return fmt::format(
      "<p class=\"legend\">{}</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
      "aria-label=\"{}\"><table>"
      "<caption class=\"vh\">{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      legend, caption, caption, head, rows);
}

std::string amount_text(Bytes bytes, Units units) {
  return bytes_text(bytes, units, decimals_for(bytes, units));
}

constexpr std::array model_headings = {words("Model"), figures("needed"), figures("context"),
                                       figures("parameters"), on_wide_screens(words("released"))};

std::string model_table(const std::vector<ModelEntry>& models, const Links& links, Units units) {
  std::string rows;
  for (const ModelEntry& model : models)
    rows += row_markup(model.id + ' ' + model.name + ' ' + model.publisher + ' ' + model.family,
                       links.model(model.id, model.name), model_headings,
                       {amount_text(model.needed.best, units), context_label(model.context_length),
                        parameters_text(model.parameters), escaped(model.released)});
  return table_markup(
      "Models",
      fmt::format("Needed: GPU memory in {}, in the usual quantization (mostly Q4_K_M) and with a context "
                  "of 2,048 tokens.",
                  unit_name(units)),
      model_headings, rows);
}

constexpr std::array recommended_headings = {words("Model"),
                                             words("quantization"),
                                             on_wide_screens(figures("needed")),
                                             figures("context"),
                                             figures("tokens/s"),
                                             on_wide_screens(figures("parameters")),
                                             on_wide_screens(words("released"))};

std::string recommended_table(const RecommendReport& report, Units units) {
  std::string rows;
  for (const RecommendReport::Row& row : report.rows)
    rows += row_markup(row.id + ' ' + row.name + ' ' + row.publisher + ' ' + row.family,
                       in_folder.model(row.id, row.name), recommended_headings,
                       {escaped(row.quantization), amount_text(row.needed.best, units), grouped(row.context),
                        row.decode ? speed_text(row.decode->tokens_per_second) : "–",
                        parameters_text(row.parameters), escaped(row.release_date)});
  return table_markup(
      "Models that fit",
      fmt::format("Needed: GPU memory in {} at {} tokens. Context: the longest that fits, in tokens. Tokens "
                  "per second are estimated for one sequence.",
                  unit_name(units), grouped(report.least_context)),
      recommended_headings, rows);
}

std::string facts_of(const RecommendReport& report, const PageFigures::Device& device, Units units) {
  std::string rows;
  const auto add = [&](std::string_view name, const std::string& value) {
    rows += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  };
  add("Usable memory", fmt::format("{} {}", bytes_text(device.usable, units, 1), unit_name(units)));
  double bandwidth = 0;
  for (const Device& each : report.machine.devices) bandwidth += each.bandwidth_gbps;
  if (bandwidth > 0)
    add("Bandwidth", fmt::format("{} GB/s", grouped(static_cast<std::uint64_t>(bandwidth + 0.5))));
  if (report.machine.devices.size() > 1) add("GPUs", grouped(report.machine.devices.size()));
  add("Vendor", escaped(device.vendor));
  add("Models that fit", grouped(report.rows.size()));
  add("Models that do not", grouped(report.too_large));
  return "<dl class=\"facts\">\n" + rows + "</dl>\n";
}

std::string device_list(const std::vector<PageFigures::Device>& devices, bool systems) {
  std::string items;
  for (const PageFigures::Device& device : devices)
    if (device.is_system == systems)
      items += fmt::format("<li data-text=\"{}\">{}</li>\n", search_text(device.name),
                           at_root.device(device.id, short_name(device.name)));
  return "<ul class=\"list\">\n" + items + "</ul>\n";
}

std::string family_list(const std::vector<ModelEntry>& models) {
  std::vector<std::string_view> families;
  for (const ModelEntry& model : models)
    if (!model.family.empty()) families.push_back(model.family);
  std::ranges::sort(families);
  std::string items;
  for (auto at = families.begin(); at != families.end();) {
    const auto next = std::find_if(at, families.end(), [&](std::string_view each) { return each != *at; });
    items += fmt::format("<li data-text=\"{}\">{} <small>{}</small></li>\n", search_text(*at),
                         at_root.family(*at, *at), next - at);
    at = next;
  }
  return "<ul class=\"list\">\n" + items + "</ul>\n";
}

}  // namespace

ModelEntry entry_of(const OverviewReport& report) {
  const Model& model = report.summary.model;
  return {model.id,
          model.name,
          model.publisher,
          model.family,
          model.release_date,
          report.settings.quantization,
          report.summary.parameters.trunk + report.summary.parameters.towers,
          model.architecture.context_length,
          report.estimate.gpu_total()};
}

std::string site_model_page(const OverviewReport& report, const Ids& without_page, const Style& style) {
  Links links = in_folder;
  links.without_page = &without_page;
  return model_page(report, style, links);
}

std::string device_page(const RecommendReport& report, const PageFigures::Device& device,
                        const Style& style) {
  const std::string name = short_name(device.name);
  const bool one = report.rows.size() == 1;
  const std::string body = fmt::format(
      "<header class=\"hero\"><p class=\"by\">{}</p><h1>What runs on the {}</h1>\n<p>{} {} of the catalog {} "
      "entirely "
      "into its memory, each in the largest quantization that does.</p>\n{}</header>\n"
      "<section aria-labelledby=\"models\"><h2 id=\"models\">Models, newest first</h2>\n{}{}</section>\n",
      escaped(device.vendor), escaped(name), grouped(report.rows.size()), one ? "model" : "models",
      one ? "fits" : "fit", facts_of(report, device, style.units), search_field("Find a model"),
      recommended_table(report, style.units));
  return page(
      {fmt::format("What runs on the {}", name),
       fmt::format("Language models that fit on the {}, with quantization, context and speed.", device.name),
       navigation(in_folder), body, index_script()});
}

std::string family_page(std::string_view family, const std::vector<ModelEntry>& models, const Style& style) {
  std::vector<ModelEntry> members;
  std::ranges::copy_if(models, std::back_inserter(members),
                       [&](const ModelEntry& each) { return each.family == family; });
  std::ranges::stable_sort(
      members, [](const ModelEntry& a, const ModelEntry& b) { return a.needed.best < b.needed.best; });
  const std::string body = fmt::format("<header class=\"hero\"><h1>{}</h1></header>\n", escaped(family)) +
                           model_table(members, in_folder, style.units);
  return page({fmt::format("{}: how much GPU memory each model needs", family),
               fmt::format("GPU memory that the {} models of the family {} need.", members.size(), family),
               navigation(in_folder),
               body,
               {}});
}

std::string family_file(std::string_view family) { return slug(family) + ".html"; }

std::string index_page(const std::vector<ModelEntry>& models, const std::vector<PageFigures::Device>& devices,
                       const Style& style) {
  std::vector<ModelEntry> newest = models;
  std::ranges::stable_sort(newest,
                           [](const ModelEntry& a, const ModelEntry& b) { return a.released > b.released; });
  const std::string body = fmt::format(
      "<header class=\"hero\"><h1>How much GPU memory does a language model need?</h1>\n<p class=\"lead\">{} "
      "models, {} GPUs and "
      "systems, as of {}. Calculated from each model's shape as the runtime allocates it.</p>\n{}</header>\n"
      "<section aria-labelledby=\"models\"><h2 id=\"models\">Models, newest first</h2>\n{}</section>\n"
      "<section aria-labelledby=\"gpus\"><h2 id=\"gpus\">What runs on a GPU</h2>\n{}</section>\n"
      "<section aria-labelledby=\"systems\"><h2 id=\"systems\">What runs on a Mac or another "
      "system</h2>\n{}</section>\n"
      "<section aria-labelledby=\"families\"><h2 id=\"families\">Families</h2>\n{}</section>\n",
      grouped(models.size()), grouped(devices.size()), catalog_date(),
      search_field("Find a model, GPU or family"), model_table(newest, at_root, style.units),
      device_list(devices, false), device_list(devices, true), family_list(models));
  return page({"How much GPU memory does a language model need?",
               "GPU memory that language models need, and which GPUs and Macs run them.", navigation(at_root),
               body, index_script()});
}

std::string sitemap(std::string_view base_url, const std::vector<std::string>& paths) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset "
      "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  const std::string base = std::string(base_url) + (base_url.ends_with('/') ? "" : "/");
  for (const std::string& path : paths)
    out += fmt::format("<url><loc>{}</loc></url>\n", escaped(base + path));
  return out + "</urlset>\n";
}

}  // namespace vramcalc::render::html
