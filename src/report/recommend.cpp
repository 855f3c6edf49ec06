#include <algorithm>
#include <cctype>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

constexpr double usual_bits = 3.95;  // of a file: below it a smaller model is the better choice

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool is_wanted(const ModelRow& row, const Question& question) {
  const auto modality = [&](std::string_view each) { return contains(each, question.modality); };
  return row.incomplete.empty() && row.variant_of.empty() && contains(row.family, question.family) &&
         contains(row.license, question.license) &&
         row.context_length >= question.workload.context.value_or(question.fit_context) &&
         (question.modality.empty() || std::any_of(row.modalities.begin(), row.modalities.end(), modality));
}

class Recommender {
 public:
  Recommender(const Catalog& catalog, const Question& question, const Runtime& runtime,
              const Machine& machine)
      : catalog_(catalog), question_(question), runtime_(runtime), machine_(machine) {
    const auto& devices = machine.devices;
    const bool known = std::all_of(devices.begin(), devices.end(),
                                   [](const Device& device) { return device.bandwidth_gbps > 0; });
    for (const Device& device : devices)
      if (known) seconds_a_byte_ += share(device) / device.bandwidth_gbps;
  }

  // Many models have the shape of another one.
  std::optional<RecommendReport::Row> row(const ModelRow& known) {
    if (surely_too_large(known)) return std::nullopt;
    const Model model = catalog_.model(known.id);
    if (!model.architecture.causal || model.architecture.gguf_name.empty()) return std::nullopt;
    auto same = std::ranges::find(shapes_, model.architecture, &Shape::architecture);
    if (same == shapes_.end()) same = shapes_.insert(same, Shape{model.architecture, row_of(model)});
    if (same->row) describe(*same->row, known);
    return same->row;
  }

 private:
  struct Shape {
    Architecture architecture;
    std::optional<RecommendReport::Row> row;
  };

  std::optional<RecommendReport::Row> row_of(const Model& model) const {
    Estimator estimator(model, runtime_, question_.workload, quantize_options(question_),
                        figures_for(question_, embedded_figures(catalog_, model.id)));
    const std::uint64_t least = least_context();
    std::vector<const FileType*> file_types = worthwhile_file_types(catalog_, estimator);
    std::optional<FileType> published;
    if (model.published_file) {
      published = published_file_type(catalog_, *model.published_file);
      file_types = {&*published};
      // Others quantize the rest of it too, and call the file by the same name.
      if (const FileType* smaller = find_file_type(catalog_.file_types(), published->name))
        file_types.push_back(smaller);
    }
    for (const FileType* file_type : file_types) {
      if (estimator.weigh(*file_type).gpu > machine_.usable) continue;
      const Amount needed = estimator.gpu_total(*file_type, least, machine_.device);
      if (needed.high > machine_.usable) continue;
      if (const auto longest = longest_context(estimator, *file_type, least))
        return filled(estimator, *file_type, *longest, needed);
    }
    return std::nullopt;
  }

