// SPDX-License-Identifier: Apache-2.0
//
// live.mjs - a page that is left open: a new device comes within two seconds, and a manager that ends and
// comes back is noticed and found again, without a reload.
//
// The sensor watches a cable in a network namespace of its own, and manager and browser are in there too.
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, login, open } from './browser.mjs';
import { check, holds, same } from './check.mjs';
import { capture, feed, manager as startManager, program, root, start, stop, until, work } from './world.mjs';

const space = `havainto-web-${process.pid}`;
const ip = (...words) => execFileSync('ip', words, { stdio: 'pipe' });
const inSpace = (...words) => ['netns', 'exec', space, ...words];

function makeSpace() {
	ip('netns', 'add', space);
	process.on('exit', () => {
		try {
			ip('netns', 'del', space);
		} catch {
			// it is gone
		}
	});
	ip('-n', space, 'link', 'set', 'lo', 'up');
	ip('-n', space, 'link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there');
	for (const end of ['here', 'there'])
		ip('-n', space, 'link', 'set', end, 'up');
}

// Milliseconds of a clock that stands still while the machine is too busy.
const calm = () => Number(execFileSync(join(root, 'tests', 'calm')));

// A host says who it is (ARP).
function announce(number) {
	const mac = `0200000000${number.toString(16).padStart(2, '0')}`;
	const address = `c00002${number.toString(16).padStart(2, '0')}`;
	const frame = `ffffffffffff${mac}08060001080006040001${mac}${address}000000000000${address}${'00'.repeat(18)}`;
	execFileSync('ip', inSpace('python3', '-c', 'import socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_RAW);s.bind(("there",0));s.send(bytes.fromhex(sys.argv[1]))', frame));
	return `192.0.2.${number}`;
}

async function newDevice(page) {
	for (const number of [21, 22, 23])
		await check(`a new device shows within 2 s, without a reload (${number - 20})`, async () => {
			const began = calm();
			const address = announce(number);
			await page.getByText(address, { exact: true }).first().waitFor({ timeout: 60_000 });
			const took = calm() - began;
			holds(took <= 2000, `it took ${took} ms`);
		});
}

async function nothingJumps(page) {
	await check('what is new moves nothing under the pointer', async () => {
		const row = page.getByRole('rowheader').first();
		await row.hover();
		const before = await row.innerText();
		announce(5);
		await page.waitForTimeout(2500);
		same(await row.innerText(), before, 'the row under the pointer');
	});
}

async function inNamespace() {
	makeSpace();
	const chromium = join(work, 'chromium');
	writeFileSync(chromium, `#!/bin/sh\nexec ip netns exec ${space} /usr/bin/chromium "$@"\n`);
	chmodSync(chromium, 0o755);
	process.env.CHROMIUM = chromium;
	const browser = await launch();
	delete process.env.CHROMIUM;
	const state = join(work, 'live');
	const child = start('ip', inSpace(program, 'run', 'here', '--state', state, '--listen', '127.0.0.1:8710'));
	const link = await until('a login link', 30, () => /^login  (\S+)$/m.exec(child.said)?.[1]);
	const page = await open(browser);
	await login(page, { login: link });
	await newDevice(page);
	await nothingJumps(page);
	await check('live: nothing was wrong on the way', () => same(page.wrongs, [], 'what was wrong'));
	await browser.close();
	await stop(child);
}

async function restarted(browser) {
	const first = await startManager();
	const page = await open(browser);
	await feed(first, capture('office'), 'office', '--interval', '60');
	await login(page, first);
	await page.getByText('fw-1').first().waitFor();
	await check('a manager that ends is noticed', async () => {
		await stop(first.child, 'SIGKILL');
		await page.getByText(/Connection to the manager lost/).waitFor({ timeout: 60_000 });
		await page.getByText('fw-1').first().waitFor();
	});
	let second;
	await check('the manager is back: the page heals by itself', async () => {
		second = await first.again();
		await page.getByText(/Connection to the manager lost/).waitFor({ state: 'detached', timeout: 60_000 });
		await page.getByRole('img', { name: 'live', exact: true }).waitFor();
	});
	await check('and shows what is new since', async () => {
		await feed(second, capture('hostile'), 'other');
		await page.getByText('148 devices').or(page.getByRole('button', { name: /new|changed/ })).first().waitFor({ timeout: 60_000 });
	});
	await check('restarted: nothing was wrong on the way', () => same(page.wrongs, [], 'what was wrong'));
	await page.context().close();
	if (second)
		await stop(second.child);
}

export async function live(browser) {
	if (process.getuid() === 0)
		await inNamespace();
	else
		console.log('skipped: not root: no interfaces can be made');
	await restarted(browser);
}
