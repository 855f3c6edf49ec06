#include "source/gguf_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "model/printable.hpp"
#include "source/gguf_architecture.hpp"
#include "source/gguf_draft_head.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

// Titles are printed on terminals, so control characters are escaped.
std::string title(const GgufMetadata& metadata, std::string_view key) {
  const GgufValue* value = metadata.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "" : printable(*text, 120);
}

struct Purpose {
  std::string_view type;
  std::string_view what;
};
constexpr std::array purposes{
    Purpose{"adapter",
            "an adapter (LoRA), not a model; name it with --lora along with the model that it adapts"     },
    Purpose{"mmproj",
            "a projector, not a language model; name it with --mmproj along with the model that it serves"},
    Purpose{"imatrix", "an importance matrix, not a model"                                                },
};

// GGUF files have general.type since mid-2024; before that, a projector had the architecture clip.
void require_model(const GgufMetadata& metadata) {
  const std::string architecture = title(metadata, "general.architecture");
  const std::string type = architecture == "clip" ? "mmproj" : title(metadata, "general.type");
  const auto found = std::ranges::find(purposes, type, &Purpose::type);
  if (found != purposes.end())
    throw Error(ErrorCode::unsupported, fmt::format("{}: this is {}", metadata.file(), found->what));
}

Model identity(const GgufMetadata& metadata, const std::string& path) {
  Model model;
  model.id = printable(stem_of(path));
  model.name = title(metadata, "general.name");
  if (model.name.empty()) model.name = model.id;
  model.publisher = title(metadata, "general.organization");
  model.license = title(metadata, "general.license");
  model.family = title(metadata, "general.basename");
  model.source = metadata.file();
  model.modalities = {"text"};
  return model;
}

// The file type, which is reliable only in files written by llama.cpp's own tools.
std::string file_type(const Catalog& catalog, const GgufMetadata& metadata) {
  constexpr std::uint32_t guessed = 1024;  // a bit that llama.cpp sets when it had to guess
  const std::optional<std::uint32_t> number = metadata.number("general.file_type");
  if (!number) return {};
  for (const FileType& each : catalog.file_types())
    if (each.ftype == (*number & ~guessed) && each.derived_from.empty()) return std::string(each.name);
  return {};
}

TokenizerFacts tokenizer_facts(const GgufHeader& header) {
  using Kind = TokenizerFacts::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 4> kinds{
      {{"gpt2", Kind::bpe}, {"llama", Kind::spm}, {"t5", Kind::unigram}, {"bert", Kind::wordpiece}}
  };
  const auto count = [&](std::string_view key) {
    const GgufArray* list = header.metadata.array(key);
    return list == nullptr ? std::uint32_t{0} : static_cast<std::uint32_t>(list->count);
  };
  const std::string word = title(header.metadata, "tokenizer.ggml.model");
  const auto found = std::ranges::find(kinds, word, &std::pair<std::string_view, Kind>::first);
  TokenizerFacts facts;
  facts.kind = found == kinds.end() ? Kind::unknown : found->second;
  facts.vocab_size = count("tokenizer.ggml.tokens");
  facts.merges = count("tokenizer.ggml.merges");
  facts.metadata_bytes = header.metadata_bytes.count();
  return facts;
}

std::string a_few(const std::vector<std::string>& names) {
  constexpr std::size_t few = 3;
  const auto last = names.begin() + static_cast<std::ptrdiff_t>(std::min(few, names.size()));
  return fmt::format("{}{}", fmt::join(names.begin(), last, ", "), names.size() > few ? ", ..." : "");
}

// llama.cpp loads no file whose tensors do not match its metadata (src/llama-model-loader.cpp,
// check_tensor_dims).
void refuse(const Differences& differences, const std::string& file) {
  if (!differences.refusal.empty())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: {}; llama.cpp would not load the file", file, differences.refusal));
}

// The weights are the file's own in any case; figures derived from the shape may be off.
std::vector<std::string> warnings_of(const Differences& differences) {
  std::vector<std::string> warnings;
  const auto warn = [&](const std::vector<std::string>& names, std::string_view what) {
    if (!names.empty())
      warnings.push_back(fmt::format("{} of its tensors {} ({}): the cache and compute figures may be off",
                                     names.size(), what, a_few(names)));
  };
  warn(differences.unexplained, "are not explained by its metadata");
  warn(differences.missing, "are missing or of another size");
  return warnings;
}

