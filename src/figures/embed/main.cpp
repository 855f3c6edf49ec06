// vramcalc_compute_figures OUTPUT.cpp
//
// Computes the figures of every model of the catalog at build time, then the hardware tables of its overview
// with them, and writes both as C++ constants.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "catalog/embed/literal.hpp"
#include "figures/members.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::figures {
namespace {

// llama.cpp does not run all models of the catalog.
template <class Compute>
void unless_unsupported(const Compute& compute) try {
  compute();
} catch (const Error& refusal) {
  if (refusal.code() != ErrorCode::unsupported) throw;
}

class Computation {
 public:
  Computation() {
    for (const ModelRow* row : catalog_.models())
      if (row->incomplete.empty()) unless_unsupported([&] { add_model(row->id); });
    std::ranges::sort(entries_, {}, &EmbeddedFigures::Entry::model_id);
    for (EmbeddedFigures::Entry& entry : entries_) unless_unsupported([&] { add_hardware(entry); });
  }

  std::string source() const {
    std::string entries;
    for (const EmbeddedFigures::Entry& each : entries_)
      entries += fmt::format("  {{\"{}\", {}, {}}},\n", each.model_id, each.model, each.hardware);
    return fmt::format(
        "#include \"vramcalc/figures.hpp\"\n\nnamespace vramcalc {{\nnamespace {{\n\n"
        "constexpr EmbeddedFigures::Entry entries[] = {{\n{}}};\n\nconstexpr char bytes[] = {};\n\n}}  // "
        "namespace\n\n"
        "EmbeddedFigures embedded_figures() {{ return {{entries, {{bytes, sizeof bytes - 1}}}}; }}\n\n"
        "}}  // namespace vramcalc\n",
        entries, catalog::embed::literal(bytes_));
  }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(bytes_.size()); }

  void add_model(std::string_view id) {
    const ModelFigures figures = derive_figures(catalog_.model(id), catalog_.file_types());
    entries_.push_back({id, here()});
    Writer(bytes_, catalog_.file_types())(figures.parameters, *figures.known);
  }

  void add_hardware(EmbeddedFigures::Entry& entry) {
    Question question;
    question.model = entry.model_id;
    const Report overview = answer(question, runtimes(), EmbeddedFigures(entries_, bytes_));
    entry.hardware = here();
    Writer(bytes_, catalog_.file_types())(judged_tables(catalog_, std::get<OverviewReport>(overview)));
  }

  Catalog catalog_;
  std::vector<EmbeddedFigures::Entry> entries_;
  std::string bytes_ = std::string(1, '\0');  // so that no model's figures start at 0
};

}  // namespace
}  // namespace vramcalc::figures

int main(int argc, char** argv) try {
  if (argc != 2)
    throw vramcalc::Error(vramcalc::ErrorCode::usage, "usage: vramcalc_compute_figures OUTPUT.cpp");
  std::ofstream out(argv[1]);
  out << vramcalc::figures::Computation().source();
  return out.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "vramcalc_compute_figures: %s\n", error.what());
  return 1;
}
