// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from '../src/device/activity.tsx';
import { peersOf } from '../src/device/beside.tsx';
import { barsOf } from '../src/device/spans.tsx';
import { calledBy } from '../src/devices/columns.tsx';
import type { Device, Fact, LinkKind, MapEdge } from '../src/types.ts';
import { deviceIcon } from '../src/ui/icon.tsx';

const fact = (kind: string, value: string, by: string, first: string, last: string): Fact => ({
	kind, value, by, first_seen: `2026-11-23T${first}:00Z`, last_seen: `2026-11-23T${last}:00Z`, confidence: 90, frame: 1, count: 2,
});

test('what several observers told is one bar, from the first to the last', () => {
	const bars = barsOf([fact('address.ipv4', '10.0.0.1', 'arp', '08:00', '09:00'), fact('address.ipv4', '10.0.0.1', 'dhcp', '07:00', '08:30'),
		fact('name.host', 'a', 'dhcp', '08:00', '08:00'), fact('ip.ttl', '64', 'ipv4', '08:00', '08:00')]);
	assert.equal(bars.length, 2);
	assert.deepEqual([bars[0]?.from, bars[0]?.to, bars[0]?.count, bars[0]?.by],
		[Date.UTC(2026, 10, 23, 7), Date.UTC(2026, 10, 23, 9), 4, ['arp', 'dhcp']]);
});

test('an hour of which nothing is known has a column of nothing', () => {
	const HOUR = 3_600_000;
	const at = (h: number, packets: number) => ({ time: new Date(Date.UTC(2026, 10, 23, h)).toISOString(), packets, bytes: 10 * packets });
	const columns = columnsOf([at(8, 5), at(11, 7)], HOUR);
	assert.equal(columns.length, 24);
	assert.deepEqual(columns.slice(-4).map((c) => c.packets), [5, 0, 0, 7]);
	assert.equal(columns.at(-1)?.bytes, 70);
});

test('a peer is the other end, whichever way the link was told', () => {
	const edge = (from: string, to: string, kind: LinkKind): MapEdge => ({ from, to, kind, port: null });
	const peers = peersOf({ more: false, nodes: [{ id: 'd1' }, { id: 'd2', name: 'b' }, { id: 'd3', name: 'c' }],
		edges: [edge('d1', 'd2', 'talks'), edge('d3', 'd1', 'via'), edge('d1', 'd3', 'talks'), edge('d2', 'd3', 'talks')] }, 1);
	assert.deepEqual(peers.map((p) => [p.node.id, p.edges.length]), [['d3', 2], ['d2', 1]]);
});

test('a device is called by its name, else by what it is', () => {
	const device = { name: '', model: '', vendor: 'Axis', type: 'camera', mac: '02:00:00:00:00:01', ip: '' } as Device;
	assert.deepEqual(calledBy(device), { text: 'Axis camera', sure: false });
	assert.deepEqual(calledBy({ ...device, name: 'lobby' }), { text: 'lobby', sure: true });
	assert.deepEqual(calledBy({ ...device, vendor: '' }), { text: '02:00:00:00:00:01', sure: false });
});

test('an icon is the type, else what the role says most, else the system, else none', () => {
	assert.equal(deviceIcon({ type: 'media player', roles: ['router'] }), 'tv');
	assert.equal(deviceIcon({ roles: ['dhcp-server', 'router'] }), 'router');
	assert.equal(deviceIcon({ os: 'Windows 10 or later' }), 'computer');
	assert.equal(deviceIcon({ os: 'Linux' }), 'unknown');
	assert.equal(deviceIcon({ mac: '' }), 'far');
	assert.equal(deviceIcon({ type: 'constructor' }), 'unknown');
});
