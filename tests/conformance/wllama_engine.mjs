// llama.cpp as WebAssembly, under Node. The package is made for browsers, but its loader also knows Node. Files are read
// from the disk, and a mapped file gets an address without memory behind it, because nothing ever reads the weights.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { encode, readPrototypes } from './glue.mjs';

// Calls that may be suspended are made as they are: with USE_ASYNC_FILE unset, none of them waits.
WebAssembly.Suspending ??= function (call) {
  return call;
};
WebAssembly.promising ??=
  (call) =>
  async (...words) =>
    call(...words);

const nowhere = 1n << 40n; // above the 4 GiB that the engine can have

function instantiate(packageFolder, memory, log, abort) {
  const script = path.join(packageFolder, 'src/wasm/wllama.js');
  const source = fs.readFileSync(script, 'utf8').replace('var Module', 'var ___Module');
  return new Promise((resolve) => {
    const Module = {
      noInitialRun: true,
      wasmMemory: memory,
      pthreadPoolSize: 0,
      print: log,
      printErr: log,
      locateFile: () => path.join(packageFolder, 'esm/wasm/wllama.wasm'),
      onAbort: abort,
      onRuntimeInitialized: () => resolve(Module),
    };
    const run = new Function('Module', 'require', '__filename', '__dirname', source);
    run(Module, createRequire(script), script, path.dirname(script));
  });
}

// A file system of the engine whose only file is one on the disk.
function mount(Module, file) {
  const size = fs.statSync(file).size;
  const descriptor = fs.openSync(file, 'r');
  const { FS, MEMFS } = Module;
  FS.mkdir('/models');
  FS.mount(MEMFS, { root: '.' }, '/models');
  Module.FS_createDataFile('/models', 'model.gguf', new ArrayBuffer(0), true, true, true);
  const { node } = FS.lookupPath('/models/model.gguf');
  const { getattr } = node.node_ops;
  node.node_ops = { ...node.node_ops, getattr: (each) => ({ ...getattr(each), size }) };
  node.stream_ops = {
    ...node.stream_ops,
    read: (stream, buffer, offset, length, position) =>
      fs.readSync(descriptor, buffer, offset, Math.max(0, Math.min(length, size - position)), position),
    llseek: (stream, offset, whence) => offset + (whence === 1 ? stream.position : whence === 2 ? size : 0),
    mmap: () => ({ ptr: nowhere, allocated: false }),
  };
  return '/models/model.gguf';
}

// `log` is called with every line that the engine logs.
export async function startEngine(packageFolder, log, abort) {
  const memory = new WebAssembly.Memory({ initial: 2048n, maximum: 65536n, shared: true, address: 'i64' });
  const Module = await instantiate(packageFolder, memory, log, abort);
  const prototypes = readPrototypes(packageFolder);
  const action = Module.cwrap('wllama_action', 'bigint', ['string', 'bigint'], { async: true });
  const reserve = Module.cwrap('wllama_malloc', 'bigint', ['number', 'bigint']);
  const started = JSON.parse(await Module.cwrap('wllama_start', 'string', [], { async: true })());
  const load = async (request) => {
    const message = encode(prototypes, { _name: 'load_req', log_level: 0, warmup: false, ...request });
    const pointer = Number(await reserve(BigInt(message.byteLength), 0));
    new Uint8Array(memory.buffer).set(message, pointer);
    await action('load', BigInt(pointer));
  };
  return {
    version: started.version,
    FS: Module.FS,
    write: (folder, name, bytes) => Module.FS_createDataFile(folder, name, bytes, true, true, true),
    mount: (file) => mount(Module, file),
    load,
  };
}
