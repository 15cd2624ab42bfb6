// SPDX-License-Identifier: Apache-2.0
//
// layout.ts - where everything stands: the same today as yesterday.
//
// Groups are laid out first, as discs: the greatest in the middle, each next one where it fits, along a spiral. Then forces
// (d3-force, whose chance is seeded) arrange each group's spots in its disc. A spot begins where it was last time, which this
// browser keeps, and a new one where the hash of its id says; so who was there stays, and the same network
// looks the same everywhere.
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type Simulation } from 'd3-force';
import type { Graph, Group, Spot, Strand } from './graph.ts';

export interface Placed {
	spot: Spot;
	x: number;
	y: number;
	vx?: number;
	vy?: number;
	radius: number;
	home: Disc;
}

export interface Disc {
	group: Group;
	x: number;
	y: number;
	radius: number;
}

export interface Layout {
	placed: Placed[];
	at: Map<Spot, Placed>;
	discs: Disc[];
	wires: { source: Placed; target: Placed; strand: Strand }[];
	simulation: Simulation<Placed, undefined>;
}

const SPACE = 48; // between two spots, across
const MARGIN = 34;
const GAP = 26; // between two discs
const KEPT = 'havainto.map';
const KEPT_MOST = 4000;

// FNV-1a: of all hashes the shortest.
export function hash(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++)
		h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
	return h >>> 0;
}

export const radiusOf = (spot: Spot): number => (spot.node ? 12 : 14 + 2.2 * Math.sqrt(spot.count));

function discRadius(group: Group): number {
	const least = group.spots.reduce((most, s) => Math.max(most, radiusOf(s)), 0) + MARGIN;
	return Math.max(least, (SPACE / 1.7) * Math.sqrt(group.spots.length) + MARGIN);
}

const overlaps = (a: Disc, b: Disc) => (a.x - b.x) ** 2 + (a.y - b.y) ** 2 < (a.radius + b.radius + GAP) ** 2;

// Each group where it first fits on a spiral round the middle; flattened, for screens are wide, or tall. What listens stands
// in the middle: most wires end there.
export function discsOf(groups: readonly Group[], tall = false): Disc[] {
	const discs: Disc[] = [];
	const listens = (g: Group) => g.spots.some((s) => s.node?.sensor !== undefined);
	for (const group of [...groups.filter(listens), ...groups.filter((g) => !listens(g))]) {
		const disc = { group, x: 0, y: 0, radius: discRadius(group) };
		for (let turn = 0; discs.some((d) => overlaps(d, disc)); turn += 0.11) {
			disc.x = (tall ? 8 : 15) * turn * Math.cos(turn);
			disc.y = (tall ? 14 : 8) * turn * Math.sin(turn);
		}
		discs.push(disc);
	}
	return discs;
}

type Places = Record<string, [number, number]>;

function kept(): Places {
	try {
		return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Places;
	} catch {
		return {};
	}
}

// Places are kept relative to the group's middle: a group that moves takes its spots along.
export function keep(layout: Layout): void {
	const places = Object.entries(kept());
	const now = layout.placed.map((p): [string, [number, number]] => [p.spot.id, [Math.round(p.x - p.home.x), Math.round(p.y - p.home.y)]]);
	const all = Object.fromEntries([...places, ...now].slice(-KEPT_MOST));
	localStorage.setItem(KEPT, JSON.stringify(all));
}

function place(spot: Spot, home: Disc, places: Places): { placed: Placed; known: boolean } {
	const known = Object.hasOwn(places, spot.id) ? places[spot.id] : undefined;
	const h = hash(spot.id);
	const angle = ((h & 0xffff) / 0x10000) * 2 * Math.PI;
	const out = (home.radius - MARGIN) * Math.sqrt((h >>> 16) / 0x10000);
	const [x, y] = known ?? [out * Math.cos(angle), out * Math.sin(angle)];
	return { placed: { spot, x: home.x + x, y: home.y + y, radius: radiusOf(spot), home }, known: known !== undefined };
}

// Inside a group links pull; across groups they hardly do, or all would end in one heap.
const pull = (a: Placed, b: Placed) => (a.home === b.home ? 0.12 : 0.002);

export function layoutOf(graph: Graph, tall = false): Layout {
	const places = kept();
	const discs = discsOf(graph.groups, tall);
	const at = new Map<Spot, Placed>();
	let strangers = 0;
	for (const home of discs)
		for (const spot of home.group.spots) {
			const { placed, known } = place(spot, home, places);
			strangers += known ? 0 : 1;
			at.set(spot, placed);
		}
	const placed = [...at.values()];
	const wires = graph.strands.map((strand) => ({ source: at.get(strand.from) as Placed, target: at.get(strand.to) as Placed, strand }));
	const inside = wires.filter((w) => w.source.home === w.target.home || w.strand.kind !== 'talks').map((w) => ({ ...w }));
	const simulation = forceSimulation(placed)
		.force('home-x', forceX<Placed>((p) => p.home.x).strength(0.045))
		.force('home-y', forceY<Placed>((p) => p.home.y).strength(0.045))
		.force('apart', forceManyBody<Placed>().strength(-34).distanceMax(190))
		.force('room', forceCollide<Placed>((p) => p.radius + 13).strength(0.9))
		.force('links', forceLink<Placed, (typeof inside)[number]>(inside).distance(60).strength((l) => pull(l.source, l.target)))
		.stop();
	// Where all are known nothing moves; a few new ones find their place without a stir.
	simulation.alpha(strangers === 0 ? 0 : strangers < placed.length / 4 ? 0.25 : 1);
	return { placed, at, discs, wires, simulation };
}

// Lets it move for a few milliseconds. False: it has come to rest.
export function settle(layout: Layout, ms: number): boolean {
	const { simulation } = layout;
	for (const end = performance.now() + ms; simulation.alpha() > simulation.alphaMin() && performance.now() < end;) {
		simulation.tick();
		for (const p of layout.placed)
			stayInside(p);
	}
	return simulation.alpha() > simulation.alphaMin();
}

function stayInside(p: Placed): void {
	const dx = p.x - p.home.x;
	const dy = p.y - p.home.y;
	const far = Math.hypot(dx, dy);
	const most = Math.max(0, p.home.radius - p.radius - 8);
	if (far > most) {
		p.x = p.home.x + (dx * most) / far;
		p.y = p.home.y + (dy * most) / far;
	}
}

export interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

export function bounds(layout: Layout): Box {
	const left = Math.min(...layout.discs.map((d) => d.x - d.radius));
	const top = Math.min(...layout.discs.map((d) => d.y - d.radius));
	const right = Math.max(...layout.discs.map((d) => d.x + d.radius));
	const bottom = Math.max(...layout.discs.map((d) => d.y + d.radius));
	return { x: left, y: top, width: right - left, height: bottom - top };
}
