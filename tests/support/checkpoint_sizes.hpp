#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/checkpoint.hpp"

// tests/measured/checkpoint_sizes.tsv: checkpoints as their repositories list them.
namespace vramcalc::test {

struct CheckpointSize {
  std::string id, format;
  // The upper end of the format's range holds.
  bool most = false;
  // Without prediction layers.
  bool loaded = false;
  Bytes bytes;
  double tolerance = 0;
};

inline std::vector<CheckpointSize> checkpoint_sizes() {
  std::vector<CheckpointSize> sizes;
  read_measured_rows("checkpoint_sizes.tsv", [&](std::istream& words) {
    CheckpointSize row;
    std::string layers;
    std::uint64_t bytes = 0;
    words >> row.id >> row.format >> layers >> bytes >> row.tolerance;
    row.most = row.format.ends_with(":most");
    if (row.most) row.format.resize(row.format.size() - 5);
    row.loaded = layers == "loaded";
    row.bytes = Bytes(bytes);
    sizes.push_back(std::move(row));
  });
  return sizes;
}

// What the format takes: its usual packing, and the ends of its range.
struct ComputedSize {
  Bytes usual, least, most;
};

inline ComputedSize computed_size(const Catalog& catalog, const CheckpointSize& row) {
  const Model model = catalog.model(row.id);
  CheckpointFormat format = catalog.checkpoint_format(row.format, model);
  const auto size = [&] {
    std::vector<CheckpointPart> parts = parts_of(model.architecture, format);
    if (row.loaded) leave_out_prediction(parts);
    return bytes_of(parts);
  };
  const auto range = format.range;
  ComputedSize computed;
  computed.usual = computed.least = computed.most = size();
  if (!range) return computed;
  format.packing = range->least;
  computed.least = size();
  format.packing = range->most;
  computed.most = size();
  return computed;
}

}  // namespace vramcalc::test
