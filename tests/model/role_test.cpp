#include "vramcalc/role.hpp"

#include <algorithm>
#include <set>

#include "catch.hpp"
#include "model/append_model.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc::test {
namespace {

constexpr Component components[] = {Component::weight, Component::bias, Component::scale,
                                    Component::parameter};

// Visits the tensors of the checkpoint of every complete model in the catalog, and of its GGUF if it has one.
template <class Visit>
void visit_tensors_of_the_catalog(const Visit& visit) {
  const Catalog catalog;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty()) continue;
    const Architecture model = catalog.model(row->id).architecture;
    std::ranges::for_each(checkpoint_tensors(model), visit);
    if (!model.gguf_name.empty()) std::ranges::for_each(tensors_of(model), visit);
  }
}

}  // namespace

TEST_CASE("a tensor's name gives its layer and kind") {
  struct Expected {
    const char* name;
    std::int32_t layer;
    TensorKind kind;
  };
  const Expected table[] = {
      {"token_embd.weight",             -1, Role::embedding                                },
      {"output.bias",                   -1, {Role::output, Component::bias}                },
      {"blk.3.attn_q.weight",           3,  Role::q                                        },
      {"blk.61.attn_q.bias",            61, {Role::q, Component::bias}                     },
      {"blk.0.indexer.attn_q_b.weight", 0,  Role::indexer_q_b                              },
      {"blk.0.ffn_gate_inp.scale",      0,  {Role::router, Component::scale}               },
      {"blk.0.ssm_a",                   0,  {Role::ssm_a, Component::parameter}            },
      {"blk.0.exp_probs_b",             0,  {Role::router_correction, Component::parameter}},
      {"blk.0.exp_probs_b.bias",        0,  {Role::router_correction, Component::bias}     },
      {"blk.0.time_mix_w1.weight",      0,  Role::other                                    },
      {"v.blk.0.attn_q.weight",         -1, Role::other                                    },
      {"blk.attn_q.weight",             -1, Role::other                                    },
      {"blk.0.attn_q.weight.lora_a",    0,  {Role::other, Component::parameter}            },
      {"blk.0..bias",                   0,  {Role::other, Component::bias}                 },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    const Tensor tensor = tensor_named(expected.name, {1});
    CHECK(tensor.layer == expected.layer);
    CHECK((tensor.kind == expected.kind));
  }
}

TEST_CASE("names map to kinds and back") {
  for (std::size_t i = 1; i < role_count; ++i)
    for (const Component component : components) {
      const TensorKind kind{static_cast<Role>(i), component};
      CAPTURE(tensor_name(kind));
      CHECK((tensor_kind(tensor_name(kind)) == kind));
      CHECK((tensor_named(tensor_name(kind, 12), {1}).kind == kind));
    }
}

TEST_CASE("every tensor of every model has a role, which its name gives") {
  std::set<Role> made;
  visit_tensors_of_the_catalog([&](const Tensor& tensor) {
    made.insert(tensor.kind.role);
    const std::string name = tensor_name(tensor.kind, tensor.layer);
    const bool is_named_so = tensor.name == name || tensor.name.empty();  // a checkpoint's are only counted
    if (tensor.kind.role != Role::other && tensor.kind == tensor_named(name, {1}).kind && is_named_so) return;
    FAIL_CHECK(name);
  });
  // Nemotron's experts have no norm before them; GroveMoE and heads that draft are read from files alone, and
  // DeepSeek V4's prediction layers from a config.json alone.
  const std::set<Role> of_no_model = {Role::other,           Role::latent_norm,       Role::chunk_expert_gate,
                                      Role::chunk_expert_up, Role::chunk_expert_down, Role::nextn_hc_fn,
                                      Role::nextn_hc_base,   Role::nextn_hc_scale,    Role::draft_tokens};
  for (std::size_t i = 0; i < role_count; ++i) {
    CAPTURE(stem_of(static_cast<Role>(i)));
    CHECK(made.contains(static_cast<Role>(i)) != of_no_model.contains(static_cast<Role>(i)));
  }
}

}  // namespace vramcalc::test
