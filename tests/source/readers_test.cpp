#include <cstdlib>
#include <filesystem>
#include <functional>

#include "catch.hpp"
#include "source/byte_source.hpp"
#include "source/gguf_writer.hpp"
#include "source/refusal.hpp"
#include "source/stores.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

#if __has_include(<sys/stat.h>)
#include <sys/stat.h>
#endif

using namespace vramcalc;
using namespace vramcalc::source;
namespace fs = std::filesystem;

// Every reader refuses a path that is not a regular file, at once.
namespace {

using Make = void (*)(const std::string& path);

struct Thing {
  const char* what;
  Make make;
  const char* message;
};
const Thing things[] = {
    {"a directory",        [](const std::string& path) { fs::create_directory(path); },
     "is a directory, not a file"                                                                                   },
    {"a pipe",             [](const std::string& path) { REQUIRE(mkfifo(path.c_str(), 0600) == 0); },
     "is a pipe; give a regular file"                                                                               },
    {"a link to a device", [](const std::string& path) { fs::create_symlink("/dev/zero", path); },
     "is a device, not a file"                                                                                      },
    {"a link to nothing",  [](const std::string& path) { fs::create_symlink("/nonexistent", path); },
     "no such"                                                                                                      },
    {"a link to itself",   [](const std::string& path) { fs::create_symlink(path, path); },           "ymbolic link"},
    {"a file without end",
     [](const std::string& path) {
       std::ofstream(path) << "{";
       fs::resize_file(path, std::uint64_t{1} << 40);
     },                                                                                               ""            },
};

struct Reader {
  const char* what;
  std::string file;  // the file that it reads in a folder
  std::function<void(const ScratchFolder&, const std::string& path)> read;
};

const std::string digest(64, 'a');

const Reader readers[] = {
    {"a GGUF file",            "m.gguf",
     [](const ScratchFolder&,                                                                            const std::string& path) { load_model(Catalog(), path); }            },
    {"a config.json",          "m/config.json",
     [](const ScratchFolder& folder,                                                                     const std::string&) { load_model(Catalog(), folder.path("m")); }     },
    {"a safetensors file",     "m/model.safetensors",
     [](const ScratchFolder& folder,                                                                     const std::string&) {
       folder.write("m/config.json", R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128,
         "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100, "max_position_embeddings": 512})");
       load_model(Catalog(), folder.path("m"));
     }                                                                                                                                    },
    {"a projector",            "mmproj.gguf",
     [](const ScratchFolder&,                                                                            const std::string& path) { read_projector(path); }                   },
    {"an adapter",             "lora.gguf",                                     [](const ScratchFolder&, const std::string& path) { read_adapter(path); }                     },
    {"a catalog",              "own.json",
     [](const ScratchFolder&,                                                                            const std::string& path) { Catalog(std::vector<std::string>{path}); }},
    {"a manifest of Ollama's", "manifests/registry.ollama.ai/library/m/latest",
     [](const ScratchFolder& folder,                                                                     const std::string&) {
       setenv("OLLAMA_MODELS", folder.path().c_str(), 1);
       ollama_blob("ollama:m");
     }                                                                                                                                    },
};

class OllamaModels {
 public:
  ~OllamaModels() { unsetenv("OLLAMA_MODELS"); }
};

}  // namespace

TEST_CASE("every reader refuses a path that is not a file, without waiting") {
  const OllamaModels unset_afterwards;
  for (const Reader& reader : readers)
    for (const Thing& thing : things) {
      CAPTURE(reader.what, thing.what);
      const ScratchFolder folder;
      const std::string path = folder.path(reader.file);
      fs::create_directories(fs::path(path).parent_path());
      thing.make(path);
      std::string message = "accepted";
      try {
        reader.read(folder, path);
      } catch (const Error& error) {
        message = error.what();
      }
      CHECK(message != "accepted");
      CHECK(message.size() < 400);
      std::error_code missing;
      if (fs::exists(path, missing)) CHECK(message.find(thing.message) != std::string::npos);
    }
}

TEST_CASE("a file that shrinks while it is read is refused") {
  ByteSource shrinking = memory_source("m", "12345678");
  shrinking.size = 100;
  CHECK(refusal([&] { read_all(shrinking, 1000); }) == "m: cannot be read beyond byte 8");
}

namespace {

std::string manifest(const std::string& more = "") {
  return R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:)" + digest +
         "\"}]" + more + "}";
}

std::vector<std::string> words_of(const std::vector<LocalModel>& models) {
  std::vector<std::string> words;
  for (const LocalModel& model : models) words.push_back(model.word);
  return words;
}

class Home {
 public:
  Home() {
    for (const char* name : {"HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "LLAMA_CACHE"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? "" : value);
      unsetenv(name);
    }
    setenv("HOME", folder_.path().c_str(), 1);
  }
  ~Home() {
    for (const auto& [name, value] : before_)
      value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  const ScratchFolder& folder() const { return folder_; }

 private:
  ScratchFolder folder_;
  std::vector<std::pair<std::string, std::string>> before_;
};

}  // namespace

TEST_CASE("stores are listed without following cycles, and partial downloads are skipped") {
  const Home home;
  const ScratchFolder& folder = home.folder();
  const std::string tags = ".ollama/models/manifests/registry.ollama.ai/library/";
  folder.write(".ollama/models/blobs/sha256-" + digest, "GGUF");
  folder.write(tags + "whole/latest", manifest());
  folder.write(tags + "huge/latest", manifest(", \"more\": \"" + std::string(70'000, 'x') + "\""));
  folder.write(tags + "missing/latest",
               R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:)" +
                   std::string(64, 'b') + "\"}]}");
  folder.write(tags + "deeper/latest/x/y/z", manifest());
  fs::create_directory_symlink(folder.path(".ollama"), folder.path(tags + "circle"));
  const std::string hub = ".cache/huggingface/hub/";
  folder.write(hub + "models--a/blobs/1", "GGUF");
  fs::create_directories(folder.path(hub + "models--a/snapshots/1"));
  fs::create_symlink("../../blobs/1", folder.path(hub + "models--a/snapshots/1/linked.gguf"));
  fs::create_symlink("missing", folder.path(hub + "models--a/snapshots/1/dangling.gguf"));
  fs::create_directory_symlink(folder.path(hub), folder.path(hub + "circle"));
  folder.write(hub + "1/2/3/4/5/6/7/8/too-deep.gguf", "GGUF");
  CHECK(words_of(local_models()) ==
        std::vector<std::string>{folder.path(hub + "models--a/snapshots/1/linked.gguf"),
                                 "ollama:whole:latest"});
}

TEST_CASE("a store that is too large is refused, not listed in part") {
  const Home home;
  const std::string tags = ".ollama/models/manifests/registry.ollama.ai/library/m/";
  const std::string large = manifest(", \"more\": \"" + std::string(60'000, 'x') + "\"");
  for (int i = 0; i < 100; ++i) home.folder().write(tags + std::to_string(i), large);
  CHECK(refusal([] { local_models(); }).find("more than 4194304 bytes of manifests") != std::string::npos);
  CHECK(refusal([] { ollama_blob("ollama:other"); }, ErrorCode::unknown_name) ==
        "ollama:other: Ollama has no such model on this machine");
}
