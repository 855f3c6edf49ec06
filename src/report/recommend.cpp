#include <algorithm>

#include "model/letters.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
namespace {

constexpr double usual_bits = 3.95;  // per weight of a file; below it a smaller model is the better choice

std::uint64_t least_context_of(const Question& question) {
  return question.context.value_or(question.least_context);
}

bool is_wanted(const ModelRow& row, const Question& question) {
  const RecommendQuestion& wanted = question.recommend;
  const auto modality = [&](std::string_view each) { return contains_letters(each, wanted.modality); };
  return row.incomplete.empty() && row.variant_of.empty() && contains_letters(row.family, wanted.family) &&
         contains_letters(row.license, wanted.license) && row.context_length >= least_context_of(question) &&
         (wanted.modality.empty() || std::ranges::any_of(row.modalities, modality));
}

class Recommender {
 public:
  Recommender(const Catalog& catalog, const Asked& asked, const Machine& machine)
      : catalog_(catalog),
        asked_(asked),
        question_(asked.question),
        runtime_(asked.runtime()),
        machine_(machine) {}

  // Many models share a shape.
  std::optional<RecommendReport::Row> row(const ModelRow& known) {
    if (surely_too_large(known)) return std::nullopt;
    const Model model = catalog_.model(known.id);
    const bool is_loaded = !model.architecture.gguf_name.empty() || runtime_.can.loads_checkpoints;
    if (!model.architecture.causal || !is_loaded) return std::nullopt;
    auto same = std::ranges::find(shapes_, model.architecture, &Shape::architecture);
    if (same == shapes_.end()) same = shapes_.insert(same, Shape{model.architecture, row_or_none(model)});
    if (same->row) describe(*same->row, known);
    return same->row;
  }

 private:
  struct Shape {
    Architecture architecture;
    std::optional<RecommendReport::Row> row;
  };

  // A model that the runtime does not run is none that it recommends.
  std::optional<RecommendReport::Row> row_or_none(const Model& model) const {
    try {
      return row_of(model);
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported && refusal.code() != ErrorCode::bad_value) throw;
      return std::nullopt;
    }
  }

  std::optional<RecommendReport::Row> row_of(const Model& model) const {
    const auto figures = figures_of(catalog_, asked_, model.id);
    const auto session = runtime_.open(
        runtime_, {model, nullptr, asked_.choice.options, {}, figures ? figures->known : nullptr});
    Machine machine = machine_;
    apply_budget(machine, *session);
    const Demand least{least_context_of(question_)};
    for (const Quantization& quantization : quantizations_of(model, *session)) {
      const WeightBytes* weights = session->find_weights(quantization);
      if (weights == nullptr || weights->gpu > machine.usable) continue;
      const Amount needed = session->gpu_total(quantization, least, machine.device);
      if (!fits(*session, quantization, least, machine, needed)) continue;
      if (const auto longest = longest_context(*session, quantization, least, machine))
        return filled(*session, quantization, *longest, needed);
    }
    return std::nullopt;
  }

  // Engines decide it by more than the sum.
  bool fits(Session& session, const Quantization& quantization, const Demand& least, const Machine& machine,
            const Amount& needed) const {
    return runtime_.can.loads_checkpoints ? session.fits(quantization, least, machine, {})
                                          : needed.high <= machine.usable;
  }

  // Other publishers quantize the rest of a published file too and use the same name.
  std::vector<Quantization> quantizations_of(const Model& model, Session& session) const {
    if (runtime_.can.loads_checkpoints) return common_quantizations(catalog_, question_, session);
    if (!model.published_file) return worthwhile_quantizations(catalog_, question_, session);
    const FileType published = published_file_type(catalog_, *model.published_file);
    std::vector<Quantization> quantizations{mix(published, question_)};
    if (const FileType* smaller = find_file_type(catalog_.file_types(), published.name))
      quantizations.push_back(mix(*smaller, question_));
    return quantizations;
  }

  // No file type has fewer bits.
  bool surely_too_large(const ModelRow& known) const {
    constexpr double bits = 1.2;
    return static_cast<double>(known.parameters) * bits / 8 > static_cast<double>(machine_.usable.count());
  }
  // Empty if several GPUs cannot hold even `least`. Most models that fit do so at their full context, so that
  // is tried first.
  std::optional<std::uint64_t> longest_context(Session& session, const Quantization& quantization,
                                               const Demand& least, const Machine& machine) const {
    const std::uint64_t full = session.model().architecture.context_length;
    const auto found = [&](std::uint64_t known) {
      return std::max(least.tokens, session.longest_context(quantization, machine, {}, known).value_or(0));
    };
    if (machine.devices.size() < 2) return found(0);
    if (session.fits(quantization, {full}, machine, {})) return full;
    if (!session.fits(quantization, least, machine, {})) return std::nullopt;
    return found(least.tokens);
  }

  static void describe(RecommendReport::Row& row, const ModelRow& known) {
    row.id = known.id;
    row.name = known.name;
    row.publisher = known.publisher;
    row.family = known.family;
    row.license = known.license;
    row.release_date = known.release_date;
    row.parameters = known.parameters;
    row.active_parameters = known.active_parameters;
  }

