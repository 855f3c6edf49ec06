#include <array>

#include "cli/flags.hpp"

namespace vramcalc::cli {
namespace {

constexpr RefusedFlag refused(std::string_view names, std::string_view reason) { return {names, reason}; }

constexpr std::array all_refused = {
    // ---- vLLM and SGLang
    refused("--max-seq-len", "the longest request is --max-model-len (vLLM) or --context-length (SGLang)"),
    refused("--max-batch-size",
            "sequences at once are --max-num-seqs (vLLM) or --max-running-requests (SGLang)"),
    refused("--swap-space", "vLLM has had no swap space since its V1 engine"),
    refused("--enable-chunked-prefill, --no-enable-chunked-prefill",
            "chunked prefill is on, as by default; a batch of whole prompts is not estimated"),
    refused("--compilation-config, --attention-backend, --load-format, --cpu-offload-params",
            "what it does to the memory is not estimated; leave it out for the default"),
    // ---- llama.cpp
    refused("-dev, --device",
            "name the GPUs with --gpu 'rtx-4090,rtx-3090', and choose among them with -ts 1,0 or "
            "-sm none -mg 0"),
    refused("-devd, --device-draft, -ngld, --gpu-layers-draft, --n-gpu-layers-draft",
            "the draft model is assumed to be entirely on the GPUs, the default of llama-server"),
    // ---- slips
    refused("--context, --ctx, -ctx, --context-size, --context-len, --n-ctx, -n_ctx",
            "the context is -c N (--ctx-size)"),
    refused("--batch, --concurrency, --slots",
            "sequences at once are -np N (--parallel), tokens computed at once -ub N (--ubatch-size)"),
    refused("--vram, --memory, --gpus, --hardware, -g",
            "the hardware is --gpu, a name or a size: rtx-4090, '2x rtx-3090', 24GiB"),
    refused("-v, -V", "the version is --version"),
};

}  // namespace

std::span<const RefusedFlag> refused_flags() { return all_refused; }

}  // namespace vramcalc::cli
