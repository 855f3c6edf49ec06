#include <array>

#include "cli/flags.hpp"

namespace vramcalc::cli {
namespace {

// They do not change what llama-server allocates on the GPUs; accepting them lets its command line be pasted.
constexpr std::string_view of_llama_server =
    "-t, --threads, -tb, --threads-batch, -n, --predict, --n-predict, --port, --host, --temp, --top-k, "
    "--top-p, --min-p, --repeat-penalty, --presence-penalty, --frequency-penalty, -s, --seed, -a, "
    "--alias, --api-key, --api-key-file, --chat-template, --chat-template-file, --chat-template-kwargs, "
    "--reasoning-format, --reasoning-budget, -to, --timeout, --threads-http, --cache-reuse, --log-file, "
    "-lv, --verbosity, --prio, --poll, --numa, -hft, --hf-token, --slot-save-path, --ssl-key-file, "
    "--ssl-cert-file";
constexpr std::string_view switches_of_llama_server =
    "--jinja, --no-jinja, --mlock, --no-mmap, --mmap, -cb, --cont-batching, -nocb, --no-cont-batching, "
    "--metrics, --props, --no-webui, --webui, --no-warmup, --warmup, --verbose, --log-disable, "
    "--log-colors, --no-perf, --perf, --no-context-shift, --context-shift, --embeddings, --offline, "
    "--no-slots, --check-tensors, --verbose-prompt, --log-timestamps";
// The same of vLLM and SGLang.
constexpr std::string_view of_engines =
    "--served-model-name, --tokenizer, --tokenizer-path, --tokenizer-mode, --tool-call-parser, "
    "--reasoning-parser, "
    "--download-dir, --revision, --code-revision, --tokenizer-revision, --model-impl, --uvicorn-log-level, "
    "--generation-config, --override-generation-config, --default-chat-template-kwargs, --hf-overrides, "
    "--chat-template-content-format, --distributed-executor-backend, --max-log-len, --config-format, "
    "--root-path, --allowed-origins, --log-level, --log-requests-level, --watchdog-timeout, --nccl-init-addr";
constexpr std::string_view switches_of_engines =
    "--trust-remote-code, --enable-auto-tool-choice, --disable-log-requests, --disable-log-stats, "
    "--enable-log-requests, --no-enable-log-requests, --enable-metrics, --enable-cache-report, "
    "--disable-uvicorn-access-log, --enable-request-id-headers, --skip-server-warmup, --log-requests";
constexpr std::array without_effect = {
    IgnoredFlag{of_llama_server,          true },
    IgnoredFlag{switches_of_llama_server, false},
    IgnoredFlag{of_engines,               true },
    IgnoredFlag{switches_of_engines,      false},
};

}  // namespace

std::span<const IgnoredFlag> ignored_flags() { return without_effect; }

}  // namespace vramcalc::cli
