#include <fmt/format.h>

#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

void add(std::vector<std::string>& parts, std::string text, std::string_view value) {
  if (!value.empty()) parts.push_back(std::move(text));
}

std::string parameter_count(const Parameters& parameters) {
  const std::uint64_t shown = parameters.trunk + parameters.towers;
  std::string text = parameters_text(shown) + " parameters";
  if (parameters.active != 0 && parameters_text(parameters.active) != parameters_text(shown))
    text += fmt::format(", {} active", parameters_text(parameters.active));
  return text;
}

// "GGUF Q4_K_M · 5.03 GB in 2 files · 399 tensors · q4_K 4.10, q6_K 0.93"
std::string in_files(Bytes bytes, std::size_t files, const Style& style) {
  const std::string size = fmt::format("{} {}", bytes_text(bytes, style.units, 2), unit_name(style.units));
  return files > 1 ? fmt::format("{} in {} files", size, files) : size;
}

// The two or three types that nearly all of it is in.
template <class Share, class Name>
std::string shares_text(const std::vector<Share>& shares, const Style& style, const Name& name) {
  constexpr std::size_t shown = 4;
  std::vector<std::string> parts;
  for (const Share& share : shares)
    if (parts.size() < shown)
      parts.push_back(fmt::format("{} {}", name(share), bytes_text(share.bytes, style.units, 2)));
  return fmt::format("{}{}", fmt::join(parts, ", "), shares.size() > shown ? ", ..." : "");
}

std::string stored_line(const StoredWeights& stored, const Style& style) {
  return flow(
      {stored.file_type.empty() ? "GGUF" : "GGUF " + stored.file_type,
       in_files(stored.file_bytes, stored.files.size(), style), grouped(stored.tensors.size()) + " tensors",
       shares_text(shares_of(stored), style, [](const TypeShare& share) { return to_string(share.type); })},
      {dot(style)}, style);
}

std::string checkpoint_line(const StoredCheckpoint& checkpoint, const Style& style) {
  std::vector<std::string> parts = {"safetensors",
                                    in_files(checkpoint.file_bytes, checkpoint.files.size(), style)};
  if (checkpoint.elements > 0) parts.push_back(parameters_text(checkpoint.elements) + " elements");
  if (!checkpoint.shares.empty())
    parts.push_back(shares_text(checkpoint.shares, style,
                                [](const StoredCheckpoint::Share& share) { return share.dtype; }));
  return flow(parts, {dot(style)}, style);
}

// What the repository itself takes; the figures of the answer are for GGUF files made of it.
std::string packed_line(const PackedCheckpoint& packed, const Style& style) {
  if (packed.stored_bytes == 0) return {};
  return flow({"the repository itself: " + packed.scheme, in_files(Bytes(packed.stored_bytes), 1, style)},
              {dot(style)}, style);
}

std::string files_of(const ModelSummary& summary, const Style& style) {
  std::string lines;
  if (summary.stored) lines += stored_line(*summary.stored, style);
  if (summary.checkpoint) lines += checkpoint_line(*summary.checkpoint, style);
  if (summary.model.packed && summary.source != "catalog") lines += packed_line(*summary.model.packed, style);
  return lines;
}

}  // namespace

std::string specification(const ModelSummary& summary, const Style& style) {
  const Model& model = summary.model;
  std::vector<std::string> what = {paint(model.name, Ink::bold, style)};
  add(what, model.publisher, model.publisher);
  what.push_back(parameter_count(summary.parameters));
  if (model.packed && model.packed->stored_elements > 0)
    what.push_back(parameters_text(model.packed->stored_elements) + " stored elements");
  what.push_back(grouped(model.architecture.context_length) + " tokens");
  add(what, model.license, model.license);

  std::vector<std::string> how;
  add(how, model.architecture_class, model.architecture_class);
  if (model.architecture.vocab_size != 0)
    how.push_back("vocabulary " + grouped(model.architecture.vocab_size));
  add(how, model.release_date, model.release_date);
  add(how, "family " + model.family, model.family);
  add(how, "hf.co/" + model.hf_repo, model.hf_repo);
  return flow(what, {dot(style)}, style) + flow(how, {dot(style)}, style) + files_of(summary, style);
}

}  // namespace vramcalc::render
