// The engines and vramcalc, asked for one file and one setting. Each answers with terms in bytes:
// {gpu: {weights, cache, compute}, host: {…}}, or {cpu: {…}}, or {error}. A term is a number or [low, best, high].
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const call = promisify(execFile);

async function answer(program, words, options = {}) {
  try {
    const { stdout } = await call(program, words, { maxBuffer: 1 << 26, ...options });
    return JSON.parse(stdout);
  } catch (failure) {
    try {
      return JSON.parse(failure.stdout);
    } catch {
      return { error: String(failure.stderr || failure.message).trim().split('\n').at(-1) };
    }
  }
}

const pairs = (setting) => Object.entries(setting).map(([key, value]) => `${key}=${value}`);
const terms = ({ model, context, compute }) => ({ weights: model, cache: context, compute });

// The pinned native library with its real CUDA backend on a pretend GPU (devices 1) or without one (0).
export async function native(config, file, setting, devices) {
  const env = { ...process.env, LD_LIBRARY_PATH: `${config.work}:${config.libraries}`, CONFORMANCE_BACKENDS: config.libraries };
  const buffers = await answer(config.probe, [file, `devices=${devices}`, ...pairs(setting)], { env });
  if (buffers.error) return buffers;
  if (devices === 0) return { cpu: terms(buffers.CPU) };
  return { gpu: terms(buffers.CUDA0), host: terms(buffers.CUDA_Host ?? buffers.CPU) };
}

// The newest engine, on the CPU; its log has MiB with two decimals.
export async function newest(config, file, setting) {
  const script = path.join(import.meta.dirname, 'wllama.mjs');
  const log = await answer(config.node, [script, config.wllama, file, ...pairs(setting)]);
  if (log.error) return log;
  const rounded = (mib) => [(mib - 0.006) * 2 ** 20, mib * 2 ** 20, (mib + 0.006) * 2 ** 20].map(Math.round);
  return { cpu: { weights: rounded(log.model), cache: rounded((log.KV ?? 0) + (log.RS ?? 0)), compute: rounded(log.compute) } };
}

function amounts(device) {
  const of = (...names) => {
    const found = device.terms.filter(({ name }) => names.includes(name));
    return ['low_bytes', 'bytes', 'high_bytes'].map((bound) => found.reduce((sum, term) => sum + term[bound], 0));
  };
  return { weights: of('weights'), cache: of('kv_cache', 'recurrent_state'), compute: of('compute_buffer') };
}

export async function vramcalc(config, file, flags) {
  const report = await answer(config.vramcalc, ['check', file, '--json', ...flags]);
  if (report.error) return { error: report.error.message ?? report.error };
  const devices = Object.fromEntries(report.estimate.devices.map((each) => [each.device, amounts(each)]));
  if (!devices.gpu0) return { cpu: devices.host };
  return { gpu: devices.gpu0, host: devices.host };
}
