#include "report/judge.hpp"

#include <algorithm>

#include "fit/glance.hpp"

namespace vramcalc::report {
namespace {

bool same_devices(const Machine& a, const Machine& b) {
  return a.host == b.host && a.usable == b.usable && a.device == b.device &&
         std::ranges::equal(a.devices, b.devices, [](const Device& x, const Device& y) {
           return x.usable == y.usable && x.target == y.target;
         });
}

}  // namespace

Judge::Judge(const Catalog& catalog, Estimator& estimator, const FileType& file_type, std::uint64_t context,
             std::optional<Backend> backend)
    : catalog_(catalog),
      estimator_(estimator),
      file_type_(file_type),
      weighing_(estimator.weigh(file_type)),
      context_(context),
      backend_(backend),
      best_on_a_pool_(estimator, common_file_types(catalog), context),
      file_types_(common_file_types(catalog)) {}

const Judge::WithoutOverhead& Judge::without_overhead(Backend backend) {
  std::optional<WithoutOverhead>& known = without_overhead_[static_cast<std::size_t>(backend)];
  if (known) return *known;
  TargetDevice device;
  device.backend = backend;
  const Estimate estimate = estimator_.estimate(file_type_, context_, device, Reasons::none);
  known = {estimator_.weights_on_gpu(weighing_, backend) + estimator_.allocation(context_, backend) +
               estimator_.beside(context_),
           estimate.host_total()};
  return *known;
}

Backend Judge::driver_of(Backend usual) const {
  return backend_ && drives(*backend_, usual) ? *backend_ : usual;
}

// As verdict_on for a single device.
Verdict Judge::on_pool(TargetDevice device, Bytes usable, Bytes host) {
  device.backend = driver_of(device.backend);
  const WithoutOverhead& load = without_overhead(device.backend);
  const Verdict verdict = verdict_for(load.on_gpu + estimator_.overhead(weighing_, device), usable, host);
  if (host == Bytes(0) || verdict >= Verdict::offload) return verdict;
  return std::max(verdict, verdict_for(load.on_host, host));
}

template <class Hardware>
Machine Judge::machine(const Hardware& hardware) const {
  Machine machine = machine_of(catalog_, hardware);
  machine.device.backend = driver_of(machine.device.backend);
  for (Device& device : machine.devices) device.target.backend = machine.device.backend;
  if (places())
    limit_devices(machine);
  else
    machine.devices.clear();
  return machine;
}

Verdict Judge::verdict(const Gpu& gpu) {
  if (places() && gpu.splits_into_two) return judged(machine(gpu)).verdict;
  const Pool pool = pool_of(gpu);
  return on_pool(pool.device, pool.usable, pool.host);
}

Verdict Judge::verdict(const System& system) {
  const bool halves = system.gpu_count == 1 && !system.gpu_id.empty() && system.gpu_fraction == 1 &&
                      catalog_.gpu(system.gpu_id).splits_into_two;
  if (!places() || (system.gpu_count == 1 && !halves)) {
    const Pool pool = pool_of(system);
    return on_pool(pool.device, pool.usable, pool.host);
  }
  const Kind kind{system.gpu_id,     system.gpu,          system.vendor,           system.gpu_count,
                  system.usable_mib, system.gpu_fraction, system.system_memory_gb, system.kind};
  const auto known = std::ranges::find(kinds_, kind, &JudgedKind::kind);
  if (known != kinds_.end()) return known->verdict;
  return kinds_.emplace_back(JudgedKind{kind, judged(machine(system)).verdict}).verdict;
}

Judge::Judged& Judge::judged(Machine machine) {
  const auto known =
      std::ranges::find_if(judged_, [&](const Judged& each) { return same_devices(each.machine, machine); });
  if (known != judged_.end()) return *known;
  const Verdict verdict = judge(machine);
  return judged_.emplace_back(
      Judged{std::move(machine), verdict, false, std::nullopt, nullptr, std::nullopt});
}

// What searches have seen of other machines must not lead this one elsewhere than check is led.
Verdict Judge::judge(const Machine& machine) {
  if (machine.devices.size() < 2) return on_pool(machine.device, machine.usable, machine.host);
  if (const auto known = Glance(estimator_, file_type_, context_, machine).verdict()) return *known;
  estimator_.seen_buffers() = {};
  return verdict_on(spread_over(estimator_, file_type_, context_, machine).estimate, machine, {});
}

void Judge::finish(Judged& judged) {
  if (judged.filled) return;
  judged.filled = true;
  const Machine& machine = judged.machine;
  estimator_.seen_buffers() = {};
  judged.max_context = largest_context(estimator_, file_type_, machine);
  estimator_.seen_buffers() = {};
  judged.best = machine.devices.size() < 2 ? best_on_a_pool_.on(machine.usable, machine.device)
                                           : best_quantization(estimator_, file_types_, context_, machine);
}

void Judge::fill(HardwareRow& row, const Machine& machine) {
  Judged& found = judged(machine);
  finish(found);
  row.verdict = found.verdict;
  row.gpu_count = machine.device.count;
  row.memory = machine.memory;
  row.usable = machine.usable;
  row.max_context = found.max_context;
  if (found.best != nullptr) row.best_quantization = found.best->name;
  if (row.verdict != Verdict::no || row.is_system) return;
  if (!found.needed) found.needed = fewest_gpus(estimator_, file_type_, context_, machine).value_or(0);
  row.needed = *found.needed;
}

void Judge::fill(HardwareRow& row, const Gpu& gpu) { fill(row, machine(gpu)); }
void Judge::fill(HardwareRow& row, const System& system) { fill(row, machine(system)); }

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

namespace {

bool are_alike(const std::vector<Device>& devices) {
  return std::ranges::all_of(devices, [&](const Device& device) {
    return device.usable == devices[0].usable && device.target == devices[0].target;
  });
}

// A runtime that pools all memory drives any number.
Machine times(const Machine& machine, std::uint32_t count) {
  const std::size_t all = std::max<std::size_t>(1, machine.device.count);
  Device one{machine.name,
             Bytes(machine.memory.count() / all),
             Bytes(machine.usable.count() / all),
             machine.device,
             0,
             0};
  if (!machine.devices.empty()) one = machine.devices[0];
  one.target.count = 1;
  Machine several = machine_of(std::vector<Device>(count, one));
  several.host = machine.host;
  if (machine.devices.empty()) several.devices.clear();
  return several;
}

}  // namespace

std::optional<std::uint32_t> fewest_gpus(Estimator& estimator, const FileType& file_type,
                                         std::uint64_t context, const Machine& machine) {
  if (machine.shares_memory || machine.usable == Bytes(0) || !are_alike(machine.devices)) return std::nullopt;
  const Machine one = times(machine, 1);
  const std::uint64_t weights = estimator.weigh(file_type).gpu.count();
  const std::uint64_t least =
      std::max<std::uint64_t>(1, (weights + one.usable.count() - 1) / one.usable.count());
  const std::uint64_t most = machine.devices.empty() ? 2 * least + 16 : most_devices;
  for (std::uint64_t count = least; count <= most; ++count)
    if (fits_over(estimator, file_type, context, times(machine, static_cast<std::uint32_t>(count))))
      return static_cast<std::uint32_t>(count);
  return std::nullopt;
}

}  // namespace vramcalc::report
