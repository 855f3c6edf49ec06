#include "runtime/llama_cpp/kv_cache.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"
#include "runtime/start_of.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

TEST_CASE("KV cache and recurrent state are what llama.cpp allocates") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.single_device()) continue;
      INFO(model << " " << c.name);
      const auto [params, tokens] = measured::start_of(c);
      const llama_cpp::ResolvedContext resolved = llama_cpp::resolve(architecture, params, tokens);
      const Bytes cache =
          llama_cpp::kv_cache_bytes(llama_cpp::cache_tensors(architecture, params, resolved), Place::gpu(0));
      const Bytes state = llama_cpp::recurrent_state_bytes(architecture, resolved);
      CHECK((cache + state).count() == c.buffers.at("SIM0").context);
      CHECK(resolved.context == c.resolved.at("n_ctx"));
      CHECK(resolved.ubatch == c.resolved.at("n_ubatch"));
    }
  }
}

TEST_CASE("settings that llama.cpp refuses are refused with the reason") {
  const Architecture latent = measured::shape_of("deepseek-v3");
  const Architecture plain = measured::shape_of("llama-3.1-8b");
  llama_cpp::ContextParams params;

  params.cache_type_k = ElementType::q8_0;
  CHECK_THROWS_WITH(
      llama_cpp::resolve(latent, params, 4096),
      "latent attention stores K and V in one cache, so both must have the same type, not q8_0 and f16");
  CHECK_NOTHROW(llama_cpp::resolve(plain, params, 4096));

  params.cache_type_v = ElementType::q8_0;
  params.flash_attention = llama_cpp::FlashAttention::off;
  CHECK_THROWS_WITH(llama_cpp::resolve(plain, params, 4096),
                    "llama.cpp cannot store V as q8_0 without flash attention");

  params = {};
  params.parallel = 0;
  CHECK_THROWS_WITH(llama_cpp::resolve(plain, params, 4096), "--parallel must be at least 1");
}

// llama.cpp 0.5.0, src/llama-context.cpp, llama_init_from_model.
TEST_CASE("cache blocks must divide a head only if flash attention may be used") {
  Architecture heads_of_80 = measured::shape_of("llama-3.1-8b");
  for (Block& block : heads_of_80.blocks)
    if (auto* attention = std::get_if<GroupedQueryAttention>(&block.attention))
      attention->key_length = attention->value_length = 80;
  llama_cpp::ContextParams params;
  params.cache_type_k = ElementType::q8_0;
  const auto cache = [&](llama_cpp::FlashAttention asked) {
    params.flash_attention = asked;
    const llama_cpp::ResolvedContext resolved = llama_cpp::resolve(heads_of_80, params, 4096);
    return llama_cpp::kv_cache_bytes(llama_cpp::cache_tensors(heads_of_80, params, resolved), Place::gpu(0));
  };
  // CUDA pads a quantized tensor to whole rows of 512 elements, and any one to 128 bytes.
  constexpr std::uint64_t layers = 32, row = 8 * 80, cells = 4096, padding = 2 * 512 - row;
  const std::uint64_t keys = round_up((row * cells + padding) / 32 * 34, 128), values = row * cells * 2;
  CHECK(cache(llama_cpp::FlashAttention::off).count() == layers * (keys + values));
  for (const llama_cpp::FlashAttention asked :
       {llama_cpp::FlashAttention::on, llama_cpp::FlashAttention::automatic})
    CHECK_THROWS_WITH(
        cache(asked),
        "llama.cpp cannot store the key cache as q8_0: its block size 32 does not divide the head size 80");
}

TEST_CASE("llama-server's defaults") {
  Architecture architecture = measured::shape_of("llama-3.1-8b");
  architecture.context_length = 131072;
  struct Row {
    const char* what;
    std::optional<std::uint64_t> context;
    std::optional<std::uint32_t> parallel;
    std::optional<bool> unified;
    std::uint64_t n_ctx, cells;
    std::uint32_t streams, sequences;
  };
  const Row rows[] = {
  // what                                context  -np           -kvu   n_ctx   cells   streams slots
      {"no flags: the trained context", {},    {}, {},   131072, 131072, 1, 4},
      {"padded to 256",                 5000,  {}, {},   5120,   5120,   1, 4},
      {"-np splits",                    32768, 3u, {},   33024,  11008,  3, 3},
      {"-np 1 is one stream",           32768, 1u, {},   32768,  32768,  1, 1},
      {"-np with -kvu shares",          32768, 3u, true, 32768,  32768,  1, 3},
      {"one token",                     1,     {}, {},   256,    256,    1, 4},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    llama_cpp::ContextParams params;
    params.parallel = row.parallel;
    params.kv_unified = row.unified;
    const llama_cpp::ResolvedContext resolved =
        llama_cpp::resolve(architecture, params, row.context.value_or(architecture.context_length));
    CHECK(resolved.context == row.n_ctx);
    CHECK(resolved.cells == row.cells);
    CHECK(resolved.streams == row.streams);
    CHECK(resolved.sequences == row.sequences);
  }
}
