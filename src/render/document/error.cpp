#include "render/document/documents.hpp"

namespace vramcalc::render {

// "vramcalc: unknown model "deepsek-r1"; did you mean deepseek-r1?"
Document document_of(const ErrorReport& error, const Content&) {
  Section section;
  section.add(Line{Line::Kind::message, "vramcalc: " + printable(error.message)});
  return Document(std::move(section));
}

}  // namespace vramcalc::render
