// vramcalc_derive OUTPUT.cpp
//
// Computes the figures of every model of the catalog and writes them as C++ constants, at build time.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "catalog/embed/packer.hpp"
#include "figures/rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::figures {
namespace {

class Writer {
 public:
  explicit Writer(std::span<const FileType> file_types) : file_types_(file_types) {}

  void add(std::string_view id, const ModelFigures& figures) {
    const Parameters& p = figures.parameters;
    ModelPlaces places{id, p.trunk, p.mtp, p.towers, p.duplicate_head, p.active};
    places.flash_attention = figures.known->flash_attention;
    places.first_weight = static_cast<std::uint32_t>(weights_.size());
    for (const auto& [name, weights] : figures.known->weights) add(name, weights);
    places.weights = static_cast<std::uint32_t>(weights_.size()) - places.first_weight;
    places.first_other = static_cast<std::uint32_t>(others_.size());
    for (const auto& [name, others] : figures.known->others) add(name, others);
    places.others = static_cast<std::uint32_t>(others_.size()) - places.first_other;
    places.first_growth = static_cast<std::uint32_t>(growths_.size());
    for (const llama_cpp::EvenGrowth& growth : figures.known->growths) add(growth);
    places.growths = static_cast<std::uint32_t>(growths_.size()) - places.first_growth;
    places.first_compute = static_cast<std::uint32_t>(computes_.size());
    for (const llama_cpp::BoundedGrowth& growth : figures.known->bounded_growths) add(growth);
    places.computes = static_cast<std::uint32_t>(computes_.size()) - places.first_compute;
    models_.push_back(places);
  }

  std::string source() {
    std::ranges::sort(models_, {}, &ModelPlaces::id);
    catalog::embed::Packer packer;
    packer.add("models", models_);
    packer.add("weights", weights_);
    packer.add("others", others_);
    packer.add("growths", growths_);
    packer.add("terms", terms_);
    packer.add("computes", computes_);
    return fmt::format(
        "// Generated during the build by src/figures/derive.cpp.\n"
        "#include \"figures/rows.hpp\"\n\nnamespace vramcalc::figures::embedded {{\nnamespace {{\n{}\n"
        "}}  // namespace\n\n{}\n}}  // namespace vramcalc::figures::embedded\n",
        packer.arrays(), packer.tables());
  }

 private:
  std::uint32_t place_of(std::string_view file_type) const {
    return static_cast<std::uint32_t>(std::ranges::find(file_types_, file_type, &FileType::name) -
                                      file_types_.begin());
  }

  void add(std::string_view file_type, const OtherFiles& others) {
    others_.push_back({place_of(file_type), others.by_other_release.value_or(Bytes(0)).count(),
                       others.without_mtp.value_or(Bytes(0)).count()});
  }

  void add(std::string_view file_type, const WeightBytes& weights) {
    weights_.push_back({place_of(file_type), weights.tensor_bytes.count(), weights.file_bytes.count(),
                        weights.gpu.count(), weights.host.count(), weights.bits_per_weight, weights.imatrix});
  }

  void add(const llama_cpp::EvenGrowth& growth) {
    growths_.push_back({growth.first, growth.last, growth.step, static_cast<std::uint32_t>(terms_.size()),
                        static_cast<std::uint32_t>(growth.terms.size())});
    for (const llama_cpp::GrowingTerm& term : growth.terms)
      terms_.push_back({term.place.is_host(), term.kind, term.basis, term.bytes,
                        static_cast<std::uint64_t>(term.bytes_per_step)});
  }

  void add(const llama_cpp::BoundedGrowth& growth) {
    const auto slope = [](const llama_cpp::GrowingBytes& bytes) {
      return static_cast<std::uint64_t>(bytes.bytes_per_step);
    };
    computes_.push_back({growth.backend,
                         growth.first,
                         growth.last,
                         growth.step,
                         growth.low.bytes,
                         slope(growth.low),
                         growth.best.bytes,
                         slope(growth.best),
                         growth.high.bytes,
                         slope(growth.high),
                         growth.host_low.bytes,
                         slope(growth.host_low),
                         growth.host_best.bytes,
                         slope(growth.host_best),
                         growth.host_high.bytes,
                         slope(growth.host_high),
                         growth.margin.below,
                         growth.margin.above,
                         growth.host_margin.below,
                         growth.host_margin.above});
  }

  std::span<const FileType> file_types_;
  std::vector<ComputeRow> computes_;
  std::vector<ModelPlaces> models_;
  std::vector<WeightRow> weights_;
  std::vector<OtherFilesRow> others_;
  std::vector<GrowthRow> growths_;
  std::vector<TermRow> terms_;
};

std::string derive_all() {
  const Catalog catalog;
  Writer writer(catalog.file_types());
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty()) continue;
    try {
      writer.add(row->id, derive_figures(catalog.model(row->id), catalog.file_types()));
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported) throw;  // llama.cpp cannot run every model
    }
  }
  return writer.source();
}

}  // namespace
}  // namespace vramcalc::figures

int main(int argc, char** argv) try {
  if (argc != 2) throw vramcalc::Error(vramcalc::ErrorCode::usage, "usage: vramcalc_derive OUTPUT.cpp");
  std::ofstream out(argv[1]);
  out << vramcalc::figures::derive_all();
  return out.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "vramcalc_derive: %s\n", error.what());
  return 1;
}
