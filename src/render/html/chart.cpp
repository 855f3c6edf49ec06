#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "render/document/charts.hpp"
#include "render/document/words.hpp"
#include "render/html/model.hpp"

// Memory against the context as lines, the memory of well-known devices across them.
namespace vramcalc::render::html {
namespace {

using Curve = MemoryCurves::Curve;

// One of each size that people know.
constexpr std::array<std::string_view, 11> known_sizes = {
    "rtx-4060",  "rtx-3060-12gb", "rtx-4060-ti-16gb", "rtx-4090", "rtx-5090",
    "rtx-a6000", "h100-sxm-80gb", "h200-sxm-141gb",   "mi300x",   "apple-m3-ultra-512gb",
    "dgx-h100"};

// In the units of the picture. A narrow screen has a picture of its own, since its letters must stay as
// large.
struct Plot {
  std::string_view style;
  double picture_width, picture_height;
  double left, right, top, bottom;

  double width() const { return picture_width - left - right; }
  double height() const { return picture_height - top - bottom; }
  double floor() const { return picture_height - bottom; }
};
constexpr std::array plots = {
    Plot{"wide",  920, 380, 52, 92, 14, 44},
    Plot{"small", 380, 330, 40, 76, 14, 44},
};

double in_units(Bytes bytes) { return static_cast<double>(bytes.count()); }

// A round number of units, of which three to six make the height.
double step_for(double top) {
  const double magnitude = std::pow(10, std::floor(std::log10(top)));
  for (const double step : {0.1, 0.2, 0.25, 0.5, 1.0})
    if (top / (step * magnitude) <= 6) return step * magnitude;
  return magnitude;
}

double bytes_per_unit(Units units) {
  return units == Units::GB ? static_cast<double>(GB) : static_cast<double>(units == Units::GiB ? GiB : MiB);
}

std::string label(double value) {
  return value == std::floor(value) ? grouped(static_cast<std::uint64_t>(value)) : fmt::format("{:g}", value);
}

class Picture {
 public:
  Picture(const OverviewReport& report, const Figures& figures, const Plot& plot)
      : report_(report),
        curves_(*report.curves),
        plot_(plot),
        unit_(bytes_per_unit(figures.units)),
        units_(figures.units) {
    for (const Curve* curve : shown_curves(report))
      top_ = std::max(top_, in_units(curve->needed.back().best));
    top_ *= 1.06;
  }

  std::string markup() const {
    std::string out = fmt::format(
        "<svg class=\"chart {}\" viewBox=\"0 0 {} {}\" aria-hidden=\"true\" "
        "data-plot='{{\"left\":{},\"width\":{},\"bottom\":{},\"height\":{},\"top\":{:.0f}}}'>\n",
        plot_.style, plot_.picture_width, plot_.picture_height, plot_.left, plot_.width(), plot_.floor(),
        plot_.height(), top_);
    return out + scale() + contexts() + devices(false) + lines() + devices(true) + names() + "</svg>\n";
  }

 private:
  double y(double bytes) const { return plot_.floor() - bytes / top_ * plot_.height(); }
  double x(std::size_t at) const {
    const std::size_t last = curves_.contexts.size() - 1;
    return plot_.left +
           (last == 0 ? 1.0 : static_cast<double>(at) / static_cast<double>(last)) * plot_.width();
  }

  std::string scale() const {
    std::string out;
    const double step = step_for(top_ / unit_);
    for (double value = 0; value * unit_ <= top_; value += step)
      out += fmt::format(
          "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text x=\"{:.1f}\" "
          "y=\"{:.1f}\" "
          "text-anchor=\"end\">{}</text>\n",
          value == 0 ? "axis" : "grid", plot_.left, plot_.left + plot_.width(), y(value * unit_),
          y(value * unit_), plot_.left - 8, y(value * unit_) + 4,
          value == 0 ? std::string(unit_name(units_)) : label(value));
    return out;
  }