  std::uint64_t least_context() const { return question_.workload.context.value_or(question_.fit_context); }
  double share(const Device& device) const {
    return static_cast<double>(device.usable.count()) / static_cast<double>(machine_.usable.count());
  }
  // Nothing has fewer bits.
  bool surely_too_large(const ModelRow& known) const {
    constexpr double bits = 1.2;
    return static_cast<double>(known.parameters) * bits / 8 > static_cast<double>(machine_.usable.count());
  }
  // Empty where not even the least one fits. Most models that fit at all do at their full context, which says
  // enough.
  std::optional<std::uint64_t> longest_context(Estimator& estimator, const FileType& file_type,
                                               std::uint64_t least) const {
    const std::uint64_t full = estimator.model().architecture.context_length;
    if (machine_.devices.size() < 2)
      return std::max(least, largest_context(estimator, file_type, machine_).value_or(least));
    if (fits_over(estimator, file_type, full, machine_)) return full;
    if (!fits_over(estimator, file_type, least, machine_)) return std::nullopt;
    return std::max(least, largest_context(estimator, file_type, machine_, {}, least).value_or(least));
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

  RecommendReport::Row filled(Estimator& estimator, const FileType& file_type, std::uint64_t longest,
                              const Amount& needed) const {
    RecommendReport::Row row;
    row.context_length = estimator.model().architecture.context_length;
    row.quantization = file_type.name;
    row.context = longest;
    row.needed = needed;
    if (seconds_a_byte_ > 0) row.decode = decode(estimator, file_type);
    return row;
  }

  // At the least context, which costs every model alike.
  Range decode(Estimator& estimator, const FileType& file_type) const {
    const Architecture& architecture = estimator.model().architecture;
    const double weights =
        static_cast<double>(estimator.weigh(file_type).gpu.count()) * active_share(architecture);
    const Bytes cache = runtime_.kv_bytes_per_token(estimator.model(), question_.workload) * least_context();
    return decode_range(Bytes(static_cast<std::uint64_t>(weights)), cache, 1 / seconds_a_byte_, architecture);
  }

  const Catalog& catalog_;
  const Question& question_;
  const Runtime& runtime_;
  const Machine& machine_;
  std::vector<Shape> shapes_;
  double seconds_a_byte_ = 0;  // times 1e9, of the GPUs together; 0: unknown
};

using Row = RecommendReport::Row;

bool has_usual_bits(const Catalog& catalog, const Row& row) {
  const FileType& file_type = catalog.file_type(row.quantization);
  return (file_type.nominal_bits > 0 ? file_type.nominal_bits : bits_of_type(file_type)) >= usual_bits;
}

// "2025H1" of "2025-04-27"; nothing of an unknown date, which comes before all others.
std::string half_year(std::string_view date) {
  if (date.size() < 4) return "";
  const bool second = date.size() >= 7 && date.substr(5, 2) > "06";
  return std::string(date.substr(0, 4)) + (second ? "H2" : "H1");
}

// Models of one family and half-year that fit with the usual bits, or those that only fewer bits make fit.
struct Family {
  bool usual_bits = false;
  std::string half_year;
  std::uint64_t parameters = 0;  // of its largest model
  std::string_view name;
  std::vector<const Row*> rows;
};

std::vector<Family> families_of(const Catalog& catalog, const std::vector<Row>& rows) {
  std::vector<Family> families;
  for (const Row& row : rows) {
    const bool usual = has_usual_bits(catalog, row);
    const std::string released = half_year(row.release_date);
    auto at = std::ranges::find_if(families, [&](const Family& family) {
      return family.usual_bits == usual && family.half_year == released && family.name == row.family &&
             !row.family.empty();
    });
    if (at == families.end()) at = families.insert(at, Family{usual, released, 0, row.family, {}});
    at->parameters = std::max(at->parameters, row.parameters);
    at->rows.push_back(&row);
  }
  return families;
}

// A newer generation does more with as much memory, so that it goes before size; but half a year makes no
// generation.
bool goes_before(const Family& a, const Family& b) {
  if (a.usual_bits != b.usual_bits) return a.usual_bits;
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

}  // namespace

RecommendReport recommend(const Catalog& catalog, const Question& question) {
  RecommendReport report;
  report.machine = find_machine(catalog, question);
  report.least_context = question.workload.context.value_or(question.fit_context);
  report.warnings = report.machine.warnings;
  const Runtime& runtime = find_runtime(question.runtime);
  if (runtime.place == nullptr) report.machine.devices.clear();
  Recommender recommender(catalog, question, runtime, report.machine);
  for (const ModelRow* known : catalog.models(question.filter)) {
    if (!is_wanted(*known, question)) continue;
    if (auto row = recommender.row(*known))
      report.rows.push_back(*std::move(row));
    else
      ++report.too_large;
  }
  report.rows = by_families(catalog, report.rows);
  return report;
}

}  // namespace vramcalc::report
