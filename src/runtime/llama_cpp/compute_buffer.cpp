#include "runtime/llama_cpp/compute_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/graph/allocator.hpp"
#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/scheduled_graphs.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

bool same_structure(const ScheduledGraph& a, const ScheduledGraph& b) {
  return graph::same_structure(a.graph, a.schedule, b.graph, b.schedule);
}

// Graphs of one model and one plan of its layers, for increasing contexts.
class Growth {
 public:
  Growth(ScheduledGraphs& graphs, const SettingsAt& settings, const DeviceMap& where,
         const graph::LayerPlan& plan)
      : graphs_(graphs), settings_(settings), where_(where), plan_(plan) {}

  graph::Allocation placed(std::uint64_t steps) const {
    const ScheduledGraph& first = scheduled(0);
    if (steps > 0) {
      const ScheduledGraph& next = scheduled(1);
      if (same_structure(first, next)) {
        const graph::GraphPair graphs{first.graph, next.graph};
        graph::Allocation placement = place(graphs, first, steps);
        placement.steps = grown(graphs, first, placement.steps);
        if (!placement.recurred || placement.steps > 0) return placement;
      }
    }
    return place({first.graph, first.graph}, first, 0);
  }

 private:
  const ScheduledGraph& scheduled(std::uint64_t step) const {
    return graphs_.at(settings_(step), where_, plan_);
  }

  graph::Allocation place(const graph::GraphPair& graphs, const ScheduledGraph& first,
                          std::uint64_t steps) const {
    return graph::place(graphs, first.schedule, where_.devices, where_.rules, plan_.recurrences, steps);
  }

  // For how many steps sizes really grow evenly: a window or a limit may end the growth, and mostly does so
  // soon if at all.
  std::uint64_t grown(const graph::GraphPair& graphs, const ScheduledGraph& first,
                      std::uint64_t steps) const {
    const auto go_on = [&](std::uint64_t until) {
      const ScheduledGraph& last = scheduled(until);
      return same_structure(first, last) && graph::grows_evenly(graphs, last.graph, where_.rules, until);
    };
    if (steps == 0 || go_on(steps)) return steps;
    std::uint64_t until = 1;  // defines the line
    while (until * 2 < steps && go_on(until * 2)) until *= 2;
    return graph::grows_evenly(graphs, graphs.next, where_.rules, 1) ? until : 0;
  }

  ScheduledGraphs& graphs_;
  const SettingsAt& settings_;
  const DeviceMap& where_;
  const graph::LayerPlan& plan_;
};

// A few rounds nearly always suffice; more are tried if the allocator has not returned to an earlier state,
// which never happens if weights are copied from the host. `first_choice` skips choices that failed before.
template <class Placed>
graph::Allocation with_fewest_rounds(const Architecture& architecture, const GraphSettings& settings,
                                     const DeviceMap& where, const Placed& placed,
                                     std::size_t& first_choice) {
  constexpr std::array choices{
      graph::KeptRounds{4, 4, 1},
      graph::KeptRounds{6, 5, 2}
  };
  if (settings.predicts) return placed(graph::first_prediction_layer(architecture));
  if (!settings.extracted_layers.empty() || architecture.draft_head)
    return placed(graph::all_layers(architecture));
  if (where.overridden) first_choice = std::max<std::size_t>(first_choice, 1);
  for (; first_choice < choices.size(); ++first_choice) {
    const graph::LayerPlan plan = graph::plan_layers(architecture, where, choices[first_choice]);
    if (plan.complete()) break;
    graph::Allocation placement = placed(plan);
    if (placement.recurred) return placement;
  }
  return placed(graph::all_layers(architecture));
}

BufferGrowth sizes(const Architecture& architecture, const SettingsAt& settings, const DeviceMap& where,
                   std::uint64_t steps, ScheduledGraphs& graphs) {
  const auto placed = [&](const graph::LayerPlan& plan) {
    return Growth(graphs, settings, where, plan).placed(steps);
  };
  std::size_t first_choice = 0;
  graph::Allocation placement = with_fewest_rounds(architecture, settings(0), where, placed, first_choice);
  return {std::move(placement.bytes), placement.steps};
}

// Whether the logits take so much of a buffer that its size depends on how tensors fit between them, which
// may be worse with fewer tokens. Any graph holds a few rows of the hidden size for each token.
bool is_mostly_logits(const Architecture& architecture, const GraphSettings& settings) {
  constexpr std::uint64_t few_rows = 4;
  return std::uint64_t{settings.outputs} * architecture.vocab_size >
         few_rows * settings.ubatch * architecture.hidden_size;
}

