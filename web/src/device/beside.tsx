// SPDX-License-Identifier: Apache-2.0
//
// beside.tsx - the devices beside this one: whom it is linked with, and the other interfaces of the same machine.
import { address, useApi } from '../api.ts';
import { quote } from '../devices/search.ts';
import { labelOf } from '../map/graph.ts';
import { href } from '../router.ts';
import { plural, table, words } from '../text.ts';
import type { Links, MapEdge, MapNode, Member, WholeDevice } from '../types.ts';
import { deviceIcon, Icon } from '../ui/icon.tsx';
import { Panel, Time } from '../ui/parts.tsx';

const SHOWN = 40;
const KINDS = table<string>({
	lldp: 'tells its port by LLDP', cdp: 'tells its port by CDP', fdp: 'tells its port by FDP', edp: 'tells its port by EDP', stp: 'spanning tree',
	via: 'routes for', peer: 'peers with', talks: 'talks with',
});

interface Peer {
	node: MapNode;
	edges: MapEdge[];
}

// The other ends of this device's links, those that are known by most ways first.
export function peersOf(links: Links, device: number): Peer[] {
	const self = `d${device}`;
	const nodes = new Map(links.nodes.map((n) => [n.id, n]));
	const peers = new Map<string, Peer>();
	for (const edge of links.edges) {
		const other = edge.from === self ? edge.to : edge.to === self ? edge.from : undefined;
		const node = other === undefined ? undefined : nodes.get(other);
		if (!node)
			continue;
		const peer = peers.get(node.id) ?? { node, edges: [] };
		peer.edges.push(edge);
		peers.set(node.id, peer);
	}
	return [...peers.values()].sort((a, b) => b.edges.length - a.edges.length || labelOf(a.node).localeCompare(labelOf(b.node)));
}

function PeerLine({ peer }: { peer: Peer }) {
	const { node } = peer;
	const ways = [...new Set(peer.edges.map((e) => (e.port ? `${KINDS[e.kind] ?? words(e.kind)}: ${e.port}` : KINDS[e.kind] ?? words(e.kind))))];
	return (
		<li>
			<Icon name={node.sensor ? 'sensors' : node.device ? deviceIcon(node) : 'unknown'} size={16} />
			{node.device ? <a class="cut" href={href('device', node.device)}>{labelOf(node)}</a> : <span class="cut">{node.sensor ? `sensor ${node.sensor}` : labelOf(node)}</span>}
			<span class="faint cut">{ways.join(', ')}</span>
		</li>
	);
}

export function Peers({ device }: { device: WholeDevice }) {
	const q = device.mac ? `mac:${device.mac}` : `ip:${quote(device.ip)}`;
	const answer = useApi<Links>(address('/api/v1/links', { q, nodes: 300, edges: 1000 }));
	const peers = answer.data ? peersOf(answer.data, device.id) : [];
	if (peers.length === 0)
		return null;
	return (
		<Panel title="Peers" note={plural(peers.length, 'link')} more={<a href={href('map', '', { q })}>Map</a>}>
			<ul class="peers">{peers.slice(0, SHOWN).map((peer) => <PeerLine key={peer.node.id} peer={peer} />)}</ul>
			{peers.length > SHOWN && <p class="panel-body faint">and {plural(peers.length - SHOWN, 'more', 'more')}</p>}
		</Panel>
	);
}

function MemberLine({ member }: { member: Member }) {
	const ties = member.ties.map((t) => `${t.key}${t.fact ? `: ${t.fact.value}` : ''}`);
	return (
		<li>
			<span class="mono">{member.mac || member.ip}</span>
			<span class="faint cut">{[member.name, member.ip, member.vendor].filter(Boolean).join(' · ')}</span>
			<Time at={member.last_seen} />
			<span class="faint ties">{ties.length > 0 ? `by ${ties.join('; ')}` : ''}</span>
		</li>
	);
}

export function Interfaces({ device }: { device: WholeDevice }) {
	const { members } = device.group;
	if (members.length === 0)
		return null;
	return (
		<Panel title="Interfaces" note={plural(members.length, 'interface')}>
			<ul class="members">{members.map((member) => <MemberLine key={member.id} member={member} />)}</ul>
		</Panel>
	);
}
