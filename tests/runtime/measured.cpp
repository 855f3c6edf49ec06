#include "runtime/measured.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "runtime/llama_cpp/automatic_flash_attention.hpp"

namespace vramcalc::measured {
namespace {

std::vector<std::string> split(const std::string& line, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = line.find(separator, begin)) != std::string::npos;
       begin = end + separator.size()) {
    parts.push_back(line.substr(begin, end - begin));
  }
  parts.push_back(line.substr(begin));
  return parts;
}

Case parse(const std::string& line) {
  Case result;
  const std::vector<std::string> parts = split(line, " | ");
  std::istringstream asked(parts[0]);
  asked >> result.name;
  for (std::string word; asked >> word;) {
    const auto pair = split(word, "=");
    result.settings[pair[0]] = pair[1];
  }
  if (parts[1].rfind("error ", 0) == 0) {
    result.error = parts[1].substr(6);
    return result;
  }
  std::istringstream resolved(parts[1]);
  for (std::string word; resolved >> word;) {
    const auto pair = split(word, "=");
    result.resolved[pair[0]] = std::stoull(pair[1]);
  }
  for (std::size_t i = 2; i < parts.size(); ++i) {
    std::istringstream in(parts[i]);
    std::string name;
    Buffer buffer;
    in >> name >> buffer.model >> buffer.context >> buffer.compute;
    result.buffers[name] = buffer;
  }
  return result;
}

// "server_1slot allocated=1 | 92285056 12595232": one of `known`, with the buffers of each device and the
// host.
Case parse_cuda(const std::string& line, const std::vector<Case>& known) {
  const std::vector<std::string> parts = split(line, " | ");
  const std::vector<std::string> words = split(parts[0], " ");
  Case result = *std::ranges::find(known, words[0], &Case::name);
  result.fused = true;
  result.buffers.clear();
  if (words.size() > 1) {
    result.name = parts[0];
    result.settings["allocated"] = "1";
  }
  std::istringstream in(parts[1]);
  for (std::uint64_t device = 0; device < result.number("gpus", 1); ++device)
    in >> result.buffers["SIM" + std::to_string(device)].compute;
  in >> result.buffers["SIM_Host"].compute;
  return result;
}

llama_cpp::graph::DeviceRules rules_of(const Case& c) {
  llama_cpp::graph::DeviceRules rules;
  using llama_cpp::graph::Order;
  rules.order = c.fused ? Order::cuda : Order::as_built;
  return rules;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(VRAMCALC_MEASURED_DIR + path);
  std::vector<std::string> result;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') result.push_back(line);
  return result;
}

ElementType type(const std::string& name) { return element_type_from_name(name).value(); }

std::uint64_t window_of(const Architecture& a) {
  for (const Block& block : a.blocks) {
    const auto* part = std::get_if<GroupedQueryAttention>(&block.attention);
    if (part != nullptr && part->window) return part->window->tokens;
  }
  return 0;
}

}  // namespace

std::string Case::setting(const std::string& key, const std::string& otherwise) const {
  const auto found = settings.find(key);
  return found == settings.end() ? otherwise : found->second;
}

std::uint64_t Case::number(const std::string& key, std::uint64_t otherwise) const {
  return std::stoull(setting(key, std::to_string(otherwise)));
}

bool Case::single_device() const {
  return !buffers.empty() && number("gpus", 1) == 1 && number("kvo", 1) == 1 && number("mtp", 0) == 0 &&
         settings.count("ngl") == 0 && settings.count("ncmoe") == 0;
}

bool Case::spread() const {
  return !buffers.empty() && !cpu_only() && !single_device() && number("mtp", 0) == 0;
}

bool Case::of_server() const { return name.rfind("server", 0) == 0 || name.rfind("srv", 0) == 0; }

llama_cpp::Placement placement(const Case& measured) {
  llama_cpp::Placement asked;
  asked.free.assign(measured.number("gpus", 1), Bytes(GiB));
  asked.layers = static_cast<std::uint32_t>(measured.number("ngl", 9999));
  asked.offload_operations = measured.number("opo", 1) != 0;
  asked.overrides = llama_cpp::experts_on_host(static_cast<std::uint32_t>(measured.number("ncmoe", 0)));
  asked.as_fit_estimates = !measured.allocated();
  return asked;
}

