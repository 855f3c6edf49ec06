#include "catch.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;

namespace {

Question about(const char* model, const char* gpu = "1000GiB") {
  Question question;
  question.command = Command::check;
  question.model = model;
  question.gpu = gpu;
  question.context = 8192;
  return question;
}

Estimate estimate_of(const Question& question) { return std::get<CheckReport>(answer(question)).estimate; }

Amount beside_the_runtime(const Estimate& estimate) {
  Amount sum;
  for (const PlaceEstimate& device : estimate.places)
    for (const Term& term : device.terms)
      if (!device.place.is_host() && term.kind != TermKind::runtime_overhead) sum += term.amount;
  return sum;
}

}  // namespace

TEST_CASE(
    "a draft model takes what it takes alone but for the runtime, and the model beside it four rows more a "
    "slot") {
  Question question = about("qwen3-8b");
  const Estimate alone = estimate_of(question), draft = estimate_of(about("qwen3-0.6b"));
  question.draft = "qwen3-0.6b";
  const Estimate both = estimate_of(question);
  CHECK(both.gpu_term(TermKind::draft_model) == beside_the_runtime(draft));
  CHECK(both.gpu_term(TermKind::weights) == alone.gpu_term(TermKind::weights));
  CHECK(both.gpu_term(TermKind::kv_cache) == alone.gpu_term(TermKind::kv_cache));
  question.draft.clear();
  question.options.llama_cpp.drafting.draft_tokens = 3;
  CHECK_THROWS_WITH(answer(question),
                    "--spec-draft-n-max needs a draft model (-md) or --spec-type draft-mtp");
}

// Pull request 22838 of May 2026. -np 1 has one slot and one context in every release.
TEST_CASE("in older builds every slot has a draft context of its own") {
  struct Row {
    const char* release;
    std::uint32_t slots, fewest, most;
  };
  const Row rows[] = {
      {"llama.cpp",            4, 1, 1},
      {"llama.cpp@b9410",      4, 1, 1},
      {"llama.cpp@2026-05-15", 4, 1, 4},
      {"llama.cpp@2026-04-12", 4, 4, 4},
      {"llama.cpp@2026-04-12", 1, 1, 1},
  };
  for (const Row& row : rows) {
    INFO(row.release << " -np " << row.slots);
    Question one = about("qwen3-0.6b"), both = about("qwen3-8b");
    one.runtime = both.runtime = row.release;
    one.options.llama_cpp.context.parallel = row.most == 1 ? row.slots : 1;
    both.options.llama_cpp.context.parallel = row.slots;
    both.draft = "qwen3-0.6b";
    one.context = both.context.value() / (row.most == 1 ? 1 : row.slots);
    const Estimate draft = estimate_of(one);
    const Amount taken = estimate_of(both).gpu_term(TermKind::draft_model);
    const Amount weights = draft.gpu_term(TermKind::weights);
    const Amount context = beside_the_runtime(draft);
    const Bytes most = weights.high + (context.high - weights.high) * row.most;
    if (row.fewest == row.most) {
      CHECK(taken.low == weights.low + (context.low - weights.low) * row.fewest);
      CHECK(taken.high == most);
    } else {
      CHECK(taken.low < most);
      CHECK(taken.high >= most);
    }
  }
}

TEST_CASE("a draft model's cache is f16, whatever the main model's is") {
  Question question = about("qwen3-8b");
  question.draft = "qwen3-0.6b";
  const Estimate f16 = estimate_of(question);
  question.options.llama_cpp.context.cache_type_k = question.options.llama_cpp.context.cache_type_v =
      ElementType::q8_0;
  const Estimate q8_0 = estimate_of(question);
  CHECK(q8_0.gpu_term(TermKind::kv_cache).best < f16.gpu_term(TermKind::kv_cache).best);
  CHECK(q8_0.gpu_term(TermKind::draft_model) == f16.gpu_term(TermKind::draft_model));
}

