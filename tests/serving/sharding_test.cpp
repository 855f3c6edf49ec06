#include "runtime/serving/sharding.hpp"

#include <map>

#include "catch.hpp"
#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/torch_allocator.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/packing.hpp"

using namespace vramcalc;
using serving::Parallel;
using serving::Sharding;
using serving::Share;

namespace {

const Architecture& shape(const std::string& id) {
  static const Catalog catalog;
  static std::map<std::string, Architecture> shapes;
  return shapes.try_emplace(id, catalog.model(id).architecture).first->second;
}

std::vector<serving::StageWeights> weights(const std::string& id, const Parallel& parallel,
                                           const serving::LoadedParts& loaded = {}) {
  const std::vector<CheckpointPart> parts = checkpoint_parts(shape(id), Packing{});
  return serving::rank_weights(parts, shape(id), parallel, loaded);
}

Bytes matrix(std::uint64_t in, std::uint64_t out) { return Bytes(2 * in * out); }

}  // namespace

TEST_CASE("a role's share on one rank") {
  struct Row {
    const char* model;
    std::size_t layer;
    TensorKind kind;
    Parallel parallel;
    std::uint64_t numerator, denominator;
  };
  const TensorKind q_bias{Role::q, Component::bias}, o_bias{Role::o, Component::bias};
  const Row rows[] = {
      {"llama-3.1-8b",  0, Role::q,           {.tensor = 8},                              1,    8   },
      {"llama-3.1-8b",  0, Role::k,           {.tensor = 8},                              1,    8   },
      {"llama-3.1-8b",  0, Role::v,           {.tensor = 16},                             1,    8   },
      {"llama-3.1-8b",  0, Role::o,           {.tensor = 8},                              1,    8   },
      {"llama-3.1-8b",  0, Role::down,        {.tensor = 8},                              1,    8   },
      {"llama-3.1-8b",  0, Role::attn_norm,   {.tensor = 8},                              1,    1   },
      {"llama-3.1-8b",  0, q_bias,            {.tensor = 8},                              1,    8   },
      {"llama-3.1-8b",  0, o_bias,            {.tensor = 8},                              1,    1   },
      {"llama-3.1-8b",  0, Role::q,           {.data = 8},                                1,    1   },
 // 32 heads of Q, 32 KV heads: as many of each per rank
      {"phi-3-mini-4k", 0, Role::qkv,         {.tensor = 4},                              2304, 9216},
      {"deepseek-v3",   5, Role::q_a,         {.tensor = 8},                              1,    1   },
      {"deepseek-v3",   5, Role::kv_a,        {.tensor = 8},                              1,    1   },
      {"deepseek-v3",   5, Role::q_b,         {.tensor = 8},                              1,    8   },
      {"deepseek-v3",   5, Role::kv_b,        {.tensor = 8},                              1,    8   },
      {"deepseek-v3",   5, Role::router,      {.tensor = 8},                              1,    1   },
      {"deepseek-v3",   5, Role::shared_up,   {.tensor = 8},                              1,    8   },
      {"deepseek-v3",   5, Role::expert_up,   {.tensor = 8},                              1,    8   },
      {"deepseek-v3",   5, Role::expert_up,   {.tensor = 2, .data = 4},                   1,    8   },
      {"deepseek-v3",   5, Role::expert_up,   {.tensor = 8, .experts = true},             32,   256 },
      {"deepseek-v3",   5, Role::expert_up,   {.tensor = 1, .data = 10, .experts = true}, 26,   256 },
      {"deepseek-v3.2", 5, Role::indexer_q_b, {.tensor = 8},                              1,    1   },
      {"qwen3.5-27b",   0, Role::qkv,         {.tensor = 4},                              1,    4   },
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << tensor_name(row.kind) << " tp " << row.parallel.tensor);
    const Architecture& model = shape(row.model);
    CHECK(serving::share_of(row.kind, &model.blocks[row.layer], model, row.parallel) ==
          Share{row.numerator, row.denominator});
  }
}

TEST_CASE("the vocabulary is padded to a multiple of 64 before it is split") {
  Architecture model = shape("llama-3.1-8b");
  model.checkpoint_vocab_size = 32001;
  const Share share = serving::share_of(Role::embedding, nullptr, model, {.tensor = 2});
  CHECK(share.of(Bytes(32001)) == Bytes(16032));
}

