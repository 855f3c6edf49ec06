#include "catalog/embed/literals.hpp"

#include <fmt/format.h>

namespace vramcalc::catalog::embed {
namespace {

// An empty initializer leaves a text or a list as it is by default; "" would be one more pointer to relocate.
std::string text_or_nothing(std::string_view text) { return text.empty() ? "{}" : literal(text); }

std::string word(Evidence evidence) {
  switch (evidence) {
    case Evidence::measured:
      return "Evidence::measured";
    case Evidence::inferred:
      return "Evidence::inferred";
    case Evidence::cited:
      return "Evidence::cited";
    case Evidence::unknown:
      break;
  }
  return "Evidence::unknown";
}

std::string word(System::Kind kind) {
  switch (kind) {
    case System::Kind::unified:
      return "System::Kind::unified";
    case System::Kind::multi_gpu:
      return "System::Kind::multi_gpu";
    case System::Kind::cloud:
      break;
  }
  return "System::Kind::cloud";
}

// Lists of texts need a name of their own to be pointed to.
class Lists {
 public:
  explicit Lists(std::string_view prefix) : prefix_(prefix) {}

  std::string add(std::span<const std::string_view> texts) {
    if (texts.empty()) return "{}";
    const std::string name = fmt::format("{}_list_{}", prefix_, count_++);
    definitions_ += fmt::format("constexpr std::string_view {}[] = {{", name);
    for (const std::string_view text : texts) definitions_ += literal(text) + ", ";
    definitions_ += "};\n";
    return name;
  }

  const std::string& definitions() const { return definitions_; }

 private:
  std::string prefix_, definitions_;
  std::size_t count_ = 0;
};

// An array cannot be empty; a span of nothing can.
template <typename Row, typename Write>
std::string table(std::string_view type, std::string_view name, const std::vector<Row>& rows, Write write) {
  if (rows.empty()) return fmt::format("constexpr std::span<const {}> {};\n", type, name);
  std::string text = fmt::format("constexpr {} {}[] = {{\n", type, name);
  for (const Row& row : rows) text += "  {" + write(row) + "},\n";
  return text + "};\n";
}

}  // namespace

std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\r':
        quoted += "\\r";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "\"";
}

std::string table_of(const std::vector<DriverTotalRule>& rules, std::string_view name) {
  return table("DriverTotalRule", name, rules, [](const DriverTotalRule& r) {
    return fmt::format("{}, {}, {}, {}, {}, {}, {}", literal(r.name), r.sixteenths, r.mib_per_gib,
                       r.mib_per_channel, r.channel_bits, r.mib, literal(r.source));
  });
}

std::string table_of(const std::vector<DriverReserve>& rules, std::string_view name) {
  return table("DriverReserve", name, rules, [](const DriverReserve& r) {
    return fmt::format("{}, {}, {}, {}, {}", literal(r.architecture), text_or_nothing(r.memory_type),
                       r.from_memory_gb, r.mib, literal(r.source));
  });
}

std::string table_of(const std::vector<UsableFallback>& rules, std::string_view name) {
  return table("UsableFallback", name, rules, [](const UsableFallback& r) {
    return fmt::format("{}, {}, {}", literal(r.vendor), r.share, literal(r.source));
  });
}

std::string table_of(const std::vector<MemoryShare>& rules, std::string_view name) {
  return table("MemoryShare", name, rules, [](const MemoryShare& r) {
    return fmt::format("{}, {}, {}, {}", literal(r.name), r.from_gb, r.share, literal(r.source));
  });
}

