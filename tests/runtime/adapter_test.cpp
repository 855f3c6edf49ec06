#include "runtime/llama_cpp/adapter.hpp"

#include "catch.hpp"
#include "runtime/shapes.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

Model model(const char* shape) {
  Model model;
  model.name = "Base";
  model.architecture = measured::shape_of(shape);
  return model;
}

Adapter adapter(std::vector<Tensor> tensors, const char* architecture = "llama") {
  Adapter result;
  result.weights.types.assign(tensors.size(), ElementType::f16);
  result.weights.tensors = std::move(tensors);
  result.weights.files = {"lora.gguf"};
  result.architecture = architecture;
  return result;
}

// f16, rank 16
constexpr Bytes pair_of_q(2 * (4096 * 16 + 16 * 4096));
constexpr Bytes pair_of_embedding(2 * (16 * 128256 + 16 * 4096));

std::vector<Tensor> pairs(std::initializer_list<std::string> names) {
  std::vector<Tensor> result;
  for (const std::string& name : names) {
    const bool embedding = name == "token_embd.weight";
    result.push_back(tensor_named(name + ".lora_a", embedding ? Shape{16, 128256} : Shape{4096, 16}));
    result.push_back(tensor_named(name + ".lora_b", {16, 4096}));
  }
  return result;
}

llama_cpp::Placement over(std::size_t gpus) {
  llama_cpp::Placement placement;
  placement.free.assign(gpus, Bytes(24 * GiB));
  return placement;
}

std::vector<Bytes> matrices(const Companion& companion, const llama_cpp::Placement& placement) {
  std::vector<Bytes> result;
  const Quantization quantization;
  for (const PlaceEstimate& device :
       companion.spread(4096, {placement, placement, quantization}, Reasons::none)) {
    Bytes exact;
    for (const Term& term : device.terms)
      if (term.basis == Basis::exact) exact += term.amount.best;
    result.push_back(exact);
  }
  return result;
}

}  // namespace

TEST_CASE("an adapter on one GPU adds its matrices and up to two of its products") {
  const Companion companion = adapter_companion(adapter(pairs({"blk.0.attn_q.weight", "token_embd.weight"})),
                                                model("llama-3.1-8b"), ContextParams{});
  const std::vector<PlaceEstimate> terms = companion.terms(4096, Backend::cuda, Reasons::full);
  REQUIRE(terms.size() == 2);
  const Bytes product(4 * 512 * 4096);
  CHECK(terms[0].place == Place::gpu(0));
  CHECK(terms[0].terms[0].amount == Amount::exactly(pair_of_q));
  CHECK(terms[0].terms[1].amount == Amount{Bytes(0), product, product * 2});
  CHECK(terms[1].place == Place::host());
  CHECK(terms[1].terms[0].amount == Amount::exactly(pair_of_embedding));
  CHECK(companion.gpu(4096, Backend::cuda) == terms[0].total());
}

TEST_CASE("an adapter's matrices are on the device of the tensors that they adapt") {
  const Model base = model("llama-3.1-8b");  // 32 layers
  llama_cpp::Placement by_layers = over(2), moved = over(2), second = over(2), none = over(1);
  by_layers.layers = 2;  // the last one and the output
  moved.overrides = {
      TensorOverride{TensorOverride::Part::named, {}, "blk\\.0\\.attn_q", Place::host()},
      TensorOverride{TensorOverride::Part::named, {}, "token_embd",       Place::gpu(1)}
  };
  second.split = {0, 1};
  none.layers = 0;
  struct Row {
    const char* what;
    llama_cpp::Placement placement;
    std::vector<Bytes> expected;  // on the GPUs and on the host
  };
  const Bytes q = pair_of_q, e = pair_of_embedding;
  const Row rows[] = {
      {"one GPU",           over(1),   {q * 2, e}           },
      {"two GPUs",          over(2),   {q, q, e}            },
      {"all on the second", second,    {Bytes(0), q * 2, e} },
      {"-ngl 2",            by_layers, {q, Bytes(0), q + e} },
      {"-ngl 0",            none,      {Bytes(0), q * 2 + e}},
      {"-ot",               moved,     {Bytes(0), q + e, q} },
  };
  const Companion companion =
      adapter_companion(adapter(pairs({"blk.0.attn_q.weight", "blk.31.attn_q.weight", "token_embd.weight"})),
                        base, ContextParams{});
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(matrices(companion, row.placement) == row.expected);
  }
}

TEST_CASE("adapted experts have one product per expert that a token uses") {
  const Model base = model("qwen3-30b-a3b");  // 128 experts, 8 used, width 768
  const auto experts = adapter({tensor_named("blk.0.ffn_gate_exps.weight.lora_a", {2048, 8, 128}),
                                tensor_named("blk.0.ffn_gate_exps.weight.lora_b", {8, 768, 128})},
                               "qwen3moe");
  const Companion companion = adapter_companion(experts, base, ContextParams{});
  CHECK(companion.terms(4096, Backend::cuda, Reasons::none)[0].terms[1].amount.best ==
        Bytes(4 * 512 * 768 * 8));
}

TEST_CASE("adapted norms are not loaded") {
  auto tensors = pairs({"blk.0.attn_q.weight"});
  tensors.push_back(tensor_named("blk.0.attn_norm.weight", {4096}));
  const Companion companion = adapter_companion(adapter(tensors), model("llama-3.1-8b"), ContextParams{});
  CHECK(companion.terms(4096, Backend::cuda, Reasons::none)[0].terms[0].amount == Amount::exactly(pair_of_q));
}

TEST_CASE("an adapter for another model is refused with the name of the tensor") {
  const Tensor a = tensor_named("blk.0.attn_q.weight.lora_a", {4096, 16});
  const Tensor b = tensor_named("blk.0.attn_q.weight.lora_b", {16, 4096});
  const Tensor narrow_a = tensor_named("blk.0.attn_q.weight.lora_a", {4096, 8});
  const Tensor short_b = tensor_named("blk.0.attn_q.weight.lora_b", {16, 1024});
  const Tensor bias = tensor_named("blk.0.attn_q.bias", {4096});
  const auto refused = [](const Adapter& adapter, const std::string& why) {
    CHECK_THROWS_WITH(adapter_companion(adapter, model("llama-3.1-8b"), ContextParams{}),
                      "lora.gguf: " + why);
  };
  const char* const other = "; is the adapter for another base model?";
  refused(adapter(pairs({"blk.99.attn_q.weight"})),
          std::string("blk.99.attn_q.weight is not a tensor of Base") + other);
  refused(adapter({a, short_b}), std::string("blk.0.attn_q.weight has another shape in Base") + other);
  refused(adapter({narrow_a, b}), std::string("blk.0.attn_q.weight has another shape in Base") + other);
  refused(adapter({a}), "blk.0.attn_q.weight has a lora_a but no lora_b");
  refused(adapter({b}), "blk.0.attn_q.weight has a lora_b but no lora_a");
  refused(adapter({a, b, bias}),
          "blk.0.attn_q.bias is not a lora_a, a lora_b or a norm, and llama.cpp accepts nothing else");
  refused(adapter({a, b}, "qwen3"), "this adapter is for the architecture \"qwen3\", but Base has \"llama\"");
}
