#include "catalog/embed/speeds.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/embed/literal.hpp"
#include "catalog/fields.hpp"
#include "speed/parts.hpp"

namespace vramcalc::catalog::embed {
namespace {

using nlohmann::json;
using Names = std::span<const std::string_view>;

std::string coefficients(const json& object, const std::string& file, const std::string& entry, Names names) {
  Fields fields(object, file, entry);
  std::vector<double> values;
  for (const std::string_view name : names) values.push_back(fields.real(name));
  fields.finish();
  return fmt::format("{{{{{}}}}}", fmt::join(values, ", "));
}

std::string spread(const json& pair, Fields& fields, std::string_view key) {
  const bool good = pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_number() &&
                    pair[0].get<double>() > 0 && pair[0].get<double>() < pair[1].get<double>();
  if (!good) fields.fail(key, "is not two growing numbers");
  return fmt::format("{{{}, {}}}", pair[0].get<double>(), pair[1].get<double>());
}

std::string spreads(const json& object, const std::string& file) {
  Fields fields(object, file, "spreads");
  std::vector<std::string> each;
  for (const std::string_view basis : {"this_card", "its_generation", "rule"})
    each.push_back(spread(fields.raw(basis), fields, basis));
  fields.finish();
  return fmt::format("{{{}}}", fmt::join(each, ", "));
}

// The rows of a list and of the lists below it: a family, its generations, their chips.
class Rows {
 public:
  Rows(const std::string& file, Names names) : file_(file), names_(names) {}

  void add_families(const json& list) {
    for (const json& each : list) {
      Fields fields(each, file_, "a family");
      const std::string family = fields.text("family");
      add(fields, {family, "", ""});
      spreads_ += fmt::format("    {{{}, {}}},\n", literal(family), spreads(fields.raw("spreads"), file_));
      for (const json& generation : fields.raw("generations")) add_generation(generation, family);
      fields.finish();
    }
  }
  const std::string& text() const { return text_; }
  const std::string& spreads_of_families() const { return spreads_; }

 private:
  struct Name {
    std::string family, generation, chip;
  };

  void add_generation(const json& object, const std::string& family) {
    Fields fields(object, file_, family);
    const std::string generation = fields.text("generation");
    add(fields, {family, generation, ""});
    for (const json& chip : fields.raw("chips")) add_chip(chip, family, generation);
    fields.finish();
  }
  void add_chip(const json& object, const std::string& family, const std::string& generation) {
    Fields fields(object, file_, generation);
    const std::string chip = fields.text("chip");
    fields.number("figures");
    add(fields, {family, generation, chip});
    fields.finish();
  }
  void add(Fields& fields, const Name& name) {
    text_ += fmt::format(
        "    {{{}, {}, {}, {}}},\n", literal(name.family), literal(name.generation), literal(name.chip),
        coefficients(fields.raw("coefficients"), file_, name.family + " " + name.chip, names_));
  }

  const std::string& file_;
  Names names_;
  std::string text_, spreads_;
};

std::string table(const json& object, const std::string& file, std::string_view name, Names names) {
  Fields fields(object, file, std::string(name));
  Rows rows(file, names);
  rows.add_families(fields.raw("families"));
  const std::string all = spreads(fields.raw("spreads"), file);
  fields.finish();
  return fmt::format(
      "namespace {{\nconstexpr Calibration<{0}_parts> {0}_rows[] = {{\n{1}}};\n"
      "constexpr FamilySpreads {0}_spreads[] = {{\n{2}}};\n}}  // namespace\n"
      "constinit const Table<{0}_parts> {0}_table{{{0}_rows, {0}_spreads, {3}}};\n",
      name, rows.text(), rows.spreads_of_families(), all);
}

std::string host(const json& object, const std::string& file) {
  Fields fields(object, file, "host");
  fields.number("figures");
  const double coefficient = fields.real("coefficient");
  const std::string around = spread(fields.raw("spread"), fields, "spread");
  fields.finish();
  return fmt::format("constinit const Spread with_host{};\nconstinit const double host_coefficient = {};\n",
                     around, coefficient);
}

std::string engine_rule(const json& object, const std::string& file) {
  Fields fields(object, file, "engines");
  fields.text("source");
  const std::string decode = coefficients(fields.raw("decode"), file, "engines", speed::decode_part_names);
  const std::string prefill = coefficients(fields.raw("prefill"), file, "engines", speed::prefill_part_names);
  const std::string around = spread(fields.raw("spread"), fields, "spread");
  fields.finish();
  return fmt::format("constinit const EngineRule engines{{{}, {}, {}}};\n", decode, prefill, around);
}

}  // namespace

std::string speeds_source(const std::string& text, const std::string& shown) {
  const json content = parse_json(text, shown);
  Fields fields(content, shown, "the document");
  fields.optional_text("$schema");
  fields.texts("sources");
  fields.text("method");
  const std::string decode = table(fields.raw("decode"), shown, "decode", speed::decode_part_names);
  const std::string prefill = table(fields.raw("prefill"), shown, "prefill", speed::prefill_part_names);
  const std::string with_host = host(fields.raw("host"), shown) + engine_rule(fields.raw("engines"), shown);
  fields.finish();
  return fmt::format(
      "// Made from data/speeds.json by vramcalc_embed; edit that instead.\n"
      "#include \"speed/calibration.hpp\"\n\nnamespace vramcalc::speed {{\n\n{}{}{}\n"
      "}}  // namespace vramcalc::speed\n",
      decode, prefill, with_host);
}

}  // namespace vramcalc::catalog::embed
