#include "cli/service_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/flags.hpp"
#include "cli/llama_cpp_values.hpp"
#include "cli/unmodelled_flags.hpp"
#include "cli/values.hpp"
#include "deployment/finding_codes.hpp"
#include "model/letters.hpp"
#include "model/whole_number.hpp"
#include "runtime/serving/split.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

using deployment::Argument;
using deployment::Hole;

// ---- flags

struct Applying {
  Invocation& invocation;
  ServiceQuestion& service;
  const deployment::Program& program;
};

void leave_open(ServiceQuestion& service, std::string name, std::string why, std::string fix = "") {
  service.holes.push_back({std::move(name), std::move(why), std::move(fix)});
}

// Flags that mean the same there and here.
bool is_of_engines(const FlagTable& table) {
  return table.topic == Topic::workload || table.topic == Topic::placement || table.topic == Topic::serving ||
         table.topic == Topic::vllm || table.topic == Topic::sglang;
}

const Flag* flag_called(std::string_view name, std::string_view runtime) {
  for (const FlagTable* table : flag_tables()) {
    if (!is_of_engines(*table) || !belongs_to({"", table->runtimes}, runtime)) continue;
    for (const Flag& flag : table->flags)
      if (has_name(flag.names, name)) return &flag;
  }
  return nullptr;
}

// "--no-enable-prefix-caching" for "--enable-prefix-caching" that is off.
std::string negated(std::string_view flag) {
  return flag.starts_with("--") ? fmt::format("--no-{}", flag.substr(2)) : std::string(flag);
}

// The value that the program takes anyhow.
bool is_default(const Argument& argument, const deployment::Program& program) {
  const auto flag = std::ranges::find_if(program.flags, [&](const deployment::ProgramFlag& each) {
    return each.names.front() == argument.flag;
  });
  if (flag == program.flags.end()) return false;
  if (flag->takes != deployment::Takes::none) return argument.value == flag->default_value;
  const bool is_on = argument.value == "true";
  return is_on ? flag->default_value == "on" : flag->default_value != "on";
}

std::string written(const Argument& argument) {
  return argument.value == "true" ? argument.flag : fmt::format("{} {}", argument.flag, argument.value);
}

void take_unmodelled(Applying& to, const Argument& argument) {
  switch (unmodelled(to.program.id, argument.flag)) {
    case Unmodelled::elsewhere: return;
    case Unmodelled::small:
      to.service.findings.push_back(deployment::finding(
          "not-modelled", fmt::format("the figures are given without {}", written(argument)), argument.at));
      return;
    case Unmodelled::large: leave_open(to.service, written(argument), "is not calculated"); return;
  }
}

void leave_out(Applying&, const Argument&) {}

// 0 is the model's own, which the fit does not shorten.
void set_llama_context(Applying& to, const Argument& argument) {
  Question& question = to.invocation.question;
  question.full_context = argument.value == "0";
  if (!question.full_context) question.context = std::stoull(argument.value);
}

void set_least_context(Applying& to, const Argument& argument) {
  to.invocation.question.least_context = std::stoull(argument.value);
}

void set_fit(Applying& to, const Argument& argument) {
  constexpr std::array<std::string_view, 4> words = {"on", "enabled", "true", "1"};
  to.invocation.question.options.llama_cpp.fit = std::ranges::find(words, argument.value) != words.end();
}

void set_model(Applying& to, const Argument& argument) { to.invocation.question.model = argument.value; }

// ---- Ollama's environment

llama_cpp::Options& options_of(Applying& to) { return to.invocation.question.options.llama_cpp; }

// 0 is Ollama's own choice.
void set_context_of_slot(Applying& to, const Argument& argument) {
  if (argument.value != "0") options_of(to).ollama.num_ctx = parse_count(argument.flag, argument.value);
}

void set_slots(Applying& to, const Argument& argument) {
  if (argument.value != "0") options_of(to).context.parallel = parse_count(argument.flag, argument.value);
}

void set_cache_type(Applying& to, const Argument& argument) {
  llama_cpp::ContextParams& context = options_of(to).context;
  context.cache_type_k = context.cache_type_v = parse_cache_type(argument.flag, argument.value);
}

void set_flash_attention(Applying& to, const Argument& argument) {
  options_of(to).context.flash_attention =
      argument.value == "true" ? llama_cpp::FlashAttention::on : llama_cpp::FlashAttention::off;
}

