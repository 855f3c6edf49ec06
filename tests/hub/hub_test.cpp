#include "source/hub.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "catch.hpp"
#include "hub/servers.hpp"
#include "model/printable.hpp"
#include "source/gguf_writer.hpp"
#include "source/refusal.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;
using namespace vramcalc::source;
using vramcalc::test::Nginx;
using vramcalc::test::RawServer;
namespace fs = std::filesystem;

namespace {

// A model of two layers with holes for its data, too large to be sent in a test.
std::string gguf_bytes(const std::string& name, std::uint64_t& size, std::uint32_t part = 0,
                       std::uint32_t parts = 1) {
  GgufWriter writer;
  writer.key("general.architecture", "llama").key("general.name", name);
  writer.key("llama.block_count", 2).key("llama.context_length", 4096).key("llama.embedding_length", 65536);
  writer.key("llama.attention.head_count", 512)
      .key("llama.attention.head_count_kv", 8)
      .key("llama.feed_forward_length", 65536);
  if (parts > 1) writer.key("split.no", part).key("split.count", parts).key("split.tensors.count", 20);
  writer.texts("tokenizer.ggml.tokens", std::vector<std::string>(1000, "token"));
  std::uint64_t offset = 0;
  const auto add = [&](const std::string& tensor, std::vector<std::uint64_t> shape) {
    writer.tensor(tensor, shape, 0, offset);
    std::uint64_t bytes = 4;
    for (std::uint64_t each : shape) bytes *= each;
    offset += bytes;
  };
  if (part == 0) add("token_embd.weight", {65536, 1000});
  if (part == 0) add("output_norm.weight", {65536});
  for (int layer = 0; layer < 2; ++layer) {
    if (parts > 1 && static_cast<std::uint32_t>(layer) != part) continue;
    const std::string blk = "blk." + std::to_string(layer) + ".";
    add(blk + "attn_norm.weight", {65536});
    add(blk + "attn_q.weight", {65536, 65536});
    add(blk + "attn_k.weight", {65536, 1024});
    add(blk + "attn_v.weight", {65536, 1024});
    add(blk + "attn_output.weight", {65536, 65536});
    add(blk + "ffn_norm.weight", {65536});
    add(blk + "ffn_gate.weight", {65536, 65536});
    add(blk + "ffn_up.weight", {65536, 65536});
    add(blk + "ffn_down.weight", {65536, 65536});
  }
  const std::string bytes = writer.bytes();
  size = bytes.size() + offset;
  return bytes;
}

const char* locations = R"(
  location /api/ { default_type application/json; try_files $uri.json =404; }
  location /api/models/org/private/ { default_type application/json; if ($http_authorization != "Bearer secret") { return 401; } try_files $uri.json =404; }
  location /api/models/org/gated/ { return 403; }
  location /api/models/org/busy/ { return 503; }
  location /org/moved/ { rewrite ^/org/moved/(.*)$ http://localhost:$server_port/org/model/$1 redirect; }
  location /org/whole/ { rewrite ^/org/whole/(.*)$ /org/model/$1 break; max_ranges 0; }
)";

// A server, a cache folder, and the environment that points to both.
class Hub {
 public:
  explicit Hub(const Catalog& catalog)
      : catalog_(catalog), nginx_(folder_.path(), folder_.path("www"), locations) {
    std::error_code code;
    const std::string build = fs::read_symlink("/proc/self/exe", code).parent_path().parent_path().string();
    setenv("PATH", (build + ":/usr/bin:/bin").c_str(), 1);
    REQUIRE(fs::exists(build + "/vramcalc-fetch"));
    write_repositories();
    setenv("XDG_CACHE_HOME", folder_.path("cache").c_str(), 1);
    setenv("VRAMCALC_HTTP_PAUSE_MS", "5", 1);
    setenv("VRAMCALC_HTTP_STALL_S", "1", 1);
    unsetenv("HF_TOKEN");
    setenv("HF_ENDPOINT", nginx_.url().c_str(), 1);
  }

