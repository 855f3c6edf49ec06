#include "cli/unmodelled_flags.hpp"

#include <algorithm>
#include <array>

#include "cli/flags.hpp"

namespace vramcalc::cli {
namespace {

struct Row {
  std::string_view program, elsewhere, small;
};
constexpr std::array rows = {
    Row{"llama-server",
        "--ctx-checkpoints, --checkpoint-min-step, --cache-ram, --repack, --no-host, --load-mode, "
        "--lazy-mode, "
        "--warmup, --sleep-idle-seconds, --embeddings, --reranking, --pooling, --rope-scaling, "
        "--models-max, --models-autoload, --mmproj-auto, --kv-unified-per-slot",                          "--mtmd-batch-max-tokens, --image-min-tokens, --image-max-tokens"                     },
    Row{"ollama",       "OLLAMA_MAX_LOADED_MODELS, OLLAMA_NEW_ENGINE, OLLAMA_VULKAN, OLLAMA_LLM_LIBRARY", ""                                                                                    },
    Row{"vllm",
        "--tokenizer, --revision, --safetensors-load-strategy, --mm-processor-cache-gb, "
        "--kv-offloading-size, "
        "--kv-offloading-backend, --max-cpu-loras, --api-server-count, --mamba-backend, --load-format, "
        "--distributed-executor-backend, --model-impl, --lora-modules, --headless, --node-rank, --nnodes, "
        "--data-parallel-size-local, --data-parallel-rank, --data-parallel-start-rank, "
        "--data-parallel-hybrid-lb, --data-parallel-external-lb, --device-ids, --enable-chunked-prefill, "
        "--config, --swap-space, --max-num-partial-prefills, --enable-ep-weight-filter",                  "--attention-backend, --all2all-backend, --enable-dbo, --disable-custom-all-reduce, "
        "--compilation-config, --optimization-level, --cudagraph-capture-sizes, "
        "--max-cudagraph-capture-size, "
        "--kv-transfer-config, --ec-transfer-config, --enable-sleep-mode, --enable-cumem-allocator, "
        "--max-logprobs, --enable-prompt-embeds, --attention-config, --mm-processor-kwargs, "
        "--fully-sharded-loras, --lora-dtype, --mm-ipc-gpu-memory-gb, --kv-sharing-fast-prefill, "
        "--weight-transfer-config, --num-scheduler-steps, --max-seq-len-to-capture, --additional-config"},
    Row{"sglang",
        "--load-format, --revision, --device, --nnodes, --node-rank, --base-gpu-id, --gpu-id-step, "
        "--max-loaded-loras, --enable-hierarchical-cache, --hicache-ratio, --hicache-size, "
        "--hicache-storage-backend, --enable-lmcache, --config, --mamba-track-interval",                  "--attention-backend, --prefill-attention-backend, --decode-attention-backend, "
        "--disable-overlap-schedule, --enable-torch-compile, --torch-compile-max-bs, --moe-a2a-backend, "
        "--deepep-mode, --enable-two-batch-overlap, --enable-symm-mem, --max-prefill-tokens, --lora-backend, "
        "--cuda-graph-config, --cuda-graph-backend-decode, --cuda-graph-backend-prefill, --cuda-graph-bs, "
        "--cuda-graph-bs-decode, --cuda-graph-bs-prefill, --cuda-graph-max-bs-decode, "
        "--cuda-graph-max-bs-prefill, --disable-prefill-cuda-graph, --disable-piecewise-cuda-graph, "
        "--piecewise-cuda-graph-max-tokens, --enable-multimodal, --disaggregation-mode, "
        "--num-reserved-decode-tokens, --enable-memory-saver, --disable-shared-experts-fusion, "
        "--keep-mm-feature-on-device, --enable-return-hidden-states, --enable-dp-lm-head"               },
};

}  // namespace

Unmodelled unmodelled(std::string_view program, std::string_view flag) {
  const auto row = std::ranges::find(rows, program, &Row::program);
  if (row == rows.end()) return Unmodelled::large;
  if (has_name(row->elsewhere, flag)) return Unmodelled::elsewhere;
  return has_name(row->small, flag) ? Unmodelled::small : Unmodelled::large;
}

}  // namespace vramcalc::cli