// Besides the graph for prompts, llama.cpp reserves one with one token per sequence (src/llama-context.cpp,
// sched_reserve). On a device it may need more if it is not much smaller, or if it has more rows of logits:
// those of prompts are limited before their tokens are rounded up to a multiple of the sequences. On the
// host, which computes small batches of the weights there, it may always need more.
bool small_batches_count(const Architecture& architecture, const DeviceMap& where,
                         const GraphSettings& settings, Buffers buffers) {
  if (where.dry_run || where.devices == 0) return false;
  if (settings.ubatch < settings.sequences || is_mostly_logits(architecture, settings)) return true;
  DeviceMap everything_on_one;
  everything_on_one.rules = where.rules;
  return buffers == Buffers::all && where != everything_on_one;
}

GraphSettings for_one_sequence(GraphSettings settings) {
  settings.states = settings.sequences;
  settings.sequences = 1;
  return settings;
}

using Variant = GraphSettings (*)(GraphSettings);

GraphSettings for_prompts(GraphSettings settings) { return settings; }

std::vector<Variant> variants_of(const Architecture& architecture, const DeviceMap& where,
                                 const GraphSettings& settings, Buffers buffers) {
  std::vector<Variant> variants{for_prompts};
  if (small_batches_count(architecture, where, settings, buffers)) variants.push_back(for_small_batch);
  if (architecture.graph.reserves_one_sequence && !where.dry_run && settings.sequences > 1)
    variants.push_back(for_one_sequence);
  return variants;
}

// All settings except the cells.
std::string signature(const GraphSettings& s) {
  return fmt::format("{} {} {} {} {} {} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {} {} {} ",
                     s.streams, s.sequences, s.states, s.rollback_states, s.ubatch, s.outputs,
                     s.flash_attention, s.flash_attention_automatic, s.cache_on_device, s.embeddings,
                     s.predicts, s.samples, s.f32_mask, s.room_for_embeddings, s.rotates_heads, s.late_rows,
                     s.mixed_inputs, to_string(s.cache_type_k), to_string(s.cache_type_v),
                     fmt::join(s.extracted_layers, ","));
}

// The graphs for the contexts of one question, reusing known ones.
class Graphs {
 public:
  Graphs(const Architecture& architecture, const AskedContexts& contexts, const DeviceMap& where,
         Variant variant, KnownGraphs& known)
      : architecture_(architecture),
        contexts_(contexts),
        where_(where),
        variant_(variant),
        settings_(signature(variant(contexts.settings(contexts.cells)))),
        known_(known) {}

  graph::Allocation placed(const graph::LayerPlan& plan) const {
    const KnownGraph& known = graph(plan);
    graph::Allocation placement{{}, 0, known.complete};
    for (const GrowingBytes& buffer : known.buffers)
      placement.bytes.push_back({at(buffer, (contexts_.cells - known.cells) / cell_step), 0});
    return placement;
  }

 private:
  static constexpr std::size_t asked_singly = 12;
  static constexpr std::uint64_t few_steps = 8;

  static std::uint64_t at(const GrowingBytes& buffer, std::uint64_t steps) {
    return graph::Linear{buffer.bytes, buffer.bytes_per_step}.after(steps);
  }
  bool holds(const KnownGraph& known) const {
    return known.cells <= contexts_.cells && contexts_.cells - known.cells <= known.steps * cell_step;
  }

  // Graphs that grew evenly for only a few steps will do so at other contexts too.
  static bool stretches_are_short(const std::vector<KnownGraph>& known) {
    return known.size() > asked_singly && known[asked_singly].steps < few_steps;
  }

  // Most graphs are needed at few contexts, and a range costs as much as three; a graph needed more often
  // will be needed many times. Searches go up and down but ranges only up, so the first range starts as low
  // as possible.
  const KnownGraph& graph(const graph::LayerPlan& plan) const {
    auto& known = known_[settings_ + graph::signature(architecture_, where_, plan)];
    for (const KnownGraph& each : known)
      if (holds(each)) return each;
    if (known.size() < asked_singly || stretches_are_short(known))
      return known.emplace_back(from(contexts_.cells, contexts_.cells, plan));
    const bool first_growth = known.size() == asked_singly;
    if (first_growth && contexts_.first < contexts_.cells &&
        holds(known.emplace_back(from(contexts_.first, contexts_.last, plan))))
      return known.back();
    return known.emplace_back(from(contexts_.cells, contexts_.last, plan));
  }

  KnownGraph from(std::uint64_t cells, std::uint64_t last, const graph::LayerPlan& plan) const {
    const SettingsAt settings = [&](std::uint64_t step) {
      return variant_(contexts_.settings(cells + step * cell_step));
    };
    const std::uint64_t steps = (last - cells) / cell_step;
    ScheduledGraphs graphs(architecture_);
    const graph::Allocation placement = Growth(graphs, settings, where_, plan).placed(steps);
    KnownGraph known{cells, placement.recurred ? placement.steps : steps, {}, placement.recurred};
    for (const graph::Linear& buffer : placement.bytes) known.buffers.push_back({buffer.at, buffer.slope});
    return known;
  }

