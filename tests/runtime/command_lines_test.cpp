#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "catch.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/measured.hpp"
#include "runtime/start_of.hpp"
#include "support/measured_shape.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

struct CommandLine {
  std::string model, text;
  measured::Case asked;
  std::uint32_t capability = 0;
  std::uint64_t gpus = 0;
  std::vector<measured::Buffer> places;  // of each GPU and of the host
};

measured::Buffer next_place(std::istream& words) {
  measured::Buffer place;
  words >> place.model >> place.context >> place.compute;
  return place;
}

CommandLine parsed(const std::string& text) {
  CommandLine line;
  line.text = text;
  std::istringstream words(text);
  words >> line.model >> line.capability >> line.gpus;
  for (std::string word; words >> word;) {
    if (word == "|") {
      line.places.push_back(next_place(words));
    } else {
      const std::size_t end = word.find('=');
      line.asked.settings[word.substr(0, end)] = word.substr(end + 1);
    }
  }
  return line;
}

std::vector<CommandLine> command_lines() {
  std::ifstream in(VRAMCALC_MEASURED_DIR "/cuda_command_lines.txt");
  std::vector<CommandLine> lines;
  for (std::string text; std::getline(in, text);)
    if (!text.empty() && text[0] != '#') lines.push_back(parsed(text));
  return lines;
}

ContextParams params_of(const CommandLine& line) {
  ContextParams params = measured::start_of(line.asked).params;
  params.kv_offload = line.asked.number("kvo", 1) != 0;
  return params;
}

TensorOverride override_of(const std::string& text) {
  const std::size_t end = text.rfind('=');
  const std::string place = text.substr(end + 1);
  return {TensorOverride::Part::named,
          {},
          text.substr(0, end),
          place == "CPU" ? Place::host() : Place::gpu(std::stoul(place.substr(4)))};
}

llama_cpp::Placement placement_of(const CommandLine& line) {
  llama_cpp::Placement placement;
  placement.free.assign(line.gpus, Bytes(GiB));
  placement.layers = static_cast<std::uint32_t>(line.asked.number("ngl", 9999));
  placement.offload_operations = line.asked.number("opo", 1) != 0;
  placement.least_capability = placement.highest_capability = line.capability;
  placement.overrides = experts_on_host(static_cast<std::uint32_t>(line.asked.number("ncmoe", 0)));
  if (const std::string moved = line.asked.setting("ot", ""); !moved.empty())
    placement.overrides = {override_of(moved)};
  std::istringstream shares(line.asked.setting("split", ""));
  for (std::string share; std::getline(shares, share, ',');) placement.split.push_back(std::stod(share));
  return placement;
}

// Over several GPUs, buffers of a few tokens are an interval (compute_amounts).
bool has_interval(const CommandLine& line) { return line.gpus > 1 && params_of(line).ubatch <= 4; }

measured::Buffer sums_of(const PlaceEstimate& place, bool interval) {
  measured::Buffer sums;
  for (const Term& term : place.terms) {
    CHECK((interval || term.amount.low == term.amount.high));
    switch (term.kind) {
      case TermKind::weights: sums.model += term.amount.best.count(); break;
      case TermKind::kv_cache:
      case TermKind::recurrent_state: sums.context += term.amount.best.count(); break;
      case TermKind::compute_buffer: sums.compute += term.amount.best.count(); break;
      default: break;
    }
  }
  return sums;
}

std::vector<CommandLine> of_model(const std::vector<CommandLine>& lines, const std::string& model) {
  std::vector<CommandLine> result;
  std::ranges::copy_if(lines, std::back_inserter(result),
                       [&](const CommandLine& line) { return line.model == model; });
  return result;
}

}  // namespace

// Random lines, and the ones that differed before: caches and layers on the host, moved tensors, batches of a
// few tokens, many slots, and all generations of GPUs.
TEST_CASE("figures without a width are what CUDA allocates for random command lines") {
  const Catalog catalog;
  const std::vector<CommandLine> lines = command_lines();
  CHECK(lines.size() > 200);
  for (const std::string& name : measured::models()) {
    const Model model = test::measured_model(catalog, name);
    const ClassifiedTensors tensors(model.architecture);
    const Weights weights = weights_of(tensors, catalog.file_type(measured::file_type(name)));
    KnownPlacements known;
    for (const CommandLine& line : of_model(lines, name)) {
      INFO(line.text);
      const auto ours = place(model.architecture, weights, params_of(line), line.asked.number("ctx", 4096),
                              placement_of(line), Reasons::none, Buffers::all, known);
      REQUIRE(ours.size() == line.places.size());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        const measured::Buffer sums = sums_of(ours[i], has_interval(line));
        CHECK(sums.model == line.places[i].model);
        CHECK(sums.context == line.places[i].context);
        CHECK(sums.compute == line.places[i].compute);
      }
    }
  }
}

TEST_CASE("what an unknown GPU would copy of a cache makes an interval") {
  const Catalog catalog;
  const Model model = test::measured_model(catalog, "llama-3.1-8b");
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type("Q4_K_M"));
  struct Row {
    ElementType cache;
    std::uint32_t ubatch, slots;
    std::uint32_t capability;
    std::uint64_t low, high;
  };
  // The figures of llama.cpp 0.5.0 at 8,192 tokens. Its builds with CUDA 13 have no kernels for Volta.
  const Row rows[] = {
      {ElementType::q8_0, 2, 1, 61, 611328,   611328  },
      {ElementType::q8_0, 2, 1, 70, 611328,   33800704},
      {ElementType::q8_0, 2, 1, 75, 33800704, 33800704},
      {ElementType::q8_0, 2, 1, 86, 33800704, 33800704},
      {ElementType::q8_0, 2, 1, 89, 611328,   611328  },
      {ElementType::q8_0, 2, 1, 0,  611328,   33800704},
      {ElementType::q8_0, 2, 2, 86, 1058816,  1058816 },
      {ElementType::bf16, 1, 1, 86, 33653248, 33653248},
      {ElementType::bf16, 1, 1, 89, 529408,   529408  },
  };
  for (const Row& row : rows) {
    ContextParams params;
    params.parallel = row.slots;
    params.ubatch = row.ubatch;
    params.cache_type_k = params.cache_type_v = row.cache;
    llama_cpp::Placement placement;
    placement.free = {Bytes(GiB)};
    placement.least_capability = placement.highest_capability = row.capability;
    KnownPlacements known;
    const auto places =
        place(model.architecture, weights, params, 8192, placement, Reasons::none, Buffers::all, known);
    CAPTURE(to_string(row.cache), row.ubatch, row.slots, row.capability);
    for (const Term& term : places.front().terms) {
      if (term.kind != TermKind::compute_buffer) continue;
      CHECK(term.amount.low == Bytes(row.low));
      CHECK(term.amount.high == Bytes(row.high));
    }
  }
}
