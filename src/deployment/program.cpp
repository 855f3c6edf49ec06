#include "deployment/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/embedded.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::array<std::string_view, 4> ids = {"llama-server", "ollama", "sglang", "vllm"};

// Read when it is first asked for.
template <std::size_t place>
const Program& program() {
  static const Program read = [] {
    const auto& row = *std::ranges::find(catalog::embedded::programs, ids[place], &catalog::ProgramText::id);
    return catalog::read_program(row.json, fmt::format("data/programs/{}.json", row.id));
  }();
  return read;
}
constexpr std::array programs = {program<0>, program<1>, program<2>, program<3>};
static_assert(programs.size() == ids.size());

struct Reference {
  std::string_view name, tag;
};

// "host:5000/a/b:tag@sha256:…"
Reference parts_of(std::string_view reference) {
  reference = reference.substr(0, reference.find('@'));
  const std::size_t slash = reference.rfind('/');
  const std::size_t colon = reference.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon == std::string_view::npos) return {reference, {}};
  return {reference.substr(0, colon), reference.substr(colon + 1)};
}

bool is_image(const ProgramImage& image, const Reference& reference) {
  if (!reference.name.ends_with(image.name) || !reference.tag.starts_with(image.tag)) return false;
  const std::size_t before = reference.name.size() - image.name.size();
  return before == 0 || reference.name[before - 1] == '/';
}

}  // namespace

const Program* find_program(std::string_view id) {
  const auto found = std::ranges::find(ids, id);
  return found == ids.end() ? nullptr : &programs[static_cast<std::size_t>(found - ids.begin())]();
}

std::span<const std::string_view> program_ids() { return ids; }

KnownImage find_image(std::string_view reference) {
  const Reference parts = parts_of(reference);
  for (const auto& read : programs)
    for (const ProgramImage& image : read().images)
      if (is_image(image, parts)) return {&read(), &image};
  return {};
}

}  // namespace vramcalc::deployment
