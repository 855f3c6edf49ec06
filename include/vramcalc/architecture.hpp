#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vramcalc/element_type.hpp"
#include "vramcalc/graph_traits.hpp"
#include "vramcalc/role.hpp"

// The shape of a model, from which everything else is derived. Names follow Hugging Face configs or, where a
// config has none, llama.cpp (0.5.0, src/llama-hparams.h and src/models/). Widths are in elements, windows in
// tokens.
namespace vramcalc {

enum class NormKind { rms, layer, layer_without_bias, none };

enum class QkNorm {
  none,
  per_head,             // one vector of the head size, shared by all heads (Qwen 3, Gemma 3)
  per_layer,            // one vector over all heads (OLMo 2, MiniMax-M2)
  per_head_layer_norm,  // one vector per head (Command R+)
};

struct Window {
  enum class Kind { sliding, chunked, symmetric };
  std::uint32_t tokens = 0;
  Kind kind = Kind::sliding;
  friend bool operator==(const Window&, const Window&) = default;
};

// ---- attention parts

// Multi-head, multi-query and grouped-query attention, with or without a window.
struct GroupedQueryAttention {
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0;
  std::uint32_t key_length = 0;    // head size of Q and K
  std::uint32_t value_length = 0;  // head size of V
  bool fused_qkv = false;          // one attn_qkv tensor
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::none;
  bool qk_norm_bias = false;
  bool rope = true;
  bool output_gate = false;      // Q carries a gate of its own width (Qwen3-Next)
  bool separate_gate = false;    // attn_gate as wide as Q (Trinity)
  bool head_gate = false;        // attn_gate with one value per head (Step-3.5)
  bool sinks = false;            // one logit per head (gpt-oss)
  bool qk_unit_norm = false;     // Q and K are normalized again after rope, without weights (Llama 4 Scout)
  bool temperature = false;      // Q is scaled by a graph input per position (Llama 4, layers without rope)
  bool value_norm = false;       // V is normalized, without weights (Gemma 3n, Gemma 4)
  bool key_is_value = false;     // no V projection; V is computed from K (Gemma 4, full layers)
  std::optional<Window> window;  // from the GGUF, and honoured by llama.cpp
  std::optional<Window> trained_window;  // used in training; llama.cpp ignores some (Mistral 7B v0.1, Phi-3)
  std::optional<std::uint32_t> reuses_cache_of;  // the layer whose K and V this one reads (Gemma 3n and 4)
  friend bool operator==(const GroupedQueryAttention&, const GroupedQueryAttention&) = default;
};

// The lightning indexer of DeepSeek V3.2 and GLM-5, which picks the tokens that sparse attention reads.
struct Indexer {
  std::uint32_t heads = 0;
  std::uint32_t key_length = 0;
  std::uint32_t top_k = 0;
  friend bool operator==(const Indexer&, const Indexer&) = default;
};

// Multi-head latent attention (DeepSeek V2 and later): K and V are compressed into one latent row per token.
struct LatentAttention {
  std::uint32_t heads = 0;
  std::uint32_t q_lora_rank = 0;  // 0 if Q is projected directly
  std::uint32_t kv_lora_rank = 0;
  std::uint32_t qk_nope_head_dim = 0;
  std::uint32_t qk_rope_head_dim = 0;
  std::uint32_t v_head_dim = 0;
  bool absorbed =
      true;  // attn_k_b and attn_v_b with a latent cache; otherwise attn_kv_b and a full cache (MiniCPM3)
  bool rope = true;                // false: Kimi-Linear
  bool output_gate = false;        // attn_gate (Kimi K3)
  std::optional<Indexer> indexer;  // if this layer has indexer tensors and an index cache
  bool sparse = false;             // attends to the choice of its own or an earlier layer's indexer
  friend bool operator==(const LatentAttention&, const LatentAttention&) = default;
};

// Gated DeltaNet, the linear attention of Qwen3-Next and Qwen3.5.
struct GatedDeltaNet {
  std::uint32_t key_heads = 0;
  std::uint32_t value_heads = 0;
  std::uint32_t key_head_dim = 0;  // llama.cpp: ssm.state_size
  std::uint32_t value_head_dim = 0;
  std::uint32_t conv_kernel = 0;
  bool fused_beta_alpha = true;  // ssm_ba (Qwen3-Next); otherwise ssm_beta and ssm_alpha (Qwen3.5)
  friend bool operator==(const GatedDeltaNet&, const GatedDeltaNet&) = default;
};

// Kimi Delta Attention.
struct KimiDeltaAttention {
  std::uint32_t heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t conv_kernel = 0;
  bool full_rank_gate = false;  // ssm_g (Kimi K3); otherwise ssm_g_a and ssm_g_b
  bool padded_shapes = false;   // ssm_a padded to four dimensions (Kimi-Linear)
  friend bool operator==(const KimiDeltaAttention&, const KimiDeltaAttention&) = default;
};

// Lightning attention (MiniMax-Text-01).
struct LightningAttention {
  std::uint32_t heads = 0;
  std::uint32_t head_dim = 0;
  friend bool operator==(const LightningAttention&, const LightningAttention&) = default;
};

struct Mamba1 {
  std::uint32_t inner = 0;
  std::uint32_t state = 0;
  std::uint32_t conv_kernel = 0;
  std::uint32_t dt_rank = 0;
  bool inner_norms = false;  // dt, B and C norms (Jamba)
  friend bool operator==(const Mamba1&, const Mamba1&) = default;
};

struct Mamba2 {
  std::uint32_t heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t state = 0;
  std::uint32_t groups = 0;
  std::uint32_t conv_kernel = 0;
  bool conv_bias = true;
  bool norm = true;
  std::uint32_t inner() const { return heads * head_dim; }
  friend bool operator==(const Mamba2&, const Mamba2&) = default;
};

// Attention and Mamba-2 side by side in one layer (Falcon-H1).
struct ParallelMamba2Attention {
  GroupedQueryAttention attention;
  Mamba2 mamba;
  friend bool operator==(const ParallelMamba2Attention&, const ParallelMamba2Attention&) = default;
};

// The short convolution of LFM2.
struct ShortConvolution {
  std::uint32_t kernel = 0;  // conv_L_cache
  friend bool operator==(const ShortConvolution&, const ShortConvolution&) = default;
};

// Grouped-query attention over blocks that index heads choose (MiniMax-M3).
struct BlockSparseAttention {
  GroupedQueryAttention attention;
  std::uint32_t index_heads = 0;
  std::uint32_t index_dim = 0;
  std::uint32_t top_k_blocks = 0;
  std::uint32_t block_size = 0;
  friend bool operator==(const BlockSparseAttention&, const BlockSparseAttention&) = default;
};

// Compressed sparse attention (DeepSeek V4).
struct CompressedAttention {
  std::uint32_t heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t qk_rope_head_dim = 0;
  std::uint32_t q_lora_rank = 0;
  std::uint32_t o_lora_rank = 0;
  std::uint32_t o_groups = 0;
  std::uint32_t compress_ratio = 0;  // 0, 4 or 128
  std::uint32_t window = 0;
  std::optional<Indexer> indexer;  // with ratio 4
  friend bool operator==(const CompressedAttention&, const CompressedAttention&) = default;
};

// Attention to the image tokens of a vision tower (Llama 3.2 Vision), gated into the residual stream.
struct CrossAttention {
  GroupedQueryAttention attention;
  friend bool operator==(const CrossAttention&, const CrossAttention&) = default;
};

struct NoAttention {
  friend bool operator==(const NoAttention&, const NoAttention&) = default;
};

using Attention =
    std::variant<NoAttention, GroupedQueryAttention, LatentAttention, GatedDeltaNet, KimiDeltaAttention,
                 LightningAttention, Mamba1, Mamba2, ParallelMamba2Attention, ShortConvolution,
                 BlockSparseAttention, CompressedAttention, CrossAttention>;

// ---- feed-forward parts

enum class Activation { silu, gelu, relu, relu_squared, xielu, swiglu_oai, situ };

struct DenseFeedForward {
  std::uint32_t width = 0;  // intermediate_size
  bool gated = true;
  bool fused_gate_up = false;  // ffn_up of twice the width (Phi-3, GLM-4)
  bool bias = false;
  Activation activation = Activation::silu;
  friend bool operator==(const DenseFeedForward&, const DenseFeedForward&) = default;
};

enum class ExpertGating { softmax, sigmoid, softmax_after_selection, sqrt_softplus };

// The projections to the experts' width and back (Kimi K3: ffn_routed_…, with a norm).
struct LatentRoles {
  Role down = Role::latent_down, up = Role::latent_up, norm = Role::latent_norm;
  friend bool operator==(const LatentRoles&, const LatentRoles&) = default;
};

struct MixtureOfExperts {
  std::uint32_t experts = 0;
  std::uint32_t experts_used = 0;
  std::uint32_t width = 0;  // intermediate size of one expert
  bool gated = true;
  bool fused_gate_up = false;  // ffn_gate_up_exps
  bool router_bias = false;    // gpt-oss
  bool expert_bias = false;    // gpt-oss
  bool correction_bias = false;
  Component correction_component = Component::bias;  // exp_probs_b.bias, without ".bias" in Hy3
  std::uint32_t shared_width = 0;                    // of all shared experts together; 0 if there are none
  bool shared_gate = false;                          // ffn_gate_inp_shexp
  std::uint32_t latent = 0;  // width that experts use instead of the hidden size (Nemotron 3, Kimi K3)
  LatentRoles latent_roles;
  bool latent_norm = false;
  bool router_scale = false;       // ffn_gate_inp.scale and ffn_down_exps.scale (Gemma 4)
  bool hash_routing = false;       // ffn_gate_tid2eid instead of a correction bias (DeepSeek V4)
  std::uint32_t zero_experts = 0;  // experts that compute nothing (LongCat)
  std::vector<TensorKind>
      norms;  // besides the block's own (Arctic: ffn_norm_exps; Gemma 4), as wide as the hidden size
  std::optional<DenseFeedForward> dense;  // computed alongside the experts (Arctic, Grok-2, Gemma 4)
  ExpertGating gating = ExpertGating::softmax;
  bool normalize_weights = false;   // norm_topk_prob
  bool scale_weights = false;       // routed_scaling_factor other than 1
  std::uint32_t expert_groups = 1;  // n_group
  std::uint32_t expert_groups_used = 1;
  bool chooses_by_logits = false;          // by the router's logits, not its scores (Llama 4)
  bool weighs_inputs = false;              // weights scale the experts' inputs, not their outputs (Llama 4)
  std::optional<ElementType> native_type;  // of the experts in every GGUF (gpt-oss: mxfp4)
  Activation activation = Activation::silu;
  friend bool operator==(const MixtureOfExperts&, const MixtureOfExperts&) = default;
};

struct NoFeedForward {
  friend bool operator==(const NoFeedForward&, const NoFeedForward&) = default;
};

using FeedForward = std::variant<NoFeedForward, DenseFeedForward, MixtureOfExperts>;

// ---- a block

// How the two parts, their norms and the residual stream are connected.
enum class Wiring {
  pre_norm,   // attn_norm, ffn_norm (most)
  sandwich,   // attn_norm, post_attention_norm, ffn_norm, post_ffw_norm (Gemma 2, GLM-4)
  post_norm,  // post_attention_norm, post_ffw_norm (OLMo 2, EXAONE 4)
  parallel,   // both parts read attn_norm, and their results are added (Command R, Phi-2, Falcon)
  encoder,    // attn_output_norm, layer_output_norm after the residual (BERT)
  single,     // one part and one norm per layer (Nemotron-H)
};

// The norms of a block, without those of a part that it lacks. With single wiring the only part uses the
// norms of `attention`; a block with both parts has `feed_forward` too.
struct BlockNorms {
  std::vector<TensorKind> attention;
  std::vector<TensorKind> feed_forward;
  friend bool operator==(const BlockNorms&, const BlockNorms&) = default;
};

struct Block {
  Attention attention;
  FeedForward feed_forward;

