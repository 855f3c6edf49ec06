#pragma once

#include <string>
#include <string_view>

#include "render/document.hpp"

// Markdown as GitHub and GitLab render it (GFM), with texts from anywhere in it.
namespace vramcalc::render {

// Text that reads as it is, whatever signs it has, and mentions nobody.
std::string markdown_text(std::string_view text);
// A code span. In a row of a table, a vertical bar would end the cell.
std::string markdown_code(std::string_view text, bool in_table = false);

std::string markdown_text(const Document& document);

std::string markdown(const DeploymentReport& report, const Style& style);

}  // namespace vramcalc::render
