#include <array>

#include "cli/flags.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::string_view gpus_are_named =
    "vLLM and SGLang are not estimated yet; name the GPUs (--gpu '2x rtx-4090'), and "
    "llama.cpp spreads the layers over them";

constexpr RefusedFlag refused(std::string_view names, std::string_view reason) { return {names, reason}; }

constexpr std::array all_refused = {
    // ---- vLLM and SGLang
    refused("--max-model-len, --max-seq-len, --context-length",
            "vLLM and SGLang count it per sequence and are not estimated yet; in llama.cpp the slots "
            "share -c: four sequences of 8,192 tokens are -c 32768 -np 4"),
    refused("--max-num-seqs, --max-running-requests, --max-batch-size",
            "vLLM and SGLang are not estimated yet; llama.cpp's -np shares the cells of -c: four "
            "sequences of 8,192 tokens are -c 32768 -np 4"),
    refused("-tp, --tensor-parallel-size, --tp, --tp-size", gpus_are_named),
    refused("-pp, --pipeline-parallel-size, --pp-size, -dp, --data-parallel-size, --dp-size, --dp, "
            "-ep, --enable-expert-parallel, --ep-size",
            gpus_are_named),
    refused("--gpu-memory-utilization, --mem-fraction-static, --kv-cache-memory-bytes, "
            "--num-gpu-blocks-override, --max-total-tokens",
            "vLLM and SGLang fill a share of the GPU with cache and are not estimated yet; llama.cpp "
            "allocates what -c asks for, and --reserve keeps memory free"),
    refused("--kv-cache-dtype",
            "vLLM and SGLang are not estimated yet; llama.cpp's cache types are -ctk and -ctv (f16, "
            "q8_0, q4_0 and more)"),
    refused("--swap-space, --cpu-offload-gb, --cpu-offload-params",
            "vLLM is not estimated yet; llama.cpp keeps layers (-ngl), experts (-ncmoe) or the cache "
            "(-nkvo) in host memory"),
    refused("--enforce-eager, --max-num-batched-tokens, --block-size, --enable-prefix-caching, "
            "--no-enable-prefix-caching, --enable-chunked-prefill, --disable-cuda-graph, "
            "--chunked-prefill-size, --compilation-config, --cuda-graph-max-bs, --speculative-config, "
            "--attention-backend, --load-format, --trust-remote-code",
            "a flag of vLLM or SGLang, which are not estimated yet; the figures are for llama.cpp"),
    refused("--dtype",
            "vLLM and SGLang are not estimated yet; use -q F16 or -q BF16 for a GGUF of that type"),
    refused("--quantization",
            "vLLM's and SGLang's checkpoint formats are not estimated yet; -q names the type of "
            "llama.cpp's file, such as Q4_K_M"),
    // ---- llama.cpp
    refused("-dev, --device",
            "name the GPUs with --gpu 'rtx-4090,rtx-3090', and choose among them with -ts 1,0 or "
            "-sm none -mg 0"),
    refused("-devd, --device-draft, -ngld, --gpu-layers-draft, --n-gpu-layers-draft",
            "the draft model is assumed to be entirely on the GPUs, the default of llama-server"),
    refused("--spec-type",
            "a draft model (-md) is estimated as draft-simple; other kinds are not supported yet"),
    refused("-fit, --fit", "plan finds what fits; with --like-llama-cpp, what llama.cpp would choose"),
    // ---- slips
    refused("--context, --ctx, -ctx, --context-size, --context-len, --num-ctx, --n-ctx, -n_ctx",
            "the context is -c N (--ctx-size)"),
    refused("--batch, --concurrency, --users, --slots",
            "sequences at once are -np N (--parallel), tokens computed at once -ub N (--ubatch-size)"),
    refused("--vram, --memory, --gpus, --hardware, -g",
            "the hardware is --gpu, a name or a size: rtx-4090, '2x rtx-3090', 24GiB"),
    refused("-v, -V", "the version is --version"),
};

}  // namespace

std::span<const RefusedFlag> refused_flags() { return all_refused; }

}  // namespace vramcalc::cli
