#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "render/document/words.hpp"
#include "render/json_writer.hpp"
#include "render/render.hpp"
#include "vramcalc/catalog_date.hpp"
#include "vramcalc/coverage.hpp"

namespace vramcalc::render {
namespace {

bool same_program(const Coverage& a, const Coverage& b) {
  return a.runtime == b.runtime && a.release == b.release && a.backend == b.backend;
}

std::string terms_of(std::span<const Coverage> rows, Certainty certainty) {
  std::vector<std::string_view> titles;
  for (const Coverage& row : rows)
    if (row.certainty == certainty) titles.push_back(term_title(row.term));
  return titles.empty() ? "" : fmt::format("{}: {}", to_string(certainty), fmt::join(titles, ", "));
}

// "llama.cpp 0.5.0, cuda" and a line for each certainty.
std::string lines_of(std::span<const Coverage> rows) {
  const Coverage& first = rows.front();
  std::string text = fmt::format("{} {}, {}\n", first.runtime, first.release, first.backend);
  for (const Certainty certainty : {Certainty::exact, Certainty::interval, Certainty::untested})
    if (const std::string terms = terms_of(rows, certainty); !terms.empty())
      text += fmt::format("  {}\n", terms);
  return text;
}

}  // namespace

std::string_view program_version() { return VRAMCALC_VERSION; }

std::string version_table() {
  std::string text = fmt::format("vramcalc {}, catalog of {}\n", program_version(), catalog_date());
  for (auto rows = coverage(); !rows.empty();) {
    const auto next =
        std::ranges::find_if_not(rows, [&](const Coverage& row) { return same_program(row, rows.front()); });
    const auto count = static_cast<std::size_t>(next - rows.begin());
    text += lines_of(rows.first(count));
    rows = rows.subspan(count);
  }
  return text;
}

std::string version_json() {
  JsonWriter to;
  to.object([&] {
    to.member("schema_version", 1);
    to.member("vramcalc_version", program_version());
    to.member("catalog_date", catalog_date());
    to.member("kind", "version");
    to.objects("coverage", coverage(), [&](const Coverage& row) {
      to.member("runtime", row.runtime);
      to.member("release", row.release);
      to.member("backend", row.backend);
      to.member("term", to_string(row.term));
      to.member("certainty", to_string(row.certainty));
      to.member("measured", row.measured.empty() ? std::nullopt : std::optional(row.measured));
    });
  });
  return std::move(to).take();
}

}  // namespace vramcalc::render
