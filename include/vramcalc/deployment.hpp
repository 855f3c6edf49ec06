#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What commands, scripts and manifests start, before anything is calculated.
namespace vramcalc::deployment {

// A place in an input.
struct Position {
  std::string file;        // as named on the command line; "stdin"
  std::uint32_t line = 0;  // from 1; 0: the whole file
  friend bool operator==(const Position&, const Position&) = default;
};

enum class Severity { error, warning, note };

// What is wrong or worth knowing about an input. `code` is a row of finding_codes() and stays stable.
struct Finding {
  std::string_view code;
  Severity severity = Severity::warning;
  std::string message;  // a sentence without a full stop
  Position at;
  std::string fix;  // what to do, imperative; may be empty
  friend bool operator==(const Finding&, const Finding&) = default;
};

// A part of a text that the input does not determine.
struct Hole {
  std::string name;  // "MODEL", "$1", "$(hostname)", "/models/x.gguf", "{{ .Values.model }}"
  std::string why;   // "has no value here"
  std::string fix;   // the option that supplies it: "--set MODEL=VALUE"
  friend bool operator==(const Hole&, const Hole&) = default;
};

// A word of a command line, or a value. With holes, `text` shows them as the input spells them.
struct Word {
  std::string text;
  Position at;
  std::vector<Hole> holes = {};
  bool is_known() const { return holes.empty(); }
  friend bool operator==(const Word&, const Word&) = default;
};

// A variable of an environment. Values never leave the program unless they bear on memory.
struct Variable {
  std::string name;
  Word value;
  friend bool operator==(const Variable&, const Variable&) = default;
};

// The GPUs that one replica's process gets.
struct GpuRequest {
  std::optional<std::uint32_t> count;  // empty: not said
  bool all = false;                    // all GPUs of its machine
  std::vector<std::uint32_t> indices;  // device_ids, CUDA_VISIBLE_DEVICES; empty: not said
  std::string hardware;                // a name that the catalog knows: "h100-sxm-80gb"; empty: not said
  std::string said_as;             // how the input named it: "cloud.google.com/gke-accelerator: nvidia-l4"
  std::optional<double> fraction;  // of one GPU, for time-slicing and shared cards
  Position at;
  friend bool operator==(const GpuRequest&, const GpuRequest&) = default;
};

// One engine that an input starts.
struct Launch {
  std::string name;  // of the service, container or model
  Position at;
  std::string program;          // id of a Program: "vllm", "sglang", "llama-server", "ollama"; empty: unknown
  std::vector<Word> arguments;  // after the program's own words
  std::vector<Variable> environment;
  std::string image;    // with its tag
  std::string release;  // as the input says it: "0.10.1"; empty: the newest
  GpuRequest gpus;
  std::uint32_t replicas = 1;    // copies, each with GPUs of its own
  std::uint32_t pods = 1;        // of one copy: a leader and its workers
  std::string machine;           // services with the same one share its GPUs; empty: GPUs of its own
  std::vector<Hole> holes = {};  // of the launch as a whole, which make it unresolved
  std::vector<Finding> findings = {};
  std::vector<std::pair<std::string, std::string>> files =
      {};  // that it can read: path and text (ConfigMaps)
  std::vector<std::pair<std::string, std::string>> mounts = {};  // paths inside its container and outside
  friend bool operator==(const Launch&, const Launch&) = default;
};

// Launches on one machine that may run at the same time: each set lists indices into `launches`.
struct Together {
  std::string machine;
  std::vector<std::vector<std::size_t>> sets;
  friend bool operator==(const Together&, const Together&) = default;
};

struct Reading {
  std::vector<Launch> launches;
  std::vector<Together> together;  // machines that are not listed run all of their launches at once
  std::vector<Finding> findings;   // about files, not about one launch
};

// An argument as the program understands it.
struct Argument {
  std::string flag;   // canonical spelling: "--max-model-len"; "model" for the positional one
  std::string value;  // in a canonical form: "32768"; "true" for a switch
  Position at;
  bool bears_on_memory = false;
  std::vector<Hole> holes = {};
  friend bool operator==(const Argument&, const Argument&) = default;
};

struct Input {
  std::string name;  // "stdin" for standard input
  std::string text;
};

// What the user supplies for what inputs leave open.
struct Supplied {
  std::vector<std::pair<std::string, std::string>> variables;  // --set NAME=VALUE
  std::vector<std::pair<std::string, std::string>> paths;      // --map /models=DIR
};

// `vramcalc ignore=CODE until=YYYY-MM-DD reason` in a comment, or its like in .vramcalc.yaml.
struct IgnoredFinding {
  std::string code;
  Position at;        // line 0: everywhere in that file; no file: everywhere
  std::string until;  // YYYY-MM-DD, the last day; empty: for good
  std::string reason;
};

// The comments of an input that ignore findings: `# vramcalc ignore=CODE[,CODE] [until=YYYY-MM-DD] REASON`.
// On a line of its own above everything else, a comment is for the whole file. Error (bad_value) for an
// unknown code, a date that is none, or a missing reason.
std::vector<IgnoredFinding> ignored_findings(const Input& input);

// .vramcalc.yaml: what a repository says once for all of its checks.
struct Project {
  struct Hardware {
    std::string files;     // a pattern such as "deploy/**/*.yaml"; empty: every file
    std::string service;   // a name; empty: every service
    std::string hardware;  // "2x h100-sxm-80gb"
  };
  std::vector<Hardware> hardware;
  std::vector<std::pair<std::string, std::string>> releases;  // program → release
  Supplied supplied;
  std::string headroom, reserve;  // as the flags take them; empty: not given
  std::vector<std::string> fail_on;
  std::vector<IgnoredFinding> ignored;
};
// Error (bad_file) with file and line for an unknown key.
Project parse_project(const Input& input);
// Whether a path matches a pattern of *, ** and ?.
bool matches(std::string_view pattern, std::string_view path);

// Reads every input, each as what its content shows it to be. Error (bad_file) for what cannot be read at
// all.
Reading read(const std::vector<Input>& inputs, const Supplied& supplied);
// The command after `--`.
Reading read_command(const std::vector<std::string>& words, const Supplied& supplied);

}  // namespace vramcalc::deployment
