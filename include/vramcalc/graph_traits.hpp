#pragma once

#include <cstdint>

namespace vramcalc {

// How llama.cpp 0.5.0 (src/models/) orders and connects the operations of an architecture, beyond what its
// blocks say. This changes only the compute buffer: an intermediate tensor lives longer or is computed at
// another time. The defaults are those of Llama.
struct GraphTraits {
  // Where rows without requested logits are dropped. The last two also keep the hidden state of all tokens.
  enum class RowSelection { in_last_block, before_final_norm, after_final_norm };
  RowSelection row_selection = RowSelection::in_last_block;

  // How the rows of a sequence are pooled into an embedding (GGUF pooling_type).
  enum class Pooling { none, mean, one_token };  // the first (CLS) or the last token
  Pooling pooling = Pooling::none;

  // residual + part instead of part + residual
  bool residual_first_attention = false;     // Jamba, LFM2
  bool residual_first_feed_forward = false;  // Phi-3, Jamba, LFM2

  // Parallel wiring
  bool parallel_attention_norm = false;     // attention has a second norm (Falcon 40B: attn_norm_2)
  bool parallel_feed_forward_norm = false;  // the feed-forward part has its own norm (GPT-NeoX)
  bool parallel_residual_last = false;      // (feed-forward + attention) + residual (Falcon)
  bool parallel_attention_first = false;    // (attention + feed-forward) + residual (Phi-2)

  bool scales_query = false;         // Q is scaled by an operation of its own (Gemma 2 and 3, Phi-2, Phi-3)
  bool scales_final_hidden = false;  // the normalized state is scaled before the head (MiniCPM)
  bool expands_embedding = false;    // the scaled embedding is ordered first (Granite: embedding_scale)
  bool expands_attention_input =
      false;                           // the norm before attention is ordered first (Qwen3-Next, Kimi-Linear)
  bool plain_rope_in_windows = false;  // windowed layers ignore the file's rope factors (Gemma 4, Step 3.5)
  std::uint32_t position_components =
      1;  // positions per token: 4 with multi-section rope (Qwen2-VL, Qwen3.5)

  bool reserves_one_sequence =
      false;  // a graph of one sequence is reserved too (Kimi-Linear, MiniMax-Text-01)

  // Wiring of single architectures
  bool norms_by_rms = false;           // root-mean-square norms despite their bias (Phi-3.5-MoE)
  bool never_flash_attention = false;  // always off (Grok)
  bool computes_logits = true;         // false: only embeddings, despite an output matrix (EmbeddingGemma)
  bool rows_after_attention_norm =
      false;  // sandwich: rows are dropped after the attention's second norm (Trinity)
  bool experts_read_block_input =
      false;  // experts read what the attention read, the dense part before them (Arctic)
  bool residual_is_normed = false;       // residual = the normalized input of each part (MiniMax-Text-01)
  std::uint32_t stacked_embeddings = 0;  // layers to which a vision tower adds (Qwen3-VL: 3, deepstack)
  std::uint32_t residual_stack_interval =
      0;  // layers between two kept residual states (Kimi K3: attn_res_block_size)

  friend bool operator==(const GraphTraits&, const GraphTraits&) = default;
};

}  // namespace vramcalc
