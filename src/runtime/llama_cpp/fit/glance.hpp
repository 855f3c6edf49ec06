#pragma once

#include <optional>
#include <vector>

#include "runtime/llama_cpp/fit/fit.hpp"

namespace vramcalc::llama_cpp {

// What can be told of a model spread over several GPUs without placing its graph, which costs by far the
// most. Weights and caches with the default split are exact without it, and the compute buffers have a bound:
// most machines hold a model by far, or are short by far. Where it says nothing, only the placement tells.
class Glance {
 public:
  Glance(Session& session, const Quantization& quantization, std::uint64_t context, const Machine& machine);

  std::optional<bool> fits();        // what fits_over says
  std::optional<Verdict> verdict();  // of the split that spread_over finds, on each GPU and on the host

 private:
  struct Bounds {
    Verdict best, worst;
  };
  void look_at_the_sum();
  bool is_short(Bytes Amount::*bound);  // whatever the split
  Bounds on_each(const std::vector<Amount>& amounts) const;
  const Bounds& of_default_split();

  Session& session_;
  const Quantization& quantization_;
  std::uint64_t context_;
  const Machine& machine_;
  bool says_something_ = false;
  bool is_short_in_sum_ = false;  // no split helps
  Bytes fixed_bytes_;                 // on all GPUs together, without buffers and overhead
  Bytes buffer_bound_;         // of the compute buffer on each GPU
  std::vector<Amount> overheads_;
  std::optional<Bounds> bounds_;
};

// No compute buffer of a GPU is larger that has a part of a model, by what it takes with the whole model on
// one GPU and on the host: the inputs of a part are kept four times (llama.cpp 0.5.0, ggml-backend.cpp:
// GGML_SCHED_MAX_COPIES), and the rest of its graph is a part of the whole one. Tried on every model of the
// catalog: none comes to more than four fifths of it. Empty where parts pass more than their last layer's
// output to each other, or the params is not the one that this was tried with.
std::optional<Bytes> compute_buffer_bound(const Session& session, const Estimate& on_one_gpu);

// fits_over without a glance: for a search between what one told already.
bool placement_fits(Session& session, const Quantization& quantization, std::uint64_t context,
                    const Machine& machine, const Placement& asked, SearchDepth depth);

// What the tightest GPU is short of at least, however the layers are split, even if compute buffers took nothing;
// negative where there is room. `bound` says of what an interval gives.
std::int64_t least_shortfall(Session& session, const Quantization& quantization, std::uint64_t context,
                        const Machine& machine, Bytes Amount::*bound);

}  // namespace vramcalc::llama_cpp
