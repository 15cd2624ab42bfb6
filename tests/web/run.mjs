// SPDX-License-Identifier: Apache-2.0
//
// run.mjs [NAME...] - the page in a browser, with the program behind it: all tests, or those named. HAVAINTO names the program.
import { launch } from './browser.mjs';
import { check, sum } from './check.mjs';
import { hostile } from './hostile.mjs';
import { journey } from './journey.mjs';
import { live } from './live.mjs';
import { looks } from './looks.mjs';

const TESTS = { journey, live, hostile, looks };
const names = process.argv.slice(2);
const unknown = names.filter((name) => !TESTS[name]);
if (unknown.length > 0) {
	console.error(`there is no test ${unknown.join(', ')}; there are ${Object.keys(TESTS).join(', ')}`);
	process.exit(2);
}
const browser = await launch();
for (const [name, test] of Object.entries(TESTS))
	if (names.length === 0 || names.includes(name))
		try {
			await test(browser);
		} catch (error) {
			await check(`${name} came to its end`, () => {
				throw error;
			});
		}
await browser.close();
process.exit(sum());
