// SPDX-License-Identifier: Apache-2.0
//
// journey.mjs - what somebody does on the first evening: a capture, a link, and then everything once; with the mouse, and
// again with nothing but the keyboard.
import { readFileSync } from 'node:fs';
import { login, open, settled } from './browser.mjs';
import { check, holds, same } from './check.mjs';
import { capture, run, stop, until } from './world.mjs';

const filters = (page) => page.getByRole('complementary', { name: 'Filters' });
const found = async (page) => Number((await page.locator('.found').innerText()).replace(/[^\d]/g, '') || NaN);
const rows = (page) => page.getByRole('rowheader').getByRole('link');

// Waits until so many devices are listed.
async function finds(page, test, what) {
	let n;
	await until(what, 60, async () => test(n = await found(page))).catch(() => {
		throw new Error(`${what}: ${n} devices are found, not ${test}`);
	});
}

async function painted(page) {
	return page.locator('main canvas').evaluate((canvas) => {
		const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
		const colours = new Set();
		for (let i = 0; i < data.length; i += 4 * 97)
			colours.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
		return colours.size;
	});
}

async function devices(page, manager) {
	await check('the printed link logs in, and leaves no token in the address', async () => {
		await login(page, manager);
		same(new URL(page.url()).search, '', 'what is behind the address');
		await finds(page, (n) => n > 100, 'all');
	});
	await check('search finds by any text', async () => {
		await page.getByRole('combobox', { name: 'Search devices' }).fill('vera-work');
		await finds(page, (n) => n === 1, 'a name');
		same(await rows(page).first().innerText(), 'vera-workstation', 'the device');
	});
	await check('search speaks the API’s language', async () => {
		await page.getByRole('combobox', { name: 'Search devices' }).fill('type:camera -vendor:axis');
		await finds(page, (n) => n > 2 && n < 7, 'cameras of others');
		await page.getByRole('combobox', { name: 'Search devices' }).fill('');
		await finds(page, (n) => n > 100, 'all again');
	});
	await check('two facets narrow, and stand in the URL', async () => {
		await filters(page).getByRole('checkbox', { name: /^Switch/ }).first().click();
		await finds(page, (n) => n > 5 && n < 30, 'switches');
		await filters(page).getByRole('checkbox', { name: /^Cisco(?! Meraki)/ }).first().click();
		await finds(page, (n) => n === 3, 'switches of Cisco, however many ports they have');
		holds(/type|role/.test(decodeURIComponent(page.url())) && /vendor/.test(decodeURIComponent(page.url())), `the URL is ${page.url()}`);
	});
	await check('a device opens, with its evidence', async () => {
		await rows(page).filter({ hasText: /^core-1$/ }).click();
		await page.getByRole('heading', { level: 1, name: 'core-1' }).waitFor();
		await page.getByRole('region', { name: 'Facts' }).first().getByText(/snmp\.sys/).first().waitFor();
	});
	await check('a why is told: the rules and the fact that spoke', async () => {
		await page.getByRole('button', { name: /^(System|OS).*why/s }).first().click();
		await page.locator('.weight').first().waitFor();
		await page.getByText(/Cisco IOS Software/).first().waitFor();
	});
	await check('a tag that is written is there after a reload, and found', async () => {
		await page.getByPlaceholder('Add a tag, Enter').fill('core');
		await page.keyboard.press('Enter');
		await page.getByText('core', { exact: true }).first().waitFor();
		await page.waitForLoadState('networkidle').catch(() => {});
		await page.reload();
		await page.getByRole('button', { name: /remove|forget/i }).first().waitFor();
		await page.goto(`${manager.origin}/#/devices?q=${encodeURIComponent('tag:core')}`);
		await finds(page, (n) => n === 1, 'the tagged');
	});
}

