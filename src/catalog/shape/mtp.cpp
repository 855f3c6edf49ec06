#include <fmt/format.h>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

std::optional<Role> head_norm(const Fields& fields, std::string_view name) {
  if (name.empty()) return std::nullopt;
  return kind_named(fields, "mtp_head_norm", name).role;
}

}  // namespace

// num_nextn_predict_layers is the config's number; a repository may lack the layers (mtp_in_repo).
std::optional<MultiTokenPrediction> read_mtp(Fields& fields) {
  using InFile = MultiTokenPrediction::InFile;
  MultiTokenPrediction mtp;
  mtp.layers = fields.number32_or("num_nextn_predict_layers", 0);
  if (mtp.layers > most_layers)
    fields.fail("num_nextn_predict_layers", fmt::format("{} layers are too many", mtp.layers));
  mtp.in_file = word_or<InFile>(fields, "mtp_in_file",
                                {
                                    {"dropped",           InFile::dropped          },
                                    {"kept",              InFile::kept             },
                                    {"kept_never_loaded", InFile::kept_never_loaded}
  },
                                InFile::dropped);
  mtp.own_embedding = fields.flag_or("mtp_own_embedding", false);
  mtp.own_head = fields.flag_or("mtp_own_head", false);
  if (const auto name = fields.optional_text("mtp_head_norm")) mtp.head_norm = head_norm(fields, *name);
  mtp.always_loaded = kinds_named(fields, "mtp_always_loaded");
  const bool in_repo = fields.flag_or("mtp_in_repo", true);
  fields.optional_text("mtp_layer_type");
  fields.flag_or("mtp_dense", false);
  if (mtp.layers == 0 || !in_repo) return std::nullopt;
  return mtp;
}

}  // namespace vramcalc::catalog
