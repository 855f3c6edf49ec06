#include <fmt/format.h>

#include <map>
#include <ostream>

#include "catch.hpp"
#include "source/gguf_writer.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

namespace {

using Numbers = std::vector<std::uint32_t>;

// ---- files of heads: a true header and a hole

struct HeadShape {
  std::string architecture = "eagle3";
  std::uint32_t width = 4096, layers = 1, heads = 32, kv_heads = 8, head_size = 128, inner = 12288;
  std::uint32_t vocabulary = 151936, target_width = 4096;
  Numbers target_layers = {2, 18, 33};
  std::uint64_t drafted_vocabulary = 0;  // 0 for all, and no d2t
  bool own_embedding = false, own_output = true, rope_freqs = false;
  bool norm_before_residual = false, norm_before_fc = false;
  bool sandwich = false, scaled_layers = false, sinks = false;
  bool windows = false;
  std::uint32_t markov = 0;
};

class HeadFile {
 public:
  explicit HeadFile(const HeadShape& shape) : shape_(shape) {
    keys();
    tensors();
  }
  std::string write(const ScratchFolder& folder, const std::string& name) const {
    const std::string header = writer_.bytes();
    return folder.write(name, header, header.size() + data_);
  }
  GgufWriter& writer() { return writer_; }

 private:
  bool eagle3() const { return shape_.architecture == "eagle3"; }
  std::string own(std::string_view key) const { return shape_.architecture + "." + std::string(key); }

  void keys() {
    writer_.key("general.architecture", shape_.architecture).key("tokenizer.ggml.model", "no_vocab");
    writer_.key(own("vocab_size"), shape_.vocabulary).key(own("context_length"), 40960);
    writer_.key(own("embedding_length"), shape_.width).key(own("block_count"), shape_.layers);
    writer_.key(own("attention.head_count"), shape_.heads);
    writer_.key(own("attention.head_count_kv"), shape_.kv_heads);
    writer_.key(own("attention.key_length"), shape_.head_size);
    writer_.key(own("attention.value_length"), shape_.head_size);
    writer_.key(own("rope.dimension_count"), shape_.head_size);
    writer_.key(own("feed_forward_length"), shape_.inner);
    writer_.numbers(own("target_layers"),
                    std::vector<std::int64_t>(shape_.target_layers.begin(), shape_.target_layers.end()));
    if (eagle3()) {
      writer_.key(own("target_hidden_size"), shape_.target_width);
      writer_.flag(own("norm_before_residual"), shape_.norm_before_residual);
      writer_.flag(own("norm_before_fc"), shape_.norm_before_fc);
    } else {
      writer_.key(own("block_size"), 16);
    }
    if (shape_.windows) {
      writer_.key(own("attention.sliding_window"), 2048);
      writer_.flags(own("attention.sliding_window_pattern"), {true, true, true, true, false});
    }
  }

  void tensor(const std::string& name, const std::vector<std::uint64_t>& dimensions) {
    constexpr std::uint32_t f32 = 0, bf16 = 30;
    const std::uint32_t type = dimensions.size() == 1 ? f32 : bf16;
    add(name, dimensions, type, type == f32 ? 4 : 2);
  }
  void add(const std::string& name, const std::vector<std::uint64_t>& dimensions, std::uint32_t type,
           std::uint64_t element) {
    writer_.tensor(name, dimensions, type, data_);
    for (const std::uint64_t each : dimensions) element *= each;
    data_ += (element + 31) / 32 * 32;
  }

  void tensors() {
    const std::uint64_t width = shape_.width, vocabulary = shape_.vocabulary;
    const std::uint64_t drafted = shape_.drafted_vocabulary == 0 ? vocabulary : shape_.drafted_vocabulary;
    const std::uint64_t read = shape_.target_layers.size() * shape_.target_width;
    constexpr std::uint32_t i64 = 27;
    if (shape_.drafted_vocabulary != 0) add("d2t", {drafted}, i64, 8);
    tensor("fc.weight", {read, width});
    if (shape_.norm_before_fc) tensor("enc.output_norm.weight", {read});
    if (!eagle3()) tensor("enc.output_norm.weight", {width});
    tensor("output_norm.weight", {width});
    if (shape_.own_output) tensor("output.weight", {width, drafted});
    if (shape_.own_embedding) tensor("token_embd.weight", {width, vocabulary});
    if (shape_.markov != 0) {
      tensor("markov_w1.weight", {shape_.markov, vocabulary});
      tensor("markov_w2.weight", {shape_.markov, drafted});
      tensor("conf_proj.weight", {width + shape_.markov, 1});
      tensor("conf_proj.bias", {1});
    }
    for (std::uint32_t i = 0; i < shape_.layers; ++i) layer(i);
  }

