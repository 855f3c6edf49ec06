#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "deployment/finding_codes.hpp"
#include "render/deployment/words.hpp"
#include "render/json_writer.hpp"

// SARIF 2.1.0 (OASIS), in the part that code scanning services read.
namespace vramcalc::render {
namespace {

using deployment::FindingCode;

// RFC 3986: what may stand in a path as it is.
bool stands_for_itself(char c) {
  constexpr std::string_view others = "-._~/!$&'()*+,;=:@";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

// Relative to the root of the repository, as the files were named; a colon in the first segment would make it
// a scheme.
std::string uri_of(std::string_view file) {
  while (file.starts_with("./")) file.remove_prefix(2);
  std::string uri = file.starts_with('/') ? "file://" : "";
  const bool relative = uri.empty();
  for (const char c : file) {
    const bool scheme = c == ':' && relative && uri.find('/') == std::string::npos;
    if (c == '\\')
      uri += '/';
    else if (stands_for_itself(c) && !scheme)
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

// Tells results apart whatever lines are added above them and however the figures change: the rule, the file,
// the service, and which one of several of these it is.
class Fingerprints {
 public:
  std::string of(const Reported& each) {
    const std::string service = each.service == nullptr ? "" : each.service->name;
    const std::string key =
        fmt::format("{}\n{}\n{}", each.finding.code, uri_of(each.finding.at.file), service);
    return fmt::format("{:016x}", hash_of(fmt::format("{}\n{}", key, ++seen_[key])));
  }

 private:
  std::map<std::string, std::size_t> seen_;
};

void write_text(JsonWriter& to, std::string_view key, std::string_view text) {
  to.object(key, [&] { to.member("text", text); });
}

void write_rule(JsonWriter& to, const FindingCode& rule) {
  to.member("id", rule.code);
  write_text(to, "shortDescription", rule.meaning);
  write_text(to, "fullDescription", rule.meaning);
  write_text(to, "help", rule.meaning);
  to.object("defaultConfiguration", [&] { to.member("level", word_for(rule.severity)); });
}

void write_tool(JsonWriter& to) {
  to.object("driver", [&] {
    to.member("name", "vramcalc");
    to.member("version", program_version());
    to.objects("rules", deployment::finding_codes(), [&](const FindingCode& rule) { write_rule(to, rule); });
  });
}

void write_location(JsonWriter& to, const Reported& each) {
  const deployment::Position& at = each.finding.at;
  if (!at.file.empty()) {
    to.object("physicalLocation", [&] {
      to.object("artifactLocation", [&] { to.member("uri", uri_of(at.file)); });
      if (at.line > 0) to.object("region", [&] { to.member("startLine", at.line); });
    });
  }
  if (each.service == nullptr || each.service->name.empty()) return;
  to.objects("logicalLocations", std::array<const ServiceReport*, 1>{each.service},
             [&](const ServiceReport* service) {
               to.member("name", service->name);
               to.member("kind", "resource");
             });
}

void write_result(JsonWriter& to, const Reported& each, Fingerprints& fingerprints) {
  to.member("ruleId", each.finding.code);
  const auto rules = deployment::finding_codes();
  const auto rule = std::ranges::find(rules, each.finding.code, &FindingCode::code);
  if (rule != rules.end()) to.member("ruleIndex", static_cast<std::uint64_t>(rule - rules.begin()));
  to.member("level", word_for(each.finding.severity));
  write_text(to, "message", each.sentence());
  to.objects("locations", std::array<const Reported*, 1>{&each},
             [&](const Reported* one) { write_location(to, *one); });
  to.object("partialFingerprints", [&] { to.member("vramcalcFinding/v1", fingerprints.of(each)); });
}

}  // namespace

std::string sarif(const Report& report, const Style& style) {
  const DeploymentReport& deployment = only_deployment(report, "sarif");
  const std::vector<Reported> findings = findings_of(deployment, figures_for(deployment, style.units));
  Fingerprints fingerprints;
  JsonWriter to;
  to.object([&] {
    to.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    to.member("version", "2.1.0");
    to.objects("runs", std::array<int, 1>{}, [&](int) {
      to.object("tool", [&] { write_tool(to); });
      to.objects("results", findings, [&](const Reported& each) { write_result(to, each, fingerprints); });
      to.member("columnKind", "unicodeCodePoints");
    });
  });
  return std::move(to).take();
}

}  // namespace vramcalc::render
