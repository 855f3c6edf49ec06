#include "runtime/start_of.hpp"

namespace vramcalc::measured {
namespace {

llama_cpp::FlashAttention flash_attention_of(const std::string& word) {
  if (word == "1") return llama_cpp::FlashAttention::on;
  return word == "0" ? llama_cpp::FlashAttention::off : llama_cpp::FlashAttention::automatic;
}

}  // namespace

Start start_of(const Case& measured) {
  Start start;
  llama_cpp::ContextParams& params = start.params;
  start.tokens = measured.number("ctx", 4096);
  params.parallel = static_cast<std::uint32_t>(measured.number("seq", 1));
  params.kv_unified = measured.number("unified", 0) == 1;
  params.batch = static_cast<std::uint32_t>(measured.number("batch", 2048));
  params.ubatch = static_cast<std::uint32_t>(measured.number("ubatch", 512));
  params.cache_type_k = element_type_from_name(measured.setting("k", "f16")).value();
  params.cache_type_v = element_type_from_name(measured.setting("v", "f16")).value();
  params.flash_attention = flash_attention_of(measured.setting("fa", "-1"));
  params.swa_full = measured.number("swafull", 0) == 1;
  return start;
}

}  // namespace vramcalc::measured
