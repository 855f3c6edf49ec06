#include <fstream>
#include <map>
#include <sstream>

#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "source/gguf_architecture.hpp"
#include "source/measured_files.hpp"
#include "vramcalc/model.hpp"

// From a file to the buffers that llama.cpp 0.5.0 allocated for it, to the byte (tests/measured/compute/).

using namespace vramcalc;
using namespace vramcalc::source;

namespace {

struct Start {
  std::string name;
  std::map<std::string, std::string> settings;
  std::uint64_t cache = 0;  // and recurrent state

  std::uint64_t tokens() const {
    const auto found = settings.find("ctx");
    return found == settings.end() ? 4096 : std::stoull(found->second);
  }
};

// "NAME ctx=512 fa=1 | … | SIM0 MODEL CONTEXT COMPUTE | …", those with everything on one GPU
std::vector<Start> starts_of(const std::string& model) {
  std::vector<Start> starts;
  std::ifstream in(std::string(VRAMCALC_MEASURED_DIR) + "/compute/" + model + ".txt");
  for (std::string line; std::getline(in, line);) {
    const std::size_t device = line.find("| SIM0 ");
    if (line.front() == '#' || device == std::string::npos) continue;
    Start start;
    std::istringstream asked(line.substr(0, line.find(" | ")));
    asked >> start.name;
    for (std::string word; asked >> word;)
      start.settings[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    std::istringstream buffers(line.substr(device + 7));
    std::uint64_t weights = 0;
    buffers >> weights >> start.cache;
    const bool elsewhere = start.settings.contains("ngl") || start.settings.contains("gpus") ||
                           start.settings.contains("kvo") || start.settings.contains("mtp") ||
                           start.settings.contains("ts") || start.settings.contains("ncmoe");
    if (!elsewhere) starts.push_back(start);
  }
  return starts;
}

llama_cpp::ContextParams params_of(const Start& start) {
  const auto word = [&](const char* key, const char* otherwise) {
    const auto found = start.settings.find(key);
    return found == start.settings.end() ? std::string(otherwise) : found->second;
  };
  const auto number = [&](const char* key, const char* otherwise) {
    return static_cast<std::uint32_t>(std::stoul(word(key, otherwise)));
  };
  llama_cpp::ContextParams params;
  params.parallel = number("seq", "1");
  params.kv_unified = word("unified", "0") == "1";
  params.batch = number("batch", "2048");
  params.ubatch = number("ubatch", "512");
  params.cache_type_k = element_type_from_name(word("k", "f16")).value();
  params.cache_type_v = element_type_from_name(word("v", "f16")).value();
  params.flash_attention = word("fa", "-1") == "1"   ? llama_cpp::FlashAttention::on
                           : word("fa", "-1") == "0" ? llama_cpp::FlashAttention::off
                                                     : llama_cpp::FlashAttention::automatic;
  params.swa_full = word("swafull", "0") == "1";
  return params;
}

}  // namespace

TEST_CASE("a file's cache and state are those that llama.cpp allocated for it") {
  const nlohmann::json architectures = measured::architectures();
  std::size_t compared = 0;
  for (const std::string& name : measured::file_names()) {
    const std::vector<Tensor> tensors = measured::file_tensors(name);
    const std::vector<ElementType> types(tensors.size(), ElementType::f32);
    const ScratchFolder folder;
    const measured::WrittenFile file = measured::write_file(name, tensors, types);
    const GgufFile gguf = read_gguf(folder.write(name + ".gguf", file.header, file.size));
    const Architecture architecture = gguf_architecture(gguf.header, architectures);
    for (const Start& start : starts_of(name)) {
      INFO(name << " " << start.name);
      const llama_cpp::ContextParams params = params_of(start);
      const llama_cpp::ResolvedContext resolved = llama_cpp::resolve(architecture, params, start.tokens());
      const Bytes cache =
          llama_cpp::kv_cache_bytes(llama_cpp::cache_tensors(architecture, params, resolved), Place::gpu(0));
      const Bytes state = llama_cpp::recurrent_state_bytes(architecture, resolved);
      CHECK((cache + state).count() == start.cache);
      ++compared;
    }
  }
  CHECK(compared > 1500);
}
