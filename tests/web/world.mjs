// SPDX-License-Identifier: Apache-2.0
//
// world.mjs - managers with something in them, for the tests and pictures of the page.
//
// Each manager has a folder and a port of its own, on the loopback, and ends with this process.
// What it shows comes from captures that tests/captures writes, read by the program itself.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.HAVAINTO ?? join(root, 'build/havainto');
export const work = mkdtempSync(join(tmpdir(), 'havainto-web-'));
chmodSync(work, 0o755); // started as root, the program becomes somebody else

let places = 0;
const newPlace = () => join(work, `state-${++places}`);
const started = new Set();

process.on('exit', () => {
	for (const child of started)
		child.kill('SIGKILL');
	rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => process.exit(1));

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, seconds, test) {
	for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(50)) {
		const value = await test();
		if (value)
			return value;
	}
	throw new Error(`not within ${seconds} s: ${what}`);
}

export function freePort() {
	return new Promise((done, fail) => {
		const server = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

// A process in the background; `said` is what it has said so far.
export function start(command, args, options = {}) {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
	started.add(child);
	child.said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (data) => {
			child.said += data;
		});
	child.ended = new Promise((done) => child.once('exit', (code, signal) => {
		started.delete(child);
		// Whoever has to end it does that by stop().
		if (!child.stopping && (signal || code !== 0))
			console.log(`${args[0]} ended by itself: ${signal ?? code}\n${child.said.slice(-2000)}`);
		done(code);
	}));
	return child;
}

export async function stop(child, signal = 'SIGTERM') {
	child.stopping = true;
	child.kill(signal);
	return child.ended;
}

function links(child) {
	const token = /^token  (\S+)$/m.exec(child.said)?.[1];
	const login = /^login  (\S+)$/m.exec(child.said)?.[1];
	return login && { token, login, origin: new URL(login).origin };
}

async function linksOf(child) {
	return until('a login link', 60, () => {
		if (child.exitCode !== null)
			throw new Error(`the program ended with ${child.exitCode}: ${child.said}`);
		return links(child);
	});
}

// `havainto run CAPTURE`: what a first try starts.
export async function run(capture, ...options) {
	const state = newPlace();
	const child = start(program, ['run', capture, '--state', state, '--listen', `127.0.0.1:${await freePort()}`, ...options]);
	return { child, state, ...await linksOf(child) };
}

// A manager alone; `again` starts it anew in the same place, on the same port.
export async function manager(port, state = newPlace()) {
	port ??= await freePort();
	const child = start(program, ['manager', '--state', state, '--listen', `127.0.0.1:${port}`]);
	return { child, state, ...await linksOf(child), again: () => manager(port, state) };
}

// A sensor reads a capture and reports to the manager, and ends.
export async function feed(to, capture, sensor, ...options) {
	const child = start(program, ['listen', '-r', capture, '--sensor', sensor, '-o', `unix:${to.state}/manager.sock`, ...options]);
	const code = await child.ended;
	if (code !== 0)
		throw new Error(`the sensor ended with ${code}: ${child.said}`);
}

export function capture(name, ...words) {
	const file = join(work, `${name}.pcap`);
	execFileSync(join(root, 'tests/captures', name), [file, ...words.map(String)]);
	return file;
}
