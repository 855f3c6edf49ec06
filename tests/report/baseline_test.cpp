#include <string>
#include <vector>

#include "catch.hpp"
#include "report/report.hpp"
#include "support/sampled.hpp"

using namespace vramcalc;
using Status = ServiceReport::Status;

namespace {

ServiceReport service(const std::string& name, const std::string& file, Status status, std::uint64_t bytes) {
  ServiceReport service;
  service.name = name;
  service.at.file = file;
  service.status = status;
  if (bytes == 0) return service;
  Term weights;
  weights.amount = Amount::exactly(Bytes(bytes));
  service.check = CheckReport();
  service.check->estimate.places = {
      {Place::gpu(0), {weights}}
  };
  return service;
}

DeploymentReport deployment_of(std::vector<ServiceReport> services,
                               std::vector<SharedMachine> machines = {}) {
  DeploymentReport report;
  report.services = std::move(services);
  report.machines = std::move(machines);
  return report;
}

SharedMachine machine(const std::string& name, std::vector<std::uint64_t> bytes) {
  SharedMachine machine;
  machine.name = name;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    machine.gpus.push_back(
        {"gpu" + std::to_string(i), Bytes(0), Amount::exactly(Bytes(bytes[i])), {}, std::nullopt});
  return machine;
}

std::string kept(const std::string& services, const std::string& machines = "") {
  return R"({"schema_version": 1, "kind": "deployment", "services": [)" + services + R"(], "machines": [)" +
         machines + "]}";
}

std::string kept_service(const std::string& name, const std::string& file, const std::string& status,
                         std::uint64_t bytes) {
  const std::string estimate = bytes == 0 ? "null" : "{\"total_bytes\": " + std::to_string(bytes) + "}";
  return R"({"name": ")" + name + R"(", "file": ")" + file + R"(", "status": ")" + status +
         R"(", "estimate": )" + estimate + "}";
}

std::vector<std::string> services_of(const DeploymentChange& change) {
  std::vector<std::string> lines;
  for (const DeploymentChange::Service& each : change.services)
    lines.push_back(each.name + ": " + each.before + ' ' + std::to_string(each.bytes_before.count()) +
                    " -> " + each.after + ' ' + std::to_string(each.bytes_after.count()));
  return lines;
}

std::vector<std::string> gpus_of(const DeploymentChange& change) {
  std::vector<std::string> lines;
  for (const DeploymentChange::Gpu& each : change.gpus)
    lines.push_back(each.machine + ' ' + each.gpu + ": " + std::to_string(each.before.count()) + " -> " +
                    std::to_string(each.after.count()));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("services whose status or bytes differ have changed, added and removed ones too") {
  const DeploymentReport now = deployment_of(
      {service("same", "a.yaml", Status::fits, 10), service("more", "a.yaml", Status::fits, 12),
       service("worse", "a.yaml", Status::would_not_start, 0), service("new", "a.yaml", Status::tight, 7)});
  const std::string before = kept(
      kept_service("same", "a.yaml", "fits", 10) + ',' + kept_service("more", "a.yaml", "fits", 11) + ',' +
      kept_service("worse", "a.yaml", "unresolved", 0) + ',' + kept_service("gone", "a.yaml", "fits", 3));
  const DeploymentChange change = report::change_since(now, "main.json", before);
  CHECK(change.baseline == "main.json");
  CHECK(services_of(change) == Lines{"more: fits 11 -> fits 12", "worse: unresolved 0 -> would-not-start 0",
                                     "new:  0 -> tight 7", "gone: fits 3 ->  0"});
}

TEST_CASE("services are paired by name and file, in whichever folder it lies") {
  const std::string before = kept(kept_service("a", "/base/x/c.yaml", "fits", 1) + ',' +
                                  kept_service("a", "/base/y/d.yaml", "fits", 2));
  CHECK(services_of(report::change_since(deployment_of({service("a", "y/d.yaml", Status::fits, 2),
                                                        service("a", "x/c.yaml", Status::fits, 5)}),
                                         "b", before)) == Lines{"a: fits 1 -> fits 5"});
}

TEST_CASE("the same path pairs before the same file name") {
  const std::string before =
      kept(kept_service("a", "x/c.yaml", "fits", 1) + ',' + kept_service("a", "y/c.yaml", "fits", 2));
  CHECK(services_of(report::change_since(deployment_of({service("a", "y/c.yaml", Status::fits, 2),
                                                        service("a", "x/c.yaml", Status::fits, 1)}),
                                         "b", before)) == Lines{});
}

TEST_CASE("services of the same name are paired in their order") {
  const std::string before =
      kept(kept_service("a", "c.yaml", "fits", 1) + ',' + kept_service("a", "c.yaml", "fits", 2));
  CHECK(services_of(report::change_since(
            deployment_of({service("a", "c.yaml", Status::fits, 1), service("a", "c.yaml", Status::fits, 3)}),
            "b", before)) == Lines{"a: fits 2 -> fits 3"});
}

TEST_CASE("GPUs whose sums differ have changed") {
  const std::string before = kept("", R"({"name": "/base/compose.yaml", "gpus": [
      {"name": "gpu0", "total_bytes": 10}, {"name": "gpu1", "total_bytes": 20}, {"name": "gpu2", "total_bytes": 5}]})");
  const DeploymentReport now = deployment_of({}, {machine("compose.yaml", {16, 20}), machine("host", {7})});
  CHECK(gpus_of(report::change_since(now, "b", before)) ==
        Lines{"compose.yaml gpu0: 10 -> 16", "host gpu0: 0 -> 7", "/base/compose.yaml gpu2: 5 -> 0"});
}

