#pragma once

#include <optional>
#include <vector>

#include "runtime/llama_cpp/fit/fit.hpp"

namespace vramcalc::llama_cpp {

// What is certain about a model spread over several GPUs without placing its graph, which is by far the most
// expensive step. Weights and caches of the default split are exact without it, and compute buffers have a
// bound. Most models fit easily or not at all; in the other cases the result is empty and the graph must be
// placed.
class Glance {
 public:
  Glance(Session& session, const Quantization& quantization, std::uint64_t context, const Machine& machine);

  std::optional<bool> fits();        // the answer of fits_over
  std::optional<Verdict> verdict();  // for the split that spread_over finds, on each GPU and on the host

 private:
  struct Bounds {
    Verdict best, worst;
  };
  void look_at_the_sum();
  bool is_short(Bytes Amount::*bound);  // with every split
  Bounds on_each(const std::vector<Amount>& amounts) const;
  const Bounds& of_default_split();

  Session& session_;
  const Quantization& quantization_;
  std::uint64_t context_;
  const Machine& machine_;
  bool says_something_ = false;
  bool is_short_in_sum_ = false;  // so no split helps
  Bytes fixed_bytes_;             // on all GPUs together, without buffers and overhead
  Bytes buffer_bound_;            // of the compute buffer on each GPU
  std::vector<Amount> overheads_;
  std::optional<Bounds> bounds_;
};

// An upper bound of the compute buffer of a GPU with a part of a model, from the buffers of the whole model
// on one GPU and on the host: the inputs of a part are kept four times (llama.cpp 0.5.0, ggml-backend.cpp:
// GGML_SCHED_MAX_COPIES), and the rest of its graph is a part of the whole one. No model of the catalog
// reaches more than four fifths of it. Empty if parts pass on more than their last layer's output, or for
// settings with which this was not checked.
std::optional<Bytes> compute_buffer_bound(const Session& session, const Estimate& on_one_gpu);

// fits_over without a glance, for searches between answers that a glance gave.
bool placement_fits(Session& session, const Quantization& quantization, std::uint64_t context,
                    const Machine& machine, const Placement& asked, SearchDepth depth);

// The least memory that the tightest GPU lacks with any split, not counting compute buffers; negative if
// there is room. `bound` selects the bound of the intervals.
std::int64_t least_shortfall(Session& session, const Quantization& quantization, std::uint64_t context,
                             const Machine& machine, Bytes Amount::*bound);

}  // namespace vramcalc::llama_cpp
