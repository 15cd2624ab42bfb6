// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceTop, path } from '../src/ui/plot.tsx';

test('a scale ends at a round number', () => {
	assert.deepEqual([0, 1, 1.5, 3, 7, 10, 11, 4200].map(niceTop), [1, 1, 2, 5, 10, 10, 20, 5000]);
});

test('a gap in the values is a gap in the line', () => {
	assert.equal(path([0, 10, 20, 30], [1, null, 2, 0], 2, false), 'M0.0 50.0M20.0 0.0L30.0 100.0');
});

test('an area is closed to the floor, piece by piece', () => {
	assert.equal(path([0, 10, 20], [2, 1, null], 2, true), 'M0.0 0.0L10.0 50.0L10 100L0 100Z');
});
