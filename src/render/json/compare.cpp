#include "render/json/write.hpp"

namespace vramcalc::render {

namespace {

void write(JsonWriter& to, const CompareReport::Fit& fit) {
  to.member("verdict", to_string(fit.verdict));
  to.member("max_context", fit.max_context);
  write_speed(to, "decode", fit.decode);
}

}  // namespace

void write(JsonWriter& to, const CompareReport::Row& row) {
  part(to, "model", row.summary);
  to.member("quantization", row.quantization);
  to.member("refused", known(row.refused));
  if (!row.refused.empty()) return;
  to.member("bits_per_weight", rounded(row.bits_per_weight));
  to.member("kld", row.kld ? std::optional(rounded(*row.kld)) : std::nullopt);
  part(to, "settings", row.settings);
  part(to, "estimate", row.estimate);
  part(to, "full_context", row.full_context);
  to.member("kv_bytes_per_token", row.kv_bytes_per_token.count());
  to.objects("fits", row.fits, [&](const CompareReport::Fit& fit) { write(to, fit); });
}

}  // namespace vramcalc::render
