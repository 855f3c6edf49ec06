#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// Which launches of a script may run at once.
class Running {
 public:
  using Set = std::vector<std::size_t>;  // indices into the launches, in their order

  // What may run now: one set for each way that the script may have come here.
  std::vector<Set> now = {{}};

  // In the background it goes on; in the foreground it has ended when the next command starts.
  void start(std::span<const std::size_t> launches, bool background);
  void stop_all();
  void stop(const std::string& name, const std::vector<Launch>& launches);
  void or_else(const std::vector<Set>& other);

  // The largest sets, none within another.
  std::vector<Set> sets();

 private:
  void note();
  std::vector<Set> seen_;
};

}  // namespace vramcalc::deployment