async function otherViews(page, manager) {
	await check('the map is drawn, and a click on it leads to a device', async () => {
		await page.getByRole('navigation').getByRole('link', { name: /^Map/ }).click();
		await page.locator('main canvas').waitFor();
		await page.waitForTimeout(2500);
		holds(await painted(page) > 20, 'the canvas is empty');
		const box = await page.locator('main canvas').boundingBox();
		const said = page.locator('.map-said');
		for (let y = box.y + 80; y < box.y + box.height - 80 && !(await said.innerText()); y += 12)
			await page.mouse.move(box.x + box.width / 2, y);
		holds(await said.innerText(), 'nothing is under the pointer from the top to the foot');
		await page.mouse.down();
		await page.mouse.up();
		await page.waitForURL(/#\/(device|sensors)/);
	});
	await check('the map is dragged and zoomed, and stands as it did when it is opened again', async () => {
		await page.goto(`${manager.origin}/#/map`);
		await page.locator('main canvas').waitFor();
		await page.waitForTimeout(1500);
		const picture = () => page.locator('main canvas').evaluate((c) => c.toDataURL());
		const before = await picture();
		await page.mouse.move(900, 600);
		await page.mouse.down();
		await page.mouse.move(700, 500, { steps: 5 });
		await page.mouse.up();
		await page.mouse.wheel(0, -400);
		await page.waitForTimeout(300);
		holds(await picture() !== before, 'nothing moved');
		await page.mouse.move(5, 5);
		await page.reload();
		await page.locator('main canvas').waitFor();
		await page.waitForTimeout(1500);
		holds(await picture() === before, 'it is another picture');
	});
	await check('by keyboard: arrows go from device to device on the map', async () => {
		await page.locator('main canvas').focus();
		await page.keyboard.press('ArrowRight');
		const first = await page.locator('.map-said').innerText();
		await page.keyboard.press('ArrowRight');
		holds(first && first !== await page.locator('.map-said').innerText(), 'the arrow leads nowhere');
		await page.keyboard.press('Enter');
		await page.waitForURL(/#\/(device|sensors)/);
	});
	await check('the map as a list says which port of which switch', async () => {
		await page.goto(`${manager.origin}/#/map?as=list`);
		await page.getByText('GigabitEthernet1/0/49').first().waitFor();
	});
	await check('the changes tell of the intruder', async () => {
		await page.getByRole('navigation').getByRole('link', { name: /^Changes/ }).click();
		await page.getByText(/answers for DHCP in VLAN 20/).first().waitFor();
		await page.getByText(/claims 10\.20\.0\.23/).first().waitFor();
	});
	await check('a change is acknowledged, and the badge counts one less', async () => {
		const badge = page.getByRole('navigation').locator('.badge .reader');
		const before = await badge.innerText();
		await page.getByRole('button', { name: /^Acknowledge: / }).first().click();
		await until('another number', 60, async () => (await badge.innerText()) !== before);
	});
	await check('a kind that is muted is not shown any more', async () => {
		await page.getByRole('button', { name: /^Mute: .*, New$/ }).first().click();
		await page.getByRole('button', { name: '“New” of any device' }).click();
		await page.getByText('is new on the network').first().waitFor({ state: 'detached' });
	});
	await check('the coverage speaks of each VLAN', async () => {
		await page.getByRole('navigation').getByRole('link', { name: /^Coverage/ }).click();
		for (const vlan of [10, 20, 30, 40, 50, 60, 70])
			await page.getByRole('rowheader', { name: `VLAN ${vlan}`, exact: true }).waitFor();
	});
	await check('the sensor’s accounts balance', async () => {
		await page.getByRole('navigation').getByRole('link', { name: /^Sensors/ }).click();
		await page.getByText('frames received').first().waitFor();
		same(await page.getByRole('img', { name: 'does not balance' }).count(), 0, 'accounts that do not balance');
	});
}

async function theFile(page, manager) {
	await check('the CSV has a row a device', async () => {
		await page.goto(`${manager.origin}/#/devices`);
		await finds(page, (n) => n > 100, 'all');
		const many = await found(page);
		const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()]);
		const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
		same(lines.length, many + 1, 'lines');
	});
}

