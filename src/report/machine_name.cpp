#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "catalog/names.hpp"
#include "model/letters.hpp"
#include "report/judge.hpp"
#include "report/local_machine.hpp"

namespace vramcalc::report {
namespace {

constexpr std::string_view how_to_write =
    "write rtx-4090, 2x rtx-4090, \"rtx-4090,rtx-3090\", dgx-h100 or 24GiB";

// One part between commas: "2x rtx-4090@22GiB" is two of them with 22 GiB usable each.
struct Part {
  std::uint32_t count = 1;
  std::string name;
  std::optional<Bytes> gives;
};

// One of the catalog's own names, without a search for similar ones.
bool is_a_name(const Catalog& catalog, std::string_view words) {
  const auto has = [&](auto&& find) {
    try {
      find();
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  return has([&] { catalog.gpu(words); }) || has([&] { catalog.system(words); });
}

// The parts of a list ("rtx-4090,rtx-3090"); a name without commas is the only part.
std::vector<std::string> split_at_commas(const Catalog& catalog, const std::string& words) {
  if (words.find(',') != std::string::npos && is_a_name(catalog, words)) return {words};
  std::vector<std::string> parts;
  std::string_view rest = words;
  for (std::size_t comma; (comma = rest.find(',')) != std::string_view::npos; rest.remove_prefix(comma + 1))
    parts.emplace_back(trimmed(rest.substr(0, comma)));
  parts.emplace_back(trimmed(rest));
  if (std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); }))
    throw Error(
        ErrorCode::bad_value,
        fmt::format("\"{}\" has an empty part before, between or after its commas; {}", words, how_to_write));
  return parts;
}

// "24GiB"; "24g" as "24GB", "24GB VRAM".
std::optional<Bytes> size_of(std::string_view words) {
  if (lowered(words).ends_with("vram")) words = trimmed(words.substr(0, words.size() - 4));
  if (const auto size = bytes_from_text(words)) return size;
  const bool short_unit = words.size() > 1 && lower(words.back()) == 'g' && is_digit(words[words.size() - 2]);
  return short_unit ? bytes_from_text(std::string(words) + "B") : std::nullopt;
}

// The signs between the number of GPUs and their name: 2x, 2*, 2×.
constexpr std::array<std::string_view, 4> times_signs = {"x", "X", "*", "×"};

struct Counted {
  std::string_view number, name;
};

// "2x rtx-4090", "2 x rtx-4090", "2*3090": the number first.
std::optional<Counted> number_first(std::string_view words) {
  std::size_t end = 0;
  while (end < words.size() && is_digit(words[end])) ++end;
  if (end == 0) return std::nullopt;
  const std::string_view rest = trimmed(words.substr(end));
  for (const std::string_view sign : times_signs)
    if (rest.starts_with(sign)) return Counted{words.substr(0, end), trimmed(rest.substr(sign.size()))};
  return std::nullopt;
}

// "3090 x2", "3090x2", "A100-80GB:8": the number last.
std::optional<Counted> number_last(std::string_view words) {
  std::size_t begin = words.size();
  while (begin > 0 && is_digit(words[begin - 1])) --begin;
  if (begin == words.size() || begin == 0) return std::nullopt;
  const std::string_view number = words.substr(begin), before = trimmed(words.substr(0, begin));
  const auto behind = [&](std::string_view sign) {
    return before.ends_with(sign) && before.size() > sign.size();
  };
  for (const std::string_view sign : times_signs)
    if (behind(sign)) return Counted{number, trimmed(before.substr(0, before.size() - sign.size()))};
  if (behind(":")) return Counted{number, trimmed(before.substr(0, before.size() - 1))};
  return std::nullopt;
}

// "dual 3090", "4 rtx 3090": a number, or a word for one, and a space.
std::optional<Counted> number_apart(std::string_view words) {
  struct Word {
    std::string_view word, number;
  };
  constexpr std::array named = {
      Word{"one",    "1"},
      Word{"single", "1"},
      Word{"dual",   "2"},
      Word{"two",    "2"},
      Word{"three",  "3"},
      Word{"triple", "3"},
      Word{"quad",   "4"},
      Word{"four",   "4"},
      Word{"six",    "6"},
      Word{"eight",  "8"}
  };
  const std::size_t space = words.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view first = words.substr(0, space), rest = trimmed(words.substr(space));
  for (const Word& each : named)
    if (same_letters(each.word, first)) return Counted{each.number, rest};
  const bool number = std::all_of(first.begin(), first.end(), is_digit) && first.size() <= 2;
  return number ? std::optional(Counted{first, rest}) : std::nullopt;
}

bool resolves(const Catalog& catalog, std::string_view name) {
  if (size_of(name)) return true;
  try {
    catalog.hardware(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// "4090s" of two; an L40S is one.
std::string_view singular(const Catalog& catalog, std::string_view name) {
  if (name.ends_with('s') && !is_a_name(catalog, name)) name.remove_suffix(1);
  return name;
}

// A number above 1,000 is part of a name: 7900xtx, 9070 XT.
constexpr std::uint32_t most_gpus = 999;

std::optional<std::uint32_t> number_of(const Counted& counted) {
  std::uint32_t number = 0;
  const char* const end = counted.number.data() + counted.number.size();
  const auto [after, failure] = std::from_chars(counted.number.data(), end, number);
  if (failure != std::errc() || number == 0 || number > most_gpus || counted.name.empty())
    return std::nullopt;
  return number;
}

[[noreturn]] void fail_as_number(std::string_view words) {
  throw Error(ErrorCode::bad_value,
              fmt::format("\"{}\" is not a valid number of GPUs; write 2x rtx-4090", words));
}

// In "970 x2", the smaller number is the number of GPUs.
std::optional<Counted> counted_in(const Catalog& catalog, std::string_view words) {
  const auto first = number_first(words), last = number_last(words), apart = number_apart(words);
  const auto before = first ? number_of(*first) : std::nullopt,
             after = last ? number_of(*last) : std::nullopt;
  if (before && (!after || *before <= *after)) return first;
  if ((after || apart || first) && is_a_name(catalog, words)) return std::nullopt;
  if (after && (first || resolves(catalog, last->name))) return last;
  if (apart && resolves(catalog, singular(catalog, apart->name))) return apart;
  const bool is_model_number = first && first->number.size() == 4;
  if (first && !is_model_number) fail_as_number(words);
  return std::nullopt;
}

void take_count(const Catalog& catalog, Part& part) {
  const std::string words = part.name;
  if (size_of(words)) return;
  const auto counted = counted_in(catalog, words);
  if (!counted) return;
  const auto count = number_of(*counted);
  if (!count) fail_as_number(words);
  part.count = *count;
  part.name = part.count > 1 ? singular(catalog, counted->name) : counted->name;
}

// "m3-ultra-512gb@480GiB": the limit was raised (iogpu.wired_limit_mb, a GTT limit), or the rest is in use.
void take_size(Part& part) {
  const auto at = part.name.find('@');
  if (at == std::string::npos) return;
  part.gives = bytes_from_text(trimmed(std::string_view(part.name).substr(at + 1)));
  if (!part.gives || *part.gives == Bytes(0))
    throw Error(ErrorCode::bad_value,
                fmt::format("\"{}\" has no size after @; write rtx-4090@22GiB", part.name));
  part.name = trimmed(std::string_view(part.name).substr(0, at));
}

Part part_of(const Catalog& catalog, const std::string& words) {
  Part part;
  part.name = words;
  take_size(part);
  take_count(catalog, part);
  return part;
}

// "rtx-3090+rtx-4090", "3090 and 4090": two GPUs if each is known; a name may contain such a sign itself.
std::vector<std::string> split_at_signs(const Catalog& catalog, const std::string& words) {
  if (words.size() > catalog::longest_name) return {words};
  for (const std::string_view sign : {"+", "&", " and "}) {
    const std::size_t at = words.find(sign);
    if (at == std::string::npos || is_a_name(catalog, words)) continue;
    const std::string first(trimmed(std::string_view(words).substr(0, at)));
    const std::string rest(trimmed(std::string_view(words).substr(at + sign.size())));
    if (first.empty() || rest.empty() || !resolves(catalog, part_of(catalog, first).name)) continue;
    std::vector<std::string> parts = split_at_signs(catalog, rest);
    if (parts.size() == 1 && !resolves(catalog, part_of(catalog, rest).name)) continue;
    parts.insert(parts.begin(), first);
    return parts;
  }
  return {words};
}

// Words for "no GPU".
constexpr std::array<std::string_view, 4> no_gpus = {"cpu", "none", "no", "no gpu"};

// A GPU name that is only a number ("4090") takes precedence over a size without a unit.
Catalog::Hardware look_up(const Catalog& catalog, const std::string& name) {
  try {
    return catalog.hardware(name);
  } catch (const Error&) {
    if (std::find(no_gpus.begin(), no_gpus.end(), lowered(name)) != no_gpus.end())
      throw Error(ErrorCode::unsupported,
                  fmt::format("{}: a model that runs on the CPU alone is not estimated; check MODEL --gpu "
                              "GPU -ngl 0 shows what is in host memory",
                              name));
    double number = 0;
    const char* const end = name.data() + name.size();
    const auto [after, failure] = std::from_chars(name.data(), end, number);
    if (failure != std::errc() || after != end) throw;
    throw Error(ErrorCode::bad_value,
                fmt::format("unknown GPU \"{}\"; for a size, write {}GiB or {}GB", name, name, name),
                {name + "GiB", name + "GB"});
  }
}

Machine plain_size(const std::string& words, Bytes size) {
  if (size == Bytes(0))
    throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is not a valid GPU memory size", words));
  Device device{fmt::format("a GPU with {}", words), size, size, {}, 0, 0};
  device.target.total = size;
  Machine machine = machine_of({std::move(device)});
  machine.id = words;
  return machine;
}

Machine gpu_machine(const Gpu& gpu) {
  Machine machine = machine_of(devices_of(gpu));
  machine.id = gpu.id;
  machine.name = gpu.name;
  return machine;
}

Machine require_known(Machine machine) {
  if (machine.usable > Bytes(0)) return machine;
  throw Error(ErrorCode::unsupported,
              fmt::format("the usable memory of {} is unknown; name a size, such as 24GiB", machine.name));
}

void give(Machine& machine, Bytes size) {
  machine.usable = Bytes(0);
  for (Device& device : machine.devices) {
    const Bytes all = device.usable;
    device.usable = Bytes(size.count() / machine.devices.size());
    if (all > device.usable) device.target.taken += all - device.usable;
    machine.usable += device.usable;
  }
  if (machine.devices.size() == 1) machine.device.taken = machine.devices[0].target.taken;
}

struct Named {
  Machine machine;
  bool whole = false;  // a complete machine with its own host
};

Named one_of(const Catalog& catalog, const Part& part) {
  if (const auto size = size_of(part.name)) return {plain_size(part.name, *size), false};
  const auto [gpu, system] = look_up(catalog, part.name);
  Machine machine = gpu != nullptr ? gpu_machine(*gpu) : machine_of(catalog, *system);
  if (part.gives) {
    give(machine, *part.gives);
    machine.name += fmt::format(" with {:.1f} GiB usable",
                                static_cast<double>(part.gives->count()) / static_cast<double>(GiB));
  }
  return {require_known(std::move(machine)), system != nullptr};
}

Machine several(const Catalog& catalog, const std::vector<Part>& parts, const std::string& words) {
  std::vector<Device> devices;
  std::vector<std::string> ids, names;
  for (const Part& part : parts) {
    const auto [one, whole] = one_of(catalog, part);
    if (whole)
      throw Error(
          ErrorCode::unsupported,
          fmt::format(
              "\"{}\" is a complete machine, and a model is not split over several machines; name it alone",
              one.id));
    if (devices.size() + one.devices.size() * part.count > 1024)
      throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is more GPUs than a machine can have", words));
    for (std::uint32_t i = 0; i < part.count; ++i)
      devices.insert(devices.end(), one.devices.begin(), one.devices.end());
    const std::string times = part.count > 1 ? fmt::format("{}x ", part.count) : "";
    ids.push_back(times + one.id);
    names.push_back(times + one.name);
  }
  Machine machine = machine_of(std::move(devices));
  machine.id = fmt::format("{}", fmt::join(ids, ","));
  machine.name = fmt::format("{}", fmt::join(names, " + "));
  return machine;
}

std::string counted_gpus(std::size_t count) {
  return count == 1 ? "one GPU" : fmt::format("GPUs 0 to {}", count - 1);
}

// As if there were only these.
void keep(Machine& machine, const std::vector<std::uint32_t>& gpus) {
  std::vector<Device> devices;
  for (const std::uint32_t gpu : gpus) {
    if (gpu >= machine.devices.size())
      throw Error(ErrorCode::bad_value, fmt::format("there is no GPU {}: {} has {}", gpu, machine.name,
                                                    counted_gpus(machine.devices.size())));
    devices.push_back(machine.devices[gpu]);
  }
  const bool are_all = devices.size() == machine.devices.size();
  Machine kept = machine_of(std::move(devices));
  kept.id = machine.id;
  if (are_all) kept.name = machine.name;
  kept.host = machine.host;
  kept.shares_memory = machine.shares_memory;
  kept.warnings = std::move(machine.warnings);
  machine = std::move(kept);
}

void reserve(Machine& machine, Bytes kept) {
  if (kept == Bytes(0)) return;
  for (Device& device : machine.devices) {
    if (device.usable <= kept)
      throw Error(ErrorCode::bad_value, fmt::format("--reserve leaves no memory on {}", device.name));
    device.usable -= kept;
    device.target.taken += kept;
  }
  const Bytes all = kept * std::max<std::size_t>(1, machine.device.count);
  if (machine.usable <= all)
    throw Error(ErrorCode::bad_value, fmt::format("--reserve leaves no memory on {}", machine.name));
  machine.usable -= all;
  machine.device.taken += kept;
}

// A plain size stands for any hardware with that much memory.
void drive_with(Machine& machine, Backend backend, bool is_size) {
  if (!is_size && !drives(backend, machine.device.backend))
    throw Error(ErrorCode::bad_value, fmt::format("--backend {}: {} does not support {}", to_string(backend),
                                                  title(backend), machine.name));
  machine.device.backend = backend;
  for (Device& device : machine.devices) device.target.backend = backend;
}

Machine named_machine(const Catalog& catalog, const Question& question) {
  if (question.gpu == "local") return local_machine(catalog, probe_of_this_computer());
  std::vector<Part> parts;
  for (const std::string& between : split_at_commas(catalog, question.gpu))
    for (const std::string& words : split_at_signs(catalog, between))
      parts.push_back(part_of(catalog, words));
  if (parts.size() == 1 && parts[0].count == 1) return one_of(catalog, parts[0]).machine;
  return several(catalog, parts, question.gpu);
}

}  // namespace

void limit_devices(Machine& machine, const Runtime& runtime) {
  const std::size_t all = machine.devices.size();
  const std::uint32_t most = runtime.can.most_gpus;
  if (most == 0 || all <= most) return;
  machine.warnings.push_back(
      fmt::format("{} uses at most {} GPUs; the figures are for {} of the {}", runtime.id, most, most, all));
  machine.devices.resize(most);
  machine.usable = Bytes(0);
  for (const Device& device : machine.devices) machine.usable += device.usable;
  machine.device.count = most;
}

namespace {

// What the GPUs of a named machine do is not asked; its host memory is, unless --ram says how much there is.
Machine without_gpus(const Catalog& catalog, const Asked& asked) {
  const Question& question = asked.question;
  if (!asked.runtime().can.loads_only_gguf)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} is not calculated without a GPU", asked.runtime().id));
  Machine machine;
  machine.host =
      question.ram.value_or(question.gpu.empty() ? Bytes(0) : named_machine(catalog, question).host);
  if (machine.host == Bytes(0))
    throw Error(ErrorCode::usage, "--backend cpu needs the size of the host memory: --ram 64GiB");
  machine.id = "cpu";
  machine.name = "a machine without a GPU";
  machine.memory = machine.usable = machine.host;
  machine.device.backend = Backend::cpu;
  machine.device.count = 0;
  return machine;
}

}  // namespace

Machine find_machine(const Catalog& catalog, const Asked& asked) {
  const Question& question = asked.question;
  if (question.backend == Backend::cpu) return without_gpus(catalog, asked);
  Machine machine = named_machine(catalog, question);
  if (question.backend) drive_with(machine, *question.backend, bytes_from_text(question.gpu).has_value());
  if (!question.visible_gpus.empty()) keep(machine, question.visible_gpus);
  limit_devices(machine, asked.runtime());
  if (asked.runtime().gpu_alone != nullptr)
    if (const auto gpu = asked.runtime().gpu_alone(asked.choice.options)) keep(machine, {*gpu});
  reserve(machine, question.reserve);
  if (question.ram) machine.host = *question.ram;
  return machine;
}

}  // namespace vramcalc::report
