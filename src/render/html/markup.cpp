#include "render/html/markup.hpp"

#include <fmt/format.h>

#include "model/printable.hpp"

namespace vramcalc::render::html {

std::string escaped(std::string_view text) {
  if (!is_printable(text)) return escaped(printable(text));
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view class_of(Ink ink) {
  switch (ink) {
    case Ink::green: return "great";
    case Ink::cyan: return "fits";
    case Ink::yellow: return "tight";
    case Ink::red: return "no";
    case Ink::dim: return "dim";
    case Ink::bold: return "bold";
    case Ink::plain: return "plain";
  }
  return "plain";
}

std::string page(const Frame& frame) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += fmt::format("<title>{}</title>\n", escaped(frame.title));
  if (!frame.description.empty())
    out += fmt::format("<meta name=\"description\" content=\"{}\">\n", escaped(frame.description));
  out.append("<style>\n")
      .append(style_sheet())
      .append(
          "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the answer</a>\n<nav "
          "class=\"top\" aria-label=\"Site\">");
  out.append(frame.navigation)
      .append("<button class=\"plain end\" id=\"theme\" type=\"button\" hidden>Dark</button></nav>\n")
      .append("<script>")
      .append(theme_script())
      .append("</script>\n<main id=\"main\">\n")
      .append(frame.body)
      .append("</main>\n");
  out += fmt::format(
      "<footer><p>Calculated by vramcalc {}. Sizes are in GB (10<sup>9</sup> bytes) unless a unit is "
      "given.</p></footer>\n",
      program_version());
  if (!frame.script.empty()) out.append("<script>\n").append(frame.script).append("</script>\n");
  return out + "</body>\n</html>\n";
}

}  // namespace vramcalc::render::html
