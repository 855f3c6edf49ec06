#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

LatentRoles latent_roles(const Fields& fields, std::string_view stem) {
  const auto role = [&](std::string_view ending) {
    return kind_named(fields, "latent_tensors", fmt::format("{}_{}.weight", stem, ending)).role;
  };
  return {.down = role("down"), .up = role("up"), .norm = role("norm")};
}

Activation read_activation(Fields& fields) {
  return word_or<Activation>(fields, "hidden_act",
                             {
                                 {"silu",              Activation::silu        },
                                 {"gelu",              Activation::gelu        },
                                 {"gelu_new",          Activation::gelu        },
                                 {"gelu_fast",         Activation::gelu        },
                                 {"gelu_pytorch_tanh", Activation::gelu        },
                                 {"relu",              Activation::relu        },
                                 {"relu2",             Activation::relu_squared},
                                 {"xielu",             Activation::xielu       },
                                 {"swiglu_oai",        Activation::swiglu_oai  },
                                 {"situ",              Activation::situ        }
  },
                             Activation::silu);
}

DenseFeedForward read_dense(Fields& fields) {
  DenseFeedForward dense;
  const nlohmann::json* width = fields.optional_raw("intermediate_size");
  if (width != nullptr && !width->is_array()) dense.width = fields.number32("intermediate_size");
  dense.gated = fields.flag_or("mlp_gated", true);
  dense.fused_gate_up = fields.flag_or("fused_gate_up", false);
  dense.bias = fields.flag_or("mlp_bias", false);
  dense.activation = read_activation(fields);
  return dense;
}

// Layout and scoring of experts; a model_type's row may have these also for models without experts.
MixtureOfExperts read_expert_layout(Fields& fields) {
  MixtureOfExperts moe;
  moe.gated = fields.flag_or("mlp_gated", true);
  moe.activation = read_activation(fields);
  moe.fused_gate_up = fields.flag_or("fused_gate_up_experts", false);
  moe.router_bias = fields.flag_or("router_bias", false);
  moe.expert_bias = fields.flag_or("expert_bias", false);
  moe.correction_bias = fields.flag_or("router_correction_bias", false);
  moe.shared_gate = fields.flag_or("shared_expert_gate", false);
  if (const auto stem = fields.optional_text("latent_tensors"))
    moe.latent_roles = latent_roles(fields, *stem);
  if (const auto name = fields.optional_text("correction_tensor"))
    moe.correction_component = kind_named(fields, "correction_tensor", *name).component;
  moe.latent_norm = fields.flag_or("latent_moe_norm", false);
  moe.router_scale = fields.flag_or("router_scale", false);
  moe.zero_experts = fields.number32_or("zero_expert_num", 0);
  moe.norms = kinds_named(fields, "expert_norms");
  moe.gating = word_or<ExpertGating>(fields, "scoring_func",
                                     {
                                         {"softmax",                 ExpertGating::softmax                },
                                         {"sigmoid",                 ExpertGating::sigmoid                },
                                         {"softmax_after_selection", ExpertGating::softmax_after_selection},
                                         {"sqrtsoftplus",            ExpertGating::sqrt_softplus          }
  },
                                     ExpertGating::softmax);
  moe.normalize_weights = fields.flag_or("norm_topk_prob", false);
  moe.scale_weights = fields.optional_real("routed_scaling_factor").value_or(1.0) != 1.0;
  moe.chooses_by_logits = fields.flag_or("choose_experts_by_logits", false);
  moe.weighs_inputs = fields.flag_or("weigh_expert_inputs", false);
  moe.expert_groups = optional_positive(fields, "n_group").value_or(1);
  moe.expert_groups_used = optional_positive(fields, "topk_group").value_or(1);
  if (const auto type = fields.optional_text("expert_native_type")) {
    moe.native_type = element_type_from_name(*type);
    if (!moe.native_type)
      fields.fail("expert_native_type", fmt::format("\"{}\" is not an element type", *type));
  }
  return moe;
}

void read_widths(Fields& fields, MixtureOfExperts& moe) {
  moe.experts_used = positive(fields, "num_experts_per_tok");
  if (moe.experts_used > moe.experts)
    fields.fail("num_experts_per_tok", fmt::format("{} of {} experts", moe.experts_used, moe.experts));
  const auto width = optional_positive(fields, "moe_intermediate_size");
  moe.width = width ? *width : positive(fields, "intermediate_size");
  moe.latent = fields.number32_or("moe_latent_size", 0);
  const std::uint32_t shared = fields.number32_or("n_shared_experts", 0);
  const auto shared_width = fields.optional_number32("shared_expert_intermediate_size");
  const std::uint64_t together = shared_width ? *shared_width : checked_multiply(shared, moe.width);
  if (together > UINT32_MAX) fields.fail("n_shared_experts", fmt::format("{} is too large", shared));
  moe.shared_width = static_cast<std::uint32_t>(together);
}

// A dense part in addition to the experts: of its own width (Arctic, Grok-2), or the config's (Gemma 4).
void read_dense_beside(Fields& fields, MixtureOfExperts& moe, const DenseFeedForward& dense) {
  const auto width = optional_positive(fields, "dense_residual_intermediate_size");
  const bool beside = fields.flag_or("dense_beside_experts", false);
  if (!width && !beside) return;
  moe.dense = dense;
  if (width) moe.dense->width = *width;
}

}  // namespace

FeedForwardReader::FeedForwardReader(Fields& fields) : fields_(fields), dense_(read_dense(fields)) {
  MixtureOfExperts moe = read_expert_layout(fields);
  moe.experts = fields.optional_number32("num_experts").value_or(0);
  const auto dense_width = optional_positive(fields, "dense_intermediate_size");
  fields.flag_or("dense_beside_experts", false);
  if (moe.experts == 0) return;
  read_widths(fields, moe);
  read_dense_beside(fields, moe, dense_);
  dense_.width = dense_width.value_or(dense_.width);
  experts_ = moe;
}

FeedForward FeedForwardReader::read(const LayerPlan& layer) const {
  if (!layer.feed_forward) return NoFeedForward{};
  if (layer.experts) {
    if (!experts_) fields_.fail("num_experts", "missing, though layers of experts are listed");
    MixtureOfExperts moe = *experts_;
    moe.hash_routing = layer.hash_routing;
    if (moe.hash_routing) moe.correction_bias = false;
    return moe;
  }
  DenseFeedForward dense = dense_;
  if (layer.width > 0) dense.width = layer.width;
  if (dense.width == 0)
    fields_.fail("intermediate_size", "missing or 0, though layers have a dense feed-forward part");
  return dense;
}

}  // namespace vramcalc::catalog