  // A multi-token-prediction layer that the converter keeps; see Architecture::mtp.
  bool mtp = false;

  friend bool operator==(const Block&, const Block&) = default;
};

// Multi-token-prediction layers after the trunk, which always include the input projection and its norms.
struct MultiTokenPrediction {
  enum class InFile {
    dropped,            // the converter omits them
    kept,               // loaded only for speculative decoding
    kept_never_loaded,  // in the file but never used (K-EXAONE, Ling 2.0)
  };
  std::uint32_t layers = 0;
  InFile in_file = InFile::dropped;
  bool own_embedding = false;  // nextn.embed_tokens
  bool own_head = false;       // nextn.shared_head_head
  std::optional<Role> head_norm = Role::nextn_head_norm;
  std::vector<TensorKind> always_loaded;  // even without speculative decoding
  friend bool operator==(const MultiTokenPrediction&, const MultiTokenPrediction&) = default;
};

// A head that drafts tokens for another model, from what that model's layers read. It is a file of its own
// (llama.cpp: the architectures eagle3 and dflash).
struct DraftHead {
  enum class Kind { eagle3, dflash, dspark };
  Kind kind = Kind::eagle3;
  std::vector<std::uint32_t> target_layers;  // of the other model, whose inputs it reads
  std::uint32_t target_width = 0;            // hidden size of the other model
  std::uint32_t draft_vocab = 0;             // tokens that it drafts; 0 for all
  bool own_embedding = false;                // otherwise that of the other model
  bool own_output = false;
  bool norm_before_residual = false;  // EAGLE-3: the residual is the normalized hidden state
  std::uint32_t block_size = 0;       // DFlash and DSpark: tokens that it was trained to draft at once
  friend bool operator==(const DraftHead&, const DraftHead&) = default;
};

// Gemma 3n and 4 E-models: one embedding per layer, gated into the residual stream.
struct PerLayerInput {
  std::uint32_t width = 0;       // hidden_size_per_layer_input
  std::uint32_t vocab_size = 0;  // vocab_size_per_layer_input
  friend bool operator==(const PerLayerInput&, const PerLayerInput&) = default;
};

// Gemma 3n: alternating updates and learned augmented residual layers.
struct AlternatingUpdates {
  std::uint32_t inputs = 0;  // altup_num_inputs
  std::uint32_t laurel_rank = 0;
  std::uint32_t sparse_layers =
      10;  // first layers, which keep only the largest gates (activation_sparsity_pattern)
  friend bool operator==(const AlternatingUpdates&, const AlternatingUpdates&) = default;
};

// DeepSeek V4: several residual streams, mixed before and after each part.
struct HyperConnections {
  std::uint32_t streams = 0;  // hc_mult
  friend bool operator==(const HyperConnections&, const HyperConnections&) = default;
};

// Parameters that are stored in a projector file (mmproj) instead of the language model's GGUF.
struct Tower {
  std::string kind;  // "vision: siglip", "audio: …"
  std::uint64_t parameters = 0;
  friend bool operator==(const Tower&, const Tower&) = default;
};

struct Architecture {
  std::string gguf_name;     // general.architecture: "llama", "qwen3moe"; empty if not convertible to GGUF
  std::string gguf_refusal;  // why it is not convertible
  std::string model_type;    // Hugging Face: "llama", "qwen3_moe"
  std::uint32_t vocab_size = 0;             // rows in the GGUF
  std::uint32_t checkpoint_vocab_size = 0;  // rows in the checkpoint, which the converter may trim or pad
  std::uint32_t hidden_size = 0;
  std::uint32_t context_length = 0;