void set_gpu_overhead(Applying& to, const Argument& argument) {
  constexpr std::uint64_t more_than_any = std::uint64_t{1} << 48;
  const auto bytes = whole_number<std::uint64_t>(argument.value);
  if (!bytes || *bytes > more_than_any) refuse_value(argument.flag, argument.value, "bytes of one GPU");
  options_of(to).ollama.gpu_overhead = Bytes(*bytes);
}

void set_spread(Applying& to, const Argument& argument) {
  options_of(to).ollama.spread = argument.value == "true";
}

void set_fit_target(Applying& to, const Argument& argument) {
  options_of(to).fit_target = parse_mebibytes(argument.flag, argument.value);
}

// Names the format that the checkpoint has anyhow, except where an engine quantizes what it loads.
void check_method(Applying& to, const Argument& argument) {
  constexpr std::array<std::string_view, 10> of_checkpoints = {
      "awq",      "awq_marlin",   "gptq",  "gptq_marlin", "compressed-tensors",
      "modelopt", "modelopt_fp4", "mxfp4", "moe_wna16",   "w8a8_fp8"};
  if (std::ranges::find(of_checkpoints, argument.value) == of_checkpoints.end())
    take_unmodelled(to, argument);
}

// What another name, or another meaning, stands for here.
struct Special {
  std::string_view program, flag;
  void (*apply)(Applying&, const Argument&);
};
constexpr std::array specials = {
    Special{"llama-server", "--ctx-size",             set_llama_context  },
    Special{"llama-server", "--fit",                  set_fit            },
    Special{"llama-server", "--fit-ctx",              set_least_context  },
    Special{"llama-server", "--model",                set_model          },
    Special{"llama-server", "--hf-repo",              set_model          },
    Special{"llama-server", "--hf-file",              take_unmodelled    },
    Special{"llama-server", "--model-url",            set_model          },
    Special{"vllm",         "model",                  set_model          },
    Special{"vllm",         "--model",                set_model          },
    Special{"vllm",         "--revision",             leave_out          },
    Special{"vllm",         "--tokenizer",            leave_out          },
    Special{"sglang",       "--model-path",           set_model          },
    Special{"sglang",       "--model",                set_model          },
    Special{"sglang",       "--revision",             leave_out          },
    Special{"sglang",       "--quantization",         check_method       },
    Special{"ollama",       "model",                  set_model          },
    Special{"ollama",       "OLLAMA_CONTEXT_LENGTH",  set_context_of_slot},
    Special{"ollama",       "OLLAMA_NUM_PARALLEL",    set_slots          },
    Special{"ollama",       "OLLAMA_KV_CACHE_TYPE",   set_cache_type     },
    Special{"ollama",       "OLLAMA_FLASH_ATTENTION", set_flash_attention},
    Special{"ollama",       "OLLAMA_GPU_OVERHEAD",    set_gpu_overhead   },
    Special{"ollama",       "OLLAMA_SCHED_SPREAD",    set_spread         },
    Special{"ollama",       "LLAMA_ARG_FIT_TARGET",   set_fit_target     },
};

void apply_flag(Applying& to, const Argument& argument) {
  const bool is_off = argument.value == "false";
  const std::string name = is_off ? negated(argument.flag) : argument.flag;
  const Flag* flag = flag_called(name, to.program.runtime);
  if (flag != nullptr) {
    const std::string value = flag->value.empty() ? "" : argument.value;
    flag->apply(to.invocation, names_of(flag->names).front(), value);
    return;
  }
  if (argument.bears_on_memory && !is_default(argument, to.program)) take_unmodelled(to, argument);
}

void leave_uncalculated(ServiceQuestion& service, const Argument& argument, const Error& error) {
  leave_open(service, fmt::format("{} {}", argument.flag, argument.value),
             fmt::format("is not calculated: {}", error.what()));
}

void apply(Applying& to, const Argument& argument) try {
  if (!argument.holes.empty()) return;  // the command has them as its own
  for (const Special& special : specials)
    if (special.program == to.program.id && special.flag == argument.flag) return special.apply(to, argument);
  apply_flag(to, argument);
} catch (const Error& error) {
  leave_uncalculated(to.service, argument, error);
}

// ---- the model

constexpr std::string_view hub_scheme = "hf://";

