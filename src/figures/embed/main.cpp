// vramcalc_compute_figures OUTPUT.cpp
//
// Computes the figures of every model of the catalog at build time, then the hardware tables of its overview
// with them, and writes both as C++ constants.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "catalog/embed/literal.hpp"
#include "figures/derive.hpp"
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

// What `compute` makes of each of the numbers below `count`, as many at once as there are processors. Empty
// for what the runtime does not run.
template <class Compute>
auto for_each(std::size_t count, const Compute& compute) {
  std::vector<decltype(compute(std::size_t{}))> results(count);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) unless_unsupported([&] { results[i] = compute(i); });
  };
  std::vector<std::future<void>> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    workers.push_back(std::async(std::launch::async, work));
  for (std::future<void>& worker : workers) worker.get();
  return results;
}

// The different shapes of models, and the place of each model's shape among them.
struct Shapes {
  explicit Shapes(const std::vector<Model>& models) {
    for (const Model& model : models) {
      const auto same = [&](const Architecture* shape) { return *shape == model.architecture; };
      const auto known = std::ranges::find_if(different, same);
      of_model.push_back(static_cast<std::size_t>(known - different.begin()));
      if (known == different.end()) different.push_back(&model.architecture);
    }
  }
  std::vector<const Architecture*> different;
  std::vector<std::size_t> of_model;
};

class Computation {
 public:
  Computation() {
    for (const ModelRow* row : catalog_.models())
      if (row->incomplete.empty()) ids_.push_back(row->id);
    std::ranges::sort(ids_);
    models_ = added(figures_of_models());
    std::array<std::vector<std::string>, runtime_ids.size()> tables;
    for (std::size_t i = 0; i < runtime_ids.size(); ++i)
      tables[i] = for_each(ids_.size(), [&](std::size_t model) { return hardware_of(i, ids_[model]); });
    for (std::size_t i = 0; i < runtime_ids.size(); ++i) hardware_[i] = added(tables[i]);
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

  std::vector<Entry> added(const std::vector<std::string>& bytes) {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i].empty()) continue;
      entries.push_back({ids_[i], static_cast<std::uint32_t>(bytes_.size())});
      bytes_ += bytes[i];
    }
    return entries;
  }

  std::vector<std::string> figures_of_models() const {
    std::vector<Model> models;
    for (const std::string_view id : ids_) models.push_back(catalog_.model(id));
    const Shapes shapes(models);
    const auto of_shapes = for_each(shapes.different.size(), [&](std::size_t shape) {
      return std::optional(of_shape(*shapes.different[shape]));
    });
    return for_each(models.size(), [&](std::size_t model) {
      const std::optional<Precomputed>& known = of_shapes[shapes.of_model[model]];
      return known ? written(of_model(models[model], *known, catalog_.file_types())) : std::string();
    });
  }

  std::string written(const ModelFigures& figures) const {
    std::string bytes;
    Writer(bytes, catalog_.file_types())(figures.parameters, *figures.known);
    return bytes;
  }

  std::string hardware_of(std::size_t runtime, std::string_view id) const {
    Question question;
    question.model = id;
    question.runtime = runtime_ids[runtime];
    const Report overview = answer(question, runtimes(), EmbeddedFigures(models_, {}, bytes_));
    std::string bytes;
    Writer(bytes, catalog_.file_types())(judged_tables(catalog_, std::get<OverviewReport>(overview)));
    return bytes;
  }

  Catalog catalog_;
  std::vector<std::string_view> ids_;
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
