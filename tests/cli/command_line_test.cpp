#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "cli/arguments.hpp"
#include "cli/flags.hpp"
#include "cli/run.hpp"
#include "render/render.hpp"
#include "render/text.hpp"
#include "vramcalc/catalog_date.hpp"
#include "vramcalc/coverage.hpp"

using namespace vramcalc;
using namespace vramcalc::cli;

namespace {

Arguments words(std::string_view line) {
  Arguments result;
  while (!line.empty()) {
    const std::size_t space = std::min(line.find(' '), line.size());
    result.emplace_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return result;
}

Question question_of(std::string_view line) { return parse(words(line)).question; }

llama_cpp::ContextParams context_params_of(std::string_view line) {
  Question question = question_of(line);
  return question.options.llama_cpp.context;
}

std::string error_of(std::string_view line) {
  try {
    parse(words(line));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

Report refuses(const Question&) {
  throw Error(ErrorCode::unknown_name, "unknown model \"x\"; did you mean y?", {"y"});
}
Report fails(const Question&) { throw std::runtime_error("out of luck"); }
Report does_not_fit(const Question&) { return CheckReport{}; }
Report echoes(const Question& question) {
  ModelListing listing;
  listing.rows.resize(1);
  listing.rows[0].id = question.filter + (question.everything ? " everything" : "");
  return listing;
}

}  // namespace

TEST_CASE("the first word is the command, or else the model") {
  struct Row {
    const char* line;
    Command command;
    const char *model, *filter;
  };
  const Row rows[] = {
  // clang-format off
      {"deepseek-r1",                 Command::overview, "deepseek-r1", ""},
      {"-c 4096 deepseek-r1",         Command::overview, "deepseek-r1", ""},
      {"check qwen3-8b --gpu x",      Command::check,    "qwen3-8b",    ""},
      {"--gpu x check qwen3-8b",      Command::check,    "qwen3-8b",    ""},
      {"check check --gpu x",         Command::check,    "check",       ""},
      {"-- check",                    Command::overview, "check",       ""},
      {"--json -- models",            Command::overview, "models",      ""},
      {"check --gpu x -- -odd-name",  Command::check,    "-odd-name",   ""},
      {"models",                      Command::models,   "",            ""},
      {"models qwen 8b",              Command::models,   "",            "qwen 8b"},
      {"gpus rtx --json",             Command::gpus,     "",            "rtx"},
      {"systems mac",                 Command::systems,  "",            "mac"},
      {"quants Q4",                   Command::quants,   "",            "Q4"},
  // clang-format on
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const Question question = question_of(row.line);
    CHECK(question.command == row.command);
    CHECK(question.model == row.model);
    CHECK(question.filter == row.filter);
  }
}

TEST_CASE("context is typed in many ways") {
  struct Row {
    const char* flag;
    std::optional<std::uint64_t> context;
  };
  const Row rows[] = {
  // clang-format off
      {"-c 32768",             32768},
      {"-c32768",              32768},
      {"-c=32768",             32768},
      {"--ctx-size 32K",       32768},
      {"--ctx-size=8k",        8192},
      {"--ctx-size 1M",   1048576},
      {"-c=1m",   1048576},
      {"-c 1 -c 2",            2},
      {"-c max",               std::nullopt},
      {"-c 4096 -c MAX",       std::nullopt},
  // clang-format on
  };
  for (const Row& row : rows) {
    CAPTURE(row.flag);
    const Question question = question_of("m " + std::string(row.flag));
    CHECK(question.context == row.context);
    CHECK(question.full_context == !row.context.has_value());
  }
  CHECK_FALSE(question_of("m").context.has_value());
  CHECK_FALSE(question_of("m").full_context);
}

TEST_CASE("the flags of a context have llama.cpp's names") {
  const llama_cpp::ContextParams params = context_params_of(
      "m -np 2 -kvu -ctk q8_0 -ctv=Q4_0 -b 1024 -ub 256 -fa off --swa-full --no-kv-offload");
  CHECK(params.parallel == 2u);
  CHECK(params.kv_unified == true);
  CHECK(params.cache_type_k == ElementType::q8_0);
  CHECK(params.cache_type_v == ElementType::q4_0);
  CHECK(params.batch == 1024);
  CHECK(params.ubatch == 256);
  CHECK(params.flash_attention == llama_cpp::FlashAttention::off);
  CHECK(params.swa_full);
  CHECK_FALSE(params.kv_offload);

  CHECK(context_params_of("m") == llama_cpp::ContextParams{});
  CHECK(context_params_of("m --parallel 8").parallel == 8u);
  CHECK(context_params_of("m -np -1").parallel == std::nullopt);
  CHECK(context_params_of("m -np 4 -no-kvu").kv_unified == false);
  CHECK(context_params_of("m -nkvo").kv_offload == false);
  CHECK(context_params_of("m -fa auto").flash_attention == llama_cpp::FlashAttention::automatic);
}

TEST_CASE("the other flags reach the question") {
  const Question question = question_of(
      "check m -q IQ3_M --gpu dgx-h100 --imatrix --fail-on tight --catalog a.json --catalog b "
      "--rule-of-thumb");
  CHECK(question.quantization == "IQ3_M");
  CHECK(question.gpu == "dgx-h100");
  CHECK(question.imatrix == true);
  CHECK(question.check.fail_on_tight);
  CHECK(question.catalog_paths == std::vector<std::string>{"a.json", "b"});
  CHECK(question.runtime == "rule-of-thumb");
  CHECK(question_of("m --quant=Q6_K").quantization == "Q6_K");
  CHECK(question_of("m --no-imatrix").imatrix == false);
  CHECK_FALSE(question_of("m").imatrix.has_value());
  CHECK(parse(words("m --units gib")).units == render::Units::GiB);
  CHECK(parse(words("m --format JSON")).format == "json");
  CHECK(parse(words("m --all")).all);
}

TEST_CASE("what cannot be understood is refused in one line that quotes it") {
  struct Row {
    const char *line, *error;
  };
  const Row rows[] = {
  // clang-format off
      {"",                     "which model? vramcalc models lists them, vramcalc --help explains the rest"},
      {"check",                "check which model? vramcalc check MODEL --gpu HARDWARE"},
      {"check m",              "check it on what? --gpu HARDWARE, such as rtx-4090 or 24GiB"},
      {"m n",                  "unexpected argument \"n\" after m; name one model at a time"},
      {"m -c",                 "-c, --ctx-size needs a value: N"},
      {"m -c --json",          "-c, --ctx-size needs a value: N"},
      {"m --quant",            "-q, --quant needs a value: Q"},
      {"m -c 0",               "invalid value for -c: \"0\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -c lots",            "invalid value for -c: \"lots\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -c 4k5",             "invalid value for -c: \"4k5\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -c 1.5K",            "invalid value for -c: \"1.5K\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -c 18446744073709551615K", "invalid value for -c: \"18446744073709551615K\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -c -5",              "invalid value for -c: \"-5\"; expected a number of tokens such as 8192, 32K or 1M, or max for the full context of the model"},
      {"m -np 0",              "invalid value for -np: \"0\"; expected a whole number from 1"},
      {"m -np 4294967296",     "invalid value for -np: \"4294967296\"; expected a whole number from 1"},
      {"m -ctk q9",            "invalid value for -ctk: \"q9\"; expected f32, f16, bf16, q8_0, q4_0, q4_1, iq4_nl, q5_0 or q5_1"},
      {"m -ctk q4_K",          "invalid value for -ctk: \"q4_K\"; expected f32, f16, bf16, q8_0, q4_0, q4_1, iq4_nl, q5_0 or q5_1"},
      {"m -fa maybe",          "invalid value for -fa: \"maybe\"; expected on, off or auto"},
      {"m --units MB",         "invalid value for --units: \"MB\"; expected GB, GiB or MiB"},
      {"m --format yaml",      "invalid value for --format: \"yaml\"; expected table, json, markdown, html, csv, sarif, junit or github"},
      {"check m --gpu x --fail-on fits", "--fail-on fits is for check FILE... and check -- COMMAND"},
      {"m --quants Q4_K_M",    "unknown flag --quants; did you mean --quant?"},
      {"m --ctxsize 4",        "unknown flag --ctxsize; did you mean --ctx-size or --tp-size?"},
      {"m -z",                 "unknown flag -z; vramcalc --help lists them all"},
      {"m --frobnicate=7",     "unknown flag --frobnicate; vramcalc --help lists them all"},
      {"models --gpu x",       "--gpu does not apply to this command"},
      {"m --fail-on tight",    "--fail-on does not apply to this command; it is for check"},
      {"m -ngl 99",            "-ngl, --gpu-layers, --n-gpu-layers does not apply to this command; it is for check"},
      {"check m --gpu 24GiB -ts 0,0", "invalid value for -ts: \"0,0\"; expected a share for each GPU, such as 3,1"},
      {"check m --gpu 24GiB -ts 3,x", "invalid value for -ts: \"3,x\"; expected a share for each GPU, such as 3,1"},
      {"check m --gpu 24GiB --ram 64", "invalid value for --ram: \"64\"; expected a size with its unit, such as 128GiB or 64GB"},
      {"check m --gpu 24GiB -ot ffn",  "invalid value for -ot: \"ffn\"; expected PATTERN=CPU or PATTERN=CUDA0, several separated by commas"},
      {"check m --gpu 24GiB -ot a=GPU0", "invalid value for -ot: \"a=GPU0\"; expected PATTERN=CPU or PATTERN=CUDA0, several separated by commas"},
      {"check m --gpu 24GiB -ngl x", "invalid value for -ngl: \"x\"; expected a number of layers, or all"},
      {"m -tp 0",              "invalid value for -tp: \"0\"; expected a whole number from 1"},
      {"m --json=yes",         "--json does not take a value"},
      {"m -c=",                "-c, --ctx-size needs a value: N"},
  // clang-format on
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const std::string error = error_of(row.line);
    CHECK(error == row.error);
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("an error is a line on stderr and status 2, or a JSON document alone") {
  const Outcome plain = outcome_of(words("x"), refuses, {});
  CHECK(plain.out.empty());
  CHECK(plain.err == "vramcalc: unknown model \"x\"; did you mean y?\n");
  CHECK(plain.status == 2);

  for (const char* line :
       {"x --json", "x --format json", "x --format=json", "--json x --nonsense", "--json", "x --json -c"}) {
    CAPTURE(line);
    const Outcome json = outcome_of(words(line), refuses, {});
    CHECK(json.err.empty());
    CHECK(nlohmann::json::parse(json.out)["kind"] == "error");
    CHECK(json.status == 2);
  }
  CHECK(outcome_of(words("-- --json"), refuses, {}).out.empty());
  CHECK(outcome_of(words("x"), fails, {}).status == 2);
  CHECK(outcome_of(words("x"), fails, {}).err.find("out of luck") != std::string::npos);
}

TEST_CASE("the status is the report's, and JSON asks for every row") {
  CHECK(outcome_of(words("check m --gpu x --json"), does_not_fit, {}).status == 1);
  CHECK(outcome_of(words("models q"), echoes, {}).status == 0);
  CHECK(outcome_of(words("models q"), echoes, {}).out.find("everything") == std::string::npos);
  CHECK(outcome_of(words("models q --all"), echoes, {}).out.find("q everything") != std::string::npos);
  CHECK(outcome_of(words("models q --json"), echoes, {}).out.find("q everything") != std::string::npos);
}

TEST_CASE("help answers wherever it stands, the short one on one screen") {
  const Outcome short_help = outcome_of(words("check -h"), refuses, {}),
                long_help = outcome_of(words("--help"), refuses, {});
  CHECK(short_help.status == 0);
  CHECK(std::count(short_help.out.begin(), short_help.out.end(), '\n') <= 24);
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags) {
      CAPTURE(std::string(flag.names));
      CHECK(long_help.out.find(flag.names) != std::string::npos);
    }
  for (const std::string& text : {short_help.out, long_help.out}) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      CAPTURE(text.substr(at, end - at));
      CHECK(render::width(text.substr(at, end - at)) <= 80);
      at = end + 1;
    }
  }
}

TEST_CASE("the version says for which releases each term is exact, as text and as JSON") {
  const std::string text = outcome_of(words("--version"), refuses, {}).out;
  CHECK(text.starts_with("vramcalc " + std::string(render::program_version()) + ", catalog of " +
                         std::string(catalog_date()) + '\n'));
  CHECK(text.find("llama.cpp 0.5.0, cuda\n  exact: weights, KV cache, recurrent state, compute\n") !=
        std::string::npos);
  const auto document = nlohmann::json::parse(outcome_of(words("--version --json"), refuses, {}).out);
  CHECK(document.at("kind") == "version");
  CHECK(document.at("coverage").size() == coverage().size());
  CHECK(document.at("coverage").at(0).at("certainty") == "exact");
}

TEST_CASE("the model is a word, or what llama-server's flags name it") {
  struct Row {
    const char *line, *model;
  };
  const Row rows[] = {
      {"qwen3-8b",                              "qwen3-8b"                         },
      {"-m qwen3-8b",                           "qwen3-8b"                         },
      {"-m ./model.gguf",                       "./model.gguf"                     },
      {"--model=Qwen3-8B-Q4_K_M.gguf",          "Qwen3-8B-Q4_K_M.gguf"             },
      {"-hf Qwen/Qwen3-8B-GGUF:Q8_0",           "hf.co/Qwen/Qwen3-8B-GGUF:Q8_0"    },
      {"-hfr Qwen/Qwen3-8B-GGUF",               "hf.co/Qwen/Qwen3-8B-GGUF"         },
      {"--hf-repo hf:Qwen/Qwen3-8B-GGUF",       "hf:Qwen/Qwen3-8B-GGUF"            },
      {"-hf https://huggingface.co/Qwen/Qwen3", "https://huggingface.co/Qwen/Qwen3"},
      {"check -hf a/b --gpu x",                 "hf.co/a/b"                        },
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(question_of(row.line).model == row.model);
  }
  CHECK(error_of("a -m b") == "unexpected argument \"a\" after b; name one model at a time");
  CHECK(error_of("-m a -hf b/c") == "one model at a time: \"a\" and \"hf.co/b/c\" are two");
}

TEST_CASE("flags of llama-server that change no figure may stand on the line") {
  const Question plain = question_of("check m --gpu x -c 4096");
  for (const char* line :
       {"check m --gpu x -c 4096 -t 8 --port 8080 --jinja", "check -t 8 m --gpu x --host=0.0.0.0 -c 4096",
        "check m --mlock --no-mmap --gpu x -cb -c 4096 --temp 0.7 -n -1"}) {
    CAPTURE(line);
    CHECK(question_of(line).model == plain.model);
    CHECK(question_of(line).gpu == plain.gpu);
    CHECK(question_of(line).options == plain.options);
    CHECK(question_of(line).context == plain.context);
  }
}

TEST_CASE("what is no command is not taken for a model") {
  CHECK(error_of("help") == "there is no command \"help\"; try vramcalc --help");
  CHECK(error_of("list") == "there is no command \"list\"; try vramcalc models");
  CHECK(error_of("fit qwen3-8b --gpu x") == "there is no command \"fit\"; try vramcalc check");
  CHECK(error_of("recomend --gpu x") == "there is no command \"recomend\"; did you mean recommend?");
  CHECK(error_of("chekc m") == "there is no command \"chekc\"; did you mean check?");
  CHECK(question_of("-- help").model == "help");
  CHECK(question_of("-m help").model == "help");
}

TEST_CASE("flags of other runtimes say what is meant here") {
  struct Row {
    const char *line, *part;
  };
  const Row rows[] = {
      {"m --swap-space 4",               "no swap space"            },
      {"m --attention-backend FLASHMLA", "not estimated"            },
      {"m --dtype float32",              "bfloat16"                 },
      {"m --kv-cache-dtype q8_0",        "fp8_e4m3"                 },
      {"m -dev CUDA0",                   "--gpu 'rtx-4090,rtx-3090'"},
      {"m --ctx 8192",                   "-c N"                     },
      {"m -ctx 8192",                    "-c N"                     },
      {"m -ctk fp8",                     "q8_0"                     },
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const std::string error = error_of(row.line);
    CHECK(error.find(row.part) != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("the flags of vLLM and SGLang have the values of those programs") {
  const auto vllm = [](std::string_view line) { return question_of(line).options.vllm; };
  const auto sglang = [](std::string_view line) { return question_of(line).options.sglang; };
  CHECK(question_of("m --max-model-len 32k").context == 32'000);
  CHECK(question_of("m --max-model-len 32K").context == 32'768);
  CHECK(question_of("m --max-model-len 25.6k").context == 25'600);
  CHECK(question_of("m --context-length 8192").context == 8192);
  CHECK(vllm("m -tp 8").tensor_parallel_size == 8);
  CHECK(sglang("m -tp 8").tp_size == 8);
  CHECK(sglang("m --tp 4").tp_size == 4);
  CHECK_FALSE(vllm("m --tp 4").tensor_parallel_size);
  CHECK(vllm("m --gpu-memory-utilization 0.95").gpu_memory_utilization == 0.95);
  CHECK(vllm("m --max-num-seqs 256 --max-num-batched-tokens 8K").max_num_batched_tokens == 8192);
  CHECK(vllm("m --kv-cache-dtype fp8").kv_cache_dtype == vllm::CacheType::fp8);
  CHECK(sglang("m --kv-cache-dtype fp8_e5m2").kv_cache_dtype == sglang::CacheType::fp8_e5m2);
  CHECK(vllm("m --no-enable-prefix-caching").enable_prefix_caching == false);
  CHECK(vllm("m --kv-cache-memory-bytes 24G").kv_cache_memory_bytes == Bytes(24 * GiB));
  CHECK(vllm("m --cpu-offload-gb 1.5").cpu_offload == Bytes(3 * GiB / 2));
  CHECK(vllm("m --available-kv-memory 51.38GiB").available_kv_memory == bytes_from_text("51.38GiB"));
  CHECK(vllm(R"(m --speculative-config {"method":"mtp","num_speculative_tokens":3})").drafts ==
        serving::Drafts{serving::Drafts::Method::mtp, 3, ""});
  CHECK(vllm(R"(m --limit-mm-per-prompt {"image":0,"video":0})").language_model_only);
  CHECK_FALSE(vllm("m --limit-mm-per-prompt image=2").language_model_only);
  CHECK(sglang("m --mem-fraction-static 0.85 --enable-dp-attention").enable_dp_attention);
  for (const char* line :
       {"m --gpu-memory-utilization 1.5", "m --gpu-memory-utilization 0", "m --max-model-len 1.5K",
        "m --max-model-len -5", "m --speculative-config mtp", "m --kv-cache-memory-bytes lots"})
    CHECK_THROWS_AS(question_of(line), Error);
}

TEST_CASE("a flag knows which runtimes have it") {
  const auto runtimes_of = [](std::string_view line) {
    std::vector<std::string_view> runtimes;
    for (const RuntimeFlag& flag : question_of(line).runtime_flags) runtimes.push_back(flag.runtimes);
    return runtimes;
  };
  using Runtimes = std::vector<std::string_view>;
  CHECK(runtimes_of("m -c 8192 -q Q4_K_M --gpu 24GiB") == Runtimes{});
  CHECK(runtimes_of("m -np 4") == Runtimes{"llama.cpp"});
  CHECK(runtimes_of("m -tp 2 --max-num-seqs 4") == Runtimes{"vllm sglang", "vllm"});
  CHECK(runtimes_of("m --kv-cache-dtype nvfp4") == Runtimes{"vllm"});
  CHECK(runtimes_of("m --kv-cache-dtype fp8_e4m3") == Runtimes{"vllm sglang"});
  CHECK(runtimes_of("m --kv-cache-dtype fp4_e2m1") == Runtimes{"sglang"});
}

TEST_CASE("no two flags share a name") {
  std::vector<std::string_view> all;
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      for (const std::string_view name : names_of(flag.names)) all.push_back(name);
  for (const RefusedFlag& flag : refused_flags()) {
    for (const std::string_view name : names_of(flag.names)) all.push_back(name);
  }
  for (const IgnoredFlag& flag : ignored_flags()) {
    for (const std::string_view name : names_of(flag.names)) all.push_back(name);
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}
