#pragma once

#include "report/report.hpp"

// The parts of a report on a deployment.
namespace vramcalc::report {

// The question with the GPUs that the service gets, and what is wrong about their number.
Question on_its_hardware(const Catalog& catalog, const ServiceQuestion& service,
                         std::span<const Runtime> runtimes, std::vector<deployment::Finding>& findings);

// The services that share a machine, GPU by GPU, with what is wrong about their sums.
void add_machines(DeploymentReport& report, const Catalog& catalog, const DeploymentQuestion& question,
                  std::span<const Runtime> runtimes, const EmbeddedFigures& figures);

// A finding for each GPU that has less room than the policy asks for.
void require_headroom(DeploymentReport& report, const DeploymentQuestion& question);

// Takes out what comments and settings ignore with a reason, unless its day has passed.
void leave_out_ignored(DeploymentReport& report, const DeploymentPolicy& policy);

std::string gigabytes(Bytes bytes);  // "20.4 GB", for findings

}  // namespace vramcalc::report
