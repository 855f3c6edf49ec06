#include "render/sample.hpp"

#include "render/deployment_sample.hpp"

namespace vramcalc::sample {
namespace {

Bytes gb(double number) { return Bytes(static_cast<std::uint64_t>(number * 1e9 + 0.5)); }
Amount exactly(double number) { return Amount::exactly(gb(number)); }
Amount between(double low, double best, double high) { return {gb(low), gb(best), gb(high)}; }

Term term(TermKind kind, const Amount& amount, Basis basis, std::string why) {
  return {kind, amount, basis, std::move(why)};
}

Estimate estimate(double cache, double compute) {
  Estimate estimate;
  estimate.tensor_bytes = gb(404.43);
  estimate.file_bytes = gb(404.44);
  estimate.places = {
      {Place::gpu(0),
       {term(TermKind::weights, exactly(403.9), Basis::exact,
             "1,025 tensors at 4.82 bits a weight, each padded to 128 bytes"),
        term(TermKind::kv_cache, exactly(cache), Basis::exact,
             "61 layers x 576 values x 2 bytes, one latent row a token"),
        term(TermKind::compute_buffer, exactly(compute), Basis::derived, "the widest step of the graph"),
        term(TermKind::runtime_overhead, between(0.3, 0.45, 0.6), Basis::fitted,
             "CUDA context and libraries")}                                                     },
      {Place::host(), {term(TermKind::weights, exactly(0.53), Basis::exact, "token embeddings")}}
  };
  return estimate;
}

QuantizationRow quantization(std::string name, double bits, double at_context, std::optional<double> kld,
                             std::string quality_class) {
  QuantizationRow row;
  row.name = std::move(name);
  row.bits_per_weight = bits;
  row.nominal_bits = bits;
  row.tensor_bytes = row.file_bytes = gb(at_context - 0.5);
  row.at_context = exactly(at_context);
  row.at_full_context = exactly(at_context + 11.5);
  row.quality = "Some words about it";
  row.quality_class = std::move(quality_class);
  row.kld = kld;
  return row;
}

HardwareRow hardware(std::string id, std::string name, double usable, Verdict verdict,
                     std::optional<std::uint64_t> context, std::string best, std::uint32_t needed = 0,
                     std::optional<SpeedEstimate> decode = {}) {
  HardwareRow row;
  row.id = std::move(id);
  row.name = std::move(name);
  row.memory_gb = usable;
  row.memory = row.usable = gb(usable);
  row.verdict = verdict;
  row.max_context = context;
  row.best_quantization = std::move(best);
  row.needed = needed;
  row.decode = decode;
  return row;
}

ModelSummary deepseek_summary() {
  ModelSummary summary;
  Model& model = summary.model;
  model.id = "deepseek-r1";
  model.name = "DeepSeek-R1";
  model.publisher = "DeepSeek";
  model.family = "DeepSeek R1";
  model.license = "MIT";
  model.release_date = "2025-01-20";
  model.hf_repo = "deepseek-ai/DeepSeek-R1";
  model.architecture_class = "DeepseekV3ForCausalLM";
  model.architecture.gguf_name = "deepseek2";
  model.architecture.model_type = "deepseek_v3";
  model.architecture.vocab_size = 129'280;
  model.architecture.hidden_size = 7168;
  model.architecture.context_length = 163'840;
  model.architecture.blocks.resize(61);
  summary.parameters.trunk = 671'026'419'200;
  summary.parameters.active = 37'553'000'000;
  return summary;
}

Settings settings(std::uint64_t context) {
  Settings settings;
  settings.runtime = "llama.cpp";
  settings.runtime_version = "0.5.0";
  settings.quantization = "Q4_K_M";
  settings.demand = {context};
  settings.of_runtime = {
      {"context",         context            },
      {"parallel",        std::uint64_t{4}   },
      {"kv_unified",      true               },
      {"cache_type_k",    std::string("f16") },
      {"cache_type_v",    std::string("f16") },
      {"batch",           std::uint64_t{2048}},
      {"ubatch",          std::uint64_t{512} },
      {"flash_attention", true               }
  };
  return settings;
}

}  // namespace

OverviewReport deepseek() {
  OverviewReport report;
  report.summary = deepseek_summary();
  report.settings = settings(2048);
  report.estimate = estimate(0.14, 0.41);
  report.full_context = estimate(11.51, 0.54);
  report.kv_bytes_per_token = Bytes(70'272);
  report.quantizations = {quantization("IQ1_S", 1.6, 133.7, 2.2113, "extreme"),
                          quantization("IQ2_XXS", 2.08, 175.0, 0.812, "large"),
                          quantization("Q4_K_M", 4.82, 404.9, 0.0313, "small"),
                          quantization("Q5_K_S", 5.5, 461.8, 0.0166, "negligible"),
                          quantization("Q8_0", 8.5, 713.8, 0.0014, "negligible"),
                          quantization("BF16", 16, 1342.1, std::nullopt, "none"),
                          quantization("Q2_K_S", 0, 1, 0.4, "large")};
  report.quantizations[0].in_default_table = false;
  report.quantizations[2].recommended = report.quantizations[2].chosen = true;
  report.quantizations[6].refused = "Q2_K_S cannot be made without an importance matrix";
  report.best = "Q4_K_M";
  report.better = "Q5_K_S";
  report.smallest = "IQ1_S";
  report.gpus.rows = {
      hardware("rtx-4090", "NVIDIA GeForce RTX 4090", 25.2, Verdict::no, std::nullopt, "", 17),
      hardware("mi355x", "AMD Instinct MI355X", 309.2, Verdict::no, std::nullopt, "IQ2_XXS", 2)};
  report.systems.rows = {
      hardware("dgx-h200", "NVIDIA DGX H200 1128GB", 1170.3, Verdict::great, 163'840, "Q8_0", 0,
               SpeedEstimate{{21.4, 36.2}, SpeedBasis::this_card     }
               ),
      hardware("dgx-h100", "NVIDIA DGX H100 640GB", 680.2, Verdict::great, 163'840, "Q6_K", 0,
               SpeedEstimate{{9.7, 25.1},  SpeedBasis::its_generation}
               ),
      hardware("mac-studio-m3-ultra-512gb", "Mac Studio M3 Ultra 512GB (60/80-core GPU)", 498.2,
               Verdict::fits, 163'840, "Q5_K_S"),
      hardware("m4-16gb", "Apple M4 16GB (10-core GPU)", 12.7, Verdict::no, std::nullopt, "", 32)
  };
  report.related = {
      {"deepseek-v3",      "DeepSeek-V3",      671'026'419'200},
      {"deepseek-v2-lite", "DeepSeek-V2-Lite", 15'706'484'224 }
  };
  report.rule_of_thumb = RuleOfThumb{exactly(414.6), exactly(697.6), true, "it ignores latent attention"};
  return report;
}

OverviewReport small() {
  OverviewReport report = deepseek();
  report.summary.model.name = "Tiny";
  report.summary.model.architecture.context_length = 512;
  report.settings = settings(1024);
  report.estimate.places = {
      {Place::gpu(0), {term(TermKind::weights, exactly(0.135), Basis::exact, "")}}
  };
  report.full_context.reset();
  report.kv_bytes_per_token = Bytes(0);
  for (QuantizationRow& row : report.quantizations) row.at_full_context.reset();
  report.quantizations[1].chosen = true;
  report.quantizations[2].chosen = false;
  report.gpus.rows.clear();
  for (int i = 1; i <= 20; ++i)
    report.gpus.rows.push_back(
        hardware("card", "Card " + std::to_string(i), 8 + i, Verdict::great, 512, "F16"));
  report.gpus.rows.push_back(hardware("old", "NVIDIA GeForce GT 1030", 2, Verdict::tight, 128, "Q2_K"));
  report.systems.rows.clear();
  report.asked_hardware = report.gpus.rows.back();
  report.related.clear();
  report.rule_of_thumb.reset();
  report.warnings = {"1024 tokens are beyond the 512 that Tiny was trained for"};
  return report;
}

CheckReport check() {
  CheckReport report;
  report.summary = deepseek_summary();
  report.settings = settings(163'840);
  report.estimate = estimate(11.51, 0.54);
  report.machine.id = "2x rtx-4090";
  report.machine.name = "2x NVIDIA GeForce RTX 4090";
  report.machine.memory = gb(51.5);
  report.machine.usable = gb(50.4);
  report.machine.device.count = 2;
  report.places = {
      {Place::gpu(0), "2x NVIDIA GeForce RTX 4090", gb(50.4), between(416.25, 416.4,        416.55), Verdict::no},
      {Place::host(),  "host memory",                              Bytes(0),                          exactly(0.53),                          std::nullopt}
  };
  report.speed = {
      SpeedEstimate{{5.1, 17.2},  SpeedBasis::this_card},
      55.0,
      SpeedEstimate{{1400, 3100}, SpeedBasis::this_card},
      2048,
      "a token reads 22.1 GB on the GPUs; measured on this card"
  };
  report.suggestions = {"9 of these would hold it"};
  report.warnings = {"the 2 GPUs count as one pool"};
  return report;
}

ExplanationReport explanation() {
  ExplanationReport report;
  report.shape = "deepseek-r1 of the catalog";
  const Explanation why = {
      "61 layers x 2,048 cells x 576 values x 2 bytes",
      {{"cells", "2,048", Origin::flag, "-c"}, {"values", "576", Origin::shape, "kv_lora_rank"}},
      "llama.cpp 0.5.0, llama-kv-cache.cpp"
  };
  report.terms = {
      {Place::gpu(0), TermKind::kv_cache, exactly(0.14), Basis::exact, why}
  };
  report.speeds = {
      {"decode", SpeedEstimate{{12.3, 41.5}, SpeedBasis::rule}, why}
  };
  return report;
}

PlanReport plan() {
  PlanReport report;
  report.summary = deepseek_summary();
  report.settings = settings(32'768);
  report.machine = check().machine;
  PlannedLoad load;
  load.quantization = "Q4_K_M";
  load.load.demand = {32'768};
  load.load.layers.on_gpus = 61;
  load.load.layers.all = 62;
  load.load.layers.without_experts = 58;
  load.load.layers.whole = false;
  load.load.estimate = estimate(2.3, 0.41);
  load.places = check().places;
  load.speed = {
      SpeedEstimate{{5.1, 17.2}, SpeedBasis::its_generation},
      55.0,
      SpeedEstimate{{140, 310},  SpeedBasis::rule          },
      2048, "experts are read from host memory"
  };
  load.room = Room{131'072, 32'768, 4, "-np 4 -c 131072"};
  load.command = "llama-server -m DeepSeek-R1-Q4_K_M.gguf -c 32768 -ngl 61 -ncmoe 58";
  report.best = load;
  load.quantization = "Q5_K_S";
  load.trade = "finer, and 14 % slower";
  report.runners_up = {load};
  report.explanation = explanation();
  report.warnings = {"the 2 GPUs count as one pool"};
  return report;
}

RecommendReport recommend() {
  RecommendReport report;
  report.machine = check().machine;
  report.least_context = 4096;
  report.too_large = 171;
  RecommendReport::Row row;
  row.id = "qwen3-coder-30b-a3b";
  row.release_date = "2025-07-31";
  row.parameters = 30'532'000'000;
  row.active_parameters = 3'346'000'000;
  row.quantization = "Q8_0";
  row.context = 262'144;
  row.needed = exactly(33.3);
  row.decode = SpeedEstimate{
      {66, 221},
      SpeedBasis::this_card
  };
  report.rows = {row};
  return report;
}

CompareReport compare() {
  CompareReport report;
  report.machines = {check().machine, check().machine};
  report.machines[1].id = "mac-studio-m3-ultra-512gb";
  CompareReport::Row row;
  row.summary = deepseek_summary();
  row.quantization = "Q4_K_M";
  row.settings = settings(2048);
  row.bits_per_weight = 4.82;
  row.kld = 0.0313;
  row.estimate = estimate(0.14, 0.41);
  row.full_context = estimate(11.51, 0.54);
  row.fits = {
      {Verdict::no,   std::nullopt, std::nullopt                                          },
      {Verdict::fits, 163'840,      SpeedEstimate{{9.6, 21.4}, SpeedBasis::its_generation}}
  };
  report.rows = {row, row, row};
  report.rows[1].summary.model.id = "deepseek-v3.2";
  report.rows[1].estimate = estimate(0.26, 0.47);
  report.rows[2].refused = "Q2_K_S cannot be made without an importance matrix";
  return report;
}

LocalModelListing local_models() { return {{{"Ollama", "ollama:qwen3:8b", "/models/qwen3", gb(5.2)}}}; }

GpuListing gpus() {
  Gpu gpu;
  gpu.id = "rtx-4090";
  gpu.name = "NVIDIA GeForce RTX 4090";
  gpu.vendor = "NVIDIA";
  gpu.memory_gb = 24;
  gpu.usable_mib = 24'079;
  gpu.bandwidth_gbps = 1008;
  gpu.release_date = "2022-10-12";
  return {{gpu}, {}};
}

SystemListing systems() {
  System system;
  system.id = "dgx-spark";
  system.name = "NVIDIA DGX Spark 128GB (GB10)";
  system.vendor = "NVIDIA";
  system.memory_gb = 128;
  return {{system}, {}};
}

ModelListing models() {
  ModelListing::Row row;
  row.id = "deepseek-r1";
  row.name = "DeepSeek-R1";
  row.parameters = 671'026'419'200;
  row.active_parameters = 37'553'000'000;
  row.context_length = 163'840;
  row.aliases = {"r1"};
  ModelListing::Row other;
  other.id = "mystery";
  other.incomplete = "its config is not published";
  return {
      {row, other}
  };
}

QuantizationListing quantizations() {
  FileType type;
  type.name = "Q4_K_M";
  type.type = ElementType::q4_K;
  type.nominal_bits = 4.8;
  type.kld = 0.031273;
  type.quality = "Small loss; the usual balance";
  type.quality_class = QualityClass::small;
  return {{type}, {}, {}};
}

ErrorReport error() {
  return {
      ErrorCode::unknown_name, "unknown model \"deepsek-r1\"; did you mean deepseek-r1?", {"deepseek-r1"}};
}

std::vector<Report> one_of_each_kind() {
  OverviewReport explained = deepseek();
  explained.explanation = explanation();
  return {explained,      check(), plan(),    recommend(),     compare(),    models(),
          local_models(), gpus(),  systems(), quantizations(), deployment(), error()};
}

}  // namespace vramcalc::sample
