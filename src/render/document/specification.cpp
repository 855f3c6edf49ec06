#include <fmt/format.h>

#include "render/document/overview.hpp"

namespace vramcalc::render {
namespace {

void add(std::vector<Text>& parts, std::string text, std::string_view value) {
  if (!value.empty()) parts.emplace_back(std::move(text));
}

std::string parameter_count(const Parameters& parameters) {
  const std::uint64_t shown = parameters.trunk + parameters.towers;
  std::string text = parameters_text(shown) + " parameters";
  if (parameters.active != 0 && parameters_text(parameters.active) != parameters_text(shown))
    text += fmt::format(", {} active", parameters_text(parameters.active));
  return text;
}

// "GGUF Q4_K_M · 5.03 GB in 2 files · 399 tensors · q4_K 4.10, q6_K 0.93"
std::string in_files(Bytes bytes, std::size_t files, Units units) {
  const std::string size = fmt::format("{} {}", bytes_text(bytes, units, 2), unit_name(units));
  return files > 1 ? fmt::format("{} in {} files", size, files) : size;
}

// The two or three types that hold nearly all bytes.
template <class Share, class Name>
std::string shares_text(const std::vector<Share>& shares, Units units, const Name& name) {
  constexpr std::size_t shown = 4;
  std::vector<std::string> parts;
  for (const Share& share : shares)
    if (parts.size() < shown)
      parts.push_back(fmt::format("{} {}", name(share), bytes_text(share.bytes, units, 2)));
  return fmt::format("{}{}", fmt::join(parts, ", "), shares.size() > shown ? ", ..." : "");
}

std::vector<Text> stored_facts(const StoredWeights& stored, Units units) {
  return {
      stored.file_type.empty() ? "GGUF" : "GGUF " + stored.file_type,
      in_files(stored.file_bytes, stored.files.size(), units), grouped(stored.tensors.size()) + " tensors",
      shares_text(shares_of(stored), units, [](const TypeShare& share) { return to_string(share.type); })};
}

std::vector<Text> checkpoint_facts(const StoredCheckpoint& checkpoint, Units units) {
  std::vector<Text> parts = {"safetensors", in_files(checkpoint.file_bytes, checkpoint.files.size(), units)};
  if (checkpoint.elements > 0) parts.emplace_back(parameters_text(checkpoint.elements) + " elements");
  if (!checkpoint.shares.empty())
    parts.emplace_back(shares_text(checkpoint.shares, units,
                                   [](const StoredCheckpoint::Share& share) { return share.dtype; }));
  return parts;
}

// The size of the repository itself; the answer's figures are for GGUF files made from it.
std::vector<Text> packed_facts(const PackedCheckpoint& packed, Units units) {
  if (packed.stored_bytes == 0) return {};
  return {"the repository itself: " + packed.scheme, in_files(Bytes(packed.stored_bytes), 1, units)};
}

std::vector<Text> what_it_is(const ModelSummary& summary) {
  const Model& model = summary.model;
  std::vector<Text> parts = {
      {model.name, Ink::bold}
  };
  add(parts, model.publisher, model.publisher);
  parts.emplace_back(parameter_count(summary.parameters));
  if (model.packed && model.packed->stored_elements > 0)
    parts.emplace_back(parameters_text(model.packed->stored_elements) + " stored elements");
  parts.emplace_back(grouped(model.architecture.context_length) + " tokens");
  add(parts, model.license, model.license);
  return parts;
}

std::vector<Text> where_it_is_from(const Model& model) {
  std::vector<Text> parts;
  add(parts, model.architecture_class, model.architecture_class);
  if (model.architecture.vocab_size != 0)
    parts.emplace_back("vocabulary " + grouped(model.architecture.vocab_size));
  add(parts, model.release_date, model.release_date);
  add(parts, "family " + model.family, model.family);
  add(parts, "hf.co/" + model.hf_repo, model.hf_repo);
  return parts;
}

}  // namespace

Section specification(const ModelSummary& summary, Units units) {
  Section section;
  const auto facts = [&](std::vector<Text> parts) {
    section.add(Paragraph::Kind::prose, std::move(parts), Paragraph::Between::dot);
  };
  facts(what_it_is(summary));
  facts(where_it_is_from(summary.model));
  if (summary.stored) facts(stored_facts(*summary.stored, units));
  if (summary.checkpoint) facts(checkpoint_facts(*summary.checkpoint, units));
  if (summary.model.packed && summary.source != "catalog") facts(packed_facts(*summary.model.packed, units));
  return section;
}

}  // namespace vramcalc::render
