// conformance_probe FILE.gguf [key=value ...]: what llama.cpp's own library reserves for a GGUF file with
// holes, in bytes per buffer, as JSON. conformance_probe architectures: the names of the architectures that
// the library knows, one a line.
#include <ggml-backend.h>
#include <llama-ext.h>
#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Exported, but in no header that is shipped (src/llama-arch.h).
enum llm_arch : int;
const char* llm_arch_name(llm_arch arch);

namespace {

// c np kvu ub b k v fa ngl nout rs: as llama-server's flags and llama_context_params' fields; devices: how
// many of the GPUs; dry=0 really reserves; repack=1 lets the CPU keep weights in layouts of its own.
using Settings = std::map<std::string, std::string, std::less<>>;

std::string text(const Settings& settings, std::string_view key, std::string otherwise) {
  const auto found = settings.find(key);
  return found == settings.end() ? otherwise : found->second;
}

int number(const Settings& settings, std::string_view key, int otherwise) {
  return std::stoi(text(settings, key, std::to_string(otherwise)));
}

std::uint32_t count(const Settings& settings, std::string_view key, int otherwise) {
  return static_cast<std::uint32_t>(number(settings, key, otherwise));
}

ggml_type type(const Settings& settings, std::string_view key) {
  const std::string asked = text(settings, key, "f16");
  for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
    const char* name = ggml_type_name(static_cast<ggml_type>(i));
    if (name != nullptr && asked == name) return static_cast<ggml_type>(i);
  }
  throw std::runtime_error("no element type is called " + asked);
}

void log_errors(ggml_log_level level, const char* line, void*) {
  if (level == GGML_LOG_LEVEL_ERROR) std::fputs(line, stderr);
}

// The first GPUs, and null as the end of the list.
std::vector<ggml_backend_dev_t> devices(const Settings& settings) {
  std::vector<ggml_backend_dev_t> result;
  const std::size_t wanted = count(settings, "devices", 1);
  for (std::size_t i = 0; i < ggml_backend_dev_count() && result.size() < wanted; ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    if (ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_GPU) result.push_back(device);
  }
  if (result.size() < wanted) throw std::runtime_error("there are fewer devices than asked for");
  result.push_back(nullptr);
  return result;
}

using Model = std::unique_ptr<llama_model, decltype(&llama_model_free)>;
using Context = std::unique_ptr<llama_context, decltype(&llama_free)>;

Model load(const char* file, const Settings& settings) {
  std::vector<ggml_backend_dev_t> on = devices(settings);
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = number(settings, "ngl", 999);
  params.no_alloc = number(settings, "dry", 1) != 0;
  params.load_mode = params.no_alloc ? LLAMA_LOAD_MODE_NONE : LLAMA_LOAD_MODE_MMAP;
  params.load_mtp = number(settings, "mtp", 0) != 0;
  params.use_extra_bufts = number(settings, "repack", 0) != 0;
  params.devices = on.data();
  Model model(llama_model_load_from_file(file, params), llama_model_free);
  if (!model) throw std::runtime_error("the model does not load");
  return model;
}

Context open(llama_model& model, const Settings& settings) {
  llama_context_params params = llama_context_default_params();
  params.n_ctx = count(settings, "c", 4096);
  params.n_batch = count(settings, "b", 2048);
  params.n_ubatch = count(settings, "ub", 512);
  params.n_seq_max = count(settings, "np", 1);
  params.n_outputs_max = count(settings, "nout", static_cast<int>(params.n_seq_max));
  params.n_rs_seq = count(settings, "rs", 0);
  params.kv_unified = number(settings, "kvu", 0) != 0;
  params.type_k = type(settings, "k");
  params.type_v = type(settings, "v");
  params.flash_attn_type =
      static_cast<llama_flash_attn_type>(number(settings, "fa", LLAMA_FLASH_ATTN_TYPE_AUTO));
  params.swa_full = number(settings, "swafull", 0) != 0;
  Context context(llama_init_from_model(&model, params), llama_free);
  if (!context) throw std::runtime_error("the context cannot be made");
  return context;
}

void print_buffers(const llama_context& context) {
  const char* separator = "";
  std::printf("{");
  for (const auto& [buffer, bytes] : llama_get_memory_breakdown(&context)) {
    std::printf("%s\"%s\": {\"model\": %zu, \"context\": %zu, \"compute\": %zu}", separator,
                ggml_backend_buft_name(buffer), bytes.model, bytes.context, bytes.compute);
    separator = ", ";
  }
  std::printf("}\n");
}

void print_architectures() {
  for (int i = 0; std::string_view(llm_arch_name(static_cast<llm_arch>(i))) != "unknown"; ++i)
    std::puts(llm_arch_name(static_cast<llm_arch>(i)));
}

Settings settings_in(int count, char** words) {
  Settings settings;
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t sign = word.find('=');
    if (sign == std::string::npos) throw std::runtime_error(word + " is not of the form key=value");
    settings[word.substr(0, sign)] = word.substr(sign + 1);
  }
  return settings;
}

void run(int argc, char** argv) {
  if (argc < 2) throw std::runtime_error("a file is missing");
  if (std::string_view(argv[1]) == "architectures") return print_architectures();
  const Settings settings = settings_in(argc - 2, argv + 2);
  llama_log_set(log_errors, nullptr);
  const char* backends = std::getenv("CONFORMANCE_BACKENDS");
  ggml_backend_load_all_from_path(backends == nullptr ? "." : backends);
  const Model model = load(argv[1], settings);
  const Context context = open(*model, settings);
  print_buffers(*context);
}

}  // namespace

int main(int argc, char** argv) try {
  run(argc, argv);
  std::fflush(stdout);
  std::_Exit(0);  // nothing needs to be torn down, and pretend devices cannot
} catch (const std::exception& e) {
  std::fprintf(stderr, "conformance_probe: %s\n", e.what());
  return 2;
}
