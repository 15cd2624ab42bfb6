// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rates, type Sample } from '../src/history.ts';

const at = (seconds: number, received: number): Sample => ({ at: seconds, received, shed: 0, dropped: 0, facts: 0, queued: 0, spooled: 0 });

test('a rate is what a sum rose by in a second', () => {
	assert.deepEqual(rates([at(0, 100), at(2, 300), at(12, 300)], 'received'), [100, 0]);
});

test('a sensor that began anew leaves a gap, and no negative rate', () => {
	assert.deepEqual(rates([at(0, 1000), at(10, 50), at(11, 60)], 'received'), [null, 10]);
});
