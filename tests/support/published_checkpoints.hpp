#pragma once

#include <istream>
#include <string>
#include <vector>

#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/checkpoint.hpp"

// tests/measured/published_checkpoints.tsv: checkpoints as their repositories list them.
namespace vramcalc::test {

struct PublishedCheckpoint {
  std::string repository, model, format;
  Bytes bytes;
};

inline std::vector<PublishedCheckpoint> published_checkpoints() {
  std::vector<PublishedCheckpoint> checkpoints;
  read_measured_rows("published_checkpoints.tsv", [&](std::istream& words) {
    PublishedCheckpoint row;
    std::uint64_t bytes = 0;
    words >> row.repository >> row.model >> row.format >> bytes;
    row.bytes = Bytes(bytes);
    checkpoints.push_back(std::move(row));
  });
  return checkpoints;
}

// MLX drops the layers for multi-token prediction, in 16 bits too.
inline Bytes estimated(const Catalog& catalog, const PublishedCheckpoint& row) {
  const Model model = catalog.model(row.model);
  if (model.packed) return packed_size(model.architecture, model.packed->packing.value()).bytes;
  std::vector<CheckpointPart> parts =
      parts_of(model.architecture, catalog.checkpoint_format(row.format, model));
  if (row.repository.starts_with("mlx-community/"))
    std::erase_if(parts, [](const CheckpointPart& part) { return part.prediction; });
  return bytes_of(parts);
}

}  // namespace vramcalc::test
