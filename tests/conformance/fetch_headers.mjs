// fetch_headers.mjs FOLDER: the sources of the pinned llama.cpp, which its npm package carries as a git bundle. Only this
// file of the package is wanted, without its hundred dependencies, so it is packed and not installed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const [work] = process.argv.slice(2);
const { headers } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'package.json'), 'utf8'));
const run = (program, ...words) => execFileSync(program, words, { cwd: work, stdio: ['ignore', 'pipe', 'ignore'] }).toString();

const archive = run('npm', 'pack', '--silent', headers.package).trim().split('\n').at(-1);
const digest = createHash('sha512').update(fs.readFileSync(path.join(work, archive))).digest('base64');
if (`sha512-${digest}` !== headers.integrity) throw new Error(`${archive} is not what package.json says`);
run('tar', 'xf', archive, 'package/llama/gitRelease.bundle');
fs.rmSync(path.join(work, 'llama.cpp'), { recursive: true, force: true });
run('git', 'clone', 'package/llama/gitRelease.bundle', 'llama.cpp');
fs.rmSync(path.join(work, archive));
fs.rmSync(path.join(work, 'package'), { recursive: true });
