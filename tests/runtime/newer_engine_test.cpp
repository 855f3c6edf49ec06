#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "runtime/cpu_starts.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/llama_cpp/release.hpp"
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
  double kv = 0, state = 0, compute = 0, weights = 0;
};

std::vector<Start> starts() {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/newer_engine.tsv");
  std::vector<Start> result;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Start s;
    words >> s.model >> s.context >> s.parallel >> s.unified >> s.ubatch >> s.cache >> s.flash >> s.kv >>
        s.state >> s.compute >> s.weights;
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

llama_cpp::ContextParams params_of(const Start& s) {
  llama_cpp::ContextParams params;
  params.parallel = s.parallel;
  params.kv_unified = s.unified;
  params.ubatch = s.ubatch;
  params.cache_type_k = params.cache_type_v = element_type_from_name(s.cache).value();
  params.flash_attention =
      s.flash == "off" ? llama_cpp::FlashAttention::off : llama_cpp::FlashAttention::automatic;
  return params;
}

llama_cpp::GraphSettings settings_of(const Architecture& architecture, const Start& s) {
  const llama_cpp::ContextParams params = params_of(s);
  const auto resolved = llama_cpp::resolve(architecture, params, s.context);
  auto settings = llama_cpp::graph_settings(architecture, params, resolved);
  settings.flash_attention =
      s.flash == "auto" && !architecture.graph.never_flash_attention;  // the CPU has all kernels
  return settings;
}

bool caches_heads(const Block& block) {
  const auto* latent = std::get_if<LatentAttention>(&block.attention);
  return (latent != nullptr && !latent->absorbed) ||
         std::holds_alternative<GroupedQueryAttention>(block.attention) ||
         std::holds_alternative<ParallelMamba2Attention>(block.attention);
}

// With one cache of heads for several sequences, the engine reserves two f16 values more per cell and
// sequence. Its log does not say for what.
Bytes of_shared_cells(const Architecture& architecture, const llama_cpp::GraphSettings& settings) {
  const bool shared = settings.streams == 1 && settings.sequences > 1;
  if (!shared || !std::ranges::any_of(architecture.blocks, caches_heads)) return {};
  return Bytes(4) * (settings.cells + settings.window_cells) * settings.sequences;
}

// Graphs that changed in other ways: see margin_of_newer_build.
bool has_another_graph(const Architecture& architecture) {
  const bool has_indexer = architecture.gguf_name == "deepseek32" || architecture.gguf_name == "glm-dsa";
  const bool has_index_heads = architecture.gguf_name == "minimax-m3";  // 0.1 MiB more
  return has_indexer || has_index_heads || architecture.per_layer_input || architecture.token_types > 0;
}

double mebibytes(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(MiB); }

}  // namespace

TEST_CASE("a newer engine has the graph of 0.5.0 with inputs for mixed micro-batches") {
  for (const Start& s : starts()) {
    const Architecture architecture = measured::shape_of(s.model);
    if (!architecture.causal || has_another_graph(architecture)) continue;
    auto settings = settings_of(architecture, s);
    settings.mixed_inputs = true;
    const Bytes ours = compute_buffers(architecture, settings, no_devices(architecture))[0] +
                       of_shared_cells(architecture, settings);
    INFO(s.model << " " << s.context << " " << s.cache << " " << s.flash);
    CHECK(std::abs(mebibytes(ours) - s.compute) < 0.006);
  }
}

TEST_CASE("where a newer engine has another graph, its buffer lies within the margin") {
  for (const Start& s : starts()) {
    const Architecture architecture = measured::shape_of(s.model);
    const auto where = no_devices(architecture);
    auto settings = settings_of(architecture, s);
    const double before = mebibytes(compute_buffers(architecture, settings, where)[0]);
    settings.mixed_inputs = true;
    const double now = mebibytes(compute_buffers(architecture, settings, where)[0]);
    INFO(s.model << " " << s.context << " " << s.cache << " " << s.flash);
    CHECK(s.compute > 0.4 * std::min(before, now));
    CHECK(s.compute < 1.2 * std::max(before, now));
  }
}

TEST_CASE("cache and state of a newer engine are those of 0.5.0") {
  for (const Start& s : starts()) {
    const Architecture architecture = measured::shape_of(s.model);
    const auto params = params_of(s);
    const auto resolved = llama_cpp::resolve(architecture, params, s.context);
    INFO(s.model << " " << s.context << " " << s.cache);
    CHECK(std::abs(mebibytes(llama_cpp::recurrent_state_bytes(architecture, resolved)) - s.state) < 0.02);
    const Bytes cache = kv_cache_bytes(cache_tensors(architecture, params, resolved), Place::host());
    CHECK(std::abs(mebibytes(cache) - s.kv) < 0.011);
  }
}

TEST_CASE("what a newer engine logs on a CPU lies inside") {
  const Catalog catalog;
  for (const Start& s : starts()) {
    llama_cpp::ContextParams params = params_of(s);
    params.rules = llama_cpp::release_rules("b12211");
    const PlaceEstimate host = measured::derived_without_gpu(catalog, s.model, s.context, params);
    const auto is_inside = [&](TermKind kind, double logged) {
      const Amount ours = host.term(kind);
      return mebibytes(ours.low) - 0.011 < logged && logged < mebibytes(ours.high) + 0.011;
    };
    INFO(s.model << " " << s.context << " " << s.cache << " " << s.flash);
    CHECK(is_inside(TermKind::weights, s.weights));
    CHECK(is_inside(TermKind::kv_cache, s.kv));
    CHECK(is_inside(TermKind::recurrent_state, s.state));
    CHECK(is_inside(TermKind::compute_buffer, s.compute));
  }
}
