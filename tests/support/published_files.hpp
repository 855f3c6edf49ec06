#pragma once

#include <istream>
#include <string>
#include <vector>

#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/weights.hpp"

// tests/measured/published_files.tsv: GGUF files as their repositories list them.
namespace vramcalc::test {

struct PublishedFile {
  std::string model, file_type;
  QuantizeOptions options;
  std::uint64_t bytes = 0;
  std::string repository;
};

inline std::vector<PublishedFile> published_files() {
  std::vector<PublishedFile> files;
  read_measured_rows("published_files.tsv", [&](std::istream& words) {
    PublishedFile file;
    std::string imatrix, release;
    words >> file.model >> file.file_type >> imatrix >> release >> file.bytes >> file.repository;
    file.options.imatrix = imatrix == "imatrix";
    if (release != "0.5.0") file.options.release = QuantizerRelease::before_fused_qkv_rules;
    files.push_back(std::move(file));
  });
  return files;
}

// What the catalog's shape makes of it.
struct EstimatedFile {
  Bytes tensor_bytes;
  Amount file_bytes;
};

inline EstimatedFile estimated(const Catalog& catalog, const PublishedFile& file) {
  const Model model = catalog.model(file.model);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type(file.file_type), file.options);
  return {weights.tensor_bytes,
          file_bytes(tensors, weights, metadata_bytes(model.architecture, model.tokenizer))};
}

}  // namespace vramcalc::test
