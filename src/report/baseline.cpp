#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "model/printable.hpp"
#include "report/report.hpp"

// What a deployment has become since a report of it was kept.
namespace vramcalc::report {
namespace {

using Json = nlohmann::json;
using Change = DeploymentChange;

constexpr int deepest = 32;  // of a report: ours are 7 deep
constexpr std::size_t largest = std::size_t{256} << 20;

// A kept report, with the name of its file for errors.
struct Kept {
  const std::string& file;
  Json json = {};

  [[noreturn]] void refuse(std::string_view why) const {
    throw Error(ErrorCode::bad_file,
                fmt::format("{} is not the --json of a deployment: {}", in_quotes(file), why));
  }
  const Json& member(const Json& object, const char* key) const {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end()) refuse(fmt::format("it lacks \"{}\"", key));
    return *found;
  }
  const Json& list(const Json& object, const char* key) const {
    const Json& list = member(object, key);
    if (!list.is_array()) refuse(fmt::format("\"{}\" is not a list", key));
    return list;
  }
  // Empty for null.
  std::string text(const Json& object, const char* key) const {
    const Json& text = member(object, key);
    if (text.is_null()) return {};
    if (!text.is_string()) refuse(fmt::format("\"{}\" is not a text", key));
    return text.get<std::string>();
  }
  Bytes bytes(const Json& object, const char* key) const {
    const Json& bytes = member(object, key);
    if (!bytes.is_number_unsigned()) refuse(fmt::format("\"{}\" is not a number of bytes", key));
    return Bytes(bytes.get<std::uint64_t>());
  }
};

Json parsed(const Kept& kept, std::string_view text) {
  if (text.size() > largest) kept.refuse("it is too large");
  const auto bounded = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > deepest) kept.refuse("it is nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, bounded);
  } catch (const Json::exception&) {
    kept.refuse("it is not JSON");
  }
}

void check_kind(const Kept& kept) {
  if (kept.text(kept.json, "kind") != "deployment") kept.refuse("it is of another kind");
  const Json& version = kept.member(kept.json, "schema_version");
  if (!version.is_number_unsigned() || version.get<std::uint64_t>() != 1)
    kept.refuse("its schema version is not 1");
}

std::string_view base_name(std::string_view path) { return path.substr(path.find_last_of("/\\") + 1); }

// ---- services

// What is compared of a service, now or then.
struct State {
  std::string name, file, status;
  Bytes bytes;  // 0: unknown
};

std::vector<State> states_of(const DeploymentReport& report) {
  std::vector<State> states;
  for (const ServiceReport& service : report.services)
    states.push_back({service.name, service.at.file, std::string(to_string(service.status)),
                      service.check ? service.check->estimate.gpu_total().best : Bytes(0)});
  return states;
}

bool is_status(std::string_view word) {
  for (std::size_t i = 0; i < status_count; ++i)
    if (word == to_string(static_cast<ServiceReport::Status>(i))) return true;
  return false;
}

std::vector<State> states_of(const Kept& kept) {
  std::vector<State> states;
  for (const Json& service : kept.list(kept.json, "services")) {
    const Json& estimate = kept.member(service, "estimate");
    states.push_back({kept.text(service, "name"), kept.text(service, "file"), kept.text(service, "status"),
                      estimate.is_null() ? Bytes(0) : kept.bytes(estimate, "total_bytes")});
    if (!is_status(states.back().status)) kept.refuse("a service has an unknown \"status\"");
  }
  return states;
}

// ---- GPUs

struct GpuState {
  std::string name, file;  // of the GPU and its machine, which is often named after a file
  Bytes bytes;
};

std::vector<GpuState> gpus_of(const DeploymentReport& report) {
  std::vector<GpuState> gpus;
  for (const SharedMachine& machine : report.machines)
    for (const SharedGpu& gpu : machine.gpus) gpus.push_back({gpu.name, machine.name, gpu.used.best});
  return gpus;
}

std::vector<GpuState> gpus_of(const Kept& kept) {
  std::vector<GpuState> gpus;
  for (const Json& machine : kept.list(kept.json, "machines"))
    for (const Json& gpu : kept.list(machine, "gpus"))
      gpus.push_back({kept.text(gpu, "name"), kept.text(machine, "name"), kept.bytes(gpu, "total_bytes")});
  return gpus;
}

// ---- pairs

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

// For each row now, the index of the one before. Rows with the same name and file are paired in their order;
// then those whose files have the same name in another folder.
template <class Row>
std::vector<std::size_t> paired(const std::vector<Row>& now, const std::vector<Row>& before) {
  std::vector<std::size_t> pairs(now.size(), none);
  std::vector<bool> taken(before.size());
  for (const bool whole : {true, false}) {
    const auto key = [&](const Row& row) {
      return fmt::format("{}\n{}", row.name, whole ? std::string_view(row.file) : base_name(row.file));
    };
    std::unordered_map<std::string, std::vector<std::size_t>> open;  // the last one first
    for (std::size_t i = before.size(); i-- > 0;)
      if (!taken[i]) open[key(before[i])].push_back(i);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (pairs[i] != none) continue;
      const auto found = open.find(key(now[i]));
      if (found == open.end() || found->second.empty()) continue;
      pairs[i] = found->second.back();
      taken[pairs[i]] = true;
      found->second.pop_back();
    }
  }
  return pairs;
}

// Calls `differ(before, now)` for each pair, with null for a row that is not there.
template <class Row, class Differ>
void each_pair(const std::vector<Row>& now, const std::vector<Row>& before, const Differ& differ) {
  const std::vector<std::size_t> pairs = paired(now, before);
  std::vector<bool> taken(before.size());
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (pairs[i] != none) taken[pairs[i]] = true;
    differ(pairs[i] == none ? nullptr : &before[pairs[i]], &now[i]);
  }
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!taken[i]) differ(&before[i], static_cast<const Row*>(nullptr));
}

std::vector<Change::Service> changed(const std::vector<State>& now, const std::vector<State>& before) {
  std::vector<Change::Service> services;
  each_pair(now, before, [&](const State* then, const State* later) {
    if (then != nullptr && later != nullptr && then->status == later->status && then->bytes == later->bytes)
      return;
    const State nothing;
    const State& a = then == nullptr ? nothing : *then;
    const State& b = later == nullptr ? nothing : *later;
    services.push_back({later == nullptr ? a.name : b.name, a.status, b.status, a.bytes, b.bytes});
  });
  return services;
}

std::vector<Change::Gpu> changed(const std::vector<GpuState>& now, const std::vector<GpuState>& before) {
  std::vector<Change::Gpu> gpus;
  each_pair(now, before, [&](const GpuState* then, const GpuState* later) {
    const GpuState& named = later == nullptr ? *then : *later;
    const Bytes a = then == nullptr ? Bytes(0) : then->bytes, b = later == nullptr ? Bytes(0) : later->bytes;
    if (a != b) gpus.push_back({named.file, named.name, a, b});
  });
  return gpus;
}

}  // namespace

DeploymentChange change_since(const DeploymentReport& now, const std::string& file, std::string_view json) {
  Kept kept{file};
  kept.json = parsed(kept, json);
  check_kind(kept);
  return {file, changed(gpus_of(now), gpus_of(kept)), changed(states_of(now), states_of(kept))};
}

}  // namespace vramcalc::report
