// SPDX-License-Identifier: Apache-2.0
//
// pictures.mjs FOLDER - each view as PNG, at 1400 and at 400 px, light and dark, of the office of tests/captures as of now.
//
// Those of doc/pictures. One sensor sees all of it; for the coverage there is a second one, on a port that is not mirrored, so that
// something can be said of it. Colours are brought down to 128 (pngquant), so that a picture is some 50 kB.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, login, open, show } from './browser.mjs';
import { capture, feed, manager as startManager, stop } from './world.mjs';

const folder = process.argv[2];
if (!folder) {
	console.error('usage: pictures.mjs FOLDER');
	process.exit(2);
}
mkdirSync(folder, { recursive: true });
const office = capture('office', Math.floor(Date.now() / 1000) - 40);

async function filled(...sensors) {
	const made = await startManager();
	for (const [name, ...options] of sensors)
		await feed(made, office, name, ...options);
	return made;
}

const hq = ['hq-core', '--interval', '60'];
const manager = await filled(hq);
const two = await filled(hq, ['warehouse', '--filter', 'ether multicast']);

// As people would have left it.
const ask = async (method, path, body) => (await fetch(`${manager.origin}${path}`, {
	method, headers: { Authorization: `Bearer ${manager.token}` }, ...(body && { body: JSON.stringify(body) }),
})).json();
const find = async (q) => (await ask('GET', `/api/v1/devices?limit=20&q=${encodeURIComponent(q)}`)).devices;
const [firewall] = await find('type:firewall');
await ask('PATCH', `/api/v1/devices/${firewall.id}`, { owner: 'Network team', tags: ['core', 'managed'], note: 'Renewed in March. Out-of-band console in rack 2.' });
for (const printer of await find('type:printer'))
	await ask('PATCH', `/api/v1/devices/${printer.id}`, { tags: ['leased'] });
const { changes } = await ask('GET', '/api/v1/changes?limit=100');
await ask('POST', '/api/v1/changes/ack', { upto: changes[12].id });
await ask('POST', '/api/v1/mutes', { what: 'gone', query: 'type:smartphone', note: 'they sleep' });

// Why it is what it is, unfolded.
const unfold = (page) => page.locator('.conclusion-line').nth(1).click();
const VIEWS = [
	[manager, 'devices', 'devices'], [manager, 'search', `devices?q=${encodeURIComponent('type:printer,camera -vendor:hp')}`],
	[manager, 'device', `device/${firewall.id}`, unfold], [manager, 'map', 'map'], [manager, 'map-list', 'map?as=list'],
	[manager, 'changes', 'changes'], [two, 'coverage', 'coverage'], [two, 'sensors', 'sensors'],
];

const browser = await launch();

// The cookies of a browser that is logged in; each manager has a name and a place of its own.
async function session(of) {
	const page = await open(browser);
	await login(page, of);
	const cookies = await page.context().cookies();
	await page.context().close();
	return cookies;
}

const sessions = new Map([[manager, await session(manager)], [two, await session(two)]]);
for (const width of [1400, 400])
	for (const dark of [false, true])
		for (const [of, name, hash, act] of VIEWS) {
			const page = await open(browser, { width, dark, height: width === 400 ? 800 : 900 });
			await page.context().addCookies(sessions.get(of));
			await show(page, of, hash);
			await act?.(page);
			await page.waitForTimeout(name === 'map' ? 3500 : 900);
			const file = join(folder, `${name}-${width}-${dark ? 'dark' : 'light'}.png`);
			await page.screenshot({ path: file });
			execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, '128', file]);
			for (const wrong of page.wrongs)
				console.error(wrong);
			await page.context().close();
		}
await browser.close();
await Promise.all([stop(manager.child), stop(two.child)]);
console.log(`pictures of ${VIEWS.length} views are in ${folder}`);
process.exit(0);
