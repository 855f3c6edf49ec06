#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "report/local_machine.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
namespace {

constexpr std::string_view how_to_write =
    "write rtx-4090, 2x rtx-4090, \"rtx-4090,rtx-3090\", dgx-h100 or 24GiB";

std::string_view trimmed(std::string_view words) {
  while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
  while (!words.empty() && words.back() == ' ') words.remove_suffix(1);
  return words;
}

// What stands between two commas: "2x rtx-4090@22GiB" is two of them of which each gives 22 GiB.
struct Part {
  std::uint32_t count = 1;
  std::string name;
  std::optional<Bytes> gives;
};

// The commas of a place list ("rtx-4090,rtx-3090"); a name without one is the whole.
std::vector<std::string> split_at_commas(const std::string& words) {
  std::vector<std::string> parts;
  std::string_view rest = words;
  for (std::size_t comma; (comma = rest.find(',')) != std::string_view::npos; rest.remove_prefix(comma + 1))
    parts.emplace_back(trimmed(rest.substr(0, comma)));
  parts.emplace_back(trimmed(rest));
  if (std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); }))
    throw Error(ErrorCode::bad_value,
                fmt::format("\"{}\" has nothing between two commas, or at an end; {}", words, how_to_write));
  return parts;
}

// "2x rtx-4090", "2 x rtx-4090", "2xrtx-4090".
void take_count(Part& part) {
  const std::string words = part.name;
  const auto x = words.find_first_of("xX");
  if (x == std::string::npos || x == 0) return;
  const std::string_view before = trimmed(std::string_view(words).substr(0, x));
  const auto [end, failure] = std::from_chars(before.data(), before.data() + before.size(), part.count);
  const bool number = end == before.data() + before.size() && failure != std::errc::invalid_argument;
  if (!number) {
    part.count = 1;
    return;
  }
  part.name = trimmed(std::string_view(words).substr(x + 1));
  if (failure != std::errc() || part.count == 0 || part.count > 1024 || part.name.empty())
    throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no number of GPUs; write 2x rtx-4090", words));
}

// "m3-ultra-512gb@480GiB": tuned to give so much (iogpu.wired_limit_mb, a GTT limit), or with the rest taken.
void take_size(Part& part) {
  const auto at = part.name.find('@');
  if (at == std::string::npos) return;
  part.gives = bytes_from_text(trimmed(std::string_view(part.name).substr(at + 1)));
  if (!part.gives || *part.gives == Bytes(0))
    throw Error(ErrorCode::bad_value,
                fmt::format("\"{}\" has no size behind @; write rtx-4090@22GiB", part.name));
  part.name = trimmed(std::string_view(part.name).substr(0, at));
}

Part part_of(const std::string& words) {
  Part part;
  part.name = words;
  take_size(part);
  take_count(part);
  return part;
}

// A model name that is only a number ("4090") goes before a size that lacks its unit.
Catalog::Hardware look_up(const Catalog& catalog, const std::string& name) {
  try {
    return catalog.hardware(name);
  } catch (const Error& error) {
    double number = 0;
    const char* const end = name.data() + name.size();
    const auto [after, failure] = std::from_chars(name.data(), end, number);
    if (failure != std::errc() || after != end) throw;
    throw Error(ErrorCode::bad_value,
                fmt::format("no GPU is called \"{}\", and as a size it has no unit; write {}GiB or {}GB",
                            name, name, name),
                {name + "GiB", name + "GB"});
  }
}

Machine plain_size(const std::string& words, Bytes size) {
  if (size == Bytes(0))
    throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no size that a GPU can have", words));
  Machine machine = machine_of({
      Device{fmt::format("a GPU with {}", words), size, size, {}, 0, 0}
  });
  machine.id = words;
  return machine;
}

Machine system_machine(const Catalog& catalog, const System& system) {
  Machine machine = machine_of(system);
  machine.devices = devices_of(system, system.gpu_id.empty() ? nullptr : &catalog.gpu(system.gpu_id));
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
              fmt::format("nobody has said how much memory {} gives to a program; name a size, such as 24GiB",
                          machine.name));
}