  void layer(std::uint32_t number) {
    const std::uint64_t width = shape_.width, size = shape_.head_size;
    const std::uint64_t read = eagle3() ? 2 * width : width;
    const auto named = [number](std::string_view name) { return fmt::format("blk.{}.{}", number, name); };
    tensor(named("attn_norm.weight"), {width});
    if (eagle3()) tensor(named("attn_norm_2.weight"), {width});
    tensor(named("attn_q.weight"), {read, size * shape_.heads});
    for (const char* name : {"attn_k.weight", "attn_v.weight"})
      tensor(named(name), {read, size * shape_.kv_heads});
    tensor(named("attn_output.weight"), {size * shape_.heads, width});
    if (!eagle3())
      for (const char* name : {"attn_q_norm.weight", "attn_k_norm.weight"}) tensor(named(name), {size});
    if (shape_.sandwich)
      for (const char* name : {"post_attention_norm.weight", "post_ffw_norm.weight"})
        tensor(named(name), {width});
    if (shape_.scaled_layers) tensor(named("layer_output_scale.weight"), {1});
    if (shape_.sinks) tensor(named("attn_sinks.weight"), {shape_.heads});
    tensor(named("ffn_norm.weight"), {width});
    for (const char* name : {"ffn_gate.weight", "ffn_up.weight"}) tensor(named(name), {width, shape_.inner});
    tensor(named("ffn_down.weight"), {shape_.inner, width});
    if (shape_.rope_freqs && number == 0) tensor("rope_freqs.weight", {size / 2});
  }

