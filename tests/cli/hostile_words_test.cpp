#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "cli/run.hpp"
#include "model/printable.hpp"
#include "source/gguf_writer.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;
using namespace vramcalc::cli;
namespace fs = std::filesystem;

// Every place where a word from outside can stand, with a word that would steer a terminal, turn text around
// or break the encoding. Whatever comes of it: the output is UTF-8, and nothing in it is unprintable but the
// ends of lines.
namespace {

// An escape sequence, line ends, a C1 control, bidirectional overrides and isolates, marks that show nothing,
// a tag.
const std::string steering =
    "\x1b[31mred\x1b[0m\r\x07\x7f \xc2\x9b\x31m \xe2\x80\xaetxt\xe2\x81\xa6 "
    "a\xe2\x80\x8b\xe2\x80\x8f\xd8\x9c\xef\xbb\xbf"
    "\xf3\xa0\x81\x81";
const std::string of_lines = "x\nvramcalc: fits\ty";
const std::string not_utf8 = "a\xff\xfe\xc3( \xed\xa0\x80\xe2\x82";

struct Hostile {
  std::string what, word;
};
const Hostile words[] = {
    {"steers a terminal", steering                      },
    {"has several lines", of_lines                      },
    {"is not UTF-8",      not_utf8                      },
    {"all of it",         steering + of_lines + not_utf8},
};

// ---- what is printed

std::string without_line_ends(std::string text) {
  std::erase(text, '\n');
  return text;
}

// As our own colours are written; a word must not bring any.
std::string without_colour(std::string text) {
  for (std::size_t at; (at = text.find("\x1b[")) != std::string::npos;) {
    const std::size_t end = text.find('m', at);
    REQUIRE(end != std::string::npos);
    const std::string colour = text.substr(at + 2, end - at - 2);
    CHECK((colour == "0" || colour == "1" || colour == "2" || colour == "32" || colour == "33" ||
           colour == "36" || colour == "31"));
    text.erase(at, end + 1 - at);
  }
  return text;
}

struct Manner {
  const char* name;
  bool json, colour;
};
constexpr Manner manners[] = {
    {"table",  false, false},
    {"colour", false, true },
    {"json",   true,  false},
};

void check_output(Arguments arguments, const Manner& manner) {
  if (manner.json) arguments.insert(arguments.begin(), "--json");
  Terminal terminal;
  terminal.colour = manner.colour;
  const Outcome outcome = outcome_of(arguments, answer, terminal);
  CHECK(is_printable(without_line_ends(manner.colour ? without_colour(outcome.out) : outcome.out)));
  CHECK(is_printable(without_line_ends(outcome.err)));
  CHECK(outcome.out.find("\x1b[31mred") == std::string::npos);
  CHECK(outcome.out.find("\nvramcalc: fits") == std::string::npos);
  CHECK(outcome.err.find("\nvramcalc: fits") == std::string::npos);
  if (manner.json) CHECK(nlohmann::json::accept(outcome.out));
  if (outcome.status == 2 && !manner.json) CHECK(std::ranges::count(outcome.err, '\n') == 1);
}

// ---- where words stand

using Lines = std::vector<Arguments>;

struct Place {
  const char* name;
  std::function<Lines(const ScratchFolder&, const std::string& word)> lines;
};

std::string gguf(const std::string& name, const std::string& architecture = "llama",
                 const std::string& tensor = "blk.0.attn_norm.weight") {
  GgufWriter writer;
  writer.key("general.architecture", architecture).key("general.name", name).key("general.license", name);
  writer.key("general.organization", name).key("general.basename", name);
  const std::string prefix = architecture + ".";
  writer.key(prefix + "block_count", 1)
      .key(prefix + "context_length", 512)
      .key(prefix + "embedding_length", 64);
  writer.key(prefix + "attention.head_count", 4).key(prefix + "feed_forward_length", 64);
  writer.real(prefix + "attention.layer_norm_rms_epsilon", 1e-5f).key("tokenizer.ggml.model", name);
  writer.texts("tokenizer.ggml.tokens", std::vector<std::string>(32, name));
  std::uint64_t offset = 0;
  const auto add = [&](const std::string& of, std::vector<std::uint64_t> shape) {
    writer.tensor(of, shape, 0, offset);
    std::uint64_t bytes = 4;
    for (const std::uint64_t each : shape) bytes *= each;
    offset += bytes;
  };
  add("token_embd.weight", {64, 32});
  add("output_norm.weight", {64});
  add(tensor, {64});
  add("blk.0.ffn_norm.weight", {64});
  for (const char* square : {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"})
    add(std::string("blk.0.") + square + ".weight", {64, 64});
  return writer.bytes(offset);
}

Lines asked_of(const std::string& model) {
  return {
      {model   },
      {            "check", model, "--gpu", "24GiB", "--explain"},
      { "check",        model,      "--gpu", "1KiB"},
      {      "plan",             model,  "--gpu", "24GiB", "--explain"},
      {     "compare", model,     "--gpu", "24GiB"},
  };
}

std::string config(const std::string& word) {
  nlohmann::json config = {
      {"model_type",              "llama"},
      {"architectures",           {word} },
      {"hidden_size",             64     },
      {"intermediate_size",       64     },
      {"num_hidden_layers",       1      },
      {"num_attention_heads",     4      },
      {"vocab_size",              32     },
      {"max_position_embeddings", 512    }
  };
  return config.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string changed_config(const std::string& key, const nlohmann::json& value) {
  nlohmann::json document = nlohmann::json::parse(config("LlamaForCausalLM"));
  document[key] = value;
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string catalog(const std::string& word) {
  const nlohmann::json own = {
      {"models",
       {{{"id", "own"},
         {"name", word},
         {"publisher", word},
         {"family", word},
         {"license", word},
         {"aliases", {word}},
         {"architecture", word},
         {"source", word},
         {"config", nlohmann::json::parse(config("x"))}}}},
      {"gpus",
       {{{"id", "own-gpu"},
         {"name", word},
         {"vendor", word},
         {"memory_gb", 24},
         {"notes", word},
         {"architecture", word},
         {"segment", word},
         {"source", word}}}                              }
  };
  return own.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Lines of_folder(const ScratchFolder& folder, const std::string& name, const std::string& text) {
  folder.write("model/" + name, text);
  return asked_of(folder.path("model"));
}

std::string safetensors(const std::string& header) {
  return GgufWriter::raw<std::uint64_t>(header.size()) + header + std::string(8, '\0');
}

std::string file_name(std::string word) {
  std::ranges::replace(word, '/', '_');
  return word;
}

void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

// clang-format 14 crashes on these tables.
// clang-format off
const Place files[] = {
    {"the name of a GGUF file",
     [](const ScratchFolder& folder, const std::string& word) {
       return asked_of(folder.write(file_name(word) + ".gguf", gguf("tiny")));
     }},
    {"the name of a folder",
     [](const ScratchFolder& folder, const std::string& word) {
       folder.write(file_name(word) + "/config.json", config("LlamaForCausalLM"));
       return asked_of(folder.path(file_name(word)));
     }},
    {"the names of files in a folder",
     [](const ScratchFolder& folder, const std::string& word) {
       for (const char* number : {"1", "2"}) folder.write("model/" + file_name(word) + number + ".gguf", "");
       return asked_of(folder.path("model"));
     }},
    {"texts in a GGUF", [](const ScratchFolder& folder,
                           const std::string& word) { return asked_of(folder.write("m.gguf", gguf(word))); }},
    {"the architecture in a GGUF",
     [](const ScratchFolder& folder, const std::string& word) {
       return asked_of(folder.write("m.gguf", gguf("tiny", word)));
     }},
    {"a tensor's name in a GGUF",
     [](const ScratchFolder& folder, const std::string& word) {
       return asked_of(folder.write("m.gguf", gguf("tiny", "llama", "blk.0." + word)));
     }},
    {"texts in a config.json",
     [](const ScratchFolder& folder, const std::string& word) {
       return of_folder(folder, "config.json", config(word));
     }},
    {"the model type of a config.json",
     [](const ScratchFolder& folder, const std::string& word) {
       return of_folder(folder, "config.json", changed_config("model_type", word));
     }},
    {"a layer's type in a config.json",
     [](const ScratchFolder& folder, const std::string& word) {
       return of_folder(folder, "config.json", changed_config("layer_types", {word}));
     }},
    {"the quantization in a config.json",
     [](const ScratchFolder& folder, const std::string& word) {
       return of_folder(folder, "config.json",
                        changed_config("quantization_config", {{"quant_method", word}}));
     }},
    {"a key that a config.json has twice",
     [](const ScratchFolder& folder, const std::string& word) {
       const std::string key =
           nlohmann::json(word).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
       return of_folder(folder, "config.json", "{" + key + ": 1, " + key + ": 1}");
     }},
    {"a config.json that is no JSON",
     [](const ScratchFolder& folder, const std::string& word) {
       return of_folder(folder, "config.json", word);
     }},
    {"names in a safetensors header",
     [](const ScratchFolder& folder, const std::string& word) {
       const nlohmann::json header = {{word, {{"dtype", word}, {"shape", {2}}, {"data_offsets", {0, 8}}}}};
       folder.write("model/model.safetensors",
                    safetensors(header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
       return of_folder(folder, "config.json", config("LlamaForCausalLM"));
     }},
    {"names in an index of safetensors files",
     [](const ScratchFolder& folder, const std::string& word) {
       const nlohmann::json index = {{"weight_map", {{word, word + ".safetensors"}}}};
       folder.write("model/model.safetensors.index.json",
                    index.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
       return of_folder(folder, "config.json", config("LlamaForCausalLM"));
     }},
    {"texts in a catalog of one's own",
     [](const ScratchFolder& folder, const std::string& word) {
       const std::string path = folder.write("own.json", catalog(word));
       Lines lines = {
           {"--catalog", path, "own", "--gpu", "own-gpu"},
           {"check", "--catalog", path, "own", "--gpu", "own-gpu", "-c", "100000"},
           {"plan", "--catalog", path, "own", "--gpu", "own-gpu"},
           {"compare", "--catalog", path, "own", "qwen3-8b", "--gpu", "own-gpu"},
           {"models", "--catalog", path, "own"},
           {"gpus", "--catalog", path, "own"},
           {"check", "--catalog", path, "own", "--gpu", word},
           {"--catalog", path, word},
           {"--catalog", path, "ownn"},
       };
       return lines;
     }},
    {"a catalog of one's own that is no JSON",
     [](const ScratchFolder& folder, const std::string& word) {
       return Lines{{"gpus", "own", "--catalog", folder.write("own.json", word)}};
     }},
    {"the name of a catalog file",
     [](const ScratchFolder& folder, const std::string& word) {
       return Lines{{"gpus", "own", "--catalog", folder.write(file_name(word), "{")},
                    {"gpus", "own", "--catalog", folder.path(file_name(word)) + "-missing"}};
     }},
};

const Place command_line[] = {
    {"the model",
     [](const ScratchFolder&, const std::string& word) {
       Lines lines = asked_of(word);
       for (const std::string prefix : {"hf:", "ollama:", "http://", "./", "/"})
         for (const Arguments& line : asked_of(prefix + word)) lines.push_back(line);
       lines.push_back({"qwen3-8b", word});
       return lines;
     }},
    {"the hardware",
     [](const ScratchFolder&, const std::string& word) {
       return Lines{
           {"qwen3-8b", "--gpu", word},
           {"check", "qwen3-8b", "--gpu", word},
           {"check", "qwen3-8b", "--gpu", "2x " + word},
           {"check", "qwen3-8b", "--gpu", "rtx-4090@" + word},
           {"check", "qwen3-8b", "--gpu", "rtx-4090," + word},
           {"recommend", "--gpu", word},
           {"compare", "qwen3-8b", "--gpu", word},
       };
     }},
    {"the value of a flag",
     [](const ScratchFolder&, const std::string& word) {
       Lines lines;
       for (const char* flag :
            {"-q",        "-c",        "-np",      "-ctk",        "-ctv",      "-fa",      "-b",
             "-ub",       "-mm",       "--lora",   "-md",         "-ngl",      "-ts",      "-sm",
             "-mg",       "-ncmoe",    "-ot",      "--quantizer", "--runtime", "--as",     "--ram",
             "--reserve", "--fail-on", "--format", "--units",     "--hub-timeout", "--catalog"})
         lines.push_back({"check", "qwen3-8b", "--gpu", "24GiB", flag, word});
       for (const char* flag : {"--family", "--license", "--modality", "--min-context", "-fitc"})
         lines.push_back({"recommend", "--gpu", "4GiB", flag, word});
       for (const char* pattern : {"=CPU", "(=CPU", "=CUDA0,x=CPU", "=X"})
         lines.push_back({"check", "qwen3-8b", "--gpu", "24GiB", "-ot", word + pattern});
       lines.push_back({"compare", "qwen3-8b", "-q", "Q4_K_M," + word});
       return lines;
     }},
    {"a flag",
     [](const ScratchFolder&, const std::string& word) {
       return Lines{{"qwen3-8b", "--" + word},
                    {"qwen3-8b", "-" + word},
                    {"qwen3-8b", "--json=" + word},
                    {"qwen3-8b", "--hub-timeout=" + word}};
     }},
    {"a filter",
     [](const ScratchFolder&, const std::string& word) {
       return Lines{{"models", word},
                    {"gpus", word},
                    {"systems", word},
                    {"quants", word},
                    {"models", "--local", word}};
     }},
};

const Place environment[] = {
    {"a store of Ollama's",
     [](const ScratchFolder& folder, const std::string& word) {
       const std::string digest(64, 'a'), name = file_name(word);
       folder.write(".ollama/models/blobs/sha256-" + digest, gguf("tiny"));
       folder.write(".ollama/models/manifests/" + name + "/" + name + "/" + name + "/" + name,
                    R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:)" +
                        digest + "\"}]}");
       set("HOME", folder.path());
       return Lines{{"models", "--local"}, {"ollama:" + name}, {"ollama:re"}};
     }},
    {"a store of LM Studio's",
     [](const ScratchFolder& folder, const std::string& word) {
       const std::string name = file_name(word);
       folder.write(".lmstudio/models/" + name + "/" + name + "/" + name + ".gguf", gguf("tiny"));
       set("HOME", folder.path());
       return Lines{
           {"models", "--local"},
       };
     }},
    {"the cache of Hugging Face",
     [](const ScratchFolder& folder, const std::string& word) {
       const std::string name = file_name(word);
       folder.write(name + "/models--x/snapshots/" + name + "/" + name + ".gguf", gguf("tiny"));
       set("HF_HUB_CACHE", folder.path(name));
       return Lines{
           {"models", "--local"},
       };
     }},
    {"paths in the environment",
     [](const ScratchFolder& folder, const std::string& word) {
       set("HOME", folder.path(file_name(word)));
       set("OLLAMA_MODELS", word);
       set("HF_ENDPOINT", "http://" + word);
       set("VRAMCALC_CATALOG", word);
       return Lines{{"models", "--local"}, {"gpus"}, {"hf:org/name"}, {"ollama:name"}};
     }},
};
// clang-format on

const char* const variables[] = {"HOME", "OLLAMA_MODELS", "HF_HUB_CACHE", "HF_ENDPOINT", "VRAMCALC_CATALOG"};

class Environment {
 public:
  Environment() {
    for (const char* name : variables)
      if (const char* value = std::getenv(name)) saved_.emplace_back(name, value);
  }
  ~Environment() {
    for (const char* name : variables) unsetenv(name);
    for (const auto& [name, value] : saved_) set(name.c_str(), value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> saved_;
};

template <class Places>
void check_places(const Places& places) {
  const Environment as_before;
  set("PATH", "/nonexistent");  // no hub is asked
  for (const Hostile& hostile : words)
    for (const Place& place : places) {
      const ScratchFolder folder;
      for (const Arguments& line : place.lines(folder, hostile.word))
        for (const Manner& manner : manners) {
          CAPTURE(place.name, hostile.what, line, manner.name);
          check_output(line, manner);
        }
    }
}

}  // namespace

TEST_CASE("names and texts in files are printed harmlessly") { check_places(files); }
TEST_CASE("words of the command line are printed harmlessly") { check_places(command_line); }
TEST_CASE("what the environment names is printed harmlessly") { check_places(environment); }

// A table that answers nothing but errors would prove little.
TEST_CASE("hostile names are answered, and shown as bytes") {
  const ScratchFolder folder;
  const std::string path = folder.write("x\x1b[31m.gguf", gguf("a\nb\xff"));
  const Outcome overview = outcome_of({path}, answer, {});
  CHECK(overview.status == 0);
  CHECK(overview.out.starts_with("a\\x0ab\\xff · "));
  const Outcome plan = outcome_of({"plan", path, "--gpu", "24GiB"}, answer, {});
  CHECK(plan.out.find("  llama-server -m $'" + folder.path() + "x\\033[31m.gguf' -c 512 ") !=
        std::string::npos);
}
