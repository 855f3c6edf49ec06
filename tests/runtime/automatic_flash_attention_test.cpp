#include "runtime/llama_cpp/automatic_flash_attention.hpp"

#include <array>

#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// Where the layers of a model are, of how many sequences and with what cache.
struct Case {
  std::string_view name;
  std::size_t gpus;
  double on_gpus;          // share of the layers
  std::string_view moved;  // tensors on the host, or with "=0" on the first GPU
  std::uint32_t sequences;
  bool kv_offload;
};

constexpr std::array cases{
    Case{"half on the host",                                        2, 0.5, "",                         1,  true },
    Case{"few on the host",                                         3, 0.9, "",                         4,  true },
    Case{"many sequences, half on the host",                        2, 0.5, "",                         40, true },
    Case{"all on the host",                                         1, 0,   "",                         1,  true },
    Case{"attention on the host",                                   2, 1,   "attn",                     1,  true },
    Case{"outputs of attention on the host",                        1, 1,   "attn_output",              4,  true },
    Case{"attention of some layers on the host",                    2, 1,   "blk\\.[12].\\.attn",       1,  true },
    Case{"experts on the host",                                     2, 1,   "exps",                     1,  true },
    Case{"experts and layers on the host",                          2, 0.6, "exps",                     4,  true },
    Case{"matrices of many sequences",                              2, 0.6, "ffn_(up|down)",            40, true },
    Case{"feed-forward parts of some layers on the host",           3, 1,   "blk\\.1.?\\.ffn",          1,  true },
    Case{"experts of host layers on a GPU",                         2, 0.3, "exps=0",                   4,  true },
    Case{"feed-forward parts on the first GPU, caches on the host", 2, 1,   "ffn_.*=0",                 1,  false},
    Case{"feed-forward parts of host layers on a GPU",              2, 0.5, "ffn_.*=0",                 4,  true },
    Case{"all but feed-forward parts on a GPU",                     1, 0,   "attn=0",                   4,  true },
    Case{"output matrices on the first GPU",                        3, 0.8, "(attn_output|ffn_down)=0", 1,  true },
    Case{"caches on the host",                                      2, 1,   "",                         1,  false},
    Case{"caches and some layers on the host",                      2, 0.7, "",                         40, false},
};

llama_cpp::Placement placement_of(const Case& c, std::uint32_t layers) {
  llama_cpp::Placement placement;
  placement.free.assign(c.gpus, Bytes(24 * GiB));
  if (c.on_gpus < 1) placement.layers = static_cast<std::uint32_t>(c.on_gpus * layers);
  if (!c.moved.empty()) {
    TensorOverride moved;
    moved.part = TensorOverride::Part::named;
    const std::size_t end = c.moved.find('=');
    moved.pattern = c.moved.substr(0, end);
    moved.place = end == std::string_view::npos ? Place::host() : Place::gpu(0);
    placement.overrides = {moved};
  }
  return placement;
}

struct Answers {
  std::size_t on = 0, off = 0;
};

void compare_answers(const Architecture& architecture, const FileType& file_type, Answers& answers) {
  const ClassifiedTensors tensors(architecture);
  const auto types = weights_of(tensors, file_type).types;
  KnownPlacements known;
  for (const Case& c : cases) {
    INFO(c.name);
    ContextParams params;
    params.parallel = c.sequences;
    params.kv_offload = c.kv_offload;
    const GraphSettings settings = graph_settings(architecture, params, resolve(architecture, params, 8192));
    const auto placement = placement_of(c, shape_facts(architecture).block_count + 1);
    const DeviceMap where = locate(architecture, tensors.tensors(), types, placement).map;
    const bool all =
        flash_attention_runs_with_layers(architecture, settings, where, graph::all_layers(architecture));
    CHECK(flash_attention_runs_with_layers(architecture, settings, where) == all);
    CHECK(flash_attention_runs_with_layers(architecture, settings, where, known) == all);
    CHECK(flash_attention_runs_with_layers(architecture, settings, where, known) == all);
    ++(all ? answers.on : answers.off);
  }
}

}  // namespace

TEST_CASE("a few of many equal layers tell what auto flash attention becomes") {
  const Catalog catalog;
  Answers answers;
  std::size_t number = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty() || number++ % (3 * test::one_in) != 0) continue;
    INFO(row->id);
    try {
      compare_answers(catalog.model(row->id).architecture, catalog.file_type("Q4_K_M"), answers);
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported) throw;
    }
  }
  CHECK(answers.on > test::sampled(500) / (test::one_in == 1 ? 1 : 2));
  CHECK(answers.off > test::sampled(500) / (test::one_in == 1 ? 1 : 2));
}
