// Requests in wllama's "glue" protocol. Which fields a message has is read from the package, so that a newer one is
// understood too; how they are written is in its cpp/glue.hpp.
import fs from 'node:fs';
import path from 'node:path';

const types = ['null', 'bool', 'int', 'float', 'str', 'raw', 'arr_bool', 'arr_int', 'arr_float', 'arr_str', 'arr_raw'];

// src/glue/messages.ts is JSON but for the frame around it.
export function readPrototypes(packageFolder) {
  const text = fs.readFileSync(path.join(packageFolder, 'src/glue/messages.ts'), 'utf8');
  const version = Number(/GLUE_VERSION = (\d+)/.exec(text)[1]);
  const begin = text.indexOf('= {', text.indexOf('GLUE_MESSAGE_PROTOTYPES')) + 2;
  return { version, messages: JSON.parse(text.slice(begin, text.indexOf('\n};', begin)).replace(/,\s*$/, '') + '}') };
}

function number(method, value) {
  const part = Buffer.alloc(4);
  part[method](value);
  return part;
}

const count = (value) => number('writeUInt32LE', value);
const text = (value) => [count(Buffer.byteLength(value)), Buffer.from(value)];
const writers = {
  bool: (value) => [count(value ? 1 : 0)],
  int: (value) => [number('writeInt32LE', value)],
  float: (value) => [number('writeFloatLE', value)],
  str: text,
  arr_str: (values) => [count(values.length), ...values.flatMap(text)],
};

function field({ name, type, isNullable }, value) {
  if (value !== undefined) return [count(types.indexOf(type)), ...writers[type](value)];
  if (!isNullable) throw new Error(`wllama requires the field "${name}" of its request; add it to wllama.mjs`);
  return [count(0)];
}

export function encode({ version, messages }, message) {
  const fields = messages[message._name].fields.flatMap((each) => field(each, message[each.name]));
  return Buffer.concat([Buffer.from('GLUE'), count(version), Buffer.from(message._name), ...fields]);
}
