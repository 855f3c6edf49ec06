// vramcalc_derive_judged OUTPUT.cpp
//
// Computes the hardware table of every model of the catalog and writes it as C++ constants, at build time.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include "catalog/embed/packer.hpp"
#include "report/judged_rows.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::report::judged {
namespace {

class Writer {
 public:
  Writer() {
    for (std::size_t place = 0; place < catalog_.gpu_count(); ++place)
      gpus_.emplace(catalog_.gpu_at(place).id, place);
    for (std::size_t place = 0; place < catalog_.system_count(); ++place)
      systems_.emplace(catalog_.system_at(place).id, place);
  }

  void add_all() {
    for (const ModelRow* row : catalog_.models()) {
      if (!row->incomplete.empty()) continue;
      Question question;
      question.model = row->id;
      try {
        add(row->id, std::get<OverviewReport>(answer(question)));
      } catch (const Error& refusal) {
        if (refusal.code() != ErrorCode::unsupported) throw;  // llama.cpp cannot run every model
      }
    }
  }

  std::string source() {
    std::ranges::sort(models_, {}, &Model::id);
    catalog::embed::Packer packer;
    packer.add("models", models_);
    packer.add("rows", rows_);
    return fmt::format(
        "// Generated during the build by src/report/judge.cpp.\n"
        "#include \"report/judged_rows.hpp\"\n\nnamespace vramcalc::report::judged {{\nnamespace {{\n{}\n"
        "}}  // namespace\n\n{}\n}}  // namespace vramcalc::report::judged\n",
        packer.arrays(), packer.tables());
  }

 private:
  using Places = std::map<std::string, std::size_t, std::less<>>;

  void add(std::string_view id, const OverviewReport& report) {
    models_.push_back({id, table_of(report.gpus, gpus_), table_of(report.systems, systems_)});
  }

  Table table_of(const HardwareTable& table, const Places& places) {
    Table result;
    result.first = static_cast<std::uint32_t>(rows_.size());
    const auto add = [&](const HardwareRow& row) {
      rows_.push_back(packed(row, places.at(row.id), catalog_.file_types()));
    };
    std::ranges::for_each(table.rows, add);
    result.largest_apart = table.largest.has_value();
    if (table.largest) add(*table.largest);
    result.rows = static_cast<std::uint32_t>(rows_.size()) - result.first;
    const auto unlisted = [&](Verdict verdict) {
      return static_cast<std::uint32_t>(table.unlisted[static_cast<std::size_t>(verdict)]);
    };
    result.great = unlisted(Verdict::great);
    result.fits = unlisted(Verdict::fits);
    result.tight = unlisted(Verdict::tight);
    result.offload = unlisted(Verdict::offload);
    result.no = unlisted(Verdict::no);
    return result;
  }

  Catalog catalog_;
  Places gpus_, systems_;
  std::vector<Model> models_;
  std::vector<Row> rows_;
};

}  // namespace
}  // namespace vramcalc::report::judged

int main(int argc, char** argv) try {
  if (argc != 2)
    throw vramcalc::Error(vramcalc::ErrorCode::usage, "usage: vramcalc_derive_judged OUTPUT.cpp");
  vramcalc::report::judged::Writer writer;
  writer.add_all();
  std::ofstream out(argv[1]);
  out << writer.source();
  return out.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "vramcalc_derive_judged: %s\n", error.what());
  return 1;
}
