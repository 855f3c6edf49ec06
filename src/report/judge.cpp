#include "report/judge.hpp"

#include <algorithm>

namespace vramcalc::report {
bool are_judged_alike(const Machine& a, const Machine& b) {
  return a.host == b.host && a.usable == b.usable && a.device == b.device &&
         std::ranges::equal(a.devices, b.devices, [](const Device& x, const Device& y) {
           return x.usable == y.usable && x.target == y.target;
         });
}

Verdict verdict_of(Session& session, const Quantization& quantization, const Demand& demand,
                   const Machine& machine) {
  const Capabilities& can = session.runtime().can;
  const bool is_pool = machine.devices.empty() || (machine.devices.size() == 1 && !can.loads_checkpoints);
  if (!is_pool) return session.verdict(quantization, demand, machine);
  return session.verdict_on_pool(quantization, demand, machine.device, machine.usable,
                                 can.uses_host_memory ? machine.host : Bytes(0));
}

void add_speeds(std::span<HardwareRow> rows, std::span<const Machine> machines, Session& session,
                const Quantization& quantization, const Demand& demand) {
  std::vector<std::span<const Device>> devices;
  for (std::size_t i = 0; i < rows.size(); ++i) devices.emplace_back(machines[i].devices);
  add_speeds(rows, std::move(devices), session, quantization, demand);
}

Judge::Judge(const Catalog& catalog, const Question& question, Session& session,
             const Quantization& quantization, const Demand& demand)
    : catalog_(catalog),
      session_(session),
      quantization_(quantization),
      demand_(demand),
      backend_(question.backend),
      quantizations_(common_quantizations(catalog, question, session)),
      best_(session, quantizations_, demand) {}

Backend Judge::driver_of(Backend usual) const {
  return backend_ && drives(*backend_, usual) ? *backend_ : usual;
}

Verdict Judge::on_pool(TargetDevice device, Bytes usable, Bytes host) {
  device.backend = driver_of(device.backend);
  if (!session_.runtime().can.uses_host_memory) host = Bytes(0);
  return session_.verdict_on_pool(quantization_, demand_, device, usable, host);
}

template <class Hardware>
Machine Judge::machine(const Hardware& hardware) const {
  Machine machine = machine_of(catalog_, hardware);
  machine.device.backend = driver_of(machine.device.backend);
  for (Device& device : machine.devices) device.target.backend = driver_of(device.target.backend);
  return machine_under(session_, std::move(machine));
}
template Machine Judge::machine(const Gpu& gpu) const;
template Machine Judge::machine(const System& system) const;

Verdict Judge::verdict(const Gpu& gpu) {
  if (tells_gpus_apart() && gpu.splits_into_two) return judged(machine(gpu)).verdict;
  const Pool pool = pool_of(gpu);
  return on_pool(pool.device, session_.budget(pool.device, pool.usable), pool.host);
}

Verdict Judge::verdict(const System& system) {
  const bool halves = system.gpu_count == 1 && !system.gpu_id.empty() && system.gpu_fraction == 1 &&
                      catalog_.gpu(system.gpu_id).splits_into_two;
  // Engines know more of a GPU than a system's own figures say.
  const bool is_pool = system.gpu_count == 1 && !halves && !session_.runtime().can.loads_checkpoints;
  if (!tells_gpus_apart() || is_pool) {
    const Pool pool = pool_of(system);
    return on_pool(pool.device, session_.budget(pool.device, pool.usable), pool.host);
  }
  const Kind kind{system.gpu_id,     system.gpu,          system.vendor,           system.gpu_count,
                  system.usable_mib, system.gpu_fraction, system.system_memory_gb, system.kind};
  const auto known = std::ranges::find(kinds_, kind, &JudgedKind::kind);
  if (known != kinds_.end()) return known->verdict;
  return kinds_.emplace_back(JudgedKind{kind, judged(machine(system)).verdict}).verdict;
}

Judge::Judged& Judge::judged(Machine machine) {
  const auto known = std::ranges::find_if(
      judged_, [&](const Judged& each) { return are_judged_alike(each.machine, machine); });
  if (known != judged_.end()) return *known;
  // Searches on other machines must not change the path of this one, so that it agrees with check.
  session_.forget_searches();
  const bool is_pool =
      machine.devices.empty() || (machine.devices.size() == 1 && !session_.runtime().can.loads_checkpoints);
  const Verdict verdict = is_pool ? on_pool(machine.device, machine.usable, machine.host)
                                  : session_.verdict(quantization_, demand_, machine);
  return judged_.emplace_back(
      Judged{std::move(machine), verdict, false, std::nullopt, nullptr, std::nullopt});
}

void Judge::finish(Judged& judged) {
  if (judged.filled) return;
  judged.filled = true;
  session_.forget_searches();
  judged.max_context = session_.longest_context(quantization_, judged.machine, {}, 0);
  session_.forget_searches();
  judged.best = best_.on(judged.machine);
}

void Judge::fill(HardwareRow& row, const Machine& machine) {
  Judged& found = judged(machine);
  finish(found);
  row.verdict = found.verdict;
  row.gpu_count = machine.device.count;
  row.memory = machine.memory;
  row.usable = machine.usable;
  row.max_context = found.max_context;
  if (found.best != nullptr) row.best_quantization = name_of(*found.best);
  const TargetDevice& gpu = machine.devices.empty() ? machine.device : machine.devices.front().target;
  row.weight_only = !session_.remarks(quantization_, gpu).empty();
  if (row.verdict != Verdict::no || row.is_system) return;
  if (!found.needed) found.needed = fewest_gpus(session_, quantization_, demand_, machine).value_or(0);
  row.needed = *found.needed;
}

Machine machine_under(const Session& session, Machine machine) {
  if (session.runtime().can.tells_gpus_apart)
    limit_devices(machine, session.runtime());
  else
    machine.devices.clear();
  apply_budget(machine, session);
  return machine;
}

Machine machine_of(const Catalog&, const Gpu& gpu) { return machine_of(devices_of(gpu)); }

Machine machine_of(const Catalog& catalog, const System& system) {
  Machine machine = machine_of(system);
  machine.devices = devices_of(system, system.gpu_id.empty() ? nullptr : &catalog.gpu(system.gpu_id));
  return machine;
}

namespace {

template <class Hardware>
HardwareRow said_of(const Hardware& hardware) {
  HardwareRow row;
  row.id = hardware.id;
  row.name = hardware.name;
  row.memory_gb = hardware.memory_gb;
  row.prominence = hardware.prominence;
  return row;
}

}  // namespace

HardwareRow row_of(const Gpu& gpu) { return said_of(gpu); }

HardwareRow row_of(const System& system) {
  HardwareRow row = said_of(system);
  row.is_system = true;
  return row;
}

}  // namespace vramcalc::report
