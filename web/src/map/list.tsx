// SPDX-License-Identifier: Apache-2.0
//
// list.tsx - the map as a list: the same groups, devices, ports and links, for a keyboard, a reader, or somebody who prefers words.
import { count, plural, words } from '../text.ts';
import { deviceIcon, Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/parts.tsx';
import { type Graph, type Group, other, type Spot, type Strand, WIRES } from './graph.ts';

const ROWS = 200; // of a group; more than anybody reads
const NAMES = 6;

function Others({ of, links, address }: { of: Spot; links: readonly Strand[]; address: (spot: Spot) => string }) {
	const spots = [...new Set(links.map((l) => other(l, of)))].sort((a, b) => (a.label < b.label ? -1 : 1));
	return (
		<>
			{spots.slice(0, NAMES).map((s, i) => <span key={s.id}>{i > 0 && ', '}<a href={address(s)}>{s.label}</a></span>)}
			{spots.length > NAMES && <span class="faint"> and {count(spots.length - NAMES)} more</span>}
		</>
	);
}

function Wire({ of, spot, address }: { of: Strand; spot: Spot; address: (spot: Spot) => string }) {
	return (
		<li class="wire">
			<span class="faint">{of.kind.toUpperCase()}</span>{of.port && <code>{of.port}</code>}<a href={address(other(of, spot))}>{other(of, spot).label}</a>
		</li>
	);
}

function Row({ of, address }: { of: Spot; address: (spot: Spot) => string }) {
	const wires = of.links.filter((l) => WIRES.has(l.kind));
	const routes = of.links.filter((l) => l.kind === 'via');
	const talks = of.links.filter((l) => l.kind === 'talks' || l.kind === 'peer');
	return (
		<tr>
			<td>
				<a class="with-icon" href={address(of)}>
					<Icon name={of.node?.device === undefined ? 'far' : deviceIcon(of.node)} size={16} /><span>{of.label}</span>
				</a>
			</td>
			<td>{of.node?.type ? words(of.node.type) : ''}</td>
			<td><ul>{wires.map((w) => <Wire key={w.kind + w.port + w.from.id + w.to.id} of={w} spot={of} address={address} />)}</ul></td>
			<td>{routes.length > 0 && <Others of={of} links={routes} address={address} />}</td>
			<td>{talks.length > 0 && <Others of={of} links={talks} address={address} />}</td>
		</tr>
	);
}

function GroupTable({ of, address }: { of: Group; address: (spot: Spot) => string }) {
	return (
		<Panel title={of.key} note={plural(of.count, 'device')}>
			<div class="scroll-x" tabIndex={0} role="region" aria-label={of.key}>
				<table class="table map-list">
					<thead>
						<tr>
							<th scope="col">Device</th>
							<th scope="col">Type</th>
							<th scope="col">Wiring</th>
							<th scope="col">Behind, before</th>
							<th scope="col">Talks with</th>
						</tr>
					</thead>
					<tbody>{of.spots.slice(0, ROWS).map((s) => <Row key={s.id} of={s} address={address} />)}</tbody>
				</table>
			</div>
			{of.spots.length > ROWS && <p class="panel-body muted">And {count(of.spots.length - ROWS)} more: search above to see them.</p>}
		</Panel>
	);
}

export function MapList({ graph, address }: { graph: Graph; address: (spot: Spot) => string }) {
	return <div class="map-groups">{graph.groups.map((g) => <GroupTable key={g.key} of={g} address={address} />)}</div>;
}
