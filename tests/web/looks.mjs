// SPDX-License-Identifier: Apache-2.0
//
// looks.mjs - for everybody: no view has what axe-core calls serious or critical, dark or light; none is wider than a telephone.
import { axeSource, login, open, show, VIEWS } from './browser.mjs';
import { check, holds, same } from './check.mjs';
import { capture, run, stop } from './world.mjs';

async function axe(page) {
	await page.evaluate(axeSource);
	const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
	return violations.filter((v) => ['serious', 'critical'].includes(v.impact))
		.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join('; ')}`);
}

async function wide(page) {
	return page.evaluate(() => {
		const most = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= most)
			return '';
		const out = [...document.querySelectorAll('body *')].find((e) => e.getBoundingClientRect().right > most + 1 && !e.closest('.scroll-x'));
		return `${document.documentElement.scrollWidth} of ${most}: ${out?.tagName} ${out?.className}`;
	});
}

export async function looks(browser) {
	const manager = await run(capture('office'), '--interval', '60');
	const first = await open(browser);
	await login(first, manager);
	const cookies = await first.context().cookies();
	const id = await first.evaluate(async () => (await (await fetch('/api/v1/devices?q=type:firewall')).json()).devices[0].id);
	await first.context().close();
	const views = [...VIEWS, 'map?as=list', 'changes?rules=1', `device/${id}`, 'devices?q=nobody:', 'nowhere'];
	for (const width of [1400, 400])
		for (const dark of [false, true]) {
			const page = await open(browser, { width, dark, height: width === 400 ? 800 : 900 });
			await page.context().addCookies(cookies);
			for (const view of views) {
				await check(`axe at ${width}, ${dark ? 'dark' : 'light'}: ${view}`, async () => {
					await show(page, manager, view);
					await page.waitForTimeout(400);
					same(await axe(page), [], 'serious or critical');
				});
				if (!dark)
					await check(`no wider than ${width}: ${view}`, async () => holds((await wide(page)) === '', await wide(page)));
			}
			await check(`help at ${width}, ${dark ? 'dark' : 'light'}`, async () => {
				await page.keyboard.press('?');
				await page.getByRole('dialog').waitFor();
				same(await axe(page), [], 'serious or critical');
			});
			await page.context().close();
		}
	const stranger = await open(browser, { width: 400, height: 800 });
	await check('who is not logged in is told how to', async () => {
		await stranger.goto(`${manager.origin}/`);
		await stranger.getByText(/havainto/).first().waitFor();
		await stranger.waitForTimeout(500);
		same(await axe(stranger), [], 'serious or critical');
		holds((await wide(stranger)) === '', await wide(stranger));
	});
	await stranger.context().close();
	await stop(manager.child);
}
