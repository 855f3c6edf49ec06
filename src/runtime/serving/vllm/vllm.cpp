#include "runtime/serving/vllm/vllm.hpp"

#include "runtime/serving/vllm/session.hpp"

namespace vramcalc::vllm {
namespace {

vramcalc::Options options(const AskedOptions& asked) { return asked.vllm; }

void select(vramcalc::Options& options, std::string_view, std::string_view release) {
  if (!release.empty()) std::get<Options>(options).release = parse_release(release);
}

// The heads of EAGLE are not models that the catalog knows; a draft model is one.
std::string draft_model(const vramcalc::Options& options) {
  const serving::Drafts& drafts = std::get<Options>(options).drafts;
  return drafts.method == serving::Drafts::Method::draft_model ? drafts.model : "";
}

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "vllm";
  row.title = "vLLM";
  row.version = "0.28";
  row.context_step = 16;
  row.can = {
      .loads_checkpoints = true, .tells_gpus_apart = true, .takes_a_share = true, .uses_host_memory = false};
  row.open = open_session<Session>;
  row.options = options;
  row.select = select;
  row.draft_model = draft_model;
  return row;
}

}  // namespace vramcalc::vllm