  HeadShape shape_;
  GgufWriter writer_;
  std::uint64_t data_ = 0;
};

// yuhuili/EAGLE3-LLaMA3.1-Instruct-8B and -LLaMA3.3-Instruct-70B, Tengyunw/qwen3_8b_eagle3 and
// qwen3_30b_moe_eagle3, and others of these kinds.
HeadShape shape_of(const std::string& name) {
  HeadShape shape;
  if (name.starts_with("eagle3")) {
    shape.drafted_vocabulary = 32000;
  } else {
    shape.architecture = "dflash";
    shape.layers = 5;
    shape.target_layers = {2, 10, 18, 26, 34};
    shape.own_output = false;
  }
  const std::map<std::string, void (*)(HeadShape&)> changes = {
      {"eagle3-llama-8b",
       [](HeadShape& s) {
         s.inner = 14336;
         s.vocabulary = 128256;
         s.target_layers = {2, 16, 29};
         s.rope_freqs = true;
       }                                                                                              },
      {"eagle3-llama-70b",
       [](HeadShape& s) {
         s.width = 6144;
         s.heads = 48;
         s.inner = 16384;
         s.vocabulary = 128256;
         s.target_width = 8192;
         s.target_layers = {2, 40, 77};
         s.own_embedding = s.rope_freqs = true;
       }                                                                                              },
      {"eagle3-qwen3-8b",          [](HeadShape&) {}                                                  },
      {"eagle3-qwen3-8b-normed",   [](HeadShape& s) { s.norm_before_residual = true; }                },
      {"eagle3-qwen3-8b-bare",
       [](HeadShape& s) {
         s.drafted_vocabulary = 0;
         s.own_output = false;
       }                                                                                              },
      {"eagle3-qwen3-30b-a3b",
       [](HeadShape& s) {
         s.width = s.target_width = 2048;
         s.kv_heads = 4;
         s.target_layers = {2, 24, 45};
       }                                                                                              },
      {"eagle3-gpt-oss-20b",
       [](HeadShape& s) {
         s.width = s.target_width = 2880;
         s.heads = 64;
         s.head_size = 64;
         s.inner = 17280;
         s.vocabulary = 201088;
         s.target_layers = {1, 11, 21};
         s.drafted_vocabulary = 0;
         s.norm_before_fc = true;
       }                                                                                              },
      {"dflash-qwen3-8b",          [](HeadShape&) {}                                                  },
      {"dflash-qwen3-8b-own",
       [](HeadShape& s) {
         s.drafted_vocabulary = 32000;
         s.own_embedding = s.own_output = true;
       }                                                                                              },
      {"dflash-qwen3-8b-windows",  [](HeadShape& s) { s.windows = true; }                             },
      {"dflash-qwen3.5-27b",
       [](HeadShape& s) {
         s.width = s.target_width = 5120;
         s.inner = 17408;
         s.vocabulary = 248320;
         s.target_layers = {2, 17, 32, 47, 62};
       }                                                                                              },
      {"dflash-qwen3-8b-sandwich", [](HeadShape& s) { s.sandwich = s.scaled_layers = s.sinks = true; }},
      {"dspark-qwen3-8b",          [](HeadShape& s) { s.markov = 256; }                               },
  };
  changes.at(name)(shape);
  return shape;
}

// ---- what llama.cpp took

struct Taken {
  std::uint64_t weights = 0, host_weights = 0, context = 0, compute = 0, host_compute = 0;
  std::uint64_t model_context = 0, model_compute = 0, model_host_compute = 0;
};

struct Row {
  std::string head, model, k, v;
  std::uint64_t tokens = 0;
  std::uint32_t slots = 0, unified = 0, drafted = 0, ubatch = 0, samples = 0;
  Taken taken;
};

std::vector<Row> rows() {
  std::vector<Row> result;
  test::read_measured_rows("draft_heads.tsv", [&](std::istream& words) {
    Row row;
    Taken& taken = row.taken;
    words >> row.head >> row.model >> row.tokens >> row.slots >> row.unified >> row.drafted >> row.ubatch >>
        row.k >> row.v >> row.samples;
    words >> taken.weights >> taken.host_weights >> taken.context >> taken.compute >> taken.host_compute >>
        taken.model_context >> taken.model_compute >> taken.model_host_compute;
    REQUIRE(words);
    result.push_back(std::move(row));
  });
  return result;
}

std::string what(const Row& row) {
  return fmt::format("{} with {} -c {} -np {} kvu {} n {} -ub {} -ctkd {} sampled {}", row.model, row.head,
                     row.tokens, row.slots, row.unified, row.drafted, row.ubatch, row.k, row.samples);
}

llama_cpp::Drafting type_of(const std::string& head) {
  if (head.starts_with("eagle3")) return llama_cpp::Drafting::draft_eagle3;
  return head.starts_with("dflash") ? llama_cpp::Drafting::draft_dflash : llama_cpp::Drafting::draft_dspark;
}

Question about(const Row& row) {
  Question question;
  question.command = Command::check;
  question.model = row.model;
  question.gpu = "b200";
  question.context = row.tokens;
  llama_cpp::Options& options = question.options.llama_cpp;
  options.context.parallel = row.slots;
  options.context.kv_unified = row.unified != 0;
  options.context.ubatch = row.ubatch;
  options.context.samples_on_device = row.samples != 0;
  options.draft_cache_type_k = element_type_from_name(row.k).value();
  options.draft_cache_type_v = element_type_from_name(row.v).value();
  options.drafting.types = {type_of(row.head)};
  options.drafting.draft_tokens = row.drafted;
  return question;
}

Estimate estimate_of(const Question& question) { return std::get<CheckReport>(answer(question)).estimate; }

// Without the rows of logits that the caller reads, which were not measured.
std::uint64_t sum_on(const PlaceEstimate& place, TermKind kind) {
  Bytes sum;
  for (const Term& term : place.terms)
    if (term.kind == kind && !term.why.starts_with("output_buffer")) sum += term.amount.best;
  return sum.count();
}

std::uint64_t sum_of(const Estimate& estimate, TermKind kind, bool host) {
  std::uint64_t sum = 0;
  for (const PlaceEstimate& each : estimate.places)
    if (each.place.is_host() == host) sum += sum_on(each, kind);
  return sum;
}

// The norm before the residual leaves a gap that ggml puts none of sampling's smallest tensors into.
std::uint64_t less_than_measured(const Row& row) {
  return row.head == "eagle3-qwen3-8b-normed" && row.samples != 0 ? 256 * row.slots : 0;
}

std::string refusal_of(const Question& question) {
  try {
    answer(question);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing refused";
}

}  // namespace

TEST_CASE("a head that drafts takes what llama.cpp takes for it") {
  const ScratchFolder folder;
  REQUIRE(rows().size() == 91);
  for (const Row& row : rows()) {
    INFO(what(row));
    const Taken& taken = row.taken;
    Question question = about(row);
    question.draft = HeadFile(shape_of(row.head)).write(folder, row.head + ".gguf");
    const Estimate estimate = estimate_of(question);
    CHECK(sum_of(estimate, TermKind::draft_model, false) ==
          taken.weights + taken.context + taken.compute - less_than_measured(row));
    CHECK(estimate.gpu_term(TermKind::draft_model).high.count() >=
          taken.weights + taken.context + taken.compute);
    CHECK(sum_of(estimate, TermKind::draft_model, true) == taken.host_weights + taken.host_compute);
    CHECK(sum_of(estimate, TermKind::kv_cache, false) + sum_of(estimate, TermKind::recurrent_state, false) ==
          taken.model_context);
    CHECK(sum_of(estimate, TermKind::compute_buffer, false) == taken.model_compute);
    CHECK(sum_of(estimate, TermKind::compute_buffer, true) == taken.model_host_compute);
  }
}

// As in draft_heads.tsv, but really allocated: over two GPUs with as much free memory, and with some layers
// of the model on the host, where the head stays on the GPU.
TEST_CASE("a head is split over GPUs by its own layers") {
  struct Places {
    std::string head, model;
    const char* gpus;
    std::optional<std::uint32_t> layers;
    std::vector<std::uint64_t> of_head, buffers_of_model;  // on each GPU and on the host
  };
  const Places all[] = {
      {"dflash-qwen3-8b",
       "qwen3-8b",     "2x b200",
       {},
       {1543639040U + 134217728 + 167813120, 553714688U + 33554432 + 698480128, 41992192},
       {184590336, 176202240, 50381056}},
      {"dflash-qwen3-8b",
       "qwen3-8b",     "b200",
       20, {2097353728U + 167772160 + 639714816, 16789504},
       {142617088, 25178176}           },
      {"eagle3-llama-8b",
       "llama-3.1-8b", "b200",
       20, {849412352U + 33554432 + 542626816, 256000U + 25178112},
       {150472960, 25178176}           },
  };
  const ScratchFolder folder;
  for (const Places& places : all) {
    INFO(places.head << " on " << places.gpus);
    const Row row{places.head, places.model, "f16", "f16", 8192, 4, 1, 3, 512, 1, {}};
    Question question = about(row);
    question.gpu = places.gpus;
    question.options.llama_cpp.model.gpu_layers = places.layers;
    question.draft = HeadFile(shape_of(row.head)).write(folder, "head.gguf");
    const Estimate estimate = estimate_of(question);
    REQUIRE(estimate.places.size() == places.of_head.size());
    for (std::size_t i = 0; i < estimate.places.size(); ++i) {
      CHECK(sum_on(estimate.places[i], TermKind::draft_model) == places.of_head[i]);
      CHECK(sum_on(estimate.places[i], TermKind::compute_buffer) == places.buffers_of_model[i]);
    }
  }
}

TEST_CASE("llama-server itself finds out that a head is DFlash or DSpark, and not that it is EAGLE-3") {
  const ScratchFolder folder;
  for (const char* name : {"dflash-qwen3-8b", "dspark-qwen3-8b", "eagle3-qwen3-8b"}) {
    INFO(name);
    const bool finds = !std::string(name).starts_with("eagle3");
    const Row row{name, "qwen3-8b", "f16", "f16", 8192, 1, 0, 3, 512, 1, {}};
    Question question = about(row);
    question.draft = HeadFile(shape_of(name)).write(folder, "head.gguf");
    const Estimate named = estimate_of(question);
    question.options.llama_cpp.drafting.types.clear();
    const Estimate found = estimate_of(question);
    CHECK((named.gpu_total() == found.gpu_total()) == finds);
  }
}

TEST_CASE("a head that llama-server could not use is refused") {
  const ScratchFolder folder;
  const auto refusal = [&](Question question, HeadFile file) {
    question.draft = file.write(folder, "head.gguf");
    return refusal_of(question);
  };
  const Row row{"eagle3-qwen3-8b", "qwen3-8b", "f16", "f16", 8192, 1, 0, 3, 512, 1, {}};
  const HeadShape head = shape_of(row.head);
  Question question = about(row);
  question.model = "qwen3-4b";
  CHECK(refusal(question, HeadFile(head)) ==
        "-md: the head drafts for models with a hidden size of 4096, and this one's is 2560");
  question.model = "granite-3.3-8b";
  CHECK(refusal(question, HeadFile(head)) ==
        "-md: llama-server aborts, because its graph of granite does not name what the layers read (\"layer "
        "input tensor is null\")");
  question = about(row);
  HeadShape last = head;
  last.target_layers = {2, 18, 36};
  CHECK(refusal(question, HeadFile(last)) ==
        "-md: the head reads layer 36 of 36; one that reads the last layer's result is not calculated");
  question.options.llama_cpp.drafting.types = {llama_cpp::Drafting::draft_simple};
  CHECK(refusal(question, HeadFile(head)) ==
        "--spec-type draft-simple: this draft model is for draft-eagle3");
  question = about(row);
  HeadFile unknown(head);
  unknown.writer().key("eagle3.new_key", 1);
  CHECK_THAT(refusal(question, unknown), Catch::Matchers::Contains("eagle3.new_key"));
  question.model = HeadFile(head).write(folder, "alone.gguf");
  question.options = {};
  CHECK_THAT(
      [&] {
        try {
          answer(question);
        } catch (const Error& e) {
          return std::string(e.what());
        }
        return std::string();
      }(),
      Catch::Matchers::Contains("is a head that drafts for another model"));
}