void give(Machine& machine, Bytes size) {
  machine.usable = Bytes(0);
  for (Device& device : machine.devices) {
    device.usable = Bytes(size.count() / machine.devices.size());
    machine.usable += device.usable;
  }
}

struct Named {
  Machine machine;
  bool whole = false;  // with a host of its own
};

Named one_of(const Catalog& catalog, const Part& part) {
  if (const auto size = bytes_from_text(part.name)) return {plain_size(part.name, *size), false};
  const auto [gpu, system] = look_up(catalog, part.name);
  Machine machine = gpu != nullptr ? gpu_machine(*gpu) : system_machine(catalog, *system);
  if (part.gives) {
    give(machine, *part.gives);
    machine.name += fmt::format(" giving {:.1f} GiB",
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
      throw Error(ErrorCode::unsupported,
                  fmt::format("\"{}\" is a whole machine: a model is not spread over several; name it alone",
                              one.id));
    if (devices.size() + one.devices.size() * part.count > 1024)
      throw Error(ErrorCode::bad_value, fmt::format("\"{}\" are more GPUs than a machine can have", words));
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

// More than the runtime drives count as one pool.
void limit_devices(Machine& machine) {
  if (machine.devices.size() <= most_devices) return;
  machine.warnings.push_back(fmt::format(
      "llama.cpp drives at most {} GPUs; the {} count as one pool, and what a split over them adds "
      "is not in the figures",
      most_devices, machine.devices.size()));
  machine.devices.clear();
}

// --split-mode none: the other GPUs might as well not be there.
void keep_one(Machine& machine, std::uint32_t gpu) {
  if (gpu >= machine.devices.size())
    throw Error(ErrorCode::bad_value,
                fmt::format("-mg {}: {} has GPUs 0 to {}", gpu, machine.name, machine.devices.size() - 1));
  Machine one = machine_of({machine.devices[gpu]});
  one.id = machine.id;
  one.host = machine.host;
  one.shares_memory = machine.shares_memory;
  one.warnings = std::move(machine.warnings);
  machine = std::move(one);
}

void reserve(Machine& machine, Bytes kept) {
  if (kept == Bytes(0)) return;
  for (Device& device : machine.devices) {
    if (device.usable <= kept)
      throw Error(ErrorCode::bad_value, fmt::format("--reserve takes all that {} has", device.name));
    device.usable -= kept;
  }
  const Bytes all = kept * std::max<std::size_t>(1, machine.device.count);
  if (machine.usable <= all)
    throw Error(ErrorCode::bad_value, fmt::format("--reserve takes all that {} has", machine.name));
  machine.usable -= all;
}

// A plain size may be anything that has it.
void drive_with(Machine& machine, Backend backend, bool is_size) {
  if (!is_size && !drives(backend, machine.device.backend))
    throw Error(ErrorCode::bad_value, fmt::format("--backend {}: {} does not drive {}", to_string(backend),
                                                  title(backend), machine.name));
  machine.device.backend = backend;
  for (Device& device : machine.devices) device.target.backend = backend;
}

Machine named_machine(const Catalog& catalog, const Question& question) {
  if (question.gpu == "local") return local_machine(catalog, probe_of_this_computer());
  std::vector<Part> parts;
  for (const std::string& words : split_at_commas(question.gpu)) parts.push_back(part_of(words));
  if (parts.size() == 1 && parts[0].count == 1) return one_of(catalog, parts[0]).machine;
  return several(catalog, parts, question.gpu);
}

}  // namespace

Machine find_machine(const Catalog& catalog, const Question& question) {
  Machine machine = named_machine(catalog, question);
  if (question.backend) drive_with(machine, *question.backend, bytes_from_text(question.gpu).has_value());
  limit_devices(machine);
  if (question.offload.one_gpu) keep_one(machine, question.offload.main_gpu.value_or(0));
  reserve(machine, question.reserve);
  if (question.ram) machine.host = *question.ram;
  return machine;
}

}  // namespace vramcalc::report
