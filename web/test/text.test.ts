// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, count, plural, short, words } from '../src/text.ts';

test('bytes are decimal and have one digit behind the point while they are few', () => {
	assert.equal(bytes(0), '0 B');
	assert.equal(bytes(999), '999 B');
	assert.equal(bytes(1_440), '1.4 kB');
	assert.equal(bytes(19_999_999), '20 MB');
	assert.equal(bytes(999_999), '1.0 MB');
});

test('large numbers are short where there is little room', () => {
	assert.equal(short(9_999), '9,999');
	assert.equal(short(12_345), '12 k');
	assert.equal(short(3_400_000), '3.4 M');
	assert.equal(count(1_234_567), '1,234,567');
});

test('one is one', () => {
	assert.equal(plural(1, 'device'), '1 device');
	assert.equal(plural(2, 'switch', 'switches'), '2 switches');
});

test('words of the program become words of the page', () => {
	assert.equal(words('dhcp-server'), 'DHCP server');
	assert.equal(words('access-point'), 'Access point');
});