  std::vector<Block> blocks;  // the trunk, then kept and dropped MTP layers
  Wiring wiring = Wiring::pre_norm;
  NormKind norm = NormKind::rms;
  BlockNorms block_norms;

  bool tied_embeddings = false;  // one matrix is both embedding and output
  bool has_output = true;        // false for encoders
  bool output_before_embedding =
      false;                           // loaded in this order; if tied, the host has two copies (Gemma 3n, 4)
  bool stores_duplicate_head = false;  // tied, but the checkpoint has a second copy of the head
  bool converts_duplicate_head = false;  // the converter writes that copy
  bool output_bias = false;
  bool embedding_norm = false;  // token_embd_norm
  bool final_norm = true;
  Role final_norm_role = Role::output_norm;          // LFM2: Role::embedding_norm
  std::uint32_t position_embeddings = 0;             // learned positions: rows in the GGUF
  std::uint32_t checkpoint_position_embeddings = 0;  // rows in the checkpoint (two more in XLM-R)
  std::uint32_t token_types = 0;
  bool pooler = false;  // in an encoder's checkpoint; the converter drops it
  bool causal = true;   // false for encoders and diffusion models, which have no cache

  // The rope tables that the converter writes: rows of half the head size, or long and short factors.
  enum class RopeTable { none, freqs, factors_long_short };
  RopeTable rope_table = RopeTable::none;
  std::uint32_t rope_table_length = 0;

