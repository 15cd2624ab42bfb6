// SPDX-License-Identifier: Apache-2.0
//
// check.mjs - claims, counted. A claim that fails says why, and the next ones are still tried.
let passed = 0;
let failed = 0;

export async function check(claim, test) {
	try {
		await test();
		passed++;
		console.log(`ok      ${claim}`);
	} catch (error) {
		failed++;
		console.log(`not ok  ${claim}: ${String(error.message ?? error).replace(/\u001b\[\d+m/g, '').split('\n').filter((line) => line.trim()).join(' | ')}`);
	}
}

export function same(have, want, what = '') {
	if (JSON.stringify(have) !== JSON.stringify(want))
		throw new Error(`${what} is ${JSON.stringify(have)}, not ${JSON.stringify(want)}`);
}

export function holds(true_, what) {
	if (!true_)
		throw new Error(what);
}

export function sum() {
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}
