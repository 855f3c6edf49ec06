#include <algorithm>
#include <array>

#include "report/report.hpp"

namespace vramcalc {

std::string_view to_string(ServiceReport::Status status) {
  constexpr std::array<std::string_view, status_count> names = {"fits", "tight", "does-not-fit",
                                                                "would-not-start", "unresolved"};
  return names[static_cast<std::size_t>(status)];
}

std::size_t DeploymentReport::count(ServiceReport::Status status) const {
  return static_cast<std::size_t>(std::ranges::count(services, status, &ServiceReport::status));
}

}  // namespace vramcalc
