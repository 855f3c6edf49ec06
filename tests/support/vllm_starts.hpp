#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "support/measured_rows.hpp"
#include "vramcalc/vllm/options.hpp"

namespace vramcalc::test {

// A row of tests/measured/vllm_starts.tsv, which explains the columns.
struct VllmStart {
  std::string version, model, shape, quantization;
  std::optional<double> device_total;
  std::string gpu;
  std::uint32_t tp = 1, pp = 1, dcp = 1;
  std::optional<std::uint64_t> max_model_len;
  std::optional<std::uint32_t> max_num_seqs, max_num_batched_tokens;
  std::optional<double> gpu_memory_utilization;
  std::string kv_cache_dtype;
  bool eager = false;
  std::string prefix_caching, mamba_mode;
  std::uint32_t num_spec = 0;
  std::optional<std::uint32_t> block;
  std::string context;
  std::optional<std::uint32_t> capture_sizes, capture_max;
  std::optional<double> weights, act, nontorch, graph, graph_estimate, available_kv;
  std::optional<std::uint64_t> kv_tokens, blocks;
  std::optional<double> concurrency, needed;
  std::optional<std::uint64_t> estimated_max_len;
  std::string source;

  vllm::Release release() const {
    vllm::Release release;
    std::sscanf(version.c_str(), "v%u.%u.%u", &release.major, &release.minor, &release.patch);
    if (version.front() != 'v')
      std::sscanf(version.c_str(), "%u.%u.%u", &release.major, &release.minor, &release.patch);
    return release;
  }
};

inline void read_cell(const std::string& cell, std::string& value) { value = cell == "-" ? "" : cell; }
inline void read_cell(const std::string& cell, bool& value) { value = cell == "True"; }
template <class Number>
void read_cell(const std::string& cell, Number& value) {
  if (cell == "-") return;
  std::istringstream(cell) >> value;
}
template <class Number>
void read_cell(const std::string& cell, std::optional<Number>& value) {
  if (cell == "-") return;
  read_cell(cell, value.emplace());
}

inline std::vector<VllmStart> vllm_starts() {
  std::vector<VllmStart> starts;
  read_measured_rows("vllm_starts.tsv", [&](std::istream& words) {
    VllmStart row;
    const auto read = [&](auto&... members) {
      const auto one = [&](auto& member) {
        std::string cell;
        words >> cell;
        read_cell(cell, member);
      };
      (one(members), ...);
    };
    read(row.version, row.model, row.shape, row.quantization, row.device_total, row.gpu, row.tp, row.pp,
         row.dcp, row.max_model_len, row.max_num_seqs, row.max_num_batched_tokens, row.gpu_memory_utilization,
         row.kv_cache_dtype, row.eager, row.prefix_caching, row.mamba_mode, row.num_spec, row.block,
         row.context, row.capture_sizes, row.capture_max, row.weights, row.act, row.nontorch, row.graph,
         row.graph_estimate, row.available_kv, row.kv_tokens, row.blocks, row.concurrency, row.needed,
         row.estimated_max_len, row.source);
    starts.push_back(std::move(row));
  });
  return starts;
}

}  // namespace vramcalc::test
