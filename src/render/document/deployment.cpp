#include "render/document/documents.hpp"

namespace vramcalc::render {

Document document_of(const DeploymentReport& report, const Content&) {
  Section section;
  for (const ServiceReport& service : report.services)
    section.add(Paragraph::Kind::headline,
                Text(std::string(to_string(service.status)) + ": " + service.name));
  return Document(std::move(section));
}

}  // namespace vramcalc::render
