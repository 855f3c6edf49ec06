// wllama.mjs PACKAGE FILE.gguf [key=value ...]: loads a GGUF file with holes into llama.cpp as WebAssembly and prints the
// buffers that its log lists, in MiB, as JSON. log=1 also prints the log.
import { startEngine } from './wllama_engine.mjs';

const [packageFolder, file, ...words] = process.argv.slice(2);
const asked = Object.fromEntries(words.map((word) => word.split('=')));
const number = (key, otherwise) => Number(asked[key] ?? otherwise);

const terms = {};
const last = [];
function log(line) {
  if (asked.log) console.error(line);
  last.push(line);
  const found = /(\S+) +(model|KV|RS|compute) buffer size *= *([\d.]+) MiB/.exec(line);
  if (found) terms[found[2]] = (terms[found[2]] ?? 0) + Number(found[3]);
}

// Once the compute buffer is logged, everything of interest is. That what follows stumbles over the weights, which are
// not there, does not matter.
function finish(message) {
  const failed = terms.compute === undefined;
  console.log(JSON.stringify(failed ? { error: message, log: last.slice(-3) } : terms));
  process.exit(failed ? 1 : 0);
}

try {
  const engine = await startEngine(packageFolder, log, finish);
  await engine.load({
    model_paths: [engine.mount(file)],
    n_ctx_auto: false,
    use_mmap: true,
    use_mlock: false,
    n_gpu_layers: 0,
    n_threads: 1,
    n_ctx: number('c', 4096),
    n_batch: number('b', 2048),
    n_ubatch: number('ub', 512),
    n_parallel: number('np', 1),
    kv_unified: number('kvu', 0) === 1,
    cache_type_k: asked.k ?? 'f16',
    cache_type_v: asked.v ?? 'f16',
    flash_attn: asked.fa !== '0',
    swa_full: number('swafull', 0) === 1,
  });
  finish('not loaded');
} catch (error) {
  finish(error.message);
}
