#include "render/json/write.hpp"

namespace vramcalc::render {
void write(JsonWriter& to, const PlannedLoad& load) {
  to.member("quantization", load.quantization);
  to.member("context", load.load.demand.tokens);
  to.member("whole", load.load.layers.whole);
  to.member("layers", load.load.layers.on_gpus);
  to.member("all_layers", load.load.layers.all);
  to.member("layers_without_experts", load.load.layers.without_experts);
  to.object("placement", [&] { write(to, load.load.placement); });
  to.object("estimate", [&] { write(to, load.load.estimate); });
  to.objects("devices", load.places, [&](const PlaceFit& device) { write(to, device); });
  to.object("speed", [&] { write(to, load.speed); });
  if (load.room) to.object("room", [&] { write(to, *load.room); });
  to.member("command", load.command);
  to.member("trade", known(load.trade));
}

void write(JsonWriter& to, const RecommendReport::Row& row) {
  to.member("id", row.id);
  to.member("name", row.name);
  to.member("publisher", row.publisher);
  to.member("family", known(row.family));
  to.member("license", known(row.license));
  to.member("release_date", known(row.release_date));
  to.member("parameters", row.parameters);
  to.member("active_parameters", known(row.active_parameters));
  to.member("context_length", row.context_length);
  to.member("quantization", row.quantization);
  to.member("max_context", row.context);
  write_amount(to, "total_bytes", row.needed);
  write_speed(to, "decode", row.decode);
}

}  // namespace vramcalc::render
