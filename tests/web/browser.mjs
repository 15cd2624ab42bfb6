// SPDX-License-Identifier: Apache-2.0
//
// browser.mjs - Debian's chromium, and what a page must never do.
//
// A page opened here notes each dialog, each error on the console, each thing that the Content Security
// Policy refused and each request that left its own origin: `page.wrongs`.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

// The packages are those of web/, locked there.
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const VIEWS = ['devices', 'map', 'changes', 'coverage', 'sensors'];

export function launch() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
	});
}

// What a browser says of its own accord when the manager is away or has nothing: no fault of the page.
const EXPECTED = /^Failed to load resource: (net::ERR_|the server responded with a status of (401|503))/;

export async function open(browser, { width = 1400, height = 900, dark = false, zone = 'Europe/Helsinki' } = {}) {
	const context = await browser.newContext({
		viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', timezoneId: zone, acceptDownloads: true,
		permissions: ['clipboard-read', 'clipboard-write'],
	});
	const page = await context.newPage();
	page.wrongs = [];
	page.setDefaultTimeout(60_000);
	page.on('dialog', (dialog) => {
		page.wrongs.push(`dialog: ${dialog.message()}`);
		dialog.dismiss().catch(() => {});
	});
	page.on('pageerror', (error) => page.wrongs.push(`error: ${error.stack ?? error.message}`));
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text()))
			page.wrongs.push(`console: ${message.text()}`);
	});
	page.on('request', (request) => {
		const { protocol, hostname } = new URL(request.url());
		if (/^http/.test(protocol) && hostname !== '127.0.0.1')
			page.wrongs.push(`asked elsewhere: ${request.url()}`);
	});
	await page.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) =>
			console.error(`CSP refused ${event.violatedDirective} ${event.blockedURI}`));
	});
	return page;
}

export async function login(page, manager) {
	await page.goto(manager.login);
	await page.getByRole('navigation').first().waitFor();
}

// A view, once all that it waits for is there.
export async function show(page, manager, hash) {
	await page.goto(`${manager.origin}/#/${hash}`);
	await settled(page);
}

export async function settled(page) {
	await page.locator('main').waitFor();
	await page.locator('main .skeleton').waitFor({ state: 'detached' });
}
