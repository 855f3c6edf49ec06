#include "fuzz/target.hpp"
#include "source/hf_config.hpp"
#include "source/json_text.hpp"
#include "vramcalc/model.hpp"

// A config.json: the shape, its parameters and tensors, and its packed weights.

using namespace vramcalc;

namespace {

void read(const std::string& text) {
  const nlohmann::json config = source::read_json(source::without_python_numbers(text), "config.json");
  const Architecture architecture = source::read_hf_config(config, fuzz::architectures(), "config.json");
  parameters_of(architecture);
  const nlohmann::json language = source::language_part(config);
  if (!language.contains("quantization_config")) return;
  const auto quantization = source::read_quantization(language.at("quantization_config"), "config.json");
  if (quantization && quantization->packing) packed_size(architecture, *quantization->packing);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] { read(fuzz::text(data, size)); });
}
