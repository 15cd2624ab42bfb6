// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoomed } from '../src/map/gestures.ts';
import { graphOf } from '../src/map/graph.ts';
import { discsOf } from '../src/map/layout.ts';
import { toWorld } from '../src/map/paint.ts';
import type { LinkKind, Links } from '../src/types.ts';

const ALL = new Set<LinkKind>(['lldp', 'stp', 'via', 'talks']);
const LINKS: Links = {
	nodes: [
		{ id: 'd1', device: 1, name: 'sw', mac: 'm1', vlans: ['10'], subnet: '10.10.0.0/24' },
		{ id: 'd2', device: 2, name: 'pc', mac: 'm2', vlans: ['20', '9'], subnet: '10.20.0.0/24' },
		{ id: 'd3', device: 3, ip: '10.20.0.9', mac: 'm3', vlans: ['9'], subnet: '10.20.0.0/24' },
		{ id: 's:lab', sensor: 'lab' },
		{ id: 'a:10.9.9.9', address: '10.9.9.9' },
	],
	edges: [
		{ from: 'd1', to: 's:lab', kind: 'lldp', port: 'Gi0/1' },
		{ from: 'd2', to: 'd1', kind: 'talks' },
		{ from: 'd1', to: 'd2', kind: 'talks' },
		{ from: 'd3', to: 'd1', kind: 'talks' },
		{ from: 'd2', to: 'd7', kind: 'talks' },
	],
	more: false,
};

test('devices stand in their lowest VLAN and their subnet', () => {
	const keys = graphOf(LINKS, ALL).groups.map((g) => `${g.key} (${g.count})`);
	assert.deepEqual(keys, ['VLAN 9 · 10.20.0.0/24 (2)', 'Beyond (1)', 'Sensors (1)', 'VLAN 10 · 10.10.0.0/24 (1)']);
});

test('both directions of a conversation are one line, and a line to nobody is none', () => {
	const { strands } = graphOf(LINKS, ALL);
	assert.deepEqual(strands.map((s) => `${s.from.id} ${s.to.id} ${s.kind} ${s.port} ${s.count}`),
		['d1 s:lab lldp Gi0/1 1', 'd2 d1 talks  2', 'd3 d1 talks  1']);
});

test('folded, groups stand for what is in them and their links add up', () => {
	const { spots, strands } = graphOf(LINKS, ALL, true);
	assert.equal(spots.length, 4);
	assert.deepEqual(strands.filter((s) => s.kind === 'talks').map((s) => s.count), [3]);
});

test('kinds that are not wanted are not there', () => {
	assert.deepEqual(graphOf(LINKS, new Set<LinkKind>(['lldp'])).strands.length, 1);
});

test('no two groups overlap, and the same groups stand at the same places', () => {
	const nodes = Array.from({ length: 300 }, (_, i) => ({ id: `d${i}`, device: i, mac: 'm', vlans: [String(i % 17)] }));
	const { groups } = graphOf({ nodes, edges: [], more: false }, ALL);
	const discs = discsOf(groups);
	for (const a of discs)
		for (const b of discs)
			assert.ok(a === b || Math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius);
	assert.deepEqual(discsOf(groups).map((d) => [d.x, d.y]), discs.map((d) => [d.x, d.y]));
});

test('a zoom leaves what the pointer is on where it is', () => {
	const camera = { x: 10, y: -5, scale: 0.5 };
	const before = toWorld(camera, 800, 600, 123, 456);
	const after = toWorld(zoomed(camera, 3, 800, 600, 123, 456), 800, 600, 123, 456);
	assert.ok(Math.hypot(before[0] - after[0], before[1] - after[1]) < 1e-9);
});
