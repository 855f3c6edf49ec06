#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc {
namespace {

std::string_view name_of_dtype(std::string_view dtype) {
  struct Name {
    std::string_view dtype, format;
  };
  constexpr std::array names = {
      Name{"BF16",    "BF16"},
      Name{"F16",     "FP16"},
      Name{"F32",     "FP32"},
      Name{"F8_E4M3", "FP8" },
  };
  const auto found = std::ranges::find(names, dtype, &Name::dtype);
  return found == names.end() ? std::string_view() : found->format;
}

// The row's format with the layout of the checkpoint itself.
CheckpointFormat own_format(const Catalog& catalog, const Model& model) {
  const PackedCheckpoint& packed = *model.packed;
  CheckpointFormat format;
  format.name = format.title = packed.scheme;
  const bool is_known = packed.packing || packed.range;
  if (const CheckpointFormatRow* row = catalog.find_checkpoint_format(packed.format))
    format = is_known ? checkpoint_format(*row) : checkpoint_format(*row, model.architecture);
  if (packed.packing) format.packing = *packed.packing;
  format.range = packed.range ? packed.range : std::move(format.range);
  return format;
}

std::string warning_of(const Model& model, const CheckpointFormat& format) {
  if (model.packed->packing) return "";
  if (format.range)
    return fmt::format("which parts of {} are in {} is not known here: from {} to {}", model.name,
                       format.name, format.range->least_name, format.range->most_name);
  if (format.row != nullptr)
    return fmt::format("the layout of {} is not known; it is taken as {} usually is", model.name,
                       format.name);
  return fmt::format("how {} is packed ({}) is not known; its weights are taken as 16 bits", model.name,
                     model.packed->scheme);
}

PublishedFormat of_headers(const Catalog& catalog, const Model& model, const StoredCheckpoint& stored) {
  CheckpointFormat format;
  if (model.packed)
    format = own_format(catalog, model);
  else if (const CheckpointFormatRow* row = catalog.find_checkpoint_format(
               stored.shares.empty() ? "" : name_of_dtype(stored.shares.front().dtype)))
    format = checkpoint_format(*row);
  else
    format = native_format(catalog, model);
  format.range.reset();
  format.stored_parts = std::make_shared<const std::vector<CheckpointPart>>(stored.parts);
  return {std::move(format), ""};
}

}  // namespace

CheckpointFormat native_format(const Catalog& catalog, const Model& model) {
  CheckpointFormat format =
      catalog.checkpoint_format(model.native_format.empty() ? "BF16" : model.native_format, model);
  format.range.reset();
  return format;
}

PublishedFormat published_format(const Catalog& catalog, const Model& model, const StoredCheckpoint* stored) {
  if (stored != nullptr && !stored->parts.empty()) return of_headers(catalog, model, *stored);
  if (!model.packed) return {native_format(catalog, model), ""};
  PublishedFormat published{own_format(catalog, model), ""};
  published.format.base = model.variant_of;
  published.warning = warning_of(model, published.format);
  return published;
}

}  // namespace vramcalc
