// SPDX-License-Identifier: Apache-2.0
//
// pictures.mjs FOLDER - a picture of each view with the office in it, at 1400 and 400 px, dark and light: those of doc/pictures.
// HAVAINTO names the program. Colours are brought down to 128 (pngquant), so that a picture is some 50 kB.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, login, open, show } from './browser.mjs';
import { capture, pause, run, stop } from './world.mjs';

const folder = process.argv[2];
if (!folder) {
	console.error('pictures.mjs FOLDER');
	process.exit(2);
}
mkdirSync(folder, { recursive: true });

const browser = await launch();
const manager = await run(capture('office', Math.floor(Date.now() / 1000)), '--interval', '60');
const first = await open(browser);
await login(first, manager);
const cookies = await first.context().cookies();
const id = await first.evaluate(async () => (await (await fetch('/api/v1/devices?q=type:firewall')).json()).devices[0].id);
await first.context().close();

// Why it is what it is, unfolded.
const unfold = (page) => page.locator('.conclusion-line').nth(1).click();
const VIEWS = [
	['devices', 'devices'], ['search', 'devices?q=type:camera,phone&sort=-packets'], ['device', `device/${id}`, unfold], ['map', 'map'],
	['changes', 'changes'], ['coverage', 'coverage'], ['sensors', 'sensors'],
];

for (const [width, height] of [[1400, 900], [400, 800]])
	for (const dark of [false, true]) {
		const page = await open(browser, { width, height, dark });
		await page.context().addCookies(cookies);
		for (const [name, hash, act] of VIEWS) {
			const file = join(folder, `${name}-${width}-${dark ? 'dark' : 'light'}.png`);
			await show(page, manager, hash);
			await act?.(page);
			await pause(name === 'map' ? 3000 : 800);
			await page.screenshot({ path: file });
			execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, '128', file]);
		}
		await page.context().close();
	}
await browser.close();
await stop(manager.child);
