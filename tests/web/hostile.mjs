// SPDX-License-Identifier: Apache-2.0
//
// hostile.mjs - devices whose names attack whoever shows them: each view shows them as text, and nothing happens.
import { login, open, show, VIEWS } from './browser.mjs';
import { check, holds, same } from './check.mjs';
import { capture, run, stop } from './world.mjs';

// All that is an element which no source of ours makes.
const STRANGE = 'img, iframe, object, embed, form, base, meta[http-equiv], b > i, main script, main style, svg[onload], [onerror], [onload], [onclick]';

async function isClean(page) {
	same(await page.locator(STRANGE).count(), 0, 'elements that came with a name');
	same(page.wrongs, [], 'what was wrong');
}

export async function hostile(browser) {
	const manager = await run(capture('hostile'), '--interval', '5');
	for (const dark of [false, true]) {
		const page = await open(browser, { dark });
		await login(page, dark ? { login: `${manager.origin}/` } : manager).catch(() => {});
		if (dark)
			await page.context().addCookies(hostile.cookies);
		else
			hostile.cookies = await page.context().cookies();
		for (const view of [...VIEWS, 'map?as=list', 'changes?muted=1', 'devices?q=%22%3Cscript%3E%22', 'device/%3Cscript%3Ealert(1)%3C%2Fscript%3E'])
			await check(`hostile names, ${dark ? 'dark' : 'light'}: ${view}`, async () => {
				await show(page, manager, view);
				await isClean(page);
			});
		await page.context().close();
	}
	const page = await open(browser);
	await page.context().addCookies(hostile.cookies);
	await check('a hostile name is shown as it was said', async () => {
		await show(page, manager, 'devices');
		await page.getByText('<script>alert(1)</script>', { exact: true }).first().waitFor();
	});
	await check('each hostile device’s page is clean', async () => {
		const ids = await page.evaluate(async () => (await (await fetch('/api/v1/devices?limit=100')).json()).devices.map((d) => d.id));
		holds(ids.length > 25, `${ids.length} devices`);
		for (const id of ids) {
			await show(page, manager, `device/${id}`);
			for (const why of await page.getByRole('button', { name: /why/ }).all())
				await why.click();
			await isClean(page);
		}
	});
	await check('a turned name turns nothing beside it', async () => {
		await show(page, manager, 'devices?q=ip%3A192.0.2.15');
		const row = page.getByRole('row').nth(1);
		await row.waitFor();
		const text = await row.innerText();
		holds(text.includes('user\\u{202e}txt.exe'), `it is shown as ${JSON.stringify(text)}`);
		holds(!/[\u202a-\u202e\u2066-\u2069]/.test(await page.locator('body').innerText()), 'a character that turns is in the page');
	});
	await page.context().close();
	await stop(manager.child);
}