TEST_CASE("groups of B and C that ranks do not divide are replicated") {
  Mamba2 mamba{.heads = 64, .head_dim = 64, .state = 128, .groups = 8, .conv_kernel = 4};
  Block block{.attention = mamba, .feed_forward = NoFeedForward{}};
  const Share eight = serving::share_of(Role::ssm_in, &block, shape("llama-3.1-8b"), {.tensor = 8});
  CHECK(eight.of(Bytes(2 * 4096 + 64 + 2 * 8 * 128)) == Bytes((2 * 4096 + 64) / 8 + 2 * 128));
  const Share sixteen = serving::share_of(Role::ssm_in, &block, shape("llama-3.1-8b"), {.tensor = 16});
  CHECK(sixteen.of(Bytes(2 * 4096 + 64 + 2 * 8 * 128)) == Bytes((2 * 4096 + 64) / 16 + 2 * 128));
}

TEST_CASE("layers of pipeline stages") {
  struct Row {
    std::uint32_t layers, stages;
    std::vector<std::uint32_t> counts;
  };
  const Row rows[] = {
      {32, 1, {32}            },
      {32, 4, {8, 8, 8, 8}    },
      {33, 2, {17, 16}        },
      {61, 4, {15, 15, 16, 15}},
      {62, 4, {15, 16, 16, 15}},
      {63, 4, {16, 16, 16, 15}},
  };
  for (const Row& row : rows) CHECK(serving::layers_of_stages(row.layers, row.stages) == row.counts);
}

TEST_CASE("ranks hold the whole model between them, and some tensors twice") {
  const Bytes whole = bytes_of(checkpoint_parts(shape("llama-3.1-8b"), Packing{}));
  CHECK(weights("llama-3.1-8b", {})[0].total == whole);

  const Bytes norms = matrix(1, 4096) * (2 * 32 + 1);
  CHECK(weights("llama-3.1-8b", {.tensor = 2})[0].total * 2 == whole + norms);

  const auto stages = weights("llama-3.1-8b", {.pipeline = 2});
  CHECK(stages[0].total + stages[1].total == whole);
  CHECK(stages[0].total + matrix(1, 4096) == stages[1].total);  // embedding against head and final norm

  // Eight KV heads on sixteen ranks: each has one, so K and V are there twice.
  const Bytes k_and_v = matrix(4096, 2 * 1024) * 32;
  CHECK(weights("llama-3.1-8b", {.tensor = 16})[0].total * 16 == whole + norms * 15 + k_and_v);
}

TEST_CASE("a tied embedding is on the first and the last stage") {
  const auto stages = weights("qwen3-4b", {.pipeline = 2});
  const Bytes whole = weights("qwen3-4b", {})[0].total;
  CHECK(stages[0].total + stages[1].total == whole + matrix(2560, 151936));
}

TEST_CASE("prediction layers and towers are loaded if they are used") {
  const Bytes trunk = weights("deepseek-v3", {})[0].total;
  const Bytes with_prediction = weights("deepseek-v3", {}, {.prediction_layers = true})[0].total;
  CHECK(with_prediction > trunk);
  const auto stages = weights("deepseek-v3", {.pipeline = 2}, {.prediction_layers = true});
  CHECK(stages[1].total > weights("deepseek-v3", {.pipeline = 2})[1].total);
  CHECK(stages[0].total == weights("deepseek-v3", {.pipeline = 2})[0].total);

  const serving::StageWeights image = weights("gemma-3-27b", {.tensor = 2})[0];
  CHECK(image.towers > Bytes());
  CHECK(weights("gemma-3-27b", {.tensor = 2}, {.towers = false})[0].total == image.total - image.towers);
  CHECK(weights("gemma-3-27b", {.tensor = 2}, {.whole_towers = true})[0].total == image.total + image.towers);
}

TEST_CASE("PyTorch's allocator keeps small rests of large tensors") {
  struct Row {
    Bytes tensor, allocated;
  };
  const Row rows[] = {
      {Bytes(1),                  Bytes(512)               },
      {Bytes(9 * MiB + 1),        Bytes(9 * MiB + 512)     },
      {Bytes(43 * MiB),           Bytes(44 * MiB)          },
      {Bytes(86 * MiB),           Bytes(86 * MiB)          },
      {Bytes(24 * MiB + MiB / 2), Bytes(24 * MiB + MiB / 2)}, // its rest of 1.5 MiB goes to others
  };
  for (const Row& row : rows) CHECK(serving::allocated_by_torch(row.tensor) == row.allocated);
}
