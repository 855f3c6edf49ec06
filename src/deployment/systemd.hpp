#pragma once

#include <string_view>

#include "deployment/session.hpp"

namespace vramcalc::deployment {

// Whether a text is a unit of systemd that starts something: a service, or a container (podman-systemd.unit).
bool is_systemd_unit(std::string_view text);
void read_systemd_unit(const Input& input, Session& session);

}  // namespace vramcalc::deployment
