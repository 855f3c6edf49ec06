#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/name_tokens.hpp"
#include "deployment/formats.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/session.hpp"
#include "deployment/variable_names.hpp"

// Which program the words of a command start, past what only prepares it.
namespace vramcalc::deployment {
namespace {

// A command that runs the command in its arguments.
struct Wrapper {
  std::string_view name;
  std::string_view second;       // word, if it takes one to be a wrapper: `uv run`
  std::string_view with_value;   // options whose value is a word of its own; "-n -c --with"
  std::size_t operands = 0;      // before the command
  bool takes_variables = false;  // NAME=VALUE before the command
};
constexpr std::array wrappers = {
    Wrapper{"exec",        "",        "-a",                                                                               0, false},
    Wrapper{"command",     "",        "",                                                                                 0, false},
    Wrapper{"env",         "",        "-u --unset -C --chdir",                                                            0, true },
    Wrapper{"nohup",       "",        "",                                                                                 0, false},
    Wrapper{"nice",        "",        "-n --adjustment",                                                                  0, false},
    Wrapper{"ionice",      "",        "-c -n -p --class --classdata",                                                     0, false},
    Wrapper{"chrt",        "",        "-T -P -D",                                                                         1, false},
    Wrapper{"numactl",     "",        "-N -m -C -i -p -l --cpunodebind --membind --physcpubind --interleave --preferred",
            0,                                                                                                               false},
    Wrapper{"taskset",     "",        "",                                                                                 1, false},
    Wrapper{"stdbuf",      "",        "-i -o -e",                                                                         0, false},
    Wrapper{"unbuffer",    "",        "",                                                                                 0, false},
    Wrapper{"time",        "",        "-f -o --format --output",                                                          0, false},
    Wrapper{"timeout",     "",        "-s -k --signal --kill-after",                                                      1, false},
    Wrapper{"sudo",        "",        "-u -g -h -p -C -D -R -T --user --group",                                           0, true },
    Wrapper{"doas",        "",        "-u -C",                                                                            0, false},
    Wrapper{"gosu",        "",        "",                                                                                 1, false},
    Wrapper{"su-exec",     "",        "",                                                                                 1, false},
    Wrapper{"runuser",     "",        "-u -g",                                                                            0, false},
    Wrapper{"setpriv",     "",        "--reuid --regid --groups",                                                         0, false},
    Wrapper{"tini",        "",        "-p -e",                                                                            0, false},
    Wrapper{"dumb-init",   "",        "-r --rewrite",                                                                     0, false},
    Wrapper{"catchsegv",   "",        "",                                                                                 0, false},
    Wrapper{"setsid",      "",        "",                                                                                 0, false},
    Wrapper{"systemd-run", "",        "-p --property -u --unit -E --setenv",                                              0, false},
    Wrapper{"caffeinate",  "",        "-t -w",                                                                            0, false},
    Wrapper{
            "uv",          "run",
            "--with --python -p --extra --project --directory --group --env-file --index-url --with-requirements",
            0,                                                                                                               false},
    Wrapper{"uvx",         "",        "--with --python -p --from --index-url",                                            0, false},
    Wrapper{"conda",       "run",     "-n -p --name --prefix --cwd",                                                      0, false},
    Wrapper{"mamba",       "run",     "-n -p --name --prefix --cwd",                                                      0, false},
    Wrapper{"micromamba",  "run",     "-n -p --name --prefix --cwd",                                                      0, false},
    Wrapper{"poetry",      "run",     "",                                                                                 0, false},
    Wrapper{"pipenv",      "run",     "",                                                                                 0, false},
    Wrapper{"pixi",        "run",     "-e --environment --manifest-path",                                                 0, false},
    Wrapper{"srun",        "",
            "-n -N -p -w -c -G -J -A -t -o -e -D -q -x -u --jobid --gres --gpus --partition --nodes --ntasks "
            "--nodelist",                                                                                                 0, false},
    Wrapper{"mpirun",      "",        "-n -H -x --host --hostfile --map-by --bind-to -np",                                0, false},
    Wrapper{"nsys",        "profile", "-o -t -s -w -f -c -d -y --output --trace --duration --delay",                      0, false},
    Wrapper{"docker",      "exec",    "-e -u -w --env --user --workdir --env-file --detach-keys",                         1, false},
    Wrapper{"podman",      "exec",    "-e -u -w --env --user --workdir --env-file",                                       1, false},
    Wrapper{"kubectl",     "exec",    "-n -c --namespace --container --context",                                          1, false},
    Wrapper{"singularity", "exec",    "-B -H --bind --env --home --pwd --overlay",                                        1, false},
    Wrapper{"singularity", "run",     "-B -H --bind --env --home --pwd --overlay",                                        1, false},
    Wrapper{"apptainer",   "exec",    "-B -H --bind --env --home --pwd --overlay",                                        1, false},
    Wrapper{"apptainer",   "run",     "-B -H --bind --env --home --pwd --overlay",                                        1, false},
};
constexpr int deepest_wrapper = 12;

// A command whose last arguments are a script. A terminal's session runs on by itself.
struct ScriptRunner {
  std::string_view name;
  std::string_view second;
  std::string_view with_value;
  std::size_t operands = 0;
  bool goes_on = false;
};
constexpr std::array script_runners = {
    ScriptRunner{"ssh",  "",            "-i -p -l -o -L -R -D -F -J", 1, false},
    ScriptRunner{"eval", "",            "",                           0, false},
    ScriptRunner{"tmux", "new-session", "-s -n -c -e -t -x -y",       0, true },
    ScriptRunner{"tmux", "new",         "-s -n -c -e -t -x -y",       0, true },
    ScriptRunner{"tmux", "new-window",  "-n -c -t -e",                0, true },
    ScriptRunner{"tmux", "neww",        "-n -c -t -e",                0, true },
    ScriptRunner{"tmux", "send-keys",   "-t -N",                      0, true },
    ScriptRunner{"tmux", "send",        "-t -N",                      0, true },
};

struct OtherEngine {
  std::string_view name;
  std::string_view second;
};

constexpr std::array<std::string_view, 6> shells = {"sh", "bash", "zsh", "dash", "ash", "ksh"};
constexpr std::array<std::string_view, 4> containers = {"docker", "podman", "nerdctl", "nvidia-docker"};
constexpr std::array<std::string_view, 4> model_flags = {"-m", "--model", "--model-path", "-hf"};

using catalog::is_one_of;

bool lists(std::string_view options, std::string_view option) {
  while (!options.empty()) {
    const std::size_t end = std::min(options.find(' '), options.size());
    if (options.substr(0, end) == option) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

// Engines that no table of flags describes.
constexpr std::array other_engines = {
    OtherEngine{"trtllm-serve",             ""     },
    OtherEngine{"text-generation-launcher", ""     },
    OtherEngine{"lmdeploy",                 "serve"},
    OtherEngine{"mlc_llm",                  "serve"},
    OtherEngine{"aphrodite",                "run"  },
    OtherEngine{"tritonserver",             ""     },
    OtherEngine{"ramalama",                 "serve"},
    OtherEngine{"koboldcpp",                ""     },
    OtherEngine{"local-ai",                 "run"  },
    OtherEngine{"infinity_emb",             "v2"   },
    OtherEngine{"text-embeddings-router",   ""     },
    OtherEngine{"llama-swap",               ""     },
};

template <class Row, std::size_t Size>
const Row* find_row(const std::array<Row, Size>& rows, std::span<const Word> words) {
  if (words.empty()) return nullptr;
  const std::string_view name = base_name(words[0].text);
  for (const Row& row : rows)
    if (row.name == name && (row.second.empty() || (words.size() > 1 && words[1].text == row.second)))
      return &row;
  return nullptr;
}

// The position after the options that begin at `i`.
std::size_t after_options(std::span<const Word> words, std::size_t i, std::string_view with_value) {
  while (i < words.size() && words[i].text.size() > 1 && words[i].text[0] == '-') {
    if (words[i].text == "--") return i + 1;
    i += lists(with_value, words[i].text) ? 2 : 1;
  }
  return std::min(i, words.size());
}

void set_variable(const Word& word, Launch& launch) {
  const std::size_t equals = word.text.find('=');
  Variable variable{word.text.substr(0, equals), word};
  variable.value.text = word.text.substr(equals + 1);
  const auto old = std::ranges::find(launch.environment, variable.name, &Variable::name);
  if (old != launch.environment.end())
    *old = std::move(variable);
  else
    launch.environment.push_back(std::move(variable));
}

class Starter {
 public:
  Starter(const Launch& base, Session& session) : base_(base), session_(session) {}

  Started start(std::span<const Word> words, bool has_entrypoint_of_image) {
    const std::size_t before = session_.reading.launches.size();
    Started started = start_named(words);
    if (started.launches > 0 || !has_entrypoint_of_image || base_.image.empty()) return started;
    if (session_.reading.launches.size() != before || runs_something_else(words)) return started;
    return start_image(words);
  }

 private:
  // A shell or a wrapper is no argument of an image's entrypoint.
  static bool runs_something_else(std::span<const Word> words) {
    return !words.empty() && !words[0].text.starts_with('-') &&
           (find_row(wrappers, words) != nullptr || is_one_of(shells, base_name(words[0].text)));
  }

  Started start_image(std::span<const Word> words) {
    auto image = start_of_image(base_.image);
    if (!image && !words.empty() && words[0].text.starts_with('-')) image = named_after_program();
    if (!image || image->entrypoint.empty()) return {};
    std::vector<Word> all;
    for (const std::string& word : image->entrypoint)
      all.push_back({word, words.empty() ? base_.at : words[0].at});
    if (words.empty())
      for (const std::string& word : image->command) all.push_back({word, base_.at});
    all.insert(all.end(), words.begin(), words.end());
    const auto start = find_start(all);
    return start ? start_program(start->program, std::span(all).subspan(start->words), base_, session_)
                 : Started{};
  }

  // An image of one's own that is named after the one program in it: "llama-server:cuda".
  std::optional<ImageStart> named_after_program() const {
    const std::string name(
        base_name(base_.image.substr(0, base_.image.find(':', base_.image.rfind('/') + 1))));
    const std::vector<Word> words = {
        {name, base_.at}
    };
    return find_start(words) ? std::optional(ImageStart{.entrypoint = {name}, .command = {}}) : std::nullopt;
  }

  Started start_named(std::span<const Word> words) {
    Launch launch;  // `base_`, once a variable is set
    const Launch* current = &base_;
    const auto set = [&](const Word& word) {
      if (current == &base_) launch = base_;
      set_variable(word, launch);
      current = &launch;
    };
    for (int depth = 0; depth < deepest_wrapper && !words.empty(); ++depth) {
      if (const auto start = find_start(words))
        return start_program(start->program, words.subspan(start->words), *current, session_);
      std::size_t i = 0;
      const Wrapper* wrapper = find_row(wrappers, words);
      if (is_assignment(words[0].text)) {
        set(words[i++]);
      } else if (wrapper != nullptr) {
        i = after_options(words, wrapper->second.empty() ? 1 : 2, wrapper->with_value);
        i = std::min(i + wrapper->operands, words.size());
        if (wrapper->operands > 0 && i < words.size() && words[i].text == "--") ++i;
        while (wrapper->takes_variables && i < words.size() && is_assignment(words[i].text)) set(words[i++]);
      } else {
        return start_other(words, *current);
      }
      words = words.subspan(i);
    }
    return {};
  }

  Started start_other(std::span<const Word> words, const Launch& launch) {
    const std::string_view name = base_name(words[0].text);
    if (is_one_of(shells, name)) return start_shell(words, launch);
    if (is_one_of(containers, name)) return start_docker(words, launch);
    if (name == "screen") return start_screen(words, launch);
    if (const ScriptRunner* runner = find_row(script_runners, words)) {
      std::size_t i = after_options(words, runner->second.empty() ? 1 : 2, runner->with_value);
      i = std::min(i + runner->operands, words.size());
      Started started = start_joined(words.subspan(i), launch);
      started.goes_on = runner->goes_on;
      return started;
    }
    return start_unknown_program(words, launch);
  }

  Started start_screen(std::span<const Word> words, const Launch& launch) {
    const std::size_t i = after_options(words, 1, "-S -dmS -DmS -c -L -Logfile -T -s -t");
    if (i >= words.size()) return {};
    Started started = start_words(words.subspan(i), launch, session_, false);
    started.goes_on = true;
    return started;
  }

  // The words of a script of one line, joined as `eval` and `ssh` join them.
  Started start_joined(std::span<const Word> words, const Launch& launch) {
    if (words.empty()) return {};
    std::string script;
    for (const Word& word : words) script += word.text + " ";
    return start_script(script, launch, {}, {.first_line = words[0].at, .one_line = true}, session_);
  }

  // `sh -c SCRIPT [NAME ARGUMENT…]`.
  Started start_shell(std::span<const Word> words, const Launch& launch) {
    for (std::size_t i = 1; i + 1 < words.size() && words[i].text.starts_with('-'); ++i) {
      const std::string& option = words[i].text;
      if (option == "-o" || option == "-O") ++i;
      if (option.starts_with("--") || option.find('c') == std::string::npos) continue;
      const std::vector<Word> arguments(
          words.begin() + static_cast<std::ptrdiff_t>(std::min(i + 3, words.size())), words.end());
      const bool one_line = words[i + 1].text.find('\n') == std::string::npos;
      return start_script(words[i + 1].text, launch, arguments,
                          {.first_line = words[i + 1].at, .one_line = one_line}, session_);
    }
    return {};
  }

  Started start_docker(std::span<const Word> words, const Launch& launch) {
    std::size_t i = after_options(words, 1, "-H -c -l --context --host --log-level --config");
    if (i < words.size() && words[i].text == "container") ++i;
    if (i >= words.size() || (words[i].text != "run" && words[i].text != "create")) return {};
    Started started = start_container(words.subspan(i + 1), launch, session_);
    if (words[i].text == "create") started.goes_on = true;
    return started;
  }

  // `"$SERVER" -m model.gguf`: a program whose name is not known, but that loads a model.
  Started start_unknown_program(std::span<const Word> words, const Launch& launch) {
    if (find_row(other_engines, words) != nullptr)
      return start_unknown({.name = std::string(base_name(words[0].text)),
                            .why = "is an engine whose command line is not read",
                            .fix = ""},
                           words.subspan(1), launch, session_);
    if (words[0].is_known()) return {};
    const bool loads =
        std::ranges::any_of(words, [](const Word& word) { return is_one_of(model_flags, word.text); });
    return loads ? start_unknown(words[0].holes.front(), words.subspan(1), launch, session_) : Started{};
  }

  const Launch& base_;
  Session& session_;
};

}  // namespace

bool may_start(std::span<const Word> words) {
  if (words.empty()) return false;
  const std::string_view name = base_name(words[0].text);
  return !words[0].is_known() || find_row(wrappers, words) != nullptr ||
         find_row(script_runners, words) != nullptr || is_one_of(shells, name) ||
         is_one_of(containers, name) || name == "screen" || is_assignment(words[0].text) ||
         find_row(other_engines, words) != nullptr || find_start(words).has_value();
}

Started start_words(std::span<const Word> words, const Launch& base, Session& session,
                    bool has_entrypoint_of_image) {
  return Starter(base, session).start(words, has_entrypoint_of_image);
}

bool add_command(const std::vector<Word>& words, const Launch& base, const Supplied& supplied,
                 Reading& reading) {
  Session session{.supplied = supplied, .reading = reading};
  return start_words(words, base, session).launches > 0;
}

bool add_script(std::string_view script, const Launch& base, const Supplied& supplied, Reading& reading) {
  Session session{.supplied = supplied, .reading = reading};
  const bool one_line =
      script.substr(0, script.size() - (script.ends_with('\n') ? 1 : 0)).find('\n') == std::string_view::npos;
  return start_script(script, base, {}, {.first_line = base.at, .one_line = one_line && base.at.line > 0},
                      session)
             .launches > 0;
}

}  // namespace vramcalc::deployment
