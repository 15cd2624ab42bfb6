// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Covered, type Health, findings, percent, verdict } from '../src/health.ts';

const row = (more: Partial<Covered>): Covered => ({
	vlan: 10, tcp: 100, tcp_one_way: 0, udp: 50, udp_one_way: 5, to_groups: 3, tcp_bytes: 100_000, tcp_bytes_lost: 0,
	asked: 10, asked_silent: 1, says: [], ...more,
});
const health = (coverage: Covered[], more: Partial<Health> = {}): Health => ({
	time: '', captured: 1000, malformed: 0, unclaimed: 0, refused: 0, evicted: 0, counters: {}, gauges: {}, observers: {},
	unclaimed_keys: [], coverage, ...more,
});
const titles = (h: Health) => findings(h).map((f) => f.title);

test('a network that is seen whole has no findings', () => {
	assert.deepEqual(titles(health([row({})])), []);
	assert.equal(verdict(health([row({})])), 'good');
});

test('a port that is not mirrored is told by its silence', () => {
	assert.deepEqual(titles(health([row({ tcp: 0, udp: 0, tcp_bytes: 0, asked: 0 })])), ['VLAN 10: broadcasts only']);
});

test('one direction counts from a tenth of the conversations', () => {
	assert.deepEqual(titles(health([row({ tcp_one_way: 9 })])), []);
	assert.deepEqual(titles(health([row({ vlan: 0, tcp_one_way: 10 })])), ['Untagged: one direction is missing']);
});

test('the worst comes first', () => {
	const h = health([row({ tcp_bytes_lost: 5000 })], { gauges: { 'source.kernel_dropped': 3, 'source.kernel_seen': 1000 } });
	assert.deepEqual(titles(h), ['The kernel drops frames', 'VLAN 10: frames are lost before the sensor']);
	assert.match(findings(h)[0]?.text ?? '', /^3 \(0\.3 %\)/);
});

test('a share that is small is not nothing', () => {
	assert.equal(percent(1, 100_000), 'under 0.1 %');
	assert.equal(percent(0, 5), '0 %');
	assert.equal(percent(1, 0), '0 %');
	assert.equal(percent(1, 8), '13 %');
});

test('what is true of several VLANs is said once', () => {
	const silent = { tcp: 0, udp: 0, tcp_bytes: 0, asked: 0 };
	const h = health([row({ vlan: 20, ...silent }), row({ vlan: 0, ...silent }), row({ vlan: 10, ...silent }), row({ vlan: 30 })]);
	assert.deepEqual(titles(h), ['VLANs untagged, 10 and 20: broadcasts only']);
	assert.match(findings(h)[0]?.text ?? '', /but 9 to groups/);
});
