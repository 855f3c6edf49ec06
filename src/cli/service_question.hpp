#pragma once

#include "cli/invocation.hpp"
#include "deployment/program.hpp"

namespace vramcalc::cli {

// What holds for all services of a deployment.
struct Circumstances {
  const Invocation& invocation;
  const deployment::Project& project;
  const deployment::Supplied& supplied;  // by both of them
};

// One engine's command line as a question: its flags are applied as if they stood on our own command line.
ServiceQuestion service_question(const deployment::Launch& launch, const Circumstances& circumstances);

}  // namespace vramcalc::cli
