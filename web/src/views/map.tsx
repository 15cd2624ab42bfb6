// SPDX-License-Identifier: Apache-2.0
//
// map.tsx - the network drawn: which port of which switch (LLDP, CDP, STP), who is behind which router, who talks with whom.
//
// What is shown stands in the URL: the search, the kinds of links, drawing or list. Above 2,000 nodes VLANs and
// subnets stand for what is in them; a click goes into one.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { address, useApi } from '../api.ts';
import { MapCanvas } from '../map/canvas.tsx';
import { graphOf, type Spot, WIRES } from '../map/graph.ts';
import { MapList } from '../map/list.tsx';
import { go, href, place, setQuery } from '../router.ts';
import { count, plural } from '../text.ts';
import type { LinkKind, Links } from '../types.ts';
import { Button, Empty, Failed, Skeleton } from '../ui/parts.tsx';

const KINDS: readonly { name: string; tone: string; of: readonly LinkKind[]; tip: string }[] = [
	{ name: 'Wiring', tone: 'wire', of: [...WIRES], tip: 'what devices say of the ports they are on: LLDP, CDP, FDP, EDP, STP' },
	{ name: 'Routers', tone: 'via', of: ['via'], tip: 'hosts that were seen behind a router' },
	{ name: 'Sessions', tone: 'peer', of: ['peer'], tip: 'routing sessions and tunnels: BGP, BFD, ESP, VPN' },
	{ name: 'Conversations', tone: 'talk', of: ['talks'], tip: 'who answered whom, between private addresses' },
];
const NODES = 5000;
const EDGES = 20_000;
const SETTLE = 5000; // ms: a map that is drawn anew each second is no map

function addressOf(spot: Spot): string {
	const n = spot.node;
	if (n?.device !== undefined)
		return href('device', n.device);
	if (n?.sensor !== undefined)
		return href('sensors');
	return href('devices', '', { q: n?.address ? `ip:${n.address}` : '' });
}

function off(): ReadonlySet<string> {
	return new Set((place.value.query.get('off') ?? '').split(',').filter(Boolean));
}

function Kinds() {
	const hidden = off();
	const toggle = (name: string) => {
		const next = new Set(hidden);
		if (!next.delete(name))
			next.add(name);
		setQuery({ off: [...next].join() });
	};
	return (
		<div class="map-kinds" role="group" aria-label="Links shown">
			{KINDS.map((k) => (
				<button key={k.name} type="button" class={`map-kind ${k.tone}`} aria-pressed={!hidden.has(k.name)} data-tip={k.tip} onClick={() => toggle(k.name)}>{k.name}</button>
			))}
		</div>
	);
}

// The answer, but not more often than every few seconds: live news are many, and a map must rest.
function useLinks(q: string) {
	const [round, setRound] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => setRound((n) => n + 1), SETTLE);
		return () => clearInterval(timer);
	}, []);
	const answer = useApi<Links>(address('/api/v1/links', { q, nodes: NODES, edges: EDGES }), 'nothing');
	useEffect(() => {
		if (round > 0 && !document.hidden)
			answer.again();
	}, [round]);
	// The same answer is the same map.
	const text = answer.data ? JSON.stringify(answer.data) : '';
	const links = useMemo(() => answer.data, [text]);
	return { ...answer, links };
}

function Search({ q }: { q: string }) {
	const [text, setText] = useState(q);
	useEffect(() => setText(q), [q]);
	useEffect(() => {
		const timer = setTimeout(() => setQuery({ q: text }), 300);
		return () => clearTimeout(timer);
	}, [text]);
	return (
		<input class="field map-search" type="search" placeholder="vlan:20, type:switch, 10.0.0.0/8 …" aria-label="Search in the map" value={text}
			onInput={(event) => setText(event.currentTarget.value)} />
	);
}

export function MapView() {
	const { query } = place.value;
	const q = query.get('q') ?? '';
	const asList = query.get('as') === 'list';
	const hidden = query.get('off') ?? '';
	const { links, error, again } = useLinks(q);
	const graph = useMemo(() => {
		const names = hidden.split(',');
		return links && graphOf(links, new Set(KINDS.filter((k) => !names.includes(k.name)).flatMap((k) => k.of)));
	}, [links, hidden]);
	const into = (spot: Spot) => {
		const group = graph?.groups.find((g) => g.key === spot.group);
		if (spot.node)
			go(addressOf(spot));
		else if (group?.query)
			setQuery({ q: `${q} ${group.query}`.trim() }, 'push');
	};
	const many = graph?.spots.length ?? 0;
	return (
		<div class={`map${asList ? ' as-list' : ''}`}>
			<header class="map-head">
				<h1>Map</h1>
				<Search q={q} />
				<Kinds />
				<span class="grow" />
				{graph && <span class="faint map-count">{plural(many, graph.folded ? 'group' : 'node')}, {plural(graph.strands.length, 'link')}</span>}
				<Button icon={asList ? 'map' : 'devices'} onClick={() => setQuery({ as: asList ? '' : 'list' })}>{asList ? 'As a drawing' : 'As a list'}</Button>
			</header>
			{links?.more && <p class="map-more" role="status">The network is larger than what is drawn here: {count(links.nodes.length)} nodes. Search to see a part of it.</p>}
			{!graph ? (error ? <Failed error={error} again={again} what="the map" /> : <Skeleton />)
				: many === 0 ? (
					<Empty icon="map" title={q ? 'No device matches' : 'Nothing to draw yet'}>
						<p>{q ? <a href={href('map')}>Show all</a> : 'Once a sensor has reported, devices and what links them stand here.'}</p>
					</Empty>
				) : asList ? <MapList graph={graph} address={addressOf} /> : <MapCanvas graph={graph} open={into} />}
		</div>
	);
}