llama_cpp::DeviceMap device_map(const Architecture& architecture, std::span<const Tensor> tensors,
                                std::span<const ElementType> types, const Case& measured) {
  llama_cpp::DeviceMap map = llama_cpp::locate(architecture, tensors, types, placement(measured)).map;
  map.rules = rules_of(measured);
  map.pipeline_parallel =
      measured.fused || architecture.gguf_name != "minicpm3" || measured.number("fa", 0) == 0;
  return map;
}

llama_cpp::DeviceMap one_device(const Case& measured) {
  llama_cpp::DeviceMap map;
  map.rules = rules_of(measured);
  map.dry_run = !measured.allocated();
  return map;
}

std::string file_type(const std::string& model) {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/compute/" + model + ".txt");
  const std::string mark = "weights as ";
  std::string line;
  std::getline(in, line);
  const std::size_t begin = line.find(mark) + mark.size();
  return line.substr(begin, line.find(',', begin) - begin);
}

std::vector<std::string> models() {
  std::vector<std::string> result;
  for (const auto& file : std::filesystem::directory_iterator(VRAMCALC_MEASURED_DIR "/compute")) {
    result.push_back(file.path().stem().string());
    if (file.path().extension() != ".txt") result.pop_back();
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Case> cases(const std::string& model) {
  std::vector<Case> result;
  for (const std::string& line : lines_of("/compute/" + model + ".txt")) result.push_back(parse(line));
  return result;
}

std::vector<Case> cuda_cases(const std::string& model) {
  const std::vector<Case> known = cases(model);
  std::vector<Case> result;
  for (const std::string& line : lines_of("/compute_cuda/" + model + ".txt"))
    result.push_back(parse_cuda(line, known));
  return result;
}

std::vector<Case> all_cases(const std::string& model) {
  std::vector<Case> result = cases(model);
  std::ranges::move(cuda_cases(model), std::back_inserter(result));
  return result;
}

llama_cpp::GraphSettings graph_settings(const Architecture& architecture, const Case& c) {
  llama_cpp::GraphSettings s;
  const bool unified = c.number("unified", 0) == 1;
  const auto resolved = [&](const char* key, std::uint64_t otherwise) {
    const auto found = c.resolved.find(key);
    return found == c.resolved.end() ? otherwise : found->second;
  };
  s.sequences = static_cast<std::uint32_t>(c.number("seq", 1));
  s.streams = unified ? 1 : s.sequences;
  const std::uint64_t context = resolved("n_ctx", round_up(c.number("ctx", 4096), 256));
  s.cells = resolved("n_ctx_seq", context / s.streams);
  const std::uint64_t batch = resolved("n_batch", std::min(c.number("batch", 2048), context));
  s.ubatch = static_cast<std::uint32_t>(std::min(resolved("n_ubatch", 512), context));
  const std::uint64_t outputs = c.number("nout", 0);
  s.outputs = static_cast<std::uint32_t>(std::min<std::uint64_t>(outputs == 0 ? batch : outputs, s.ubatch));
  s.cache_type_k = type(c.setting("k", "f16"));
  s.cache_type_v = type(c.setting("v", "f16"));
  s.cache_on_device = c.number("kvo", 1) == 1;
  const std::uint64_t window = window_of(architecture) * (unified ? s.sequences : 1) + s.ubatch;
  s.window_cells = c.number("swafull", 0) == 1 ? s.cells : round_up(std::min(s.cells, window), 256);
  s.embeddings = c.number("emb", 0) == 1;
  const std::string fa = c.setting("fa", "-1");
  s.flash_attention_automatic = fa == "-1";
  s.flash_attention = fa == "-1" ? llama_cpp::flash_attention_runs_on_device(architecture, s) : fa == "1";
  return s;
}

}  // namespace vramcalc::measured
