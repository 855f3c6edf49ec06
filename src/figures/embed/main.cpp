// vramcalc_compute_figures OUTPUT.cpp
//
// Computes the figures of every model of the catalog at build time, then the hardware tables of its overview
// with them, and writes both as C++ constants.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "catalog/embed/literal.hpp"
#include "figures/members.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::figures {
namespace {

// The runtimes that most people ask about.
constexpr std::array<std::string_view, 2> runtime_ids = {"llama.cpp", "vllm"};

// No runtime runs all models of the catalog.
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
    std::ranges::sort(models_, {}, &Entry::model_id);
    for (std::size_t i = 0; i < runtime_ids.size(); ++i) {
      for (const ModelRow* row : catalog_.models())
        if (row->incomplete.empty()) unless_unsupported([&] { add_hardware(i, row->id); });
      std::ranges::sort(hardware_[i], {}, &Entry::model_id);
    }
  }

  std::string source() const {
    std::string lists = list("models", models_), hardware;
    for (std::size_t i = 0; i < runtime_ids.size(); ++i) {
      lists += list(fmt::format("hardware_{}", i), hardware_[i]);
      hardware += fmt::format("  {{\"{}\", hardware_{}}},\n", runtime_ids[i], i);
    }
    return fmt::format(
        "#include \"vramcalc/figures.hpp\"\n\nnamespace vramcalc {{\nnamespace {{\n\n{}"
        "constexpr EmbeddedFigures::Hardware hardware[] = {{\n{}}};\n\n"
        "constexpr char bytes[] = {};\n\n}}  // namespace\n\n"
        "EmbeddedFigures embedded_figures() {{ return {{models, hardware, {{bytes, sizeof bytes - 1}}}}; "
        "}}\n\n"
        "}}  // namespace vramcalc\n",
        lists, hardware, catalog::embed::literal(bytes_));
  }

 private:
  using Entry = EmbeddedFigures::Entry;

  static std::string list(std::string_view name, const std::vector<Entry>& entries) {
    std::string lines;
    for (const Entry& each : entries) lines += fmt::format("  {{\"{}\", {}}},\n", each.model_id, each.start);
    return fmt::format("constexpr EmbeddedFigures::Entry {}[] = {{\n{}}};\n\n", name, lines);
  }

  std::uint32_t here() const { return static_cast<std::uint32_t>(bytes_.size()); }

  void add_model(std::string_view id) {
    const ModelFigures figures = derive_figures(catalog_.model(id), catalog_.file_types());
    models_.push_back({id, here()});
    Writer(bytes_, catalog_.file_types())(figures.parameters, *figures.known);
  }

  void add_hardware(std::size_t runtime, std::string_view id) {
    Question question;
    question.model = id;
    question.runtime = runtime_ids[runtime];
    const Report overview = answer(question, runtimes(), EmbeddedFigures(models_, {}, bytes_));
    hardware_[runtime].push_back({id, here()});
    Writer(bytes_, catalog_.file_types())(judged_tables(catalog_, std::get<OverviewReport>(overview)));
  }

  Catalog catalog_;
  std::vector<Entry> models_;
  std::array<std::vector<Entry>, runtime_ids.size()> hardware_;
  std::string bytes_;
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