  std::optional<MultiTokenPrediction> mtp;
  std::optional<DraftHead> draft_head;
  std::optional<PerLayerInput> per_layer_input;
  std::optional<AlternatingUpdates> alternating_updates;
  std::optional<HyperConnections> hyper_connections;
  bool layer_output_scale = false;                  // Gemma 4
  bool attention_residual_scores = false;           // Kimi K3
  std::optional<ElementType> recurrent_state_type;  // mamba_ssm_cache_dtype, mamba_ssm_dtype
  std::uint32_t recurrent_chunk = 0;                // mamba_chunk_size, in tokens; 0 if unknown
  std::vector<Tower> towers;

  // Further operations of the graph, each of which adds or removes an intermediate tensor.
  bool scales_embedding = false;    // Gemma, Granite, MiniCPM
  bool scales_residual = false;     // Granite, MiniCPM
  bool scales_logits = false;       // Command R, Granite
  bool softcaps_logits = false;     // Gemma 2
  bool softcaps_attention = false;  // Gemma 2
  bool clamps_qkv = false;          // OLMo, DBRX, MPT
  bool alibi = false;               // BLOOM, MPT

  // Whether the file has output.weight in addition to the embedding.
  bool writes_output() const {
    return has_output && (!tied_embeddings || (stores_duplicate_head && converts_duplicate_head));
  }

  GraphTraits graph;

  friend bool operator==(const Architecture&, const Architecture&) = default;
};

}  // namespace vramcalc
