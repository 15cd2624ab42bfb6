// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { href, readPlace } from '../src/router.ts';

test('no path is the home view', () => {
	assert.equal(readPlace('').view, 'devices');
	assert.equal(readPlace('#/').view, 'devices');
});

test('a view, of what, and how it is set', () => {
	const place = readPlace('#/device/17?tab=why');
	assert.equal(place.view, 'device');
	assert.equal(place.id, '17');
	assert.equal(place.query.get('tab'), 'why');
});

test('an address that was made is read back the same', () => {
	const place = readPlace(href('device', 'a/b?c', { q: 'name:"x & y" -role:router', none: '' }));
	assert.equal(place.id, 'a/b?c');
	assert.equal(place.query.get('q'), 'name:"x & y" -role:router');
	assert.equal(place.query.has('none'), false);
});

test('half an escape is no fault of the page', () => {
	assert.equal(readPlace('#/device/%E0%A4%A').id, '%E0%A4%A');
});
