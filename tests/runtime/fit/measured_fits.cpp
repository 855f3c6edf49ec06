#include "runtime/fit/measured_fits.hpp"

#include <fstream>
#include <sstream>

namespace vramcalc::measured {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos;
       begin = end + separator.size())
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

void ask(Fit& fit, const std::string& key, const std::string& value) {
  if (key == "ctx" && value != "0") fit.context = std::stoull(value);
  if (key == "seq") fit.params.parallel = static_cast<std::uint32_t>(std::stoul(value));
  if (key == "unified") fit.params.kv_unified = value == "1";
  if (key == "k") fit.params.cache_type_k = element_type_from_name(value).value();
  if (key == "v") fit.params.cache_type_v = element_type_from_name(value).value();
}

Fit parse(const std::string& line) {
  Fit fit;
  fit.line = line;
  const std::vector<std::string> parts = split(line, " | ");
  std::istringstream asked(parts[0]);
  std::string free;
  asked >> fit.model >> free;
  for (const std::string& mib : split(free, ":")) fit.free.push_back(Bytes(std::stoull(mib) * MiB));
  for (std::string word; asked >> word;)
    ask(fit, word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
  fit.chosen = parts[1] + " | " + parts[2];
  std::istringstream used(parts[3]);
  for (std::uint64_t bytes; used >> bytes;) fit.used.push_back(Bytes(bytes));
  return fit;
}

}  // namespace

std::uint32_t trained_context(const std::string& model) {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/gguf/" + model + ".txt");
  const std::string key = ".context_length = ";
  for (std::string line; std::getline(in, line);)
    if (const std::size_t at = line.find(key); at != std::string::npos)
      return static_cast<std::uint32_t>(std::stoul(line.substr(at + key.size())));
  return 0;
}

std::string file_type_of(const std::string& model) {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/compute/" + model + ".txt");
  std::string line;
  std::getline(in, line);
  const std::string mark = "weights as ";
  const std::size_t begin = line.find(mark) + mark.size();
  return line.substr(begin, line.find(',', begin) - begin);
}

std::vector<Fit> fits() {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/automatic_fit.txt");
  std::vector<Fit> result;
  for (std::string line; std::getline(in, line);)
    if (line[0] != '#') result.push_back(parse(line));
  return result;
}

}  // namespace vramcalc::measured