// Tab, until the focus is on what has this name.
async function tabTo(page, name, most = 150) {
	for (let i = 0; i < most; i++) {
		const here = await page.evaluate(() => {
			const e = document.activeElement?.closest('a, button, input, select, textarea, summary, [tabindex="0"]'); // not the body: it has every word
			return `${e?.getAttribute('aria-label') ?? e?.closest('label')?.textContent ?? e?.getAttribute('placeholder') ?? ''} ${e?.textContent ?? ''} ${e?.placeholder ?? ''}`.trim();
		});
		if (name.test(here))
			return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab never comes to ${name}`);
}

async function keyboard(page, manager) {
	const { keyboard: keys } = page;
	await login(page, manager);
	await finds(page, (n) => n > 100, 'all');
	await check('by keyboard: / searches', async () => {
		await keys.press('/');
		await keys.type('vlan:40 ');
		await finds(page, (n) => n > 5 && n < 20, 'servers');
		await keys.press('Escape');
		await keys.press('Escape');
	});
	await check('by keyboard: two facets', async () => {
		await page.goto(`${manager.origin}/#/devices`);
		await finds(page, (n) => n > 100, 'all');
		await tabTo(page, /^Switch/);
		await keys.press('Space');
		await finds(page, (n) => n > 5 && n < 30, 'switches');
		await tabTo(page, /^Cisco(?! Meraki)/);
		await keys.press('Space');
		await finds(page, (n) => n === 3, 'switches of Cisco, however many ports they have');
	});
	await check('by keyboard: j and Enter open a device', async () => {
		for (const key of ['j', 'j', 'k']) {
			await keys.press(key);
			await page.waitForTimeout(150);
		}
		await keys.press('Enter');
		await page.waitForURL(/#\/device\/\d+/);
		await page.getByRole('region', { name: 'Facts' }).first().waitFor();
	});
	await check('by keyboard: why', async () => {
		await tabTo(page, /(System|Vendor).*why/s);
		await keys.press('Enter');
		await page.locator('.weight').first().waitFor();
	});
	await check('by keyboard: a tag', async () => {
		await tabTo(page, /Add a tag/);
		await keys.type('by-hand');
		await keys.press('Enter');
		await page.getByText('by-hand', { exact: true }).first().waitFor();
		await page.waitForTimeout(300);
		await page.reload();
		await page.getByText('by-hand', { exact: true }).first().waitFor();
	});
	for (const [letter, name, hash] of [['m', 'the map', /#\/map/], ['c', 'the changes', /#\/changes/], ['v', 'the coverage', /#\/coverage/], ['s', 'the sensors', /#\/sensors/]])
		await check(`by keyboard: g ${letter} shows ${name}`, async () => {
			await keys.press('g');
			await keys.press(letter);
			await page.waitForURL(hash);
			await settled(page);
		});
	await check('by keyboard: a change is acknowledged with e', async () => {
		await keys.press('g');
		await keys.press('c');
		await page.locator('.change:not(.seen)').first().waitFor();
		await keys.press('j');
		await keys.press('e');
		await page.locator('.change.selected.seen').waitFor();
	});
	await check('by keyboard: ? says which keys there are', async () => {
		await keys.press('?');
		await page.getByRole('dialog', { name: 'Help' }).getByText('acknowledge').waitFor();
		await keys.press('Escape');
	});
	await check('by keyboard: the CSV', async () => {
		await keys.press('g');
		await keys.press('d');
		await finds(page, (n) => n > 100, 'all');
		await tabTo(page, /Download as CSV/);
		const [download] = await Promise.all([page.waitForEvent('download'), keys.press('Enter')]);
		same(download.suggestedFilename(), 'devices.csv', 'the file');
	});
}

export async function journey(browser) {
	const manager = await run(capture('office'), '--interval', '60');
	const page = await open(browser);
	await devices(page, manager);
	await otherViews(page, manager);
	await theFile(page, manager);
	await check('nothing was wrong on the way', () => same(page.wrongs, [], 'what was wrong'));
	await page.context().close();
	await stop(manager.child);

	const second = await run(capture('office'), '--interval', '60');
	const other = await open(browser);
	await keyboard(other, second);
	await check('by keyboard: nothing was wrong on the way', () => same(other.wrongs, [], 'what was wrong'));
	await other.context().close();
	await stop(second.child);
}
