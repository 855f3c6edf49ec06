#include <fmt/format.h>

#include <algorithm>

#include "render/deployment/words.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Change = DeploymentChange;

constexpr std::size_t most_named = 3;  // GPUs or services in the sentence

Bytes distance(Bytes a, Bytes b) { return a < b ? b - a : a - b; }

// What is between the figures as they are shown, or in MiB where these read alike.
std::string size_between(Bytes a, Bytes b, Units units) {
  const Figures figures = {units, decimals_for(std::max(a, b), units)};
  const Bytes shown = distance(figures.shown(a), figures.shown(b));
  return shown == Bytes(0) ? Figures{Units::MiB, 0}.with_unit(distance(a, b)) : figures.with_unit(shown);
}

std::string part_of(const Change::Gpu& gpu, Units units) {
  return fmt::format("{} {} on {} of {}", gpu.after > gpu.before ? "adds" : "frees",
                     size_between(gpu.before, gpu.after, units), gpu.gpu, gpu.machine);
}

bool has_bytes(const Change::Service& service) {
  return service.bytes_before != Bytes(0) && service.bytes_after != Bytes(0) &&
         service.bytes_before != service.bytes_after;
}

std::string part_of(const Change::Service& service, Units units) {
  if (service.before.empty()) return "adds the service " + service.name;
  if (service.after.empty()) return "removes the service " + service.name;
  if (has_bytes(service)) {
    const bool more = service.bytes_after > service.bytes_before;
    return fmt::format("{} {} {} {}", more ? "adds" : "takes",
                       size_between(service.bytes_before, service.bytes_after, units), more ? "to" : "from",
                       service.name);
  }
  return fmt::format("turns {} from \"{}\" to \"{}\"", service.name, words_for(service.before),
                     words_for(service.after));
}

template <class Row>
std::string sentence(const std::vector<Row>& rows, Units units, std::string_view noun) {
  std::vector<std::string> parts;
  const std::size_t named = rows.size() > most_named ? most_named - 1 : rows.size();
  for (std::size_t i = 0; i < named; ++i) parts.push_back(part_of(rows[i], units));
  if (named < rows.size()) parts.push_back(fmt::format("changes {} other {}", rows.size() - named, noun));
  return "This change " + listed(parts);
}

}  // namespace

std::string change_text(const Change& change, Units units) {
  if (!change.gpus.empty()) return sentence(change.gpus, units, "GPUs");
  if (!change.services.empty()) return sentence(change.services, units, "services");
  return "This change leaves what the services need as it was";
}

std::string difference_text(Bytes before, Bytes after, Units units) {
  if (before == after) return "0";
  return (after > before ? "+" : "-") + size_between(before, after, units);
}

const DeploymentReport& only_deployment(const Report& report, std::string_view format) {
  if (const auto* deployment = std::get_if<DeploymentReport>(&report)) return *deployment;
  throw Error(ErrorCode::usage, fmt::format("--format {} is for check FILE… and check -- COMMAND", format));
}

}  // namespace vramcalc::render
