#include "render/document.hpp"

#include "render/document/documents.hpp"

namespace vramcalc::render {
namespace {

// Two parts are told apart best by the extremes.
constexpr std::array<std::string_view, 2> two_shades = {"█", "░"};
constexpr std::array<std::string_view, Bar::most_parts> all_shades = {"█", "▓", "▒", "░"};

bool is_empty(const Section& section) { return section.title.empty() && section.blocks.empty(); }

}  // namespace

std::span<const std::string_view> shades_for(std::size_t parts) {
  return parts > two_shades.size() ? std::span<const std::string_view>(all_shades) : two_shades;
}

std::string_view separator(Paragraph::Between between) {
  switch (between) {
    case Paragraph::Between::nothing: return "";
    case Paragraph::Between::space: return " ";
    case Paragraph::Between::dot: return " · ";
  }
  return "";
}

void Section::add(Paragraph::Kind kind, Text text) {
  Paragraph paragraph{kind, {}, Paragraph::Between::nothing};
  paragraph.texts.push_back(std::move(text));
  add(std::move(paragraph));
}

void Section::add(Paragraph::Kind kind, std::vector<Text> parts, Paragraph::Between between) {
  if (!parts.empty()) add(Paragraph{kind, std::move(parts), between});
}

void Document::add(Section section) {
  if (!is_empty(section)) sections.push_back(std::move(section));
}

Document document(const Report& report, const Content& content) {
  return std::visit([&](const auto& each) { return document_of(each, content); }, report);
}

}  // namespace vramcalc::render