  // As many labels as there is room for, the last one always.
  std::string contexts() const {
    std::string out;
    const std::size_t last = curves_.contexts.size() - 1;
    const auto most = static_cast<std::size_t>(plot_.width() / 58);
    const std::size_t every = std::max<std::size_t>(1, (last + most) / std::max<std::size_t>(most, 1));
    for (std::size_t at = 0; at <= last; ++at)
      if ((last - at) % every == 0)
        out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x(at),
                           plot_.floor() + 18, context_label(curves_.contexts[at]));
    return out +
           fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">context in tokens</text>\n",
                       plot_.left + plot_.width() / 2, plot_.floor() + 37);
  }

  // Their lines, or their names, which stand on the other lines.
  std::string devices(bool names) const {
    std::string out;
    double before = plot_.picture_height + 100;
    for (const std::string_view id : known_sizes) {
      const auto device = std::ranges::find(report_.page->devices, id, &PageFigures::Device::id);
      if (device == report_.page->devices.end()) continue;
      const double at = in_units(device->usable);
      if (at > top_ || before - y(at) < 24) continue;
      before = y(at);
      if (names)
        out += fmt::format("<text class=\"cardname\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", plot_.left + 6,
                           before - 4, escaped(short_name(device->name)));
      else
        out += fmt::format("<line class=\"card\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                           plot_.left, plot_.left + plot_.width(), before, before);
    }
    return out;
  }

  std::string points(const Curve& curve) const {
    std::string out;
    for (std::size_t at = 0; at < curve.needed.size(); ++at)
      out += fmt::format("{}{:.1f},{:.1f}", at == 0 ? "" : " ", x(at), y(in_units(curve.needed[at].best)));
    return out;
  }

  bool is_chosen(const Curve& curve) const { return curve.quantization == report_.settings.quantization; }

  // The line of the chosen one is drawn again, and last: the script moves it.
  std::string lines() const {
    std::string out, chosen;
    for (const Curve* curve : shown_curves(report_)) {
      out += fmt::format("<polyline data-q=\"{}\"{} points=\"{}\"/>\n", escaped(curve->quantization),
                         is_chosen(*curve) ? " visibility=\"hidden\"" : "", points(*curve));
      if (is_chosen(*curve))
        chosen = fmt::format("<polyline class=\"chosen\" points=\"{}\"/>\n", points(*curve));
    }
    return out + chosen;
  }

  // At the lines' ends, and none on another.
  std::string names() const {
    std::string out, chosen;
    double above = plot_.picture_height + 100;
    for (const Curve* curve : shown_curves(report_)) {
      above = std::min(y(in_units(curve->needed.back().best)) + 4, above - 14);
      const auto text = [&](std::string_view attributes) {
        return fmt::format("<text {} x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", attributes, label_x(), above,
                           escaped(curve->quantization));
      };
      out += text(fmt::format("class=\"end\" data-q=\"{}\"{}", escaped(curve->quantization),
                              is_chosen(*curve) ? " visibility=\"hidden\"" : ""));
      if (is_chosen(*curve)) chosen = text("class=\"end chosen\"");
    }
    return out + chosen;
  }

  double label_x() const { return plot_.left + plot_.width() + 8; }

  const OverviewReport& report_;
  const MemoryCurves& curves_;
  const Plot& plot_;
  double unit_;
  Units units_;
  double top_ = 1;
};

}  // namespace

std::string chart_section(const OverviewReport& report, const Figures& figures) {
  std::string pictures;
  for (const Plot& plot : plots) pictures += Picture(report, figures, plot).markup();
  Section table = memory_chart(report, figures);
  table.title = {};
  table.blocks.resize(1);  // without its legend of signs
  return fmt::format(
      "<section aria-labelledby=\"context\">\n<h2 id=\"context\">Memory against the context</h2>\n"
      "<p class=\"lead\">What <b data-show=\"name\">{}</b> and others need on the GPU, in {}; dotted lines "
      "are the "
      "usable memory of well-known devices.</p>\n<figure>\n{}<figcaption class=\"vh\">The figures follow as "
      "a "
      "table.</figcaption></figure>\n<details><summary>The figures as a "
      "table</summary>\n{}</details>\n</section>\n",
      escaped(chosen_of(report).quantization), unit_name(figures.units), pictures, markup_of(table, 3));
}

}  // namespace vramcalc::render::html
