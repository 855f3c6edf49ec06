#include "measured_types.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "catalog/quantizations.hpp"

namespace vramcalc::test {
namespace {

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) parts.push_back(part);
  return parts;
}

std::uint32_t number(const std::string& text) { return static_cast<std::uint32_t>(std::stoul(text)); }

ElementType type_named(const std::string& name) {
  const auto type = element_type_from_name(name);
  if (!type) throw std::runtime_error("no element type: " + name);
  return *type;
}

Shape shape(const std::string& text) {
  std::vector<std::uint64_t> dims;
  for (const std::string& part : split(text, 'x')) dims.push_back(std::stoull(part));
  switch (dims.size()) {
    case 1: return {dims[0]};
    case 2: return {dims[0], dims[1]};
    case 3: return {dims[0], dims[1], dims[2]};
    default: return {dims.at(0), dims.at(1), dims.at(2), dims.at(3)};
  }
}

std::vector<std::int32_t> layers(const std::string& text) {
  std::vector<std::int32_t> result;
  for (const std::string& range : split(text, ',')) {
    const auto ends = split(range, '-');
    for (std::int32_t i = std::stoi(ends.front()); i <= std::stoi(ends.back()); ++i) result.push_back(i);
  }
  return result;
}

using Groups =
    std::map<std::string, std::vector<std::pair<std::int32_t, std::string>>>;  // full names by layer

class Parser {
 public:
  MeasuredModel parse(std::istream& in) {
    for (std::string line; std::getline(in, line);) {
      const auto words = split(line, ' ');
      if (line.empty() || line[0] == '#') continue;
      if (words[0] == "model")
        read_model(words);
      else if (words[0] == "tensor")
        read_tensor(words);
      else if (words[0] == "kept")
        read_kept(words);
      else
        read_types(words);
    }
    return std::move(model_);
  }

 private:
  void read_model(const std::vector<std::string>& words) {
    model_.name = words.at(1);
    model_.facts = {words.at(3), number(words.at(5)), number(words.at(7)), number(words.at(9)),
                    number(words.at(11))};
  }

  void add(const std::string& group, const std::string& name, std::int32_t layer, const Shape& dims) {
    model_.tensors.push_back(tensor_named(name, dims));
    auto& names = groups_[group];
    names.emplace_back(layer, name);
    std::sort(names.begin(), names.end());
  }

  void read_tensor(const std::vector<std::string>& words) {
    const Shape dims = shape(words.at(2));
    if (words.size() < 4) return add(words[1], words[1], -1, dims);
    for (std::int32_t layer : layers(words[3]))
      add(words[1], "blk." + std::to_string(layer) + "." + words[1], layer, dims);
  }

  void read_kept(const std::vector<std::string>& words) {
    for (std::size_t i = 2; i < words.size(); ++i)
      for (const auto& [layer, name] : groups_.at(words[i])) kept_[name] = type_named(words[1]);
  }

  void read_types(const std::vector<std::string>& words) {
    MeasuredTypes row;
    row.file_type = words[0];
    if (words.at(1) != "imatrix") row.imatrix.push_back(false);
    if (words.at(1) != "plain") row.imatrix.push_back(true);
    row.refused = words.at(2) == "refused";
    if (!row.refused) {
      row.tensor_bytes = std::stoull(words.at(2));
      for (const Tensor& tensor : model_.tensors) row.types[tensor.name] = type_named(words.at(3));
      for (const auto& [name, type] : kept_) row.types[name] = type;
      for (std::size_t i = 4; i < words.size(); ++i) read_group(words[i], row);
    }
    model_.rows.push_back(std::move(row));
  }

  void read_group(const std::string& word, MeasuredTypes& row) {
    const auto parts = split(word, '=');
    const auto& names = groups_.at(parts.at(0));
    std::size_t next = 0;
    for (const std::string& run : split(parts.at(1), ',')) {
      const auto pieces = split(run, '*');
      const std::uint32_t count = pieces.size() == 1 ? 1 : number(pieces[1]);
      for (std::uint32_t i = 0; i < count; ++i) row.types[names.at(next++).second] = type_named(pieces[0]);
    }
    if (next != names.size()) throw std::runtime_error("runs of " + parts[0] + " do not cover its layers");
  }

  MeasuredModel model_;
  Groups groups_;
  std::map<std::string, ElementType> kept_;
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path folder() { return std::filesystem::path(VRAMCALC_MEASURED_DIR) / "quantization"; }

}  // namespace

MeasuredModel read_measured_model(const std::filesystem::path& path) {
  std::istringstream in(contents(path));
  return Parser().parse(in);
}

std::vector<std::filesystem::path> measured_models() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder()))
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

MeasuredModel measured_model(const std::string& name) {
  return read_measured_model(folder() / (name + ".txt"));
}

std::span<const FileType> file_types() {
  static const catalog::Quantizations table = catalog::load_quantizations(
      contents(std::filesystem::path(VRAMCALC_SOURCE_DIR) / "data" / "quantizations" / "gguf.json"),
      "data/quantizations/gguf.json");
  return table.file_types;
}

const FileType& file_type(std::string_view name) {
  const FileType* found = find_file_type(file_types(), name);
  if (found == nullptr) throw std::runtime_error("no file type " + std::string(name));
  return *found;
}

}  // namespace vramcalc::test
