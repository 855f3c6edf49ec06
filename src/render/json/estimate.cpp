#include <cmath>

#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

void write(JsonWriter& to, const Term& term) {
  to.member("name", to_string(term.kind));
  write_amount(to, "bytes", term.amount);
  to.member("basis", to_string(term.basis));
  to.member("why", term.why);
}

void write(JsonWriter& to, const PlaceEstimate& device) {
  to.member("device", to_string(device.place));
  write_amount(to, "total_bytes", device.total());
  to.objects("terms", device.terms, [&](const Term& term) { write(to, term); });
}

void write(JsonWriter& to, const Capacity& capacity) {
  to.member("kv_cache_tokens", capacity.kv_cache_tokens);
  to.member("kv_cache_tokens_low", capacity.kv_cache_tokens_low);
  to.member("kv_cache_tokens_high", capacity.kv_cache_tokens_high);
  to.member("max_concurrency", std::round(capacity.max_concurrency * 100) / 100);
  to.member("max_model_len", known(capacity.max_model_len));
  to.member("kv_bytes_per_token", capacity.kv_bytes_per_token.count());
  to.member("blocks", known(capacity.blocks));
  to.member("block_size", known(capacity.block_size));
  to.member("available_kv_bytes", capacity.available_kv.best.count());
  to.member("available_kv_low_bytes", capacity.available_kv.low.count());
  to.member("available_kv_high_bytes", capacity.available_kv.high.count());
}

}  // namespace

void write(JsonWriter& to, const Estimate& estimate) {
  to.member("tensor_bytes", estimate.tensor_bytes.count());
  to.member("file_bytes", estimate.file_bytes.count());
  write_amount(to, "total_bytes", estimate.gpu_total());
  to.member("recommended_bytes", estimate.recommended().count());
  to.objects("devices", estimate.places, [&](const PlaceEstimate& device) { write(to, device); });
  if (estimate.capacity) to.object("capacity", [&] { write(to, *estimate.capacity); });
}

}  // namespace vramcalc::render