struct HeadsOf {
  std::pair<std::uint32_t, std::uint32_t> operator()(const GroupedQueryAttention& a) const {
    return {a.heads, a.kv_heads};
  }
  std::pair<std::uint32_t, std::uint32_t> operator()(const LatentAttention& a) const {
    return {a.heads, a.heads};
  }
  std::pair<std::uint32_t, std::uint32_t> operator()(const CompressedAttention& a) const {
    return {a.heads, 1};
  }
  std::pair<std::uint32_t, std::uint32_t> operator()(const BlockSparseAttention& a) const {
    return (*this)(a.attention);
  }
  std::pair<std::uint32_t, std::uint32_t> operator()(const ParallelMamba2Attention& a) const {
    return (*this)(a.attention);
  }
  template <class Other>
  std::pair<std::uint32_t, std::uint32_t> operator()(const Other&) const {
    return {0, 0};
  }
};

// Its tensors are those that its own reader requires.
LoadedModel with_head(LoadedModel loaded, const Catalog& catalog, GgufFile file) {
  loaded.model.architecture = draft_head(file.header);
  set_config_heads(loaded.model);
  loaded.model.tokenizer = tokenizer_facts(file.header);
  std::string type = file_type(catalog, file.header.metadata);
  loaded.stored = stored_weights(std::move(file), std::move(type));
  return loaded;
}

}  // namespace

StoredWeights stored_weights(GgufFile file, std::string file_type) {
  StoredWeights stored;
  stored.tensors = std::move(file.header.tensors);
  stored.types = std::move(file.header.types);
  stored.tensor_bytes = file.header.tensor_bytes;
  stored.file_bytes = file.header.file_bytes;
  stored.file_type = std::move(file_type);
  stored.files = std::move(file.files);
  return stored;
}

std::string stem_of(const std::string& path) {
  std::string stem = std::filesystem::path(path).stem().string();
  const std::size_t part = stem.rfind("-of-");
  if (part != std::string::npos && part >= 6 && stem[part - 6] == '-') stem.resize(part - 6);
  return stem;
}

void set_config_heads(Model& model) {
  for (const Block& block : model.architecture.blocks) {
    std::tie(model.config_attention_heads, model.config_kv_heads) = std::visit(HeadsOf{}, block.attention);
    if (model.config_attention_heads > 0) return;
  }
}

LoadedModel load_gguf(const Catalog& catalog, const std::string& path) {
  return load_gguf(catalog, path, file_source);
}

LoadedModel load_gguf(const Catalog& catalog, const std::string& path, const OpenSource& open) {
  GgufFile file = read_gguf(path, open);
  require_model(file.header.metadata);
  LoadedModel loaded;
  loaded.model = identity(file.header.metadata, path);
  if (is_draft_head(file.header.metadata)) return with_head(std::move(loaded), catalog, std::move(file));
  std::string likened_to;
  loaded.model.architecture = gguf_architecture(file.header, nlohmann::json::parse(catalog.architectures()),
                                                &likened_to);  // read strictly before
  set_config_heads(loaded.model);
  loaded.model.tokenizer = tokenizer_facts(file.header);
  const Differences differences = compare_tensors(loaded.model.architecture, file.header.tensors);
  const bool looked_at = likened_to.empty();
  if (looked_at) refuse(differences, file.header.metadata.file());
  loaded.warnings = warnings_of(differences);
  if (!looked_at)
    loaded.warnings.push_back(
        fmt::format("its compute buffer is taken as that of {} models: the graph of {} was not examined",
                    likened_to, printable(loaded.model.architecture.gguf_name)));
  if (std::ranges::any_of(file.header.types, is_newer))
    loaded.warnings.push_back(
        "some of its tensors are F8_E4M3, which llama.cpp 0.5.0 does not load; builds since autumn 2026 do "
        "(b12211)");
  std::string type = file_type(catalog, file.header.metadata);
  loaded.stored = stored_weights(std::move(file), std::move(type));
  return loaded;
}

}  // namespace vramcalc::source