  // The speed at the smallest context, the same for every model.
  RecommendReport::Row filled(Session& session, const Quantization& quantization, std::uint64_t longest,
                              const Amount& needed) const {
    RecommendReport::Row row;
    row.context_length = session.model().architecture.context_length;
    row.quantization = name_of(quantization);
    row.context = longest;
    row.needed = needed;
    row.decode = session.decode_on(quantization, {least_context_of(question_)}, machine_.devices);
    return row;
  }

  const Catalog& catalog_;
  const Asked& asked_;
  const Question& question_;
  const Runtime& runtime_;
  const Machine& machine_;
  std::vector<Shape> shapes_;
};

using Row = RecommendReport::Row;

bool has_usual_bits(const Catalog& catalog, const Row& row) {
  const FileType* found = find_file_type(catalog.file_types(), row.quantization);
  if (found == nullptr) return true;  // a checkpoint format
  const FileType& file_type = *found;
  return (file_type.nominal_bits > 0 ? file_type.nominal_bits : bits_of_type(file_type)) >= usual_bits;
}

// "2025H1" for "2025-04-27"; empty for an unknown date, which sorts before all others.
std::string half_year(std::string_view date) {
  if (date.size() < 4) return "";
  const bool second = date.size() >= 7 && date.substr(5, 2) > "06";
  return std::string(date.substr(0, 4)) + (second ? "H2" : "H1");
}

// Enough for a long document or an afternoon with an assistant.
constexpr std::uint64_t long_context = 32'768;

bool has_room(const Row& row) { return row.context >= std::min(long_context, row.context_length); }

// How well a model fits: only with few bits, with the usual ones, or with room for a long context besides.
enum class Comfort : std::uint8_t { few_bits, short_context, room };

Comfort comfort_of(const Catalog& catalog, const Row& row) {
  if (!has_usual_bits(catalog, row)) return Comfort::few_bits;
  return has_room(row) ? Comfort::room : Comfort::short_context;
}

// Models of one family and half-year that fit equally well.
struct Family {
  Comfort comfort = Comfort::few_bits;
  std::string half_year;
  std::uint64_t parameters = 0;  // of its largest model
  std::string_view name;
  std::vector<const Row*> rows;
};

std::vector<Family> families_of(const Catalog& catalog, const std::vector<Row>& rows) {
  std::vector<Family> families;
  for (const Row& row : rows) {
    const Comfort comfort = comfort_of(catalog, row);
    const std::string released = half_year(row.release_date);
    auto at = std::ranges::find_if(families, [&](const Family& family) {
      return family.comfort == comfort && family.half_year == released && family.name == row.family &&
             !row.family.empty();
    });
    if (at == families.end()) at = families.insert(at, Family{comfort, released, 0, row.family, {}});
    at->parameters = std::max(at->parameters, row.parameters);
    at->rows.push_back(&row);
  }
  return families;
}

// A newer generation does more with the same memory, so release goes before size, but only by half-years.
bool goes_before(const Family& a, const Family& b) {
  if (a.comfort != b.comfort) return a.comfort > b.comfort;
  if (a.half_year != b.half_year) return a.half_year > b.half_year;
  return a.parameters > b.parameters;
}

bool is_larger(const Row* a, const Row* b) {
  if (a->parameters != b->parameters) return a->parameters > b->parameters;
  return a->release_date > b->release_date;
}

std::vector<Row> by_families(const Catalog& catalog, const std::vector<Row>& rows) {
  std::vector<Family> families = families_of(catalog, rows);
  std::ranges::stable_sort(families, goes_before);
  std::vector<Row> sorted;
  for (Family& family : families) {
    std::ranges::stable_sort(family.rows, is_larger);
    for (const Row* row : family.rows) sorted.push_back(*row);
  }
  return sorted;
}

bool is_faster(const Row& a, const Row& b) {
  const auto middle = [](const Row& row) {
    return row.decode ? row.decode->tokens_per_second.low * row.decode->tokens_per_second.high : 0;
  };
  return middle(a) > middle(b);
}

void sort_rows(std::vector<Row>& rows, RecommendOrder by, const Catalog& catalog) {
  using enum RecommendOrder;
  rows = by_families(catalog, rows);  // also decides between equals
  if (by == speed) std::ranges::stable_sort(rows, is_faster);
  if (by == size) std::ranges::stable_sort(rows, std::greater(), &Row::parameters);
  if (by == recent) std::ranges::stable_sort(rows, std::greater(), &Row::release_date);
}

bool is_fast_enough(const Row& row, double least) {
  return least <= 0 || (row.decode && row.decode->tokens_per_second.low >= least);
}

}  // namespace

RecommendReport recommend(const Catalog& catalog, Asked asked) {
  const Question& question = asked.question;
  RecommendReport report;
  report.machine = find_machine(catalog, asked);
  report.least_context = least_context_of(question);
  report.order = question.recommend.order;
  report.least_speed = question.recommend.least_speed;
  report.warnings = report.machine.warnings;
  if (!asked.runtime().can.tells_gpus_apart) report.machine.devices.clear();
  Recommender recommender(catalog, asked, report.machine);
  for (const ModelRow* known : catalog.models(question.filter)) {
    if (!is_wanted(*known, question)) continue;
    auto row = recommender.row(*known);
    if (!row)
      ++report.too_large;
    else if (!is_fast_enough(*row, report.least_speed))
      ++report.too_slow;
    else
      report.rows.push_back(*std::move(row));
  }
  sort_rows(report.rows, report.order, catalog);
  return report;
}

}  // namespace vramcalc::report
