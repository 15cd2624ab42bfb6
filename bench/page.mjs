// SPDX-License-Identifier: Apache-2.0
//
// page.mjs [DEVICES] - what the page costs whoever looks at it, with 100,000 devices in the inventory unless told otherwise.
//
//   first paint   from the request to the first picture, and to the first row of a device
//   typing        each letter of a search: how long the page's thread was busy at a stretch, at most (a long task is over 50 ms)
//   scrolling     frames a second from the top of the list to its end
//   memory        of the tab, after all that: its heap, and what is drawn
//   map           frames a second while 2,000 nodes settle, and while they are dragged
//
// Figures, and no judgement: they go into HISTORY.md.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, login, open, show } from '../tests/web/browser.mjs';
import { feed, manager as startManager, root, stop, work } from '../tests/web/world.mjs';

const devices = Number(process.argv[2] ?? 100_000);
const generate = process.env.HAVAINTO_GENERATE ?? join(root, 'build/bench/generate');

function say(what, figure) {
	console.log(`${what.padEnd(34)} ${figure}`);
}

async function filled(count) {
	const manager = await startManager();
	const file = join(work, `${count}.pcap`);
	execFileSync(generate, ['devices', file, String(count * 3), String(count)]);
	await feed(manager, file, 'bench');
	return manager;
}

const ms = (n) => `${Math.round(n)} ms`;
const watchTasks = (page) => page.evaluate(() => {
	window.tasks = [];
	new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
});
const longest = (page) => page.evaluate(() => {
	const most = Math.max(0, ...window.tasks);
	window.tasks = [];
	return most;
});

// Frames a second while `act` runs: the median and the worst of the times between two.
async function frames(page, act) {
	await page.evaluate(() => {
		window.times = [];
		const step = (t) => {
			window.times.push(t);
			window.watching = requestAnimationFrame(step);
		};
		window.watching = requestAnimationFrame(step);
	});
	await act();
	const times = await page.evaluate(() => {
		cancelAnimationFrame(window.watching);
		return window.times.slice(1).map((t, i) => t - window.times[i]).sort((a, b) => a - b);
	});
	const at = (share) => times[Math.floor(share * (times.length - 1))] ?? NaN;
	return `${Math.round(1000 / at(0.5))} a second, ${ms(at(0.95))} between two at most in 95 of 100`;
}

async function paint(page, manager) {
	for (const round of ['cold', 'warm', 'warm']) {
		await page.goto('about:blank');
		const began = Date.now();
		await page.goto(`${manager.origin}/#/devices`);
		await page.getByRole('rowheader').first().waitFor();
		const row = Date.now() - began;
		const first = await page.evaluate(() => new Promise((done) => {
			new PerformanceObserver((list) => done(list.getEntriesByName('first-contentful-paint')[0]?.startTime)).observe({ type: 'paint', buffered: true });
		}));
		say(`first paint, ${round}`, `${ms(first)}; a row of a device after ${ms(row)}`);
	}
}

async function typing(page) {
	const box = page.getByRole('combobox', { name: 'Search devices' });
	await watchTasks(page);
	await box.click();
	let most = 0;
	for (const text of ['vendor:intel', '10.0.3', 'service:tcp/443 -vlan:20', 'nobody has this'])  {
		await box.fill('');
		await box.pressSequentially(text, { delay: 60 });
		await page.waitForTimeout(600);
		most = Math.max(most, await longest(page));
	}
	say('typing: longest task', most === 0 ? 'under 50 ms' : ms(most));
	await box.fill('');
	await page.waitForTimeout(800);
}

async function scrolling(page) {
	const figure = await frames(page, async () => {
		for (let i = 0; i < 60; i++) {
			await page.mouse.move(700, 500);
			await page.mouse.wheel(0, 1500);
			await page.waitForTimeout(16);
		}
	});
	say('scrolling', figure);
	say('scrolling: longest task', ms(await longest(page)));
}

async function memory(page) {
	const session = await page.context().newCDPSession(page);
	await session.send('HeapProfiler.collectGarbage');
	const { usedSize } = await session.send('Runtime.getHeapUsage');
	const { metrics } = await session.send('Performance.enable').then(() => session.send('Performance.getMetrics'));
	const nodes = metrics.find((m) => m.name === 'Nodes')?.value;
	const pid = execFileSync('sh', ['-c', "ps -eo rss,pid,args | grep 'type=renderer' | grep -v grep | sort -n -r | awk 'NR == 1 { print $2 }'"]).toString().trim();
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	const mb = (what) => (Number(new RegExp(`^${what}: *(\\d+)`, 'm').exec(rollup)?.[1]) / 1e3).toFixed(0);
	say('memory of the tab', `${(usedSize / 1e6).toFixed(1)} MB of heap, ${nodes} nodes; its process ${mb('Pss')} MB, ${mb('Rss')} with the browser's whole share`);
}

async function map(browser) {
	const manager = await filled(1990);
	const page = await open(browser);
	await login(page, manager);
	say('map of 2,000: settling', await frames(page, async () => {
		await page.goto(`${manager.origin}/#/map`);
		await page.locator('main canvas').waitFor();
		await page.waitForTimeout(3000);
	}));
	say('map of 2,000: dragging', await frames(page, async () => {
		await page.mouse.move(700, 450);
		await page.mouse.down();
		for (let i = 0; i < 90; i++) {
			await page.mouse.move(700 + 3 * i, 450 + i);
			await page.waitForTimeout(10);
		}
		await page.mouse.up();
	}));
	await stop(manager.child);
}

const began = Date.now();
const manager = await filled(devices);
say('devices', `${devices}, in the inventory after ${((Date.now() - began) / 1000).toFixed(0)} s`);
const browser = await launch();
const page = await open(browser);
page.setDefaultTimeout(60_000);
await login(page, manager);
await paint(page, manager);
await typing(page);
await scrolling(page);
await memory(page);
await show(page, manager, 'map');
await page.waitForTimeout(2000);
say('map of all', await page.locator('.map-count').innerText());
await stop(manager.child);
await map(browser);
await browser.close();
process.exit(0);
