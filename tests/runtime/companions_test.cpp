#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/projector.hpp"
#include "runtime/shapes.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/extras.hpp"
#include "vramcalc/session.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

Encoder images(const char* type, std::uint64_t width, std::uint64_t feed_forward, std::uint64_t image_size) {
  Encoder encoder;
  encoder.type = type;
  encoder.width = width;
  encoder.feed_forward = feed_forward;
  encoder.heads = 16;
  encoder.image_size = image_size;
  encoder.patch_size = 14;
  return encoder;
}

Encoder with(Encoder encoder, bool gated, bool windowed) {
  encoder.gated = gated;
  encoder.windowed = windowed;
  return encoder;
}

Amount graph_of(const Encoder& encoder, FlashAttention flash_attention) {
  Projector projector;
  projector.weights.files = {"mmproj.gguf"};
  projector.encoders = {encoder};
  ContextParams params;
  params.flash_attention = flash_attention;
  return projector_companion(projector, params).gpu(4096, Backend::cuda);
}

Model llama() {
  Model model;
  model.name = "Llama";
  model.architecture = measured::shape_of("llama-3.1-8b");
  return model;
}

}  // namespace

// MiB that llama.cpp reserved on an MI300X (gpustack/gguf-parser-go issue 44).
TEST_CASE("measured projector graphs are within the interval and near the best estimate") {
  struct Row {
    const char* what;
    Encoder encoder;
    double flash, plain;
  };
  const Row rows[] = {
      {"Gemma 3",    images("gemma3",                1152, 4304, 896),                                121,                                  1132      },
      {"Qwen2-VL",   images("qwen2vl_merger",        1280, 5120, 560),                                267,                                  4598      },
      {"Qwen2.5-VL", with(images("qwen2.5vl_merger", 1280, 3420, 560),                                true,                                 true),      705, 4872},
      {"Qwen3-VL",        images("qwen3vl_merger",                                      1152,                                 4304,       768), 323, 4728},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto check = [](const Amount& amount, double measured) {
      const double best = static_cast<double>(amount.best.count()) / static_cast<double>(MiB);
      CHECK(amount.low <= Bytes(static_cast<std::uint64_t>(measured) * MiB));
      CHECK(amount.high >= Bytes(static_cast<std::uint64_t>(measured) * MiB));
      CHECK(best == Approx(measured).epsilon(0.2));
    };
    check(graph_of(row.encoder, FlashAttention::automatic), row.flash);
    check(graph_of(row.encoder, FlashAttention::off), row.plain);
  }
}

TEST_CASE("a projector without encoder metadata gets a wide interval") {
  const Amount amount = graph_of(Encoder{}, FlashAttention::automatic);
  CHECK(amount.low == Bytes(0));
  CHECK(amount.high > Bytes(GiB));
}

TEST_CASE("each drafted token is verified by its own row of logits") {
  ContextParams params;
  CHECK(resolve(llama().architecture, params, 4096).outputs == 4);
  params.draft_tokens = 3;
  CHECK(resolve(llama().architecture, params, 4096).outputs == 16);
  params.parallel = 2;
  CHECK(resolve(llama().architecture, params, 4096).outputs == 8);
  params.batch = 5;
  CHECK(resolve(llama().architecture, params, 4096).outputs == 5);
}

TEST_CASE("the total and the terms of an estimate include companions") {
  Projector projector;
  projector.weights.tensors = {tensor_named("v.blk.0.ffn_up.weight", {1152, 4304})};
  projector.weights.types = {ElementType::f16};
  projector.weights.files = {"mmproj.gguf"};
  projector.encoders = {images("gemma3", 1152, 4304, 896)};
  const Model model = llama();
  FileType file_type;
  file_type.name = "F16";
  file_type.type = ElementType::f16;
  const Quantization quantization = GgufMix{file_type, {}};
  const Runtime& runtime = runtimes().front();
  const auto alone = runtime.open(runtime, {model});
  const auto both = runtime.open(runtime, {
                                              model, nullptr, {       },
                                                { {projector}, {}, nullptr}
  });
  const Amount companion = projector_companion(projector, {}).gpu(4096, Backend::cuda);
  const Demand demand{4096};
  CHECK(both->gpu_total(quantization, demand) == alone->gpu_total(quantization, demand) + companion);
  const Estimate estimate = both->estimate(quantization, demand, {}, Reasons::full);
  CHECK(estimate.gpu_total() == both->gpu_total(quantization, demand));
  CHECK(estimate.gpu_term(TermKind::projector) == companion);
}
