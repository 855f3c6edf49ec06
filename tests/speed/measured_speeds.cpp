#include "speed/measured_speeds.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "runtime/llama_cpp/session.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::measured {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
  return fields;
}

// "tg128", "pp2048", or "tg" of runs that generated some 512 tokens.
std::uint64_t tokens_of(const std::string& test) {
  return test.size() > 2 ? std::stoull(test.substr(2)) : 512;
}

SpeedRow row_of(const std::string& line) {
  const std::vector<std::string> fields = fields_of(line);
  if (fields.size() < 11) throw std::runtime_error("too few fields: " + line);
  SpeedRow row;
  row.model = fields[0], row.quantization = fields[1], row.hardware = fields[2], row.backend = fields[4];
  row.gpus = static_cast<std::uint32_t>(std::stoul(fields[3]));
  row.decode = fields[5].starts_with("tg");
  row.tokens = tokens_of(fields[5]);
  row.depth = std::stoull(fields[6]);
  row.flags = fields[7] == "-" ? "" : fields[7];
  row.tokens_per_second = std::stod(fields[8]);
  return row;
}

Machine machine_of(const Catalog& catalog, const SpeedRow& row) {
  const Catalog::Hardware hardware = catalog.hardware(row.hardware);
  std::vector<Device> devices;
  for (std::uint32_t i = 0; i < row.gpus; ++i) {
    const System* system = hardware.system;
    const Gpu* gpu = system != nullptr && !system->gpu_id.empty() ? &catalog.gpu(system->gpu_id) : nullptr;
    for (Device& device : system != nullptr ? devices_of(*system, gpu) : devices_of(*hardware.gpu))
      devices.push_back(std::move(device));
  }
  for (Device& device : devices) device.target.backend = backend_named(row.backend);
  return vramcalc::machine_of(std::move(devices));
}

llama_cpp::Options options_of(const SpeedRow& row) {
  llama_cpp::Options options;
  const auto value = [&] {
    return static_cast<std::uint32_t>(std::stoul(row.flags.substr(row.flags.find(' '))));
  };
  if (row.flags.starts_with("-ngl")) options.model.gpu_layers = value();
  if (row.flags.starts_with("-ncmoe")) options.model.cpu_moe_layers = value();
  if (row.flags.starts_with("-ub")) options.context.ubatch = value();
  return options;
}

// Files whose embedding and output are in 16 bits are taken for plain ones.
std::string file_type_of(const SpeedRow& row) {
  return row.quantization.substr(0, row.quantization.find("-FP16"));
}

}  // namespace

std::vector<SpeedRow> speed_rows() {
  const std::string path = VRAMCALC_MEASURED_DIR "/speeds.tsv";
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + " cannot be read");
  std::vector<SpeedRow> rows;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') rows.push_back(row_of(line));
  return rows;
}

void ask(const Catalog& catalog, const SpeedRow& row, AskedWork& into) {
  const Model model = catalog.model(row.model);
  const Runtime& runtime = runtimes()[0];
  into.machine = machine_of(catalog, row);
  llama_cpp::Session session(runtime, {model, nullptr, options_of(row)});
  const Quantization quantization = GgufMix{catalog.file_type(file_type_of(row)), {}};
  const std::uint64_t context = row.context();
  const Demand demand{context, Origin::flag};
  Load load = session.load(quantization, demand, into.machine, session.asked_placement(into.machine));
  const bool is_placed = options_of(row).model != llama_cpp::ModelParams{} || into.machine.device.unified;
  if (!is_placed && session.verdict(load, into.machine) == Verdict::no) {
    const Load own = session.load_by_itself(quantization, context, context, into.machine);
    load = session.load(quantization, demand, into.machine, own.placement);
  }
  load.demand = demand;
  into.work = session.work(quantization, load, into.machine);
}

}  // namespace vramcalc::measured
