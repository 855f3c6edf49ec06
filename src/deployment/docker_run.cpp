#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "deployment/image.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/session.hpp"
#include "deployment/text.hpp"
#include "deployment/visible_gpus.hpp"

// `docker run [options] IMAGE [arguments]`; podman and nerdctl read the same.
namespace vramcalc::deployment {
namespace {

// Docker's cli/command/container/opts.go and podman-run(1): options without a value. All others take one.
constexpr std::array<std::string_view, 25> switches = {
    "detach",          "env-host",       "help",        "http-proxy",   "init",
    "interactive",     "no-healthcheck", "no-hosts",    "no-hostname",  "oom-kill-disable",
    "passwd",          "privileged",     "publish-all", "quiet",        "read-only",
    "read-only-tmpfs", "replace",        "rm",          "rmi",          "rootfs",
    "sig-proxy",       "tls-verify",     "tty",         "unsetenv-all", "disable-content-trust"};
constexpr std::string_view short_switches = "ditqPh";

struct Container {
  Launch launch;
  const std::vector<Variable>& callers;  // environment, of which a container gets what it names
  std::vector<Word> entrypoint = {};
  bool replaces_entrypoint = false;
  bool detached = false;
  bool gets_gpus = false;
};

Word part_of(const Word& word, std::size_t from, std::size_t length = std::string::npos) {
  Word part = word;
  part.text = from < word.text.size() ? word.text.substr(from, length) : "";
  return part;
}

void add_variable(const Word& word, Container& container) {
  const std::size_t equals = word.text.find('=');
  auto& environment = container.launch.environment;
  if (equals != std::string::npos) {
    Variable variable{word.text.substr(0, equals), part_of(word, equals + 1)};
    environment.push_back(std::move(variable));
    return;
  }
  if (word.text.find('*') != std::string::npos) return;
  // The caller's own value, if the script exports one.
  const auto known = std::ranges::find(container.callers, word.text, &Variable::name);
  const Hole hole{
      .name = word.text, .why = "is taken from the caller's environment", .fix = set_option(word.text)};
  if (known != container.callers.end())
    environment.push_back(*known);
  else
    environment.push_back({
        word.text, {fmt::format("${}", word.text), word.at, {hole}}
    });
}

void add_volume(const Word& word, Container& container) {
  const std::string& text = word.text;
  const std::size_t from = text.size() > 2 && text[1] == ':' && text[2] == '\\' ? 2 : 0;  // C:\models
  const std::size_t colon = text.find(":/", from);
  if (colon == std::string::npos) return;
  const std::size_t end = std::min(text.find(':', colon + 1), text.size());
  container.launch.mounts.emplace_back(text.substr(colon + 1, end - colon - 1), text.substr(0, colon));
}

// --mount type=bind,source=/models,target=/models
void add_mount(const Word& word, Container& container) {
  std::string source;
  std::string target;
  std::istringstream items(word.text);
  for (std::string item; std::getline(items, item, ',');) {
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string key = item.substr(0, equals);
    const std::string value = item.substr(std::min(equals + 1, item.size()));
    if (key == "source" || key == "src") source = value;
    if (key == "target" || key == "destination" || key == "dst") target = value;
  }
  if (!source.empty() && !target.empty()) container.launch.mounts.emplace_back(target, source);
}

void add_environment_file(const Word& word, Container& container) {
  container.launch.environment.push_back({
      "*",
      {word.text,
        word.at,
        {{.name = word.text,
         .why = "is a file of variables that is not read",
         .fix = "give them with --set NAME=VALUE"}}}
  });
}

void add_gpus(const Word& word, Container& container) {
  container.launch.gpus = requested_gpus(word);
  container.gets_gpus = true;
}

// Devices of AMD and Intel, and CDI names: nvidia.com/gpu=all.
void add_device(const Word& word, Container& container) {
  const std::string& text = word.text;
  if (text.starts_with("/dev/kfd") || text.starts_with("/dev/dri") || text.starts_with("/dev/nvidia"))
    container.gets_gpus = true;
  const std::size_t equals = text.find("/gpu=");
  if (equals == std::string::npos) return;
  container.gets_gpus = true;
  const std::string_view which = std::string_view(text).substr(equals + 5);
  GpuRequest request =
      requested_gpus(part_of({fmt::format("device={}", which), word.at, word.holes}, which == "all" ? 7 : 0));
  if (request.indices.empty()) {
    container.launch.gpus = std::move(request);
  } else {
    auto& gpus = container.launch.gpus;
    gpus.indices.insert(gpus.indices.end(), request.indices.begin(), request.indices.end());
    gpus.count = static_cast<std::uint32_t>(gpus.indices.size());
  }
  container.launch.gpus.said_as = fmt::format("--device {}", text);
  container.launch.gpus.at = word.at;
}

void set_name(const Word& word, Container& container) { container.launch.name = word.text; }
void set_runtime(const Word& word, Container& container) {
  container.gets_gpus = container.gets_gpus || word.text == "nvidia";
}
void set_entrypoint(const Word& word, Container& container) {
  container.replaces_entrypoint = true;
  container.entrypoint.clear();
  if (!word.text.empty()) container.entrypoint.push_back(word);
}

struct Option {
  std::string_view name;
  char letter;
  void (*use)(const Word& value, Container& container);
};
constexpr std::array options = {
    Option{"name",       '\0', set_name            },
    Option{"env",        'e',  add_variable        },
    Option{"env-file",   '\0', add_environment_file},
    Option{"gpus",       '\0', add_gpus            },
    Option{"device",     '\0', add_device          },
    Option{"runtime",    '\0', set_runtime         },
    Option{"volume",     'v',  add_volume          },
    Option{"mount",      '\0', add_mount           },
    Option{"entrypoint", '\0', set_entrypoint      },
};

void use(std::string_view name, char letter, const Word& value, Container& container) {
  for (const Option& option : options)
    if ((letter != '\0' && option.letter == letter) || (!name.empty() && option.name == name))
      option.use(value, container);
}

// Reads the option at `i`; the position after it.
std::size_t read_long(std::span<const Word> words, std::size_t i, Container& container) {
  const std::string_view text = std::string_view(words[i].text).substr(2);
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  if (name == "detach") container.detached = text != "detach=false";
  if (equals < text.size()) {
    use(name, '\0', part_of(words[i], equals + 3), container);
    return i + 1;
  }
  if (std::ranges::find(switches, name) != switches.end() || i + 1 >= words.size()) return i + 1;
  use(name, '\0', words[i + 1], container);
  return i + 2;
}

std::size_t read_short(std::span<const Word> words, std::size_t i, Container& container) {
  const std::string& text = words[i].text;
  std::size_t k = 1;
  while (k < text.size() && short_switches.find(text[k]) != std::string_view::npos) {
    if (text[k] == 'd') container.detached = true;
    ++k;
  }
  if (k >= text.size()) return i + 1;
  const char letter = text[k];
  if (k + 1 < text.size()) {
    use("", letter, part_of(words[i], text[k + 1] == '=' ? k + 2 : k + 1), container);
    return i + 1;
  }
  if (i + 1 < words.size()) use("", letter, words[i + 1], container);
  return i + 2;
}

std::size_t read_options(std::span<const Word> words, Container& container) {
  std::size_t i = 0;
  while (i < words.size() && words[i].text.size() > 1 && words[i].text[0] == '-') {
    if (words[i].text == "--") return i + 1;
    i = words[i].text[1] == '-' ? read_long(words, i, container) : read_short(words, i, container);
  }
  return std::min(i, words.size());
}

// An image that is not known, where what it gets shows that it computes on GPUs.
Started start_unknown_image(const Word& image, const std::vector<Word>& words, Container& container,
                            Session& session) {
  const bool only_flags = words.empty() || words[0].text.starts_with('-');
  if (!container.gets_gpus || !only_flags) return {};
  if (!image.is_known())
    return start_unknown(image.holes.front(), words, std::move(container.launch), session);
  return start_unknown({.name = image.text,
                        .why = "is an image whose program is not known",
                        .fix = "write the program after the image, as its entrypoint has it"},
                       words, std::move(container.launch), session);
}

}  // namespace

Started start_container(std::span<const Word> words, const Launch& base, Session& session) {
  Container container{.launch = base, .callers = base.environment};
  container.launch.environment.clear();
  const std::size_t at = read_options(words, container);
  if (at >= words.size()) return {};
  const Word& image = words[at];
  container.launch.image = image.text;
  std::vector<Word> command = container.entrypoint;
  command.insert(command.end(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  const std::size_t before = session.reading.launches.size();
  start_words(command, container.launch, session, !container.replaces_entrypoint);
  if (session.reading.launches.size() == before && !container.replaces_entrypoint)
    start_unknown_image(image, command, container, session);
  return {.launches = session.reading.launches.size() - before, .goes_on = container.detached};
}

}  // namespace vramcalc::deployment
