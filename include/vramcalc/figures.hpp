#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vramcalc/file_type.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/model.hpp"

// Figures of the catalog's models that the build computes once, with the same functions that the program
// uses: an answer under the default settings only looks them up.
namespace vramcalc {

struct Precomputed;

// What llama.cpp's default settings make of one model.
struct ModelFigures {
  Parameters parameters;
  std::shared_ptr<const Precomputed> known;
};

// What an overview says of one GPU or system of the catalog.
struct JudgedHardware {
  std::uint32_t place = 0;  // in the catalog
  Verdict verdict = Verdict::no;
  std::optional<std::uint64_t> max_context;
  std::string_view best_quantization;  // empty: none
  std::uint32_t needed = 0;            // see HardwareRow
  friend bool operator==(const JudgedHardware&, const JudgedHardware&) = default;
};

// A HardwareTable without the catalog's data of the hardware.
struct JudgedTable {
  std::vector<JudgedHardware> rows;
  std::optional<JudgedHardware> largest;
  std::array<std::size_t, verdict_count> unlisted{};
  friend bool operator==(const JudgedTable&, const JudgedTable&) = default;
};

struct JudgedTables {
  JudgedTable gpus, systems;
  friend bool operator==(const JudgedTables&, const JudgedTables&) = default;
};

// The figures of many models, one after another in `bytes` (figures/stream.hpp).
class EmbeddedFigures {
 public:
  struct Entry {
    std::string_view model_id;
    std::uint32_t model = 0, hardware = 0;  // where its figures and tables start; 0: none
  };

  constexpr EmbeddedFigures() = default;
  // `entries` must be sorted by id.
  constexpr EmbeddedFigures(std::span<const Entry> entries, std::string_view bytes)
      : entries_(entries), bytes_(bytes) {}

  // For a model of the embedded catalog; empty if they were not computed.
  std::optional<ModelFigures> of_model(std::string_view id, std::span<const FileType> file_types) const;
  std::optional<JudgedTables> of_hardware(std::string_view id, std::span<const FileType> file_types) const;

 private:
  const Entry* find(std::string_view id) const;

  std::span<const Entry> entries_;
  std::string_view bytes_;
};

ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types);

// The figures of this build (library vramcalc::embedded_figures); none without VRAMCALC_FIGURES.
EmbeddedFigures embedded_figures();

}  // namespace vramcalc
