#include "runtime/serving/vllm/vllm.hpp"

#include "runtime/serving/vllm/session.hpp"

namespace vramcalc::vllm {
namespace {

vramcalc::Options options(const AskedOptions& asked) { return asked.vllm; }

void select(vramcalc::Options& options, std::string_view, std::string_view release) {
  if (!release.empty()) std::get<Options>(options).release = parse_release(release);
}

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "vllm";
  row.title = "vLLM";
  row.version = "0.28";
  row.context_step = 16;
  row.can = {.loads_checkpoints = true, .tells_gpus_apart = true, .uses_host_memory = false};
  row.open = open_session<Session>;
  row.options = options;
  row.select = select;
  return row;
}

}  // namespace vramcalc::vllm