TEST_CASE("a baseline that is no report of a deployment is refused, with its name and the reason") {
  const auto refused = [](const std::string& json, const std::string& why) {
    CAPTURE(json.substr(0, 100));
    CHECK_THROWS_WITH(report::change_since({}, "main.json", json),
                      "\"main.json\" is not the --json of a deployment: " + why);
  };
  const std::string begin = R"({"kind": "deployment", "schema_version": )";
  const std::string row = R"({"name": "a", "file": null, "status": "fits", "estimate": )";
  refused("", "it is not JSON");
  refused("{", "it is not JSON");
  refused("[]", "it lacks \"kind\"");
  refused("7", "it lacks \"kind\"");
  refused(R"({"kind": "check"})", "it is of another kind");
  refused(R"({"kind": 1})", "\"kind\" is not a text");
  refused(R"({"kind": "deployment"})", "it lacks \"schema_version\"");
  refused(begin + "2}", "its schema version is not 1");
  refused(begin + "\"1\"}", "its schema version is not 1");
  refused(begin + "1}", "it lacks \"machines\"");
  refused(begin + R"(1, "machines": {}})", "\"machines\" is not a list");
  refused(begin + R"(1, "machines": []})", "it lacks \"services\"");
  refused(kept("1"), "it lacks \"estimate\"");
  refused(kept(row + "{}}"), "it lacks \"total_bytes\"");
  refused(kept(row + R"({"total_bytes": -1}})"), "\"total_bytes\" is not a number of bytes");
  refused(kept(row + R"({"total_bytes": 1e99}})"), "\"total_bytes\" is not a number of bytes");
  refused(kept(kept_service("a", "b", "splendid", 1)), "a service has an unknown \"status\"");
  refused(kept("", R"({"name": "a", "gpus": [{"name": "gpu0", "total_bytes": null}]})"),
          "\"total_bytes\" is not a number of bytes");
  refused(std::string(1'000'000, '['), "it is nested too deeply");
  try {
    report::change_since({}, "main.json", "{");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_file);
  }
}

TEST_CASE("many services of one name are paired in time") {
  std::vector<ServiceReport> services;
  std::string before;
  for (std::size_t i = 0; i < test::sampled(20'000); ++i) {
    services.push_back(service("a", "c.yaml", Status::fits, 1));
    before += (i == 0 ? "" : ",") + kept_service("a", "d/c.yaml", "fits", 1);
  }
  CHECK(services_of(report::change_since(deployment_of(services), "b", kept(before))).empty());
}
