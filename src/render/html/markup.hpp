#pragma once

#include <string>
#include <string_view>

#include "render/document.hpp"

// What every page is made of: escaped text, the frame with the style inside it, and the walk over a Document.
namespace vramcalc::render::html {

// Text that reads as it is, in an element or in an attribute's double quotes.
std::string escaped(std::string_view text);

// For a verdict, a class of the style sheet: "great".
std::string_view class_of(Ink ink);

// Style sheet and script of all pages, and the script of a model's page and of an index. None loads anything.
std::string_view style_sheet();
std::string_view theme_script();
std::string_view model_script();
std::string_view index_script();

// A whole page. `body` is markup, the rest is text.
struct Frame {
  std::string_view title;
  std::string_view description = {};  // for search engines
  std::string_view navigation = {};   // markup, before the body
  std::string_view body = {};
  std::string_view script = {};
};
std::string page(const Frame& frame);

std::string markup_of(const Section& section, int heading);  // of that level
std::string markup_of(const Document& document, int heading);

}  // namespace vramcalc::render::html
