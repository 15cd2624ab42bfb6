// SPDX-License-Identifier: Apache-2.0
//
// graph.ts - what the map is of: nodes, links, and the groups that nodes stand in.
//
// A group is a VLAN and a subnet, as far as they are known. Where there are more nodes than can be told
// apart, groups stand for what is in them (fold), and their links are added up.
import type { LinkKind, Links, MapEdge, MapNode } from '../types.ts';

export interface Spot {
	id: string;
	group: string;
	node: MapNode | undefined; // undefined: it stands for a whole group
	count: number; // of nodes that it stands for
	label: string;
	links: Strand[];
}

export interface Strand {
	from: Spot;
	to: Spot;
	kind: LinkKind;
	port: string;
	count: number;
}

export interface Group {
	key: string; // "VLAN 20, 10.20.0.0/24"
	query: string; // finds its devices
	spots: Spot[];
	count: number;
}

export interface Graph {
	groups: Group[]; // the greatest first
	spots: Spot[];
	strands: Strand[];
	folded: boolean;
}

export const WIRES: ReadonlySet<LinkKind> = new Set(['lldp', 'cdp', 'fdp', 'edp', 'stp']);
export const FOLD_ABOVE = 2000;

export const labelOf = (n: MapNode): string => n.name || n.sensor || n.ip || n.address || n.mac || '?';

const byVlan = (a: string, b: string) => Number(a) - Number(b);

function groupOf(n: MapNode): { key: string; query: string } {
	if (n.sensor !== undefined)
		return { key: 'Sensors', query: '' };
	const vlan = [...(n.vlans ?? [])].sort(byVlan)[0];
	const parts = [vlan === undefined ? '' : `VLAN ${vlan}`, n.subnet ?? ''].filter(Boolean);
	const query = [vlan === undefined ? '' : `vlan:${vlan}`, n.subnet ? `subnet:${n.subnet}` : ''].filter(Boolean).join(' ');
	return { key: parts.join(' · ') || (n.device === undefined || !n.mac ? 'Beyond' : 'No address seen'), query };
}

function groupsOf(nodes: readonly MapNode[]): Map<string, Group> {
	const groups = new Map<string, Group>();
	for (const node of nodes) {
		const { key, query } = groupOf(node);
		const group = groups.get(key) ?? { key, query, spots: [], count: 0 };
		group.spots.push({ id: node.id, group: key, node, count: 1, label: labelOf(node), links: [] });
		group.count++;
		groups.set(key, group);
	}
	return groups;
}

function foldGroups(groups: Map<string, Group>, stands: Map<string, Spot>): void {
	for (const group of groups.values()) {
		const whole: Spot = { id: `g:${group.key}`, group: group.key, node: undefined, count: group.count, label: group.key, links: [] };
		for (const spot of group.spots)
			stands.set(spot.id, whole);
		group.spots = [whole];
	}
}

// Links between the same two, of one kind and port, are one that counts for them all.
function strandsOf(edges: readonly MapEdge[], stands: Map<string, Spot>): Strand[] {
	const strands = new Map<string, Strand>();
	for (const edge of edges) {
		const from = stands.get(edge.from);
		const to = stands.get(edge.to);
		if (!from || !to || from === to)
			continue;
		const port = from.node ? edge.port ?? '' : '';
		const [low, high] = from.id < to.id ? [from.id, to.id] : [to.id, from.id];
		const key = `${low} ${high} ${edge.kind} ${port}`;
		const known = strands.get(key);
		if (known) {
			known.count++;
			continue;
		}
		const strand = { from, to, kind: edge.kind, port, count: 1 };
		strands.set(key, strand);
		from.links.push(strand);
		to.links.push(strand);
	}
	return [...strands.values()];
}

export function graphOf(links: Links, kinds: ReadonlySet<LinkKind>, fold = links.nodes.length > FOLD_ABOVE): Graph {
	const groups = groupsOf(links.nodes);
	const stands = new Map<string, Spot>();
	for (const group of groups.values())
		for (const spot of group.spots)
			stands.set(spot.id, spot);
	if (fold)
		foldGroups(groups, stands);
	const strands = strandsOf(links.edges.filter((e) => kinds.has(e.kind)), stands);
	const sorted = [...groups.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
	return { groups: sorted, spots: sorted.flatMap((g) => g.spots), strands, folded: fold };
}

export const other = (strand: Strand, spot: Spot): Spot => (strand.from === spot ? strand.to : strand.from);
