#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "catalog/checkpoint_formats.hpp"
#include "model/letters.hpp"
#include "report/report.hpp"

// Which quantization a question is about, and which runtime loads it.
namespace vramcalc::report {

FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored) {
  FileType own;
  own.name = as_stored;
  own.in_default_table = true;
  if (stored.file_type.empty()) return own;
  const FileType& named = catalog.file_type(stored.file_type);
  own.derived_from = named.name;
  own.nominal_bits = named.nominal_bits;
  return own;
}

namespace {

bool has_format(const std::vector<Quantization>& formats, std::string_view name) {
  return std::ranges::any_of(formats, [&](const Quantization& each) { return name_of(each) == name; });
}

// The original weights and the releases of the model that the catalog knows.
std::vector<Quantization> published_formats(const Catalog& catalog, const Model& model,
                                            const Runtime& runtime) {
  std::vector<Quantization> formats;
  const auto add = [&](CheckpointFormat format) {
    const bool loads = format.row == nullptr || is_loaded_by(*format.row, runtime.id);
    if (loads && !has_format(formats, format.name)) formats.emplace_back(std::move(format));
  };
  const std::string& base = model.variant_of.empty() ? model.id : model.variant_of;
  add(native_format(catalog, model));
  for (const ModelRow* row : catalog.variants_of(base))
    add(published_format(catalog, catalog.variant(*row, model.architecture)).format);
  return formats;
}

// The first row of as many bits is what most people take; FP32 is for no one.
bool is_common(const Catalog& catalog, const CheckpointFormatRow& row, const Runtime& runtime) {
  const auto rows = catalog.checkpoint_formats();
  const auto first = std::ranges::find_if(rows, [&](const CheckpointFormatRow& each) {
    return std::floor(each.nominal_bits) == std::floor(row.nominal_bits) && is_loaded_by(each, runtime.id);
  });
  return &*first == &row && row.nominal_bits <= 16;
}

// What is published, and what is commonly made of any model, the largest first.
std::vector<Quantization> formats_of(const Catalog& catalog, const Question& question, Session& session) {
  const Runtime& runtime = session.runtime();
  std::vector<Quantization> formats = published_formats(catalog, session.model(), runtime);
  for (const CheckpointFormatRow& row : catalog.checkpoint_formats()) {
    const bool wanted = question.everything || is_common(catalog, row, runtime);
    if (wanted && is_loaded_by(row, runtime.id) && !has_format(formats, row.name))
      formats.emplace_back(checkpoint_format(row, session.model().architecture));
  }
  std::ranges::stable_sort(formats, [&](const Quantization& a, const Quantization& b) {
    return session.weights(b).tensor_bytes < session.weights(a).tensor_bytes;
  });
  return formats;
}

}  // namespace

Quantization mix(const FileType& file_type, const Question& question) {
  return GgufMix{
      file_type, {question.imatrix, question.quantizer}
  };
}

std::vector<Quantization> common_quantizations(const Catalog& catalog, const Question& question,
                                               Session& session) {
  if (session.runtime().can.loads_checkpoints) return formats_of(catalog, question, session);
  std::vector<Quantization> common;
  for (const FileType& file_type : catalog.file_types())
    if (file_type.in_default_table) common.push_back(mix(file_type, question));
  return common;
}

namespace {

// No loss was measured above it.
constexpr double enough_bits = 8.6;

struct Sized {
  Bytes size;
  const Quantization* quantization;
  double loss;
};

// As large or larger, and no better.
bool is_outdone(const Sized& one, const std::vector<Sized>& all) {
  return std::ranges::any_of(all, [&](const Sized& other) {
    return other.quantization != one.quantization && other.size <= one.size && other.loss <= one.loss;
  });
}

}  // namespace

std::vector<Quantization> worthwhile_quantizations(const Catalog& catalog, const Question& question,
                                                   Session& session) {
  const std::vector<Quantization> common = common_quantizations(catalog, question, session);
  std::vector<Sized> all, kept;
  for (const Quantization& quantization : common) {
    const FileType* file_type = file_type_of(quantization);
    if (file_type == nullptr) continue;
    const WeightBytes* weights = session.find_weights(quantization);
    const double loss = measured_loss(*file_type);
    if (weights != nullptr && bits_of_type(*file_type) <= enough_bits && loss > 0)
      all.push_back({weights->tensor_bytes, &quantization, loss});
  }
  std::ranges::copy_if(all, std::back_inserter(kept),
                       [&](const Sized& one) { return !is_outdone(one, all); });
  std::ranges::stable_sort(kept, [](const Sized& a, const Sized& b) { return b.size < a.size; });
  std::vector<Quantization> quantizations;
  for (const Sized& one : kept) quantizations.push_back(*one.quantization);
  return quantizations;
}

