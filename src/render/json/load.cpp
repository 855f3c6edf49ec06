#include <variant>

#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

// The layers and other parts that were moved, in llama.cpp's words.
void write(JsonWriter& to, const llama_cpp::Placement& placement) {
  to.member("gpu_layers", placement.layers);
  to.numbers("tensor_split", placement.split);
  to.objects("overrides", placement.overrides, [&](const llama_cpp::TensorOverride& moved) {
    to.member("pattern", pattern_of(moved));
    to.member("device", to_string(moved.place));
  });
}

}  // namespace

void write(JsonWriter& to, const Settings& settings) {
  to.member("runtime", settings.runtime);
  to.member("runtime_version", settings.runtime_version);
  to.member("runtime_release", known(settings.release));
  to.member("runtime_tool", known(settings.tool));
  to.member("backend", to_string(settings.backend));
  to.member("quantization", settings.quantization);
  to.member("imatrix", settings.imatrix);
  to.member("quantizer", to_string(settings.quantizer));
  to.member("mtp", settings.mtp);
  for (const Setting& setting : settings.of_runtime)
    std::visit([&](const auto& value) { to.member(setting.key, value); }, setting.value);
}

void write(JsonWriter& to, const Machine& machine) {
  to.member("id", machine.id);
  to.member("name", machine.name);
  to.member("gpu_count", machine.device.count);
  to.member("memory_bytes", known(machine.memory.count()));
  to.member("usable_bytes", machine.usable.count());
  to.member("host_bytes", known(machine.host.count()));
}

void write(JsonWriter& to, const Placement& placement) {
  const auto* placed = std::get_if<llama_cpp::Placement>(&placement);
  write(to, placed == nullptr ? llama_cpp::Placement{} : *placed);
}

void write(JsonWriter& to, const PlaceFit& device) {
  to.member("device", to_string(device.place));
  to.member("name", device.name);
  to.member("usable_bytes", known(device.usable.count()));
  write_amount(to, "used_bytes", device.used);
  to.member("free_bytes", device.usable > device.used.best ? (device.usable - device.used.best).count() : 0);
  to.member("verdict", device.verdict ? std::optional(to_string(*device.verdict)) : std::nullopt);
}

void write(JsonWriter& to, const Room& room) {
  to.member("context", room.context);
  to.member("tokens", room.tokens);
  to.member("sequences", room.sequences);
}

void write(JsonWriter& to, const OwnChoice& own) {
  to.member("context", own.context);
  to.member("least_context", own.least_context);
  to.member("whole", own.layers.whole);
  to.member("layers", own.layers.on_gpus);
  to.member("all_layers", own.layers.all);
  to.member("layers_without_experts", own.layers.without_experts);
  to.object("placement", [&] { write(to, own.placement); });
  part(to, "speed", own.speed);
}

void write(JsonWriter& to, const Answer& answer) {
  to.member("key", answer.key);
  std::visit([&](auto value) { to.member("value", value); }, answer.value);
  to.member("text", answer.text);
}

}  // namespace vramcalc::render
