// SPDX-License-Identifier: Apache-2.0
//
// build.mjs - makes dist/ of src/: one page, one script, one sheet, one icon.
//
// esbuild joins the modules, terser makes the script a thirtieth smaller than it alone would.
//
// The same sources and locked packages give the same bytes on any machine, so what is checked in
// can be compared with what is made anew (--check). Sizes are counted as they travel, by gzip.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const MOST = 60_000; // bytes by gzip, all files together
const FILES = ['index.html', 'app.js', 'app.css', 'icon.svg'];
const here = dirname(fileURLToPath(import.meta.url));

async function make(folder) {
	mkdirSync(folder, { recursive: true });
	await build({
		absWorkingDir: here,
		entryPoints: { app: 'src/main.tsx' },
		outdir: folder,
		bundle: true,
		minify: true,
		format: 'esm',
		target: 'es2022',
		jsx: 'automatic',
		jsxImportSource: 'preact',
		charset: 'utf8',
		alias: { 'd3-timer': './src/map/still.ts', 'd3-dispatch': './src/map/still.ts' },
		legalComments: 'none',
		logLevel: 'warning',
	});
	const script = join(folder, 'app.js');
	const small = await minify(readFileSync(script, 'utf8'), { module: true, ecma: 2020, compress: { passes: 3 } });
	writeFileSync(script, small.code);
	for (const name of ['index.html', 'icon.svg'])
		copyFileSync(join(here, 'src', name), join(folder, name));
}

const bytes = (folder, name) => readFileSync(join(folder, name));
const hash = (folder, name) => createHash('sha256').update(bytes(folder, name)).digest('hex').slice(0, 16);

function weigh(folder) {
	let sum = 0;
	for (const name of FILES) {
		const plain = bytes(folder, name);
		const small = gzipSync(plain, { level: 9 }).length;
		sum += small;
		console.log(`${hash(folder, name)}  ${name.padEnd(10)} ${String(plain.length).padStart(7)}` +
			` bytes, ${String(small).padStart(6)} by gzip`);
	}
	console.log(`${''.padEnd(27)} all: ${sum} of at most ${MOST} by gzip`);
	return sum <= MOST;
}

async function check(dist) {
	const anew = mkdtempSync(join(tmpdir(), 'havainto-page-'));
	await make(anew);
	const other = FILES.filter((name) => !existsSync(join(dist, name)) || hash(anew, name) !== hash(dist, name));
	rmSync(anew, { recursive: true });
	for (const name of other)
		console.log(`web/dist/${name} is not what its sources make: ./dev web`);
	return other.length === 0;
}

const dist = join(here, 'dist');
const checking = process.argv.includes('--check');
if (!checking)
	await make(dist);
const same = !checking || (await check(dist));
const light = weigh(dist);
if (!light)
	console.log('the page is too heavy');
process.exit(same && light ? 0 : 1);
