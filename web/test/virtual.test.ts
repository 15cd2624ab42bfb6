// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawn, scrolledHeight, scrollTo, TALLEST, type Shape } from '../src/devices/virtual.ts';

const small: Shape = { rows: 100_000, rowHeight: 36, viewHeight: 720 };
const large: Shape = { rows: 1_000_000, rowHeight: 36, viewHeight: 720 };

test('at the top the first rows are drawn, and few', () => {
	const d = drawn(small, 0);
	assert.equal(d.first, 0);
	assert.equal(d.top, 0);
	assert.ok(d.end >= 21 && d.end < 40);
});

test('at the end the last row is drawn, and stands at the foot', () => {
	for (const shape of [small, large]) {
		const d = drawn(shape, scrolledHeight(shape) - shape.viewHeight);
		assert.equal(d.end, shape.rows);
		const foot = d.top + (d.end - d.first) * shape.rowHeight;
		assert.ok(Math.abs(foot - d.height) < 0.01, `${foot} ${d.height}`);
	}
});

test('all that is in the window is drawn, wherever it is', () => {
	for (const shape of [small, large])
		for (let top = 0; top < scrolledHeight(shape); top += 77_777) {
			const d = drawn(shape, top);
			assert.ok(d.top <= top);
			assert.ok(d.end === shape.rows || d.top + (d.end - d.first) * shape.rowHeight >= top + shape.viewHeight);
		}
});

test('no list is higher than a browser draws', () => {
	assert.equal(scrolledHeight(large), TALLEST);
	assert.equal(scrolledHeight(small), 3_600_000);
});

test('no rows, and fewer than the window holds', () => {
	assert.deepEqual(drawn({ rows: 0, rowHeight: 36, viewHeight: 720 }, 0), { first: 0, end: 0, top: 0, height: 0 });
	const d = drawn({ rows: 3, rowHeight: 36, viewHeight: 720 }, 500);
	assert.deepEqual([d.first, d.end, d.top], [0, 3, 0]);
});

test('to see a row is to scroll no further than needed', () => {
	assert.equal(scrollTo(small, 0, 5), 0);
	assert.equal(scrollTo(small, 0, 20), 36);
	assert.equal(scrollTo(small, 720, 3), 108);
	const far = scrollTo(large, 0, 999_999);
	assert.equal(Math.round(far), TALLEST - 720);
});
