#include <fmt/format.h>

#include "model/letters.hpp"
#include "render/html/model.hpp"

// Links between the pages of a site, which are relative, so that it may lie anywhere.
namespace vramcalc::render::html {
namespace {

std::string link(const Links& links, std::string_view folder, std::string_view file, std::string_view text) {
  if (!links.in_site) return escaped(text);
  return fmt::format("<a href=\"{}{}/{}.html\">{}</a>", links.root, folder, escaped(file), escaped(text));
}

}  // namespace

std::string slug(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool kept = (lower >= 'a' && lower <= 'z') || is_digit(lower);
    if (kept)
      out += lower;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

std::string Links::model(std::string_view id, std::string_view text) const {
  if (without_page != nullptr && without_page->contains(id)) return escaped(text);
  return link(*this, "models", id, text);
}
std::string Links::device(std::string_view id, std::string_view text) const {
  return link(*this, "gpus", id, text);
}
std::string Links::family(std::string_view name, std::string_view text) const {
  return link(*this, "families", slug(name), text);
}

std::string navigation(const Links& links) {
  if (!links.in_site) return "<span class=\"brand\">vramcalc</span>";
  return fmt::format(
      "<a class=\"brand\" href=\"{0}index.html\">vramcalc</a><a href=\"{0}index.html#models\">Models</a>"
      "<a href=\"{0}index.html#gpus\">GPUs</a>",
      links.root);
}

}  // namespace vramcalc::render::html
