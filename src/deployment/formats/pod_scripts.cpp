#include "deployment/formats/pod_scripts.hpp"

#include <algorithm>

#include "deployment/shell_words.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_models = 16;

void append_words(const Yaml* list, const Documents& documents, std::vector<Word>& words) {
  if (list == nullptr) return;
  for (const Yaml& value : list->items) {
    if (!value.is_scalar()) continue;
    std::vector<Word> parts = split_words(value.text, position(documents, value));
    words.insert(words.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
  }
}

std::vector<Word> script_words(const Yaml& spec, const Documents& documents) {
  std::vector<Word> words;
  for (const std::string_view key : {"initContainers", "containers"}) {
    const Yaml* containers = spec.find(key);
    if (containers == nullptr) continue;
    for (const Yaml& container : containers->items) {
      append_words(container.find("command"), documents, words);
      append_words(container.find("args"), documents, words);
      append_words(container.at({"lifecycle", "postStart", "exec", "command"}), documents, words);
      words.push_back({"", position(documents, container), {}});  // no command goes on in the next container
    }
  }
  return words;
}

// Without what ends a command.
std::string operand(const Word& word) {
  std::string text = word.text;
  while (!text.empty() && std::string_view(";&|)").find(text.back()) != std::string_view::npos)
    text.pop_back();
  return text;
}

bool ends_command(std::string_view word) {
  return word.empty() || word == "&&" || word == "||" || word == "|" || word == ";" || word.ends_with(";");
}

bool is_plain(std::string_view text) {
  return !text.empty() && !text.starts_with("-") && text.find_first_of("$`{") == text.npos;
}

// The value of --local-dir among the words of a command.
std::string local_folder(const std::vector<Word>& words, std::size_t from) {
  constexpr std::string_view flag = "--local-dir";
  constexpr std::size_t longest = 64;
  for (std::size_t i = from; i < words.size() && i < from + longest; ++i) {
    const std::string text = operand(words[i]);
    if (text == flag && i + 1 < words.size()) return operand(words[i + 1]);
    if (text.starts_with(flag) && text.size() > flag.size() && text[flag.size()] == '=')
      return text.substr(flag.size() + 1);
    if (ends_command(words[i].text)) break;
  }
  return {};
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with("/")) path.pop_back();
  return path;
}

}  // namespace

std::vector<std::pair<std::string, Word>> downloaded_models(const Yaml& spec, const Documents& documents) {
  std::vector<std::pair<std::string, Word>> result;
  const std::vector<Word> words = script_words(spec, documents);
  for (std::size_t i = 0; i + 2 < words.size() && result.size() < most_models; ++i) {
    const bool is_client = words[i].text.ends_with("hf") || words[i].text.ends_with("huggingface-cli");
    if (!is_client || words[i + 1].text != "download") continue;
    const std::string model = operand(words[i + 2]);
    const std::string folder = without_slash(local_folder(words, i + 3));
    if (is_plain(model) && is_plain(folder) && folder.starts_with("/"))
      result.emplace_back(folder, Word{model, words[i + 2].at, {}});
  }
  return result;
}

std::vector<Word> pulled_models(const Yaml& spec, const Documents& documents) {
  std::vector<Word> result;
  const std::vector<Word> words = script_words(spec, documents);
  for (std::size_t i = 0; i + 2 < words.size() && result.size() < most_models; ++i) {
    const bool pulls = words[i + 1].text == "pull" || words[i + 1].text == "run";
    if (!pulls || !words[i].text.ends_with("ollama")) continue;
    const Word model{operand(words[i + 2]), words[i + 2].at, {}};
    const auto is_same = [&](const Word& word) { return word.text == model.text; };
    if (is_plain(model.text) && std::ranges::none_of(result, is_same)) result.push_back(model);
  }
  return result;
}

}  // namespace vramcalc::deployment