// What is fetched is fetched only if the user names it, and not because a file does.
bool is_remote(std::string_view word) {
  return word.find("://") != word.npos || word.starts_with("hf:") || word.starts_with("hf.co/");
}

void leave_remote_files(ServiceQuestion& service) {
  const Question& question = service.question;
  std::vector<std::string> words = question.adapters;
  words.insert(words.end(), {question.projector, question.draft, question.options.vllm.drafts.model,
                             question.options.sglang.drafts.model});
  for (const std::string& word : words)
    if (is_remote(word)) leave_open(service, word, "is not fetched because a file names it");
}

bool is_path(std::string_view model) {
  return model.starts_with('/') || model.starts_with('.') || model.starts_with('~') ||
         lowered(model).ends_with(".gguf");
}

using Paths = std::vector<std::pair<std::string, std::string>>;  // inside the container and outside

// The longest path of the container that it lies under decides.
std::optional<std::string> mapped(const std::string& path, const Paths& paths) {
  const std::pair<std::string, std::string>* longest = nullptr;
  for (const auto& each : paths) {
    const bool is_under = path == each.first || path.starts_with(each.first + "/") ||
                          (each.first.ends_with('/') && path.starts_with(each.first));
    if (is_under && (longest == nullptr || each.first.size() > longest->first.size())) longest = &each;
  }
  if (longest == nullptr) return std::nullopt;
  return longest->second + path.substr(longest->first.size());
}

void find_file(ServiceQuestion& service, Question& question, const Paths& paths) {
  const std::optional<std::string> here = mapped(question.model, paths);
  std::error_code failure;
  if (!here && !std::filesystem::exists(question.model, failure)) {
    leave_open(service, question.model, "is a path that is not on this machine",
               "--map /THERE=HERE or --model MODEL");
    return;
  }
  const std::string path = here.value_or(question.model);
  if (std::filesystem::exists(path, failure))
    question.model = path;
  else
    leave_open(service, question.model, fmt::format("is not at {}", path), "--map /THERE=HERE");
}

void settle_model(ServiceQuestion& service, const Circumstances& circumstances) {
  Question& question = service.question;
  const std::string& named = circumstances.invocation.question.model;
  if (!named.empty()) {
    question.model = named;
    return;
  }
  if (question.model.starts_with(hub_scheme)) question.model.erase(0, hub_scheme.size());
  if (question.model.empty()) {
    if (service.holes.empty()) leave_open(service, "the model", "is not named", "--model MODEL");
  } else if (is_remote(question.model)) {
    leave_open(service, question.model, "is not fetched because a file names it", "--model MODEL");
  } else if (is_path(question.model)) {
    Paths paths = circumstances.supplied.paths;
    paths.insert(paths.end(), service.launch.mounts.begin(), service.launch.mounts.end());
    find_file(service, question, paths);
  }
}

// ---- the runtime and its split

std::string release_of(const ServiceQuestion& service, const Circumstances& circumstances) {
  if (!service.release.empty()) return service.release;
  const auto& releases = circumstances.project.releases;
  const auto found =
      std::ranges::find(releases, service.launch.program, &std::pair<std::string, std::string>::first);
  return found == releases.end() ? std::string() : found->second;
}

// A program may be a tool of its runtime.
std::string_view name_for_runtime(const deployment::Program& program) {
  for (const Runtime& runtime : runtimes())
    if (std::ranges::find(runtime.tools, program.id) != runtime.tools.end()) return program.id;
  return program.runtime;
}

void settle_runtime(ServiceQuestion& service, std::string_view runtime, const Circumstances& circumstances) {
  service.release = release_of(service, circumstances);
  service.question.runtime = runtime;
  if (service.release.empty()) return;
  service.question.runtime += '@' + service.release;
  try {
    choose_runtime(runtimes(), service.question.runtime, service.question.options);
  } catch (const Error& error) {
    constexpr std::string_view flag = "--runtime: ";
    std::string_view why = error.what();
    if (why.starts_with(flag)) why.remove_prefix(flag.size());
    leave_open(service, fmt::format("release {}", service.release),
               fmt::format("is not calculated: {}", why));
  }
}

