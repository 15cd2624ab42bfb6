// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, kindOf, muteWords, subjectOf } from '../src/changes.ts';

const change = (what: string, line: Partial<Change['line']>, name = ''): Change => ({
	id: 1, device: 2, name, time: '', sensor: 's', what, seen: null, muted: false, line: { what, before: '', after: '', ...line },
});

test('a change says who had the address', () => {
	const c = change('arp-spoofing', { address: '10.0.0.7', before: '02:00:00:00:00:01', vlan: 20 });
	assert.equal(kindOf(c.what).says(c.line), 'claims 10.0.0.7 in VLAN 20, which 02:00:00:00:00:01 has and defends');
	assert.equal(kindOf(c.what).tone, 'bad');
});

test('a kind of tomorrow is still said', () => {
	assert.equal(kindOf('flux-changed').says({ what: 'flux-changed', before: 'a', after: 'b' }), 'flux changed: a → b');
});

test('a device is called by its name, its address, its MAC', () => {
	assert.equal(subjectOf(change('new', { mac: 'm', ip: '' }, 'kitchen')), 'kitchen');
	assert.equal(subjectOf(change('new', { mac: 'm' })), 'm');
	assert.equal(subjectOf(change('new', {})), 'A device');
});

test('a rule is said in words', () => {
	assert.equal(muteWords({ what: 'gone', query: 'type:phone' }), 'Gone of type:phone');
	assert.equal(muteWords({ what: '', query: 'vlan:60' }), 'Everything of vlan:60');
});