namespace {

// A quantized release that only other programs load and that has no file for llama.cpp.
bool is_packed_variant(const Model& model, std::string_view source) {
  return source == "catalog" && model.packed && !model.published_file;
}

// The words of a question, a file name or a tag that name a quantization; empty for the model's own.
const std::string& named_quantization(const ModelSummary& summary, const Question& question) {
  return question.quantization.empty() ? summary.named_quantization : question.quantization;
}

PublishedFormat published_of(const Catalog& catalog, const ModelSummary& summary) {
  return published_format(catalog, summary.model, summary.checkpoint ? &*summary.checkpoint : nullptr);
}

// The checkpoint that the model's name, folder or repository is; empty for a model of many files.
std::optional<CheckpointFormat> own_format(const Catalog& catalog, const ModelSummary& summary) {
  if (!summary.named_format_spelling.empty() &&
      catalog.find_checkpoint_format(summary.named_format_spelling) != nullptr)
    return catalog.checkpoint_format(summary.named_format_spelling, summary.model);
  if (!is_packed_variant(summary.model, summary.source) && !summary.checkpoint) return std::nullopt;
  if (summary.source != "catalog" && !summary.model.packed) return std::nullopt;
  return published_of(catalog, summary).format;
}

// The format that a question without a runtime is about; empty if it is about a GGUF.
std::optional<CheckpointFormat> asked_format(const Catalog& catalog, const ModelSummary& summary,
                                             const Question& question) {
  const std::string& name = named_quantization(summary, question);
  if (name.empty()) return own_format(catalog, summary);
  const bool is_format = find_file_type(catalog.file_types(), name) == nullptr &&
                         catalog.find_checkpoint_format(name) != nullptr;
  return is_format ? std::optional(catalog.checkpoint_format(name, summary.model)) : std::nullopt;
}

bool loads(const Runtime& runtime, const CheckpointFormat& format) {
  return runtime.can.loads_checkpoints && (format.row == nullptr || is_loaded_by(*format.row, runtime.id));
}

[[noreturn]] void fail_without_runtime(const CheckpointFormat& format) {
  const std::vector<std::string_view> others(format.row->runtimes.begin(), format.row->runtimes.end());
  throw Error(ErrorCode::unsupported,
              fmt::format("{} is loaded by {}, which {} not estimated", format.title,
                          fmt::join(others, " and "), others.size() > 1 ? "are" : "is"));
}

}  // namespace

void settle_runtime(const Catalog& catalog, const ModelSummary& summary, Asked& asked) {
  if (!asked.may_choose || summary.stored) return;
  const auto format = asked_format(catalog, summary, asked.question);
  if (!format) return;
  const auto runtime =
      std::ranges::find_if(asked.runtimes, [&](const Runtime& each) { return loads(each, *format); });
  if (runtime == asked.runtimes.end()) fail_without_runtime(*format);
  choose(asked, runtime->id);
}

void warn_of_format(const Catalog& catalog, ModelSummary& summary, const Asked& asked) {
  if (!asked.runtime().can.loads_checkpoints || !named_quantization(summary, asked.question).empty()) return;
  if (std::string warning = published_of(catalog, summary).warning; !warning.empty())
    summary.warnings.push_back(std::move(warning));
}

// A release in one format is asked for in another: it is made from the base model.
void take_base(const Catalog& catalog, const Asked& asked, LoadedModel& loaded) {
  const Capabilities& can = asked.runtime().can;
  if (!is_packed_variant(loaded.model, loaded.source) || !(can.loads_only_gguf || can.loads_checkpoints))
    return;
  if (asked.question.quantization.empty() && loaded.named_quantization.empty()) return;
  Model base = catalog.model(loaded.model.variant_of);
  loaded.warnings.push_back(
      fmt::format("{} is taken for {}, from which such a file is made", loaded.model.id, base.id));
  loaded.model = std::move(base);
}

FileType published_file_type(const Catalog& catalog, const PublishedFile& published) {
  FileType file_type = catalog.file_type(published.file_type);
  const FileType* usual = find_file_type(catalog.file_types(), published.name);
  file_type.name = published.name;
  file_type.nominal_bits = usual == nullptr ? 0 : bits_of_type(*usual);
  file_type.quality = "As its publisher trained it";
  file_type.quality_class = QualityClass::none;
  file_type.kld = file_type.kld_imatrix = 0;
  file_type.in_default_table = true;
  return file_type;
}

