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
  bool weight_only = false;            // see HardwareRow, as is `needed`
  std::uint32_t needed = 0;
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
    std::uint32_t start = 0;
  };
  // The hardware tables of overviews under one runtime.
  struct Hardware {
    std::string_view runtime_id;
    std::span<const Entry> entries;
  };

  constexpr EmbeddedFigures() = default;
  // Entries must be sorted by id. The bytes must outlive all that is read from them.
  constexpr EmbeddedFigures(std::span<const Entry> models, std::span<const Hardware> hardware,
                            std::string_view bytes)
      : models_(models), hardware_(hardware), bytes_(bytes) {}

  // For a model of the embedded catalog; empty if they were not computed.
  std::optional<ModelFigures> of_model(std::string_view id, std::span<const FileType> file_types) const;
  std::optional<JudgedTables> of_hardware(std::string_view id, std::string_view runtime_id,
                                          std::span<const FileType> file_types) const;

 private:
  std::span<const Entry> models_;
  std::span<const Hardware> hardware_;
  std::string_view bytes_;
};

ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types);

// The figures of this build (library vramcalc::embedded_figures); none without VRAMCALC_FIGURES.
EmbeddedFigures embedded_figures();

}  // namespace vramcalc
