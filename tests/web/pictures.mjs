// SPDX-License-Identifier: Apache-2.0
//
// pictures.mjs FOLDER - each view as PNG, at 1400 and at 400 px, light and dark, of the office of tests/captures as of now.
//
// Two sensors: one sees all of the office, the other sits on a port that is not mirrored, so that the coverage has something to say.
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
const manager = await startManager();
const office = capture('office', Math.floor(Date.now() / 1000) - 40);
await feed(manager, office, 'hq-core', '--interval', '60');
await feed(manager, office, 'warehouse', '--filter', 'ether multicast');

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

const VIEWS = {
	devices: 'devices', search: `devices?q=${encodeURIComponent('type:printer,camera -vendor:hp')}`, device: `device/${firewall.id}`, map: 'map',
	'map-list': 'map?as=list', changes: 'changes', coverage: 'coverage', sensors: 'sensors',
};
const browser = await launch();
let cookies;
for (const width of [1400, 400])
	for (const dark of [false, true]) {
		const page = await open(browser, { width, dark, height: width === 400 ? 860 : 900 });
		if (cookies)
			await page.context().addCookies(cookies);
		else
			await login(page, manager);
		cookies = await page.context().cookies();
		for (const [name, hash] of Object.entries(VIEWS)) {
			await show(page, manager, hash);
			await page.waitForTimeout(name === 'map' ? 3500 : 700);
			await page.screenshot({ path: join(folder, `${name}-${width}-${dark ? 'dark' : 'light'}.png`) });
		}
		for (const wrong of page.wrongs)
			console.error(wrong);
		await page.context().close();
	}
await browser.close();
await stop(manager.child);
console.log(`pictures of ${Object.keys(VIEWS).length} views are in ${folder}`);
process.exit(0);