// The engines' own default is one GPU, not all.
void settle_split(ServiceQuestion& service, std::string_view runtime) try {
  AskedOptions& options = service.question.options;
  if (runtime == "vllm") {
    vllm::Options& vllm = options.vllm;
    if (!vllm.tensor_parallel_size) vllm.tensor_parallel_size = 1;
    service.gpus_needed = serving::gpus_of_split(
        {*vllm.tensor_parallel_size, vllm.pipeline_parallel_size, vllm.data_parallel_size});
  } else if (runtime == "sglang") {
    sglang::Options& sglang = options.sglang;
    if (!sglang.tp_size) sglang.tp_size = 1;
    const std::uint32_t copies = sglang.enable_dp_attention ? 1 : sglang.dp_size;
    service.gpus_needed = serving::gpus_of_split({*sglang.tp_size, sglang.pp_size, copies});
  }
} catch (const Error&) {
  service.gpus_needed = 0;  // the check refuses it in the same words
}

// ---- the hardware

bool is_for(const deployment::Project::Hardware& hardware, const deployment::Launch& launch) {
  return (hardware.service.empty() || hardware.service == launch.name) &&
         (hardware.files.empty() || deployment::matches(hardware.files, launch.at.file));
}

// A slice of a card is not the card that a general --gpu names.
bool is_slice(const deployment::GpuRequest& request) {
  return request.said_as.find("/mig-") != std::string::npos;
}

// What names the service comes first, then what its own file says.
std::string hardware_of(const deployment::Launch& launch, const Circumstances& circumstances) {
  const Invocation& invocation = circumstances.invocation;
  for (const auto& [service, hardware] : invocation.deployment.hardware)
    if (service == launch.name) return hardware;
  for (const auto& hardware : circumstances.project.hardware)
    if (!hardware.service.empty() && is_for(hardware, launch)) return hardware.hardware;
  if (!launch.gpus.hardware.empty() || is_slice(launch.gpus)) return launch.gpus.hardware;
  if (!invocation.question.gpu.empty()) return invocation.question.gpu;
  for (const auto& hardware : circumstances.project.hardware)
    if (is_for(hardware, launch)) return hardware.hardware;
  return "";
}

void settle_hardware(ServiceQuestion& service, const Circumstances& circumstances) {
  if (service.launch.gpus.count == 0) {
    leave_open(service, "the service", "asks for no GPU, and only GPUs are judged");
    return;
  }
  service.question.gpu = hardware_of(service.launch, circumstances);
  if (!service.question.gpu.empty()) return;
  const std::string& said = service.launch.gpus.said_as;
  leave_open(service, said.empty() ? "the hardware" : said,
             said.empty() ? "is not said" : "is no hardware of the catalog",
             fmt::format("--gpu HARDWARE or --gpu {}=HARDWARE", service.launch.name));
}

Question base_question(const Question& asked) {
  Question question;
  question.command = Command::check;
  question.check = asked.check;
  question.check.as_started = true;
  question.hub_seconds = asked.hub_seconds;
  question.ram = asked.ram;
  question.reserve = asked.reserve;
  question.backend = asked.backend;
  question.quantization = asked.quantization;
  question.users = asked.users;
  question.tokens_per_request = asked.tokens_per_request;
  question.catalog_paths = asked.catalog_paths;
  return question;
}

}  // namespace

ServiceQuestion service_question(const deployment::Launch& launch, const Circumstances& circumstances) {
  ServiceQuestion service;
  service.launch = launch;
  service.holes = launch.holes;
  service.findings = launch.findings;
  service.release = launch.release;
  const deployment::Program* program = deployment::find_program(launch.program);
  if (program == nullptr) {
    if (service.holes.empty()) leave_open(service, "the program", "is not one that is known here");
    return service;
  }
  deployment::Command command = deployment::read_arguments(launch);
  service.arguments = std::move(command.arguments);
  service.starts = command.starts;
  service.holes.insert(service.holes.end(), command.holes.begin(), command.holes.end());
  service.findings.insert(service.findings.end(), command.findings.begin(), command.findings.end());

  Invocation invocation;
  invocation.question = base_question(circumstances.invocation.question);
  Applying to{invocation, service, *program};
  for (const Argument& argument : service.arguments) apply(to, argument);
  service.question = std::move(invocation.question);
  service.question.runtime_flags.clear();
  settle_model(service, circumstances);
  leave_remote_files(service);
  settle_runtime(service, name_for_runtime(*program), circumstances);
  settle_split(service, program->runtime);
  settle_hardware(service, circumstances);
  return service;
}

}  // namespace vramcalc::cli