  Nginx& nginx() { return nginx_; }
  LoadedModel load(const std::string& word, const LoadOptions& options = {}) const {
    return load_model(catalog_, word, options);
  }
  std::string refused(const std::string& word, ErrorCode code = ErrorCode::bad_file) const {
    return refusal([&] { load(word); }, code);
  }
  void forget() const { fs::remove_all(folder_.path("cache")); }
  const ScratchFolder& folder() const { return folder_; }

 private:
  void write_gguf(const std::string& path, std::uint32_t part = 0, std::uint32_t parts = 1) const {
    std::uint64_t size = 0;
    const std::string bytes = gguf_bytes(fs::path(path).stem().string(), size, part, parts);
    folder_.write("www/org/model/resolve/abc123/" + path, bytes, size);
    std::ostringstream entry;
    entry << "{\"rfilename\": \"" << path << "\", \"size\": " << size << "}";
    siblings_ += (siblings_.empty() ? "" : ", ") + entry.str();
  }

  void write_repositories() {
    write_gguf("Model-Q4_K_M.gguf");
    write_gguf("Model-Q8_0.gguf");
    write_gguf("BF16/Model-BF16-00001-of-00002.gguf", 0, 2);
    write_gguf("BF16/Model-BF16-00002-of-00002.gguf", 1, 2);
    for (const char* name : {"model", "moved", "whole", "private"})
      folder_.write(std::string("www/api/models/org/") + name + "/revision/main.json",
                    "{\"sha\": \"abc123\", \"siblings\": [" + siblings_ + "]}");
    fs::create_directory_symlink(folder_.path("www/org/model"), folder_.path("www/org/private"));
    write_checkpoint();
    write_companions();
  }

  // A projector next to its model, and an adapter in its own repository.
  void write_companions() const {
    GgufWriter projector, adapter;
    projector.key("general.architecture", "clip").key("clip.projector_type", "mlp");
    projector.tensor("v.position_embd.weight", {64, 32}, 0, 0);
    adapter.key("general.architecture", "llama").key("general.type", "adapter").key("adapter.type", "lora");
    adapter.tensor("blk.0.attn_q.weight.lora_a", {64, 8}, 0, 0);
    write_alone("vision", "mmproj-f16.gguf", projector.bytes(), 64 * 32 * 4);
    write_alone("adapter", "lora.gguf", adapter.bytes(), 64 * 8 * 4);
  }

  void write_alone(const std::string& repository, const std::string& file, const std::string& header,
                   std::uint64_t data) const {
    folder_.write("www/org/" + repository + "/resolve/abc123/" + file, header, header.size() + data);
    folder_.write("www/api/models/org/" + repository + "/revision/main.json",
                  "{\"sha\": \"abc123\", \"siblings\": [{\"rfilename\": \"" + file +
                      "\", \"size\": " + std::to_string(header.size() + data) + "}]}");
  }

  void write_checkpoint() const {
    const std::string base = "www/org/checkpoint/resolve/abc123/";
    const std::string header = R"({"a":{"dtype":"BF16","shape":[1024],"data_offsets":[0,2048]}})";
    const std::string bytes = GgufWriter::raw<std::uint64_t>(header.size()) + header;
    folder_.write(
        base + "config.json",
        R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "vocab_size": 100, "max_position_embeddings": 512})");
    folder_.write(base + "model.safetensors", bytes, bytes.size() + 2048);
    folder_.write(
        "www/api/models/org/checkpoint/revision/main.json",
        R"({"sha": "abc123", "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}]})");
  }

  const Catalog& catalog_;
  ScratchFolder folder_;
  mutable std::string siblings_;
  Nginx nginx_;
};

