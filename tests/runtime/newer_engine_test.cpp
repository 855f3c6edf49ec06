#include <cmath>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/shapes.hpp"

using namespace vramcalc;

namespace {

// A row of tests/measured/newer_engine.tsv, in MiB with two decimals as the engine's log prints them.
struct Start {
  std::string model;
  std::uint64_t context = 0;
  std::uint32_t parallel = 0;
  bool unified = false;
  std::uint32_t ubatch = 0;
  std::string cache, flash;
  double kv = 0, state = 0, compute = 0;
};

std::vector<Start> starts() {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/newer_engine.tsv");
  std::vector<Start> result;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Start s;
    words >> s.model >> s.context >> s.parallel >> s.unified >> s.ubatch >> s.cache >> s.flash >> s.kv >>
        s.state >> s.compute;
    result.push_back(s);
  }
  return result;
}

llama_cpp::DeviceMap no_devices(const Architecture& architecture) {
  llama_cpp::DeviceMap nowhere;
  nowhere.devices = 0;
  nowhere.layers.assign(architecture.blocks.size(), llama_cpp::DeviceMap::host);
  nowhere.output = llama_cpp::DeviceMap::host;
  return nowhere;
}

llama_cpp::GraphSettings settings_of(const Architecture& architecture, const Start& s) {
  llama_cpp::ContextParams params;
  params.parallel = s.parallel;
  params.kv_unified = s.unified;
  params.ubatch = s.ubatch;
  params.cache_type_k = params.cache_type_v = element_type_from_name(s.cache).value();
  params.flash_attention =
      s.flash == "off" ? llama_cpp::FlashAttention::off : llama_cpp::FlashAttention::automatic;
  const auto resolved = llama_cpp::resolve(architecture, params, s.context);
  return llama_cpp::graph_settings(architecture, params, resolved);
}

double mebibytes(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(MiB); }

}  // namespace

TEST_CASE("a newer engine reserves room for micro-batches of tokens and embeddings") {
  for (const Start& s : starts()) {
    const Architecture architecture = measured::shape_of(s.model);
    auto settings = settings_of(architecture, s);
    const auto where = no_devices(architecture);
    const double before = mebibytes(compute_buffers(architecture, settings, where)[0]);
    settings.mixed_inputs = true;
    const double now = mebibytes(compute_buffers(architecture, settings, where)[0]);
    INFO(s.model << " " << s.context << " " << s.parallel << s.unified << " " << s.cache << " " << s.flash
                 << ": 0.5.0 " << before << " ours " << now << " measured " << s.compute);
    CHECK(std::abs(now - s.compute) < 0.006);
  }
}
