#include "runtime/workload_of.hpp"

namespace vramcalc::measured {
namespace {

FlashAttention flash_attention_of(const std::string& word) {
  if (word == "1") return FlashAttention::on;
  return word == "0" ? FlashAttention::off : FlashAttention::automatic;
}

}  // namespace

Workload workload_of(const Case& measured) {
  Workload workload;
  workload.context = measured.number("ctx", 4096);
  workload.parallel = static_cast<std::uint32_t>(measured.number("seq", 1));
  workload.kv_unified = measured.number("unified", 0) == 1;
  workload.batch = static_cast<std::uint32_t>(measured.number("batch", 2048));
  workload.ubatch = static_cast<std::uint32_t>(measured.number("ubatch", 512));
  workload.cache_type_k = element_type_from_name(measured.setting("k", "f16")).value();
  workload.cache_type_v = element_type_from_name(measured.setting("v", "f16")).value();
  workload.flash_attention = flash_attention_of(measured.setting("fa", "-1"));
  workload.swa_full = measured.number("swafull", 0) == 1;
  return workload;
}

}  // namespace vramcalc::measured
