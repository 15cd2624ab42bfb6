// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, exact, span, timeOf } from '../src/time.ts';

process.env.TZ = 'Europe/Helsinki';
const at = Date.UTC(2026, 10, 23, 8, 0, 0);

test('an age is said in its largest unit', () => {
	assert.equal(ago(at - 3_000, at), 'now');
	assert.equal(ago(at - 42_000, at), '42 s');
	assert.equal(ago(at - 5 * 60_000, at), '5 min');
	assert.equal(ago(at - 26 * 3_600_000, at), '1 d');
});

test('what is longer ago than two weeks is a day', () => {
	assert.equal(ago(at - 20 * 86_400_000, at), '2026-11-03');
});

test('a time to come is now: clocks differ', () => {
	assert.equal(ago(at + 90_000, at), 'now');
});

test('no time is no text', () => {
	assert.equal(ago(timeOf(null), at), '');
	assert.equal(exact('nonsense'), '');
});

test('the exact time keeps its digits and says the zone', () => {
	assert.equal(exact('2026-11-23T08:08:18.662051Z'), '2026-11-23 10:08:18.662051 +02:00');
	assert.equal(exact('2026-07-01T22:00:00Z'), '2026-07-02 01:00:00 +03:00');
});

test('a span is said in two units at most', () => {
	assert.equal(span(500), 'under 1 s');
	assert.equal(span(4_800_000), '1 h 20 min');
	assert.equal(span(3 * 86_400_000), '3 d');
});