std::uint64_t bytes_sent(const std::string& log) {
  std::uint64_t sum = 0;
  std::istringstream in(log);
  for (std::string status, bytes, rest; in >> status >> bytes && std::getline(in, rest);)
    sum += std::stoull(bytes);
  return sum;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("names of repositories are parsed") {
  setenv("HF_ENDPOINT", "", 1);
  CHECK(parse_hub_name("hf:Qwen/Qwen3-8B") == HubName{"Qwen/Qwen3-8B", "main", "", ""});
  CHECK(parse_hub_name("hf:a/b:Q4_K_M") == HubName{"a/b", "main", "Q4_K_M", ""});
  CHECK(parse_hub_name("hf:a/b@v1.0:Q8_0") == HubName{"a/b", "v1.0", "Q8_0", ""});
  CHECK(parse_hub_name("https://huggingface.co/a/b") == HubName{"a/b", "main", "", ""});
  CHECK(parse_hub_name("https://huggingface.co/a/b/tree/main") == HubName{"a/b", "main", "", ""});
  CHECK(parse_hub_name("https://huggingface.co/a/b/blob/main/x/y.gguf?download=true") ==
        HubName{"a/b", "main", "", "x/y.gguf"});
  for (const char* bad : {"hf:", "hf:a", "hf:a/b/c", "hf:../b", "hf:a/..", "hf:a b/c", "hf:a/b@", "hf:a/b\n"})
    CHECK(refusal([&] { parse_hub_name(bad); }, ErrorCode::bad_value)
              .find("hf:ORGANIZATION/NAME was expected") != std::string::npos);
}

TEST_CASE("one file of a repository is chosen") {
  const std::vector<std::string> files{"README.md",
                                       "M-Q4_K_M.gguf",
                                       "M-UD-Q4_K_M.gguf",
                                       "M-Q4_K_S.gguf",
                                       "mmproj-F16.gguf",
                                       "Q8_0/M-Q8_0-00001-of-00002.gguf",
                                       "Q8_0/M-Q8_0-00002-of-00002.gguf"};
  CHECK(choose_gguf(files, "Q4_K_M", "hf:a/b") == "M-Q4_K_M.gguf");
  CHECK(choose_gguf(files, "q8_0", "hf:a/b") == "Q8_0/M-Q8_0-00001-of-00002.gguf");
  CHECK(choose_gguf(files, "", "hf:a/b") == "M-Q4_K_M.gguf");
  CHECK(choose_gguf({"only-Q2_K.gguf"}, "", "hf:a/b") == "only-Q2_K.gguf");
  CHECK(refusal([&] { choose_gguf(files, "Q4_K", "hf:a/b"); }, ErrorCode::bad_value) ==
        "hf:a/b: no file Q4_K; it has M-Q4_K_M, M-UD-Q4_K_M, M-Q4_K_S, M-Q8_0");
  CHECK(refusal(
            [&] {
              choose_gguf({"a-Q2_K.gguf", "a-Q3_K_M.gguf"}, "", "hf:a/b");
            },
            ErrorCode::bad_value) ==
        "hf:a/b: name one of its 2 files as hf:a/b:QUANTIZATION: a-Q2_K, a-Q3_K_M");
}

TEST_CASE("one projector of a repository is chosen") {
  const std::vector<std::string> files{"M-Q4_K_M.gguf", "mmproj-M-f16.gguf", "mmproj-M-Q8_0.gguf"};
  CHECK(choose_projector(files, "F16", "hf:a/b") == "mmproj-M-f16.gguf");
  CHECK(choose_projector({"M.gguf", "mmproj.gguf"}, "", "hf:a/b") == "mmproj.gguf");
  const auto refused = [](const std::vector<std::string>& of, const std::string& quantization) {
    return refusal([&] { choose_projector(of, quantization, "hf:a/b"); }, ErrorCode::bad_value);
  };
  CHECK(refused(files, "") ==
        "hf:a/b: name one of its projectors, as hf:a/b:F16: mmproj-M-f16, mmproj-M-Q8_0");
  CHECK(refused(files, "BF16") == "hf:a/b: no projector BF16; it has mmproj-M-f16, mmproj-M-Q8_0");
  CHECK(refused({"M.gguf"}, "") == "hf:a/b: it has no projector (mmproj)");
}

TEST_CASE("models of a hub, against a real server") {
  const Catalog catalog;
  Hub hub(catalog);

  SECTION("only the header is read, whatever the file's size") {
    const LoadedModel loaded = hub.load("hf:org/model:Q4_K_M");
    CHECK(loaded.model.name == "Model-Q4_K_M");
    CHECK(loaded.model.hf_repo == "org/model");
    CHECK(loaded.stored->tensors.size() == 20);
    CHECK(loaded.stored->file_bytes > Bytes(std::uint64_t{100} << 30));
    CHECK(loaded.warnings.empty());
    CHECK(bytes_sent(hub.nginx().log()) < 1'200'000);
  }
  SECTION("files loaded along with a model") {
    CHECK(read_projector("hf:org/vision").weights.tensor_bytes == Bytes(64 * 32 * 4));
    CHECK(read_projector("hf:org/vision:F16").encoders.size() == 1);
    CHECK(read_projector(hub.nginx().other_name() + "/org/vision/resolve/abc123/mmproj-f16.gguf")
              .weights.tensors.size() == 1);
    CHECK(read_adapter("hf:org/adapter").architecture == "llama");
    CHECK(refusal([&] { read_projector("hf:org/model"); }, ErrorCode::bad_value)
              .find("it has no projector (mmproj)") != std::string::npos);
  }
  SECTION("parts are one model") {
    const LoadedModel loaded = hub.load("hf:org/model:BF16");
    CHECK(loaded.stored->files.size() == 2);
    CHECK(loaded.stored->tensors.size() == 20);
  }
  SECTION("a checkpoint: config and headers") {
    const LoadedModel loaded = hub.load("hf:org/checkpoint");
    CHECK(loaded.model.architecture.blocks.size() == 2);
    CHECK(loaded.checkpoint->tensor_bytes == Bytes(2048));
    CHECK(hub.refused("hf:org/checkpoint:Q4_K_M", ErrorCode::bad_value).find("it has no GGUF files") !=
          std::string::npos);
  }
  SECTION("a URL") {
    const LoadedModel loaded =
        hub.load(hub.nginx().other_name() + "/org/model/resolve/abc123/Model-Q8_0.gguf");
    CHECK(loaded.model.name == "Model-Q8_0");
  }
  SECTION("read files are cached and used when the hub does not answer") {
    hub.load("hf:org/model:Q8_0");
    hub.nginx().log();
    hub.load("hf:org/model:Q8_0");
    CHECK(count(hub.nginx().log(), "\n") == 1);  // the listing alone
    hub.nginx().stop();
    const LoadedModel loaded = hub.load("hf:org/model:Q8_0");
    CHECK(loaded.model.name == "Model-Q8_0");
    CHECK(loaded.warnings ==
          std::vector<std::string>{"the hub does not answer; these figures are from files read earlier"});
    CHECK(hub.refused("hf:org/model:Q4_K_M").find("connect") != std::string::npos);
    hub.forget();
    CHECK(hub.refused("hf:org/model:Q8_0").find("connect") != std::string::npos);
  }
  SECTION("redirects do not pass the token to another host") {
    setenv("HF_TOKEN", "secret", 1);
    CHECK(hub.load("hf:org/moved:Q4_K_M").model.name == "Model-Q4_K_M");
    const std::string log = hub.nginx().log();
    CHECK(count(log, "302") >= 1);
    CHECK(count(log, "Bearer secret /org/moved/") >= 1);
    CHECK(count(log, " - /org/model/") >= 1);
    CHECK(count(log, "Bearer secret /org/model/") == 0);
  }
  SECTION("a server without ranges") { CHECK(hub.load("hf:org/whole:Q4_K_M").model.name == "Model-Q4_K_M"); }
  SECTION("private, gated, missing, busy") {
    CHECK(hub.refused("hf:org/private:Q4_K_M") ==
          "hf:org/private: not found or not public; if you have access, set HF_TOKEN");
    setenv("HF_TOKEN", "secret", 1);
    CHECK(hub.load("hf:org/private:Q4_K_M").model.name == "Model-Q4_K_M");
    CHECK(hub.refused("hf:org/gated") ==
          "hf:org/gated: the server refuses it; accept its terms on its page and set HF_TOKEN");
    CHECK(hub.refused("hf:org/nothing") == "hf:org/nothing: the server has no such file or repository");
    hub.nginx().log();
    CHECK(hub.refused("hf:org/busy") == "hf:org/busy: the server answers with status 503");
    CHECK(count(hub.nginx().log(), "503") == 4);
  }
}

TEST_CASE("servers that violate HTTP are refused") {
  const Catalog catalog;
  Hub hub(catalog);
  const auto answer = [&](const std::string& bytes, bool keeps_open = false) {
    const RawServer server(bytes, keeps_open);
    setenv("HF_ENDPOINT", server.url().c_str(), 1);
    hub.forget();
    return hub.refused("hf:org/model");
  };
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"sha\"").find("partial file") !=
        std::string::npos);
  CHECK(answer("").find("hf:org/model: http://127.0.0.1:") == 0);
  CHECK(answer("SSH-2.0-OpenSSH\r\n").find("hf:org/model: http://127.0.0.1:") == 0);
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") ==
        "hf:org/model: the hub's answer lists no files");
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html").find("hf:org/model: not valid JSON") ==
        0);
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n" + std::string(80, '['))
            .find("nested deeper than") != std::string::npos);
  CHECK(answer("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n").find("redirects") !=
        std::string::npos);
  CHECK(answer("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
            .find("rotocol") != std::string::npos);
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", true).find("Timeout") !=
        std::string::npos);
  const std::string out_of_its_folder =
      R"({"siblings": [{"rfilename": "../../evil.gguf"}, {"rfilename": "/etc/x.gguf"}]})";
  CHECK(refusal(
            [&] {
              const RawServer server(
                  "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(out_of_its_folder.size()) +
                  "\r\n\r\n" + out_of_its_folder);
              setenv("HF_ENDPOINT", server.url().c_str(), 1);
              hub.load("hf:org/model");
            },
            ErrorCode::unsupported) == "hf:org/model: it has neither GGUF files nor a config.json");
}

