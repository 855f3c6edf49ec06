#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

struct Operands {
  const Node& q;
  const Node& k;
  const Node& v;
  const Node* mask;
  std::uint64_t grouping() const { return q.ne[2] / k.ne[2]; }
};

Operands operands_of(const Graph& graph, const Node& operation) {
  const NodeId mask = operation.sources[3];
  return {graph[operation.sources[0]], graph[operation.sources[1]], graph[operation.sources[2]],
          mask == no_node ? nullptr : &graph[mask]};
}

constexpr std::uint64_t cache_stride = 256;  // FATTN_KQ_STRIDE

// Computing several query heads of one key head together, which the kernels for unusual head sizes require.
bool groups_heads(const Operands& o, bool alibi) {
  return o.grouping() >= 2 && o.mask != nullptr && !alibi && o.k.ne[1] % cache_stride == 0 &&
         strides_aligned(o.q) && strides_aligned(o.k) && strides_aligned(o.v) && strides_aligned(*o.mask);
}

bool head_size_supported(const Operands& o, bool grouped) {
  const std::uint64_t key = o.k.ne[0], value = o.v.ne[0];
  switch (key) {
    case 40:
    case 64:
    case 72:
    case 80:
    case 96:
    case 112:
    case 128:
    case 256: return value == key;
    case 192: return value == 128 && grouped && o.grouping() % 8 == 0;
    case 320: return value == 256 && grouped && o.grouping() % 32 == 0;
    case 512: return value == 512 && grouped;
    case 576: return value == 512 && grouped;
    default: return false;
  }
}

// The query heads that are computed together on Volta, a power of two.
std::uint64_t heads_together(std::uint64_t grouping) {
  constexpr std::uint64_t most = 8;
  std::uint64_t heads = 1;
  while (heads < most && grouping % (2 * heads) == 0) heads *= 2;
  return heads;
}

// The kernel for one or two tokens, which reads the cache without conversion
// (ggml_cuda_get_best_fattn_kernel).
bool uses_vector_kernel(const Operands& o, bool grouped, Generation generation) {
  const std::uint64_t head = o.q.ne[0], tokens = o.q.ne[1];
  if (head > 256 || head % 64 != 0 || head == 192 || o.k.ne[1] % cache_stride != 0) return false;
  const bool quantized = is_quantized(o.k.type) || is_quantized(o.v.type);
  switch (generation) {
    case Generation::pascal: return quantized ? tokens <= 2 : tokens == 1 && !grouped;
    case Generation::volta: return tokens * heads_together(o.grouping()) <= 2;
    case Generation::turing: return tokens == 1 && (quantized || !grouped);
    case Generation::ada: break;
  }
  if (quantized) return tokens <= 2;
  if (tokens != 1) return false;
  if (!grouped) return true;
  return o.q.ne[3] == 1 && !(o.grouping() > 4 && (head >= 256 || o.k.ne[1] >= 8192));
}

std::uint64_t append_f16_copy(std::uint64_t end, const Node& cache) {
  return checked_add(round_up(end, 128), checked_multiply(elements_of(cache), 2));
}

}  // namespace

bool vector_kernel_reads(ElementType k, ElementType v) {
  const auto as_f16 = [](ElementType t) { return t == ElementType::f32 ? ElementType::f16 : t; };
  if (as_f16(k) != as_f16(v)) return false;
  switch (as_f16(k)) {  // GGML_CUDA_FA_QUANTS of the default build
    case ElementType::q4_0:
    case ElementType::q8_0:
    case ElementType::f16:
    case ElementType::bf16: return true;
    default: return false;
  }
}

bool strides_aligned(const Node& node) {
  if (is_quantized(node.type)) return true;
  return node.nb[1] % 16 == 0 && node.nb[2] % 16 == 0 && node.nb[3] % 16 == 0;
}

bool kernels_read_cache(ElementType type) {
  switch (type) {
    case ElementType::f32:
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::q4_0:
    case ElementType::q4_1:
    case ElementType::q5_0:
    case ElementType::q5_1:
    case ElementType::q8_0: return true;
    default: return false;
  }
}

bool device_supports_flash_attention(const Graph& graph, const Node& operation) {
  const Operands o = operands_of(graph, operation);
  return head_size_supported(o, groups_heads(o, operation.alibi)) && kernels_read_cache(o.k.type) &&
         kernels_read_cache(o.v.type) && (o.mask == nullptr || o.mask->ne[2] == 1);
}

bool values_are_keys(const Graph& graph, const Node& operation) {
  const NodeId keys = operation.sources[1];
  const Node &k = graph[keys], &v = graph[operation.sources[2]];
  if (!v.is_view()) return false;
  return v.view_of == keys || (v.view_of == k.view_of && v.first_byte == k.first_byte);
}

std::uint64_t with_flash_attention_scratch(const Graph& graph, const Node& operation, Generation generation,
                                           std::uint64_t result_bytes) {
  if (!device_supports_flash_attention(graph, operation)) return result_bytes;
  const Operands o = operands_of(graph, operation);
  bool copies_k = o.k.type != ElementType::f16;
  bool copies_v = o.v.type != ElementType::f16;
  if (uses_vector_kernel(o, groups_heads(o, operation.alibi), generation) &&
      vector_kernel_reads(o.k.type, o.v.type)) {
    copies_k = copies_k && o.k.type == ElementType::f32;
    copies_v = copies_v && o.v.type == ElementType::f32;
  }
  const bool v_is_k = values_are_keys(graph, operation);
  std::uint64_t end = result_bytes;
  if (copies_k) end = append_f16_copy(end, o.k);
  if (copies_v && !v_is_k) end = append_f16_copy(end, o.v);
  return end;
}

}  // namespace vramcalc::llama_cpp::graph
