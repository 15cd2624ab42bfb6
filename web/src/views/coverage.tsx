// SPDX-License-Identifier: Apache-2.0
//
// coverage.tsx - what the sensors can not see.
//
// First in words, the worst first, each with what to do about it. Then VLAN by VLAN the numbers behind
// them, and what was seen and not understood: keys that no observer claims.
import { useApi } from '../api.ts';
import { type Covered, findings, type Finding, type Health, type Sensor, type Unclaimed, verdict, vlanName } from '../health.ts';
import { href } from '../router.ts';
import { count, plural, words } from '../text.ts';
import { ShareBar } from '../ui/bars.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty, Failed, Panel, Skeleton, Time } from '../ui/parts.tsx';

const ICONS = { bad: 'warning', warn: 'warning', good: 'check' } as const;

function FindingRow({ of }: { of: Finding }) {
	return (
		<li class={`finding ${of.tone}`}>
			<Icon name={ICONS[of.tone]} size={18} />
			<div>
				<h3>{of.title}</h3>
				<p>{of.text}</p>
				<p class="todo">{of.todo}</p>
			</div>
		</li>
	);
}

// What good is worth is only what it rests on.
function allSeen(h: Health): Finding {
	const conversations = h.coverage.reduce((sum, c) => sum + c.tcp + c.udp, 0);
	return {
		tone: 'good',
		title: 'Nothing is missing that the sensor could notice',
		text: `It judges by ${plural(conversations, 'conversation')} in ${plural(h.coverage.length, 'VLAN')}: both directions come, and their bytes are whole.`,
		todo: 'A VLAN of which nothing comes at all cannot be noticed. Compare the list below with your own.',
	};
}

const COLUMNS = [
	['Conversations', 'TCP and datagrams between two devices'],
	['One way only', 'TCP conversations of which one side was never seen'],
	['Bytes missing', 'bytes of TCP that were acknowledged and never seen'],
	['Datagrams one way', 'some are never answered: a log, a stream'],
	['Never answered', 'addresses that somebody asked for (ARP, NDP) and that were never heard'],
] as const;

function VlanRow({ of }: { of: Covered }) {
	const bytes = of.tcp_bytes + of.tcp_bytes_lost;
	return (
		<tr>
			<th scope="row">
				<a href={href('devices', '', { q: of.vlan === 0 ? undefined : `vlan:${of.vlan}` })}>{vlanName(of.vlan)}</a>
			</th>
			<td class="number">{count(of.tcp + of.udp)}</td>
			<td><ShareBar part={of.tcp_one_way} whole={of.tcp} bad={0.1} label={`${count(of.tcp_one_way)} of ${count(of.tcp)} TCP conversations`} /></td>
			<td><ShareBar part={of.tcp_bytes_lost} whole={bytes} bad={0.01} label={`${count(of.tcp_bytes_lost)} of ${count(bytes)} bytes`} /></td>
			<td><ShareBar part={of.udp_one_way} whole={of.udp} bad={0.9} label={`${count(of.udp_one_way)} of ${count(of.udp)} conversations of datagrams`} /></td>
			<td><ShareBar part={of.asked_silent} whole={of.asked} bad={0.5} label={`${count(of.asked_silent)} of ${count(of.asked)} addresses`} /></td>
		</tr>
	);
}

function Vlans({ of }: { of: readonly Covered[] }) {
	return (
		<Panel title="By VLAN" note={plural(of.length, 'VLAN')}>
			<div class="scroll-x" tabIndex={0} role="region" aria-label="Coverage by VLAN">
				<table class="table coverage">
					<thead>
						<tr>
							<th scope="col">VLAN</th>
							{COLUMNS.map(([name, tip], i) => (
								<th key={name} scope="col" class={i === 0 ? 'number' : undefined} data-tip={tip}>{name}</th>
							))}
						</tr>
					</thead>
					<tbody>{[...of].sort((a, b) => a.vlan - b.vlan).map((c) => <VlanRow key={c.vlan} of={c} />)}</tbody>
				</table>
			</div>
		</Panel>
	);
}

const hex = (n: number) => `0x${n.toString(16).padStart(4, '0')}`;

