#pragma once

#include "deployment/formats.hpp"

namespace vramcalc::deployment {

// NVIDIA Dynamo's DynamoGraphDeployment: workers that start vLLM or SGLang with its flags, and frontends.
void read_dynamo(const Yaml& spec, const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
