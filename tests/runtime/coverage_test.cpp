#include "vramcalc/coverage.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <tuple>

#include "catch.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

namespace {

// Lines with figures, in the file or in all files of the folder.
std::size_t figures_in(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    std::size_t sum = 0;
    for (const auto& each : std::filesystem::directory_iterator(path)) sum += figures_in(each.path());
    return sum;
  }
  std::ifstream in(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') ++lines;
  return lines;
}

std::string name_of(const Coverage& row) {
  return std::string(row.runtime) + " " + std::string(row.release) + " " + std::string(row.backend) + " " +
         std::string(to_string(row.term));
}

bool is_known(std::string_view backend) {
  return backend == "cuda" || backend == "rocm" || backend == "metal" || backend == "vulkan" ||
         backend == "sycl";
}

}  // namespace

TEST_CASE("a term is called exact only where figures were measured") {
  for (const Coverage& row : coverage()) {
    INFO(name_of(row));
    CHECK((row.certainty != Certainty::exact || !row.measured.empty()));
    CHECK((row.certainty != Certainty::untested || row.measured.empty()));
    if (!row.measured.empty())
      CHECK(figures_in(std::filesystem::path(VRAMCALC_MEASURED_DIR) / row.measured) > 0);
  }
}

TEST_CASE("each term of a release and backend has one row") {
  std::set<std::string> seen;
  for (const Coverage& row : coverage()) CHECK(seen.insert(name_of(row)).second);
}

TEST_CASE("no compute buffer is called exact that is printed as an interval") {
  const Architecture llama = Catalog().model("llama-3.1-8b").architecture;
  for (const Coverage& row : coverage()) {
    if (row.runtime != "llama.cpp" || row.release != "0.5.0" || row.term != TermKind::compute_buffer)
      continue;
    INFO(name_of(row));
    if (!is_known(row.backend)) continue;
    const bool is_exact = llama_cpp::why_interval(llama, {}, backend_named(row.backend)).empty();
    if (row.certainty == Certainty::exact) CHECK(is_exact);
    if (row.certainty == Certainty::interval) CHECK_FALSE(is_exact);
  }
}