// "TCP port 502", "Ethertype 0x88b5"
function keyName(of: Unclaimed): string {
	if (of.space === 'ethertype' || of.space === 'snap')
		return `${words(of.space)} ${hex(of.key)}`;
	return `${words(of.space).replace(/^(Tcp|Udp)/, (p) => p.toUpperCase())} ${of.key}`;
}

function NotUnderstood({ of }: { of: Health }) {
	const keys = [...of.unclaimed_keys].sort((a, b) => b.packets - a.packets);
	const most = keys[0]?.packets ?? 0;
	return (
		<Panel title="Seen, not understood" note={plural(of.unclaimed, 'packet')}>
			{keys.length === 0 ? <p class="panel-body muted">Every packet was of a protocol that some observer reads.</p> : (
				<ol class="ranks">
					{keys.slice(0, 12).map((k) => (
						<li key={`${k.space} ${k.key}`}>
							<span>{keyName(k)}</span>
							<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
								<rect class="rank" width={Math.max(1, (100 * k.packets) / most)} height="6" />
							</svg>
							<span class="number">{count(k.packets)}</span>
						</li>
					))}
				</ol>
			)}
		</Panel>
	);
}

function Malformed({ of }: { of: Health }) {
	const broken = Object.entries(of.observers).map(([name, v]) => ({ name, n: v.malformed, cut: v.truncated }))
		.filter((o) => o.n + o.cut > 0).sort((a, b) => b.n + b.cut - a.n - a.cut);
	return (
		<Panel title="Malformed and cut" note={plural(of.malformed, 'packet')}>
			{broken.length === 0 ? <p class="panel-body muted">No packet broke the rules of its protocol, and none was cut.</p> : (
				<table class="table">
					<thead><tr><th scope="col">Protocol</th><th scope="col" class="number">Malformed</th><th scope="col" class="number">Cut</th></tr></thead>
					<tbody>
						{broken.slice(0, 12).map((o) => (
							<tr key={o.name}><td>{o.name}</td><td class="number">{count(o.n)}</td><td class="number">{count(o.cut)}</td></tr>
						))}
					</tbody>
				</table>
			)}
		</Panel>
	);
}

function SensorCoverage({ of, alone }: { of: Sensor; alone: boolean }) {
	if (!of.health)
		return <Empty icon="sensors" title={`${of.name} has not said yet how it is`}><p>It does at its next interval.</p></Empty>;
	const found = findings(of.health);
	return (
		<section class="by-sensor" aria-label={`Coverage of ${of.name}`}>
			{!alone && <h2 class="sensor-name">{of.name}</h2>}
			<ul class="findings panel">
				{(found.length > 0 ? found : [allSeen(of.health)]).map((f) => <FindingRow key={f.title} of={f} />)}
			</ul>
			{of.health.coverage.length > 0 && <Vlans of={of.health.coverage} />}
			<div class="panels">
				<NotUnderstood of={of.health} />
				<Malformed of={of.health} />
			</div>
		</section>
	);
}

const RANK = { bad: 0, warn: 1, good: 2 };
const rankOf = (s: Sensor) => (s.health ? RANK[verdict(s.health)] : RANK.good);
const worstFirst = (sensors: readonly Sensor[]) => [...sensors].sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));

export function CoverageView() {
	const { data, error, again } = useApi<{ sensors: Sensor[] }>('/api/v1/sensors', 'devices');
	if (!data)
		return error ? <Failed error={error} again={again} what="coverage" /> : <Skeleton />;
	if (data.sensors.length === 0)
		return <Empty icon="coverage" title="No sensor has reported yet"><p>Once one does, this says what it sees of your network, and what not.</p></Empty>;
	const latest = data.sensors.map((s) => s.health?.time ?? '').sort().at(-1);
	return (
		<div class="view">
			<header class="view-head">
				<h1>Coverage</h1>
				<p>What the {data.sensors.length === 1 ? 'sensor' : 'sensors'} can not see{latest && <>, as of <Time at={latest} suffix=" ago" /></>}</p>
			</header>
			{worstFirst(data.sensors).map((s) => <SensorCoverage key={s.name} of={s} alone={data.sensors.length === 1} />)}
		</div>
	);
}
