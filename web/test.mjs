// SPDX-License-Identifier: Apache-2.0
//
// test.mjs - runs the tests of the page's logic, test/*.test.ts, by node's own runner.
//
// Node reads no TypeScript, so each test is bundled into one script first. Closes with a line
// "logic: N passed, N failed".
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(join(here, 'test')).filter((name) => name.endsWith('.test.ts'));
const folder = mkdtempSync(join(tmpdir(), 'havainto-tests-'));
await build({
	absWorkingDir: here,
	entryPoints: tests.map((name) => `test/${name}`),
	outdir: folder,
	outExtension: { '.js': '.mjs' },
	bundle: true,
	platform: 'node',
	format: 'esm',
	jsx: 'automatic',
	jsxImportSource: 'preact',
	logLevel: 'warning',
});

let passed = 0;
let failed = 0;
const count = (event) => {
	if (event.details?.type === 'suite' || event.name.endsWith('.mjs'))
		return false;
	return true;
};
const stream = run({ files: tests.map((name) => join(folder, name.replace(/\.ts$/, '.mjs'))), concurrency: 1 });
stream.on('test:pass', (event) => {
	passed += count(event);
});
stream.on('test:fail', (event) => {
	failed++;
	console.log(`failed: ${event.name}\n${event.details?.error?.cause?.stack ?? event.details?.error}`);
});
stream.on('end', () => {
	rmSync(folder, { recursive: true });
	console.log(`logic: ${passed} passed, ${failed} failed`);
	process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
stream.resume();
