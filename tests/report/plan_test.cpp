#include <random>

#include "catch.hpp"
#include "runtime/llama_cpp/fit/automatic_fit.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

namespace {

const char* const machines[] = {"rtx-3060",    "rtx-4090",     "2x rtx-4090", "rtx-5090,rtx-3090",
                                "4x rtx-3090", "a100-80gb",    "8GiB",        "16GiB",
                                "3x 12GiB",    "m4-max-128gb", "mi250"};

llama_cpp::ModelParams offload_of(const PlannedLoad& planned) {
  const auto& placement = std::get<llama_cpp::Placement>(planned.load.placement);
  llama_cpp::ModelParams offload;
  offload.gpu_layers = placement.layers;
  offload.tensor_split = placement.split;
  offload.cpu_moe_layers = static_cast<std::uint32_t>(placement.overrides.size());
  return offload;
}

struct Pair {
  std::string model, machine;
};

// The same every time: a few hundred pairs out of some thousand.
std::vector<Pair> pairs(std::size_t count) {
  const Catalog catalog;
  std::vector<const ModelRow*> models;
  for (const ModelRow* row : catalog.models())
    if (row->incomplete.empty() && row->variant_of.empty()) models.push_back(row);
  std::mt19937 random(20260928);
  std::vector<Pair> result;
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(
        {std::string(models[random() % models.size()]->id), machines[random() % std::size(machines)]});
  return result;
}

std::optional<PlanReport> plan_of(const Pair& pair, const std::string& quantization) {
  Question question;
  question.command = Command::plan;
  question.model = pair.model;
  question.gpu = pair.machine;
  question.quantization = quantization;
  try {
    return std::get<PlanReport>(answer(question));
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    return std::nullopt;
  }
}

Verdict verdict_of(const Pair& pair, const PlannedLoad& load, std::uint64_t context,
                   const llama_cpp::ModelParams& offload, const std::string& quantization) {
  Question question;
  question.command = Command::check;
  question.model = pair.model;
  question.gpu = pair.machine;
  question.quantization = quantization.empty() ? load.quantization : quantization;
  question.context = context;
  question.options.llama_cpp.model = offload;
  return std::get<CheckReport>(answer(question)).verdict;
}

double loss_of(const std::string& file_type) {
  static const Catalog catalog;
  return measured_loss(catalog.file_type(file_type));
}

bool fits(Verdict verdict) { return verdict <= Verdict::fits; }

}  // namespace

TEST_CASE("a plan passes check, and one step more does not") {
  std::size_t planned = 0, offloaded = 0;
  for (const Pair& pair : pairs(test::sampled(400))) {
    const auto report = plan_of(pair, "Q4_K_M");
    if (!report || !report->best) continue;
    const PlannedLoad& load = *report->best;
    const llama_cpp::ModelParams offload = offload_of(load);
    INFO(pair.model << " on " << pair.machine << ": " << load.command);
    CHECK(fits(verdict_of(pair, load, load.load.demand.tokens, offload, "")));
    ++planned;
    const std::uint64_t full = report->summary.model.architecture.context_length;
    llama_cpp::ModelParams without_split = offload;
    without_split.tensor_split.clear();  // check may find any split itself
    if (load.load.demand.tokens < full)
      CHECK_FALSE(
          fits(verdict_of(pair, load, std::min(full, load.load.demand.tokens + 256), without_split, "")));
    if (load.load.layers.whole) continue;
    ++offloaded;
    llama_cpp::ModelParams more = without_split;
    if (more.gpu_layers)
      ++*more.gpu_layers;
    else
      --more.cpu_moe_layers;
    const std::uint64_t least = std::min<std::uint64_t>(4096, full);
    CHECK_FALSE(fits(verdict_of(pair, load, least, more, "")));
  }
  CHECK(planned > test::sampled(100));
  CHECK(offloaded > test::sampled(20));
}

TEST_CASE("the planned quantization is the largest worthwhile one that fits entirely") {
  std::size_t compared = 0;
  for (const Pair& pair : pairs(test::sampled(120))) {
    const auto report = plan_of(pair, "");
    if (!report || !report->best || !report->best->load.layers.whole) continue;
    const PlannedLoad& best = *report->best;
    const std::uint64_t least =
        std::min<std::uint64_t>(4096, report->summary.model.architecture.context_length);
    for (const char* larger : {"Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0"}) {
      const auto other = plan_of(pair, larger);
      if (!other || !other->best ||
          other->best->load.estimate.tensor_bytes <= best.load.estimate.tensor_bytes)
        continue;
      if (loss_of(larger) >= loss_of(best.quantization)) continue;  // larger but not worthwhile
      INFO(pair.model << " on " << pair.machine << ": " << best.quantization << ", " << larger);
      CHECK_FALSE(fits(verdict_of(pair, best, least, {}, larger)));
      ++compared;
    }
  }
  CHECK(compared * test::one_in > 15);
}

TEST_CASE("a plan is never worse than llama.cpp's own fit") {
  std::size_t compared = 0;
  for (const Pair& pair : pairs(test::sampled(160))) {
    Question question;
    question.command = Command::plan;
    question.model = pair.model;
    question.gpu = pair.machine;
    question.quantization = "Q4_K_M";
    question.plan.like_runtime = true;
    try {
      const auto theirs = std::get<PlanReport>(answer(question)).best;
      const auto ours = plan_of(pair, "Q4_K_M");
      if (!theirs || !ours || !ours->best) continue;
      // Its own plan may exceed the memory.
      if (!fits(verdict_of(pair, *theirs, theirs->load.demand.tokens, offload_of(*theirs), ""))) continue;
      const std::uint64_t full = ours->summary.model.architecture.context_length;
      INFO(pair.model << " on " << pair.machine << ": " << ours->best->command << " / " << theirs->command);
      CHECK(ours->best->load.layers.on_gpus >= theirs->load.layers.on_gpus);
      if (theirs->load.layers.whole) {
        CHECK(ours->best->load.layers.whole);
        CHECK(ours->best->load.demand.tokens >= std::min(full, theirs->load.demand.tokens));
      }
      ++compared;
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported) throw;
    }
  }
  CHECK(compared > test::sampled(30));
}