TEST_CASE("a server that is too slow times out") {
  const Catalog catalog;
  Hub hub(catalog);
  LoadOptions one_second;
  one_second.hub_seconds = 1;
  const std::string listing =
      "HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n" + std::string(1'000'000, ' ');
  const auto refused = [&](std::size_t bytes_at_once, const LoadOptions& options) {
    const RawServer server(listing, true, bytes_at_once);
    setenv("HF_ENDPOINT", server.url().c_str(), 1);
    return refusal([&] { hub.load("hf:org/model", options); });
  };
  CHECK(refused(400, one_second).find("no complete answer within 1 s; --hub-timeout allows more time") !=
        std::string::npos);
  const std::string slowest = refused(1, one_second);  // on a busy machine the stall may be seen first
  INFO(slowest);
  CHECK((slowest.find("no complete answer within 1 s") != slowest.npos ||
         slowest.find("Timeout was reached") != slowest.npos));
  CHECK(refused(4, {}).find("Timeout was reached") != std::string::npos);  // 200 bytes per second
}

TEST_CASE("names from a hub are printed with escapes") {
  const Catalog catalog;
  Hub hub(catalog);
  const std::string name = R"(\u001b[31mred\n\u202egnp \u200b)";
  const std::string listing = R"({"sha": "abc", "siblings": [{"rfilename": ")" + name +
                              R"(-Q8_0.gguf"}, {"rfilename": ")" + name + R"(-Q6_K.gguf"}]})";
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(listing.size()) + "\r\n\r\n" +
                         listing);
  setenv("HF_ENDPOINT", server.url().c_str(), 1);
  const std::string message = refusal([&] { hub.load("hf:org/model"); }, ErrorCode::bad_value);
  CHECK(is_printable(message));
  CHECK(message.find("\\x1b[31mred\\x0a\\xe2\\x80\\xaegnp") != std::string::npos);
}

TEST_CASE("the error without vramcalc-fetch says what is missing") {
  const Catalog catalog;
  const Hub hub(catalog);
  setenv("PATH", "/nonexistent", 1);
  CHECK(hub.refused("hf:org/model", ErrorCode::unsupported).find("needs vramcalc-fetch") !=
        std::string::npos);
}