// Designated initializers, so that a member that is added or moved cannot shift the others.
std::string table_of(const std::vector<Gpu>& gpus, std::string_view name) {
  Lists lists("gpu");
  const std::string rows = table("Gpu", name, gpus, [&](const Gpu& g) {
    return fmt::format(".id = {}, .name = {}, .vendor = {}, .architecture = {}, .segment = {}, ",
                       literal(g.id), literal(g.name), literal(g.vendor), text_or_nothing(g.architecture),
                       literal(g.segment)) +
           fmt::format(".memory_gb = {}, .memory_type = {}, .bus_bits = {}, .driver_total_mib = {}, ",
                       g.memory_gb, text_or_nothing(g.memory_type), g.bus_bits, g.driver_total_mib) +
           fmt::format(".driver_total_evidence = {}, .driver_total_source = {}, ",
                       word(g.driver_total_evidence), text_or_nothing(g.driver_total_source)) +
           fmt::format(".usable_mib = {}, .usable_evidence = {}, .usable_source = {}, ", g.usable_mib,
                       word(g.usable_evidence), text_or_nothing(g.usable_source)) +
           fmt::format(".bandwidth_gbps = {}, .fp16_tflops = {}, .fp32_accumulate_half_rate = {}, ",
                       g.bandwidth_gbps, g.fp16_tflops, g.fp32_accumulate_half_rate) +
           fmt::format(
               ".streaming_multiprocessors = {}, .compute_capability = {}, .gfx = {}, .interconnect = {}, ",
               g.streaming_multiprocessors, text_or_nothing(g.compute_capability), text_or_nothing(g.gfx),
               text_or_nothing(g.interconnect)) +
           fmt::format(
               ".tdp_watts = {}, .release_date = {}, .msrp_usd = {}, .splits_into_two = {}, .notes = {}, ",
               g.tdp_watts, text_or_nothing(g.release_date), g.msrp_usd, g.splits_into_two,
               text_or_nothing(g.notes)) +
           fmt::format(".aliases = {}, .source = {}, .prominence = {}", lists.add(g.aliases),
                       text_or_nothing(g.source), g.prominence);
  });
  return lists.definitions() + rows;
}

std::string table_of(const std::vector<System>& systems, std::string_view name) {
  Lists lists("system");
  const std::string rows = table("System", name, systems, [&](const System& s) {
    return fmt::format(".id = {}, .name = {}, .vendor = {}, .kind = {}, .gpu = {}, .gpu_id = {}, ",
                       literal(s.id), literal(s.name), text_or_nothing(s.vendor), word(s.kind),
                       literal(s.gpu), text_or_nothing(s.gpu_id)) +
           fmt::format(".gpu_count = {}, .gpu_fraction = {}, .memory_gb = {}, .usable_mib = {}, ",
                       s.gpu_count, s.gpu_fraction, s.memory_gb, s.usable_mib) +
           fmt::format(
               ".usable_evidence = {}, .usable_source = {}, .system_memory_gb = {}, .bandwidth_gbps = {}, ",
               word(s.usable_evidence), text_or_nothing(s.usable_source), s.system_memory_gb,
               s.bandwidth_gbps) +
           fmt::format(".interconnect = {}, .compute_capability = {}, .release_date = {}, .notes = {}, ",
                       text_or_nothing(s.interconnect), text_or_nothing(s.compute_capability),
                       text_or_nothing(s.release_date), text_or_nothing(s.notes)) +
           fmt::format(".aliases = {}, .source = {}, .prominence = {}", lists.add(s.aliases),
                       text_or_nothing(s.source), s.prominence);
  });
  return lists.definitions() + rows;
}

std::string table_of(const std::vector<ModelRow>& models, std::string_view name) {
  Lists lists("model");
  const std::string rows = table("ModelRow", name, models, [&](const ModelRow& m) {
    return fmt::format(
               ".id = {}, .name = {}, .publisher = {}, .family = {}, .license = {}, .release_date = {}, ",
               literal(m.id), literal(m.name), text_or_nothing(m.publisher), text_or_nothing(m.family),
               text_or_nothing(m.license), text_or_nothing(m.release_date)) +
           fmt::format(".hf_repo = {}, .model_type = {}, .architecture_class = {}, .variant_of = {}, ",
                       text_or_nothing(m.hf_repo), text_or_nothing(m.model_type),
                       text_or_nothing(m.architecture_class), text_or_nothing(m.variant_of)) +
           fmt::format(".parameters = {}u, .active_parameters = {}u, .context_length = {}u, ", m.parameters,
                       m.active_parameters, m.context_length) +
           fmt::format(".modalities = {}, .aliases = {}, .incomplete = {}, .json = {}, .file = {}",
                       lists.add(m.modalities), lists.add(m.aliases), text_or_nothing(m.incomplete),
                       literal(m.json), literal(m.file));
  });
  return lists.definitions() + rows;
}

std::string table_of(const std::vector<OwnedNamedPlace>& index, std::string_view name) {
  return table("NamedPlace", name, index,
               [](const OwnedNamedPlace& n) { return fmt::format("{}, {}", literal(n.key), n.place); });
}

}  // namespace vramcalc::catalog::embed
