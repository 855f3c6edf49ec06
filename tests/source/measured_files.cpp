#include "source/measured_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "vramcalc/weights.hpp"

namespace vramcalc::measured {
namespace {

std::ifstream open(const std::string& path) {
  std::ifstream in(std::string(VRAMCALC_MEASURED_DIR) + "/" + path);
  if (!in) throw std::runtime_error("cannot read " + path);
  return in;
}

// "true*5 false" → six words
std::vector<std::string> spelled_out(const std::string& runs) {
  std::vector<std::string> words;
  std::istringstream in(runs);
  for (std::string run; in >> run;) {
    const std::size_t star = run.find('*');
    const std::size_t times = star == std::string::npos ? 1 : std::stoull(run.substr(star + 1));
    words.insert(words.end(), times, run.substr(0, star));
  }
  return words;
}

void write_list(GgufWriter& writer, const std::string& key, const std::vector<std::string>& words) {
  if (words.front() == "true" || words.front() == "false") {
    std::vector<bool> flags;
    for (const std::string& word : words) flags.push_back(word == "true");
    writer.flags(key, flags);
  } else {
    std::vector<std::int64_t> numbers;
    for (const std::string& word : words) numbers.push_back(std::stoll(word));
    writer.numbers(key, numbers);
  }
}

void write_key(GgufWriter& writer, const std::string& key, const std::string& value) {
  if (value.front() == '"')
    writer.key(key, std::string_view(value).substr(1, value.size() - 2));
  else if (value.front() == '[')
    write_list(writer, key, spelled_out(value.substr(1, value.size() - 2)));
  else if (value == "true" || value == "false")
    writer.flag(key, value == "true");
  else if (value.find('.') != std::string::npos)
    writer.real(key, std::stof(value));
  else
    writer.key(key, static_cast<std::uint32_t>(std::stoul(value)));
}

// Left out of the list of keys, for no figure depends on them; but no engine loads a file without.
void write_norms(GgufWriter& writer, const std::string& quoted_architecture) {
  const std::string architecture = quoted_architecture.substr(1, quoted_architecture.size() - 2);
  for (const char* norm : {"rms_epsilon", "epsilon"})
    writer.real(architecture + ".attention.layer_norm_" + norm, 1e-5f);
}

Shape shape_of(const std::string& text) {
  std::vector<std::uint64_t> d;
  std::istringstream in(text);
  for (std::string number; std::getline(in, number, 'x');) d.push_back(std::stoull(number));
  if (d.size() == 1) return {d[0]};
  if (d.size() == 2) return {d[0], d[1]};
  return d.size() == 3 ? Shape{d[0], d[1], d[2]} : Shape{d[0], d[1], d[2], d[3]};
}

// "0-2,5" → 0 1 2 5
std::vector<std::int32_t> layers_of(const std::string& text) {
  std::vector<std::int32_t> layers;
  std::istringstream in(text);
  for (std::string range; std::getline(in, range, ',');) {
    const std::size_t dash = range.find('-');
    const int last = std::stoi(dash == std::string::npos ? range : range.substr(dash + 1));
    for (int layer = std::stoi(range); layer <= last; ++layer) layers.push_back(layer);
  }
  return layers;
}

}  // namespace

std::vector<std::string> file_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(VRAMCALC_MEASURED_DIR) + "/gguf"))
    names.push_back(entry.path().stem().string());
  for (std::string& name : names)
    if (name.empty()) throw std::runtime_error("a measured file without a name");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Tensor> file_tensors(const std::string& name) {
  std::vector<Tensor> tensors;
  std::ifstream in = open("quantization/" + name + ".txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string kind, part, shape, layers;
    words >> kind >> part >> shape >> layers;
    if (kind != "tensor") continue;
    if (layers.empty()) tensors.push_back(tensor_named(part, shape_of(shape)));
    for (std::int32_t layer : layers_of(layers))
      tensors.push_back(tensor_named("blk." + std::to_string(layer) + "." + part, shape_of(shape)));
  }
  return tensors;
}

WrittenFile write_file(const std::string& name, const std::vector<Tensor>& tensors,
                       const std::vector<ElementType>& types) {
  GgufWriter writer;
  std::ifstream in = open("gguf/" + name + ".txt");
  for (std::string line; std::getline(in, line);)
    if (const std::size_t equals = line.find(" = "); line.front() != '#') {
      write_key(writer, line.substr(0, equals), line.substr(equals + 3));
      if (line.starts_with("general.architecture")) write_norms(writer, line.substr(equals + 3));
    }
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::vector<std::uint64_t> dimensions;
    for (std::size_t d = 0; d < tensors[i].shape.rank(); ++d) dimensions.push_back(tensors[i].shape[d]);
    writer.tensor(tensors[i].name, dimensions, layout_of(types[i]).ggml_id, offset);
    offset += round_up(tensor_bytes(types[i], tensors[i].shape), 32).count();
  }
  const std::string header = writer.bytes();
  return {header, header.size() + offset};
}

nlohmann::json architectures() {
  std::ifstream in(std::string(VRAMCALC_SOURCE_DIR) + "/data/architectures.json");
  return nlohmann::json::parse(in);
}

}  // namespace vramcalc::measured