  const Architecture& architecture_;
  const AskedContexts& contexts_;
  const DeviceMap& where_;
  Variant variant_;
  std::string settings_;
  KnownGraphs& known_;
};

// The larger of two buffers, for as many steps as it stays the larger.
BufferGrowth larger(BufferGrowth a, const BufferGrowth& b) {
  graph::Horizon horizon(std::min(a.steps, b.steps));
  for (std::size_t i = 0; i < a.bytes.size(); ++i)
    if (horizon.less(a.bytes[i], b.bytes[i])) a.bytes[i] = b.bytes[i];
  a.steps = horizon.steps();
  return a;
}

// Block-sparse attention to one token of each sequence gathers the chosen cells of all of them at once
// (src/models/minimax-m3.cpp, msa_decode), which is not calculated. Nearly always a prompt needs more.
std::uint64_t gathered_bytes(const Architecture& architecture, const GraphSettings& settings) {
  constexpr std::uint64_t bytes_of_element = 12;  // f32 and f16 of K and V
  if (!graph::uses_block_sparse_attention(settings)) return 0;
  for (const Block& block : architecture.blocks) {
    const auto* part = std::get_if<BlockSparseAttention>(&block.attention);
    if (part == nullptr) continue;
    const std::uint64_t chosen =
        std::min(std::uint64_t{part->top_k_blocks} * part->block_size, settings.cells);
    const std::uint64_t row = std::uint64_t{part->attention.kv_heads} * part->attention.key_length;
    return checked_multiply(bytes_of_element * settings.streams * chosen, row);
  }
  return 0;
}

void require_larger_prompts(const Architecture& architecture, const GraphSettings& settings,
                            const DeviceMap& where, std::uint64_t bytes_of_prompts) {
  if (where.dry_run || where.devices == 0 || gathered_bytes(architecture, settings) <= bytes_of_prompts)
    return;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}: the compute buffer for {} sequences with a cache each and batches of {} tokens "
                  "is not calculated; use one cache (-kvu) or larger batches (-ub)",
                  architecture.gguf_name, settings.sequences, settings.ubatch));
}

}  // namespace

BufferGrowth growth_of_buffers(const Architecture& architecture, const SettingsAt& settings,
                               const DeviceMap& where, std::uint64_t steps) {
  ScheduledGraphs graphs(architecture);
  return growth_of_buffers(architecture, settings, where, steps, graphs);
}

BufferGrowth growth_of_buffers(const Architecture& architecture, const SettingsAt& settings,
                               const DeviceMap& where, std::uint64_t steps, ScheduledGraphs& graphs) {
  BufferGrowth result = sizes(architecture, settings, where, steps, graphs);
  require_larger_prompts(architecture, settings(0), where,
                         std::ranges::max(result.bytes, {}, &graph::Linear::at).at);
  for (const Variant variant : variants_of(architecture, where, settings(0), Buffers::all)) {
    if (variant == for_prompts) continue;
    const SettingsAt other = [&](std::uint64_t step) { return variant(settings(step)); };
    result = larger(std::move(result), sizes(architecture, other, where, result.steps, graphs));
  }
  return result;
}

std::vector<Bytes> compute_buffers(const Architecture& architecture, const AskedContexts& contexts,
                                   const DeviceMap& where, Buffers buffers, KnownPlacements& known) {
  std::vector<Bytes> result;
  std::size_t& first_choice = known.first_choices[{where.devices, where.overridden}];
  for (const Variant variant : variants_of(architecture, where, contexts.settings(contexts.cells), buffers)) {
    const Graphs graphs(architecture, contexts, where, variant, known.graphs);
    const auto placed = [&](const graph::LayerPlan& plan) { return graphs.placed(plan); };
    const graph::Allocation placement =
        with_fewest_rounds(architecture, contexts.settings(contexts.cells), where, placed, first_choice);
    result.resize(placement.bytes.size());
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = std::max(result[i], Bytes(placement.bytes[i].at));
  }
  require_larger_prompts(architecture, contexts.settings(contexts.cells), where,
                         std::ranges::max(result).count());
  return result;
}

std::vector<Bytes> compute_buffers(const Architecture& architecture, const GraphSettings& settings,
                                   const DeviceMap& where) {
  const SettingsAt always = [&](std::uint64_t) { return settings; };
  std::vector<Bytes> result;
  for (const graph::Linear& buffer : growth_of_buffers(architecture, always, where, 0).bytes)
    result.emplace_back(buffer.at);
  return result;
}

ComputeBuffers compute_buffers(const Architecture& architecture, const GraphSettings& settings) {
  const std::vector<Bytes> bytes = compute_buffers(architecture, settings, DeviceMap{});
  return {bytes[0], bytes[1]};
}

}  // namespace vramcalc::llama_cpp
