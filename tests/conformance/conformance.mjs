// conformance.mjs key=value ...: asks the pinned engines and vramcalc what they reserve for the same files, and prints what
// differs, term by term. Exit status 1 if vramcalc differs from the pinned native engine.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { add, comparison, report } from './compare.mjs';
import { native, newest, vramcalc } from './engines.mjs';
import { structure } from './structure.mjs';

const config = Object.fromEntries(process.argv.slice(2).map((word) => word.split(/=(.*)/s, 2)));
config.libraries = path.join(config.work, 'node_modules/@node-llama-cpp/linux-x64-cuda/bins/linux-x64-cuda');
config.wllama = path.join(config.work, 'node_modules/@wllama/wllama');
config.node = process.execPath;

// One of each kind of block that the graph has: dense, windows, per-layer inputs, experts, latent attention, states.
const shapes = [
  'qwen2.5-0.5b', 'llama-3.1-8b', 'gemma-3-27b', 'gemma-3n-e4b', 'gemma-4-e4b', 'qwen3-30b-a3b', 'gpt-oss-20b',
  'deepseek-v3', 'glm-4.5-air', 'mamba-2.8b', 'jamba-1.5-mini', 'qwen3-next-80b-a3b', 'kimi-linear-48b-a3b', 'lfm2-1.2b',
  'nemotron-3-nano-30b-a3b',
];

// The same setting for the engine's library and as flags of llama-server.
const settings = [
  { name: 'server', keys: { c: 4096, np: 4, kvu: 1 }, flags: ['-c', '4096'] },
  { name: 'q8_0 cache', keys: { c: 8192, np: 1, k: 'q8_0', v: 'q8_0' }, flags: ['-c', '8192', '-np', '1', '-ctk', 'q8_0', '-ctv', 'q8_0'] },
  { name: 'no flash', keys: { c: 4096, np: 2, ub: 256, fa: 0 }, flags: ['-c', '4096', '-np', '2', '-ub', '256', '-fa', 'off'] },
];

const pinned = 'llama.cpp 0.5.0', latest = 'b12211';
const comparisons = {
  cuda: comparison(`vramcalc and ${pinned}, CUDA`, '0.5.0', 'vramcalc'),
  cpu: comparison(`vramcalc and ${pinned}, CPU`, '0.5.0', 'vramcalc'),
  engines: comparison(`${pinned} and ${latest}, CPU`, '0.5.0', latest),
  newest: comparison(`vramcalc and ${latest}, CPU`, latest, 'vramcalc'),
};

const gpu = ['--gpu', 'h200-sxm-141gb', '-ngl', 'all'], cpu = ['--backend', 'cpu', '--ram', '2TiB'];

async function compareStart(file, shape, { name, keys, flags }) {
  const start = `${shape}, ${name}`;
  const now = await native(config, file, keys, 0);
  const next = await newest(config, file, keys);
  add(comparisons.cuda, start, await native(config, file, keys, 1), await vramcalc(config, file, [...gpu, ...flags]));
  add(comparisons.engines, start, now, next);
  if (!config.answersForCpu) return;
  add(comparisons.cpu, start, now, await vramcalc(config, file, [...cpu, ...flags]));
  add(comparisons.newest, start, next, await vramcalc(config, file, ['--runtime', `llama.cpp@${latest}`, ...cpu, ...flags]));
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
try {
  execFileSync(config.files, [folder, ...shapes], { stdio: 'ignore' });
  config.answersForCpu = !(await vramcalc(config, path.join(folder, `${shapes[0]}.gguf`), cpu)).error;
  for (const shape of shapes)
    for (const setting of settings) await compareStart(path.join(folder, `${shape}.gguf`), shape, setting);
} finally {
  fs.rmSync(folder, { recursive: true });
}
for (const each of Object.values(comparisons)) if (each.starts) console.log(report(each) + '\n');
console.log(await structure(config));
process.exitCode = comparisons.cuda.differences.length + comparisons.cpu.differences.length > 0 ? 1 : 0;