TEST_CASE("the draft model's cache has its own types") {
  Question question = about("qwen3-8b");
  question.draft = "qwen3-0.6b";
  const Estimate f16 = estimate_of(question);
  question.options.llama_cpp.draft_cache_type_k = question.options.llama_cpp.draft_cache_type_v =
      ElementType::q8_0;
  const Estimate q8_0 = estimate_of(question);
  Question alone = about("qwen3-0.6b");
  const Bytes cache = estimate_of(alone).gpu_term(TermKind::kv_cache).best;
  alone.options.llama_cpp.context.cache_type_k = alone.options.llama_cpp.context.cache_type_v =
      ElementType::q8_0;
  const Bytes small_cache = estimate_of(alone).gpu_term(TermKind::kv_cache).best;
  CHECK(cache > small_cache);
  CHECK(q8_0.gpu_term(TermKind::draft_model) == beside_the_runtime(estimate_of(alone)));
  CHECK(q8_0.gpu_term(TermKind::kv_cache) == f16.gpu_term(TermKind::kv_cache));
  question.draft.clear();
  CHECK_THROWS_WITH(answer(question), "-ctkd and -ctvd need a draft model (-md) or --spec-type draft-mtp");
}

TEST_CASE("all layers of a draft model are split over the GPUs") {
  Question question = about("qwen3-8b", "2x rtx-3060-12gb");
  question.draft = "qwen3-0.6b";
  const Estimate estimate = estimate_of(question);
  for (const PlaceEstimate& device : estimate.places) {
    INFO(to_string(device.place));
    Amount draft;
    for (const Term& term : device.terms)
      if (term.kind == TermKind::draft_model) draft += term.amount;
    CHECK(draft.best > Bytes(0));
  }
}

TEST_CASE("prediction layers add their weights, a context of their own and states to return to") {
  Question question = about("qwen3.5-27b");
  const Estimate alone = estimate_of(question);
  question.options.llama_cpp.drafting.types = {llama_cpp::Drafting::draft_mtp};
  const Estimate drafting = estimate_of(question);
  CHECK(drafting.gpu_term(TermKind::weights).best > alone.gpu_term(TermKind::weights).best);
  CHECK(drafting.gpu_term(TermKind::kv_cache) == alone.gpu_term(TermKind::kv_cache));
  CHECK(drafting.gpu_term(TermKind::recurrent_state).best ==
        alone.gpu_term(TermKind::recurrent_state).best * 4);
  CHECK(alone.gpu_term(TermKind::draft_model).best == Bytes(0));
  question.options.llama_cpp.draft_cache_type_k = question.options.llama_cpp.draft_cache_type_v =
      ElementType::q8_0;
  const Estimate small_cache = estimate_of(question);
  CHECK(small_cache.gpu_term(TermKind::draft_model).best < drafting.gpu_term(TermKind::draft_model).best);
  CHECK(small_cache.gpu_term(TermKind::kv_cache) == drafting.gpu_term(TermKind::kv_cache));
}

TEST_CASE("n-gram drafts add rows of logits only") {
  Question question = about("qwen3.5-27b");
  const Estimate alone = estimate_of(question);
  question.options.llama_cpp.drafting.types = {llama_cpp::Drafting::ngram_mod};
  const Estimate drafting = estimate_of(question);
  for (const TermKind kind :
       {TermKind::weights, TermKind::kv_cache, TermKind::recurrent_state, TermKind::draft_model})
    CHECK(drafting.gpu_term(kind) == alone.gpu_term(kind));
  CHECK(drafting.gpu_term(TermKind::compute_buffer).best > alone.gpu_term(TermKind::compute_buffer).best);
}

TEST_CASE("a model without prediction layers is refused as llama-server refuses it") {
  Question question = about("llama-3.1-8b");
  question.options.llama_cpp.drafting.types = {llama_cpp::Drafting::draft_mtp};
  CHECK_THROWS_WITH(answer(question),
                    "--spec-type draft-mtp: the model's GGUF has no prediction layers, so llama-server stops "
                    "(\"context type MTP requested but model doesn't contain MTP layers\")");
}
