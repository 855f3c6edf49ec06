// What the engines know by name, against known.txt: architectures, keys of GGUF files, element types, and the lines of the
// log that list buffers. A name that is new to all lists is the first sign that the engine has moved.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startEngine } from './wllama_engine.mjs';

const call = promisify(execFile);

const printable = (byte) => (byte >= 32 && byte < 127) || byte === 10;

// Printable text that ends with a zero byte. Linkers keep a text that ends another one only once, inside the longer.
function textsIn(file) {
  const bytes = fs.readFileSync(file);
  const texts = new Set();
  for (let i = 0, start = 0; i < bytes.length; ++i) {
    if (printable(bytes[i])) continue;
    if (bytes[i] === 0 && i - start >= 2) texts.add(bytes.toString('latin1', start, i).trim());
    start = i + 1;
  }
  return [...texts];
}

const kinds = {
  key: /^(%s|general|tokenizer|adapter|split|quantize)\.(?!blk|proj_|linear|conv\.)(?!.*\.%s$)[a-z0-9_.%]+$/,
  type: /^(t?q\d_[0-9K]|iq\d_(xxs|xs|s|m|nl)|[a-z]{1,2}fp\d|b?f(16|32|64)|f\d+_e\dm\d|i(8|16|32|64))$/,
  line: / buffer size *= *%/,
};

function namesIn(texts, known) {
  const found = {};
  for (const [kind, pattern] of Object.entries(kinds)) {
    const ends = known.filter((each) => each.kind === kind && texts.some((text) => text.endsWith(each.name)));
    found[kind] = new Set([...texts.filter((text) => pattern.test(text)), ...ends.map(({ name }) => name)]);
  }
  return found;
}

// An engine that knows an architecture complains about the first missing key, and not about the name.
async function architecturesOf(packageFolder, candidates) {
  const lines = [];
  const engine = await startEngine(packageFolder, (line) => lines.push(line), (message) => lines.push(message));
  const known = new Set();
  engine.FS.mkdir('/named');
  for (const name of candidates) {
    lines.length = 0;
    engine.write('/named', 'model.gguf', fileNamed(name));
    await engine.load({
      model_paths: ['/named/model.gguf'], n_ctx_auto: false, use_mmap: false, use_mlock: false, n_gpu_layers: 0, n_threads: 1, n_ctx: 256,
    }).catch((error) => lines.push(error.message));
    engine.FS.unlink('/named/model.gguf');
    if (!lines.some((line) => line.includes('unknown model architecture'))) known.add(name);
  }
  return known;
}

// A GGUF file whose only key is its architecture.
function fileNamed(architecture) {
  const sized = (text) => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([size, Buffer.from(text)]);
  };
  const header = Buffer.from([...Buffer.from('GGUF'), 3, 0, 0, 0, ...Array(8).fill(0), 1, ...Array(7).fill(0)]);
  const text = Buffer.from([8, 0, 0, 0]);
  return Buffer.concat([header, sized('general.architecture'), text, sized(architecture), Buffer.alloc(64)]);
}

const mayBeArchitecture = /^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$/;

async function newestNames({ wllama }, known) {
  const texts = textsIn(path.join(wllama, 'esm/wasm/wllama.wasm'));
  const words = texts.filter((text) => text.length <= 24 && mayBeArchitecture.test(text));
  const listed = known.filter(({ kind }) => kind === 'architecture').map(({ name }) => name);
  return { architecture: await architecturesOf(wllama, new Set([...words, ...listed])), ...namesIn(texts, known) };
}

async function pinnedNames({ probe, libraries, work }, known) {
  const env = { ...process.env, LD_LIBRARY_PATH: `${work}:${libraries}` };
  const { stdout } = await call(probe, ['architectures'], { env });
  const files = fs.readdirSync(libraries).filter((name) => /^lib(llama|ggml)(-base)?[.]/.test(name));
  const texts = files.flatMap((name) => textsIn(path.join(libraries, name)));
  return { architecture: new Set(stdout.trim().split('\n').filter((name) => name[0] !== '(')), ...namesIn(texts, known) };
}

// "architecture qwen3moe | 0.5.0 b12211"
function readKnown(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => {
    const [, kind, name, engines] = /^(\S+) (.*) \| (.*)$/.exec(line);
    return { kind, name, engines: engines.split(' ') };
  });
}

function differences(engine, found, known) {
  const lines = [];
  for (const [kind, names] of Object.entries(found)) {
    const listed = new Set(known.filter((each) => each.kind === kind && each.engines.includes(engine)).map(({ name }) => name));
    for (const name of names) if (!listed.has(name)) lines.push(`  new in ${engine}: ${kind} ${name}`);
    for (const name of listed) if (!names.has(name)) lines.push(`  gone from ${engine}: ${kind} ${name}`);
  }
  return lines;
}

function written(found) {
  const rows = new Map();
  for (const [engine, kindsOf] of Object.entries(found))
    for (const [kind, names] of Object.entries(kindsOf))
      for (const name of names) rows.set(`${kind} ${name}`, [...(rows.get(`${kind} ${name}`) ?? []), engine]);
  return [...rows].map(([name, engines]) => `${name} | ${engines.join(' ')}`).sort();
}

// VRAMCALC_RECORD=1 writes the list anew.
export async function structure(config) {
  const file = path.join(import.meta.dirname, 'known.txt');
  const known = readKnown(file);
  const found = { '0.5.0': await pinnedNames(config, known), b12211: await newestNames(config, known) };
  if (process.env.VRAMCALC_RECORD) {
    const head = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('#'));
    fs.writeFileSync(file, [...head, ...written(found), ''].join('\n'));
  }
  const lines = Object.entries(found).flatMap(([engine, names]) => differences(engine, names, readKnown(file)));
  return ['Names against known.txt:', ...(lines.length ? lines : ['  no difference'])].join('\n');
}