namespace {

FileType asked_file_type(const Catalog& catalog, const ModelSummary& summary, const std::string& name) {
  const auto& published = summary.model.published_file;
  if (published && same_letters(published->name, name)) return published_file_type(catalog, *published);
  return catalog.file_type(name);
}

// "AWQ (4-bit integers with a scale per group, for vLLM and SGLang)"
std::string format_of(const Catalog& catalog, const ModelSummary& summary) {
  const Model& model = summary.model;
  if (const auto* named = catalog::word_of_family(summary.named_format, catalog.format_words()))
    return fmt::format("{} ({})", named->family, named->what);
  std::string name = model.id;
  if (const auto* its = catalog::take_format(name, catalog.format_words()).format)
    return fmt::format("{} ({})", its->family, its->what);
  return fmt::format("packed weights ({})", model.packed->scheme);
}

// A name that includes a format is not answered with another one.
void require_a_gguf(const Catalog& catalog, const ModelSummary& summary) {
  const Model& model = summary.model;
  const bool is_variant = is_packed_variant(model, summary.source);
  if (!is_variant && summary.named_format.empty()) return;
  const std::string& base = is_variant ? model.variant_of : model.id;
  throw Error(
      ErrorCode::unsupported,
      fmt::format(
          "{}{} is in {}, a checkpoint format that llama.cpp does not load; {} -q {} asks for a GGUF of the "
          "same model",
          is_variant ? "" : "this ", model.name, format_of(catalog, summary), base, recommended_quantization),
      {base});
}

}  // namespace

bool has_one_quantization(const ModelSummary& summary, const Question& question) {
  return !question.quantization.empty() || summary.stored || !summary.named_quantization.empty() ||
         !summary.named_format_spelling.empty() || summary.model.published_file ||
         is_packed_variant(summary.model, summary.source);
}

namespace {

// In 4 bits, which is what most people take where a runtime does not load a model as it is published.
CheckpointFormat usual_format(const Catalog& catalog, const Model& model, const Runtime& runtime,
                              CheckpointFormat published) {
  if (loads(runtime, published)) return published;
  for (const CheckpointFormatRow& row : catalog.checkpoint_formats())
    if (is_loaded_by(row, runtime.id) && std::floor(row.nominal_bits) == 4)
      return checkpoint_format(row, model.architecture);
  return published;
}

Quantization chosen_format(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  const std::string& name = named_quantization(summary, asked.question);
  const bool is_file_type = find_file_type(catalog.file_types(), name) != nullptr;
  if (is_file_type && catalog.find_checkpoint_format(name) == nullptr)
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{} loads checkpoints, and {} is a GGUF type; -q names a format such as BF16, FP8 or AWQ",
                    asked.runtime().title, name));
  if (!name.empty()) return catalog.checkpoint_format(name, summary.model);
  if (auto own = own_format(catalog, summary)) return *std::move(own);
  return usual_format(catalog, summary.model, asked.runtime(), published_of(catalog, summary).format);
}

}  // namespace

bool takes_file_of_ollama(const ModelSummary& summary, const Asked& asked) {
  return asked.choice.tool == "ollama" && summary.source == "catalog" &&
         asked.question.command != Command::plan && named_quantization(summary, asked.question).empty() &&
         !summary.model.published_file;
}

namespace {

const OllamaFile* file_of_ollama(const ModelSummary& summary, const Asked& asked) {
  const auto& file = summary.model.ollama_file;
  return file && takes_file_of_ollama(summary, asked) ? &*file : nullptr;
}

}  // namespace

Quantization chosen_quantization(const Catalog& catalog, const ModelSummary& summary, const Asked& asked) {
  const Question& question = asked.question;
  const std::string& name = named_quantization(summary, question);
  if (summary.stored && question.quantization.empty())
    return FileContents{&*summary.stored, stored_file_type(catalog, *summary.stored)};
  if (asked.runtime().can.loads_checkpoints) return chosen_format(catalog, summary, asked);
  if (!name.empty()) return mix(asked_file_type(catalog, summary, name), question);
  if (asked.runtime().can.loads_only_gguf) {
    require_a_gguf(catalog, summary);
    if (const auto& published = summary.model.published_file)
      return mix(published_file_type(catalog, *published), question);
    if (const OllamaFile* file = file_of_ollama(summary, asked))
      return mix(catalog.file_type(file->file_type), question);
  }
  return mix(catalog.file_type(recommended_quantization), question);
}

Quantization quantization_called(const Catalog& catalog, std::string_view name, const Question& question,
                                 Session& session) {
  if (!session.runtime().can.loads_checkpoints) return mix(catalog.file_type(name), question);
  const std::vector<Quantization> formats = formats_of(catalog, question, session);
  const auto found = std::ranges::find(formats, name, name_of);
  return found == formats.end() ? catalog.checkpoint_format(name, session.model()) : *found;
}

std::string repository_of(const Catalog& catalog, const ModelSummary& summary,
                          const CheckpointFormat& format) {
  const Model& model = summary.model;
  for (const ModelRow* row : catalog.variants_of(model.id)) {
    if (row->hf_repo.empty()) continue;
    const Model variant = catalog.variant(*row, model.architecture);
    if (published_format(catalog, variant).format.name == format.name) return std::string(row->hf_repo);
  }
  const std::string& own = model.hf_repo.empty() ? model.id : model.hf_repo;
  if (format.name == native_format(catalog, model).name ||
      format.name == published_of(catalog, summary).format.name)
    return own;
  return fmt::format("{}-{}", own.substr(own.rfind('/') + 1), format.name);
}

}  // namespace vramcalc::report
