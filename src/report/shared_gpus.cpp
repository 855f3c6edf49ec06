#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "deployment/finding_codes.hpp"
#include "report/deployment.hpp"

namespace vramcalc::report {

namespace {

using deployment::finding;

// What one service takes of the GPUs of its machine.
struct Tenant {
  std::size_t service;
  std::map<std::uint32_t, Amount> taken;  // by the GPU's index
  bool takes_share = false;
};

bool takes_share(const CheckReport& check) {
  const auto runtime = std::ranges::find(runtimes(), check.settings.runtime, &Runtime::id);
  return runtime != runtimes().end() && runtime->can.takes_a_share;
}

// An engine that takes a share takes all of it, whatever its requests need.
Amount taken_of(const CheckReport& check, std::size_t place) {
  const PlaceFit& fit = check.places[place];
  return takes_share(check) && fit.usable > fit.used.best ? Amount::exactly(fit.usable) : fit.used;
}

Amount times(const Amount& amount, std::uint32_t copies) {
  return {amount.low * copies, amount.best * copies, amount.high * copies};
}

// Copies of one service on one host share the same GPUs.
Tenant tenant_of(std::size_t index, const ServiceReport& service, const ServiceQuestion& question) {
  const CheckReport& check = *service.check;
  const std::vector<std::uint32_t>& visible = question.question.visible_gpus;
  Tenant tenant{index, {}, takes_share(check)};
  for (std::size_t i = 0; i < check.places.size(); ++i) {
    if (check.places[i].place.is_host()) continue;
    const auto gpu = static_cast<std::uint32_t>(check.places[i].place.gpu_index());
    tenant.taken[gpu < visible.size() ? visible[gpu] : gpu] =
        times(taken_of(check, i), std::max(1u, service.replicas));
  }
  return tenant;
}

Machine whole_machine(const Catalog& catalog, const ServiceQuestion& service,
                      std::span<const Runtime> runtimes, const EmbeddedFigures& figures) {
  Question question = service.question;
  question.visible_gpus.clear();
  return find_machine(catalog, completed(question, runtimes, figures));
}

struct Sum {
  Amount used;
  std::vector<const Tenant*> tenants;
};

Sum sum_on(std::uint32_t gpu, const std::vector<const Tenant*>& tenants) {
  Sum sum;
  for (const Tenant* tenant : tenants) {
    const auto taken = tenant->taken.find(gpu);
    if (taken == tenant->taken.end()) continue;
    sum.used += taken->second;
    sum.tenants.push_back(tenant);
  }
  return sum;
}

// The most that any set of services takes that may run at once.
Sum most_on(std::uint32_t gpu, const std::vector<std::vector<const Tenant*>>& sets) {
  Sum most;
  for (const auto& set : sets)
    if (Sum sum = sum_on(gpu, set); sum.used.best > most.used.best) most = std::move(sum);
  return most;
}

std::vector<std::vector<const Tenant*>> sets_of(const std::string& machine,
                                                const std::vector<Tenant>& tenants,
                                                const std::vector<deployment::Together>& together) {
  std::vector<std::vector<const Tenant*>> sets;
  const auto known = std::ranges::find(together, machine, &deployment::Together::machine);
  if (known == together.end()) {
    for (const Tenant& tenant : tenants) sets.resize(1), sets[0].push_back(&tenant);
    return sets;
  }
  for (const std::vector<std::size_t>& set : known->sets) {
    sets.emplace_back();
    for (const Tenant& tenant : tenants)
      if (std::ranges::find(set, tenant.service) != set.end()) sets.back().push_back(&tenant);
  }
  return sets;
}

std::vector<std::string> names_of(const Sum& sum, const DeploymentReport& report) {
  std::vector<std::string> names;
  for (const Tenant* tenant : sum.tenants) names.push_back(report.services[tenant->service].name);
  return names;
}

// The services fit one by one, but not together.
void add_finding(DeploymentReport& report, const SharedGpu& gpu, const Sum& sum) {
  if (sum.tenants.size() < 2 || gpu.usable == Bytes() || sum.used.high <= gpu.usable) return;
  const bool all_share =
      std::ranges::all_of(sum.tenants, [](const Tenant* each) { return each->takes_share; });
  const std::string_view code = all_share && sum.used.low > gpu.usable ? "fractions-exceed-one"
                                : sum.used.low > gpu.usable            ? "shared-gpu-overfull"
                                                                       : "tight";
  const deployment::Position at = report.services[sum.tenants.back()->service].at;
  report.findings.push_back(
      finding(code,
              fmt::format("{} need {} of {}, which has {}", fmt::join(gpu.services, " and "),
                          gigabytes(sum.used.best), gpu.name, gigabytes(gpu.usable)),
              at,
              all_share ? "Lower the shares of the memory so that they add up to less than 1"
                        : "Move one of them to another GPU"));
}

void add_machine(DeploymentReport& report, const std::string& name, const Machine& machine,
                 const std::vector<Tenant>& tenants, const std::vector<deployment::Together>& together) {
  SharedMachine shared{name, machine.id, {}};
  const auto sets = sets_of(name, tenants, together);
  for (std::uint32_t i = 0; i < machine.devices.size(); ++i) {
    const Sum sum = most_on(i, sets);
    SharedGpu gpu{to_string(Place::gpu(i)), machine.devices[i].usable, sum.used, names_of(sum, report), {}};
    if (gpu.usable > Bytes()) gpu.verdict = verdict_for(gpu.used, gpu.usable);
    add_finding(report, gpu, sum);
    shared.gpus.push_back(std::move(gpu));
  }
  report.machines.push_back(std::move(shared));
}

}  // namespace

void add_machines(DeploymentReport& report, const Catalog& catalog, const DeploymentQuestion& question,
                  std::span<const Runtime> runtimes, const EmbeddedFigures& figures) {
  std::vector<std::string> names;
  for (const ServiceQuestion& service : question.services)
    if (!service.launch.machine.empty() && std::ranges::find(names, service.launch.machine) == names.end())
      names.push_back(service.launch.machine);
  for (const std::string& name : names) {
    std::vector<Tenant> tenants;
    for (std::size_t i = 0; i < question.services.size(); ++i)
      if (question.services[i].launch.machine == name && report.services[i].check)
        tenants.push_back(tenant_of(i, report.services[i], question.services[i]));
    if (tenants.empty()) continue;
    const ServiceQuestion& first = question.services[tenants.front().service];
    add_machine(report, name, whole_machine(catalog, first, runtimes, figures), tenants, question.together);
  }
}

void require_headroom(DeploymentReport& report, const DeploymentQuestion& question) {
  const double share = question.policy.headroom;
  if (share <= 0) return;
  const auto is_short = [&](Bytes used, Bytes usable) {
    return usable > Bytes() &&
           static_cast<double>(used.count()) > (1 - share) * static_cast<double>(usable.count());
  };
  const auto message = [&](std::string_view gpu, Bytes used, Bytes usable) {
    return fmt::format("{} of {} on {} leaves less than {:.0f} % free", gigabytes(used), gigabytes(usable),
                       gpu, 100 * share);
  };
  for (std::size_t s = 0; s < report.services.size(); ++s) {
    ServiceReport& service = report.services[s];
    if (!service.check || !question.services[s].launch.machine.empty()) continue;
    for (std::size_t i = 0; i < service.check->places.size(); ++i) {
      const PlaceFit& place = service.check->places[i];
      if (place.place.is_host() || !is_short(place.used.high, place.usable)) continue;
      service.findings.push_back(
          finding("headroom", message(to_string(place.place), place.used.high, place.usable), service.at));
      break;
    }
  }
  for (const SharedMachine& machine : report.machines)
    for (const SharedGpu& gpu : machine.gpus)
      if (!gpu.services.empty() && is_short(gpu.used.high, gpu.usable))
        report.findings.push_back(
            finding("headroom", message(gpu.name, gpu.used.high, gpu.usable), {machine.name, 0}));
}

}  // namespace vramcalc::report
