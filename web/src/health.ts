// SPDX-License-Identifier: Apache-2.0
//
// health.ts - what a sensor says of itself (doc/report.md, `health`), and what follows from it: what
// it did not see, in plain words.
//
// A finding has the number that it rests on in it, and what to do about it; its tone is the worst that
// the number allows. Nothing is found where a number is missing: an old sensor is not a healthy one.
import { count, plural } from './text.ts';

export interface Covered {
	vlan: number; // 0: untagged
	tcp: number; // conversations
	tcp_one_way: number;
	udp: number;
	udp_one_way: number;
	to_groups: number;
	tcp_bytes: number;
	tcp_bytes_lost: number;
	asked: number; // addresses that somebody asked for
	asked_silent: number;
	says: string[];
}

export interface Unclaimed {
	space: string;
	key: number;
	packets: number;
}

export interface Verdicts {
	learned: number;
	nothing: number;
	malformed: number;
	not_mine: number;
	need_more: number;
	truncated: number;
}

export interface Health {
	time: string;
	captured: number;
	malformed: number;
	unclaimed: number;
	refused: number;
	evicted: number;
	counters: Record<string, number>;
	gauges?: Record<string, number>;
	observers: Record<string, Verdicts>;
	unclaimed_keys: Unclaimed[];
	coverage: Covered[];
}

export interface AccountNumber {
	words: string; // "frames received"
	n: number;
}

// What came, and what became of it.
export interface Account {
	whole: AccountNumber;
	parts: AccountNumber[];
	difference: number; // what the parts leave; a little of it is on its way while the sensor runs
}

export interface Sensor {
	name: string;
	version: string;
	boot: number; // 0: it read captures
	seq: number;
	time: string;
	heard: string;
	behind: number; // seconds that its clock is behind the manager's
	records: number;
	accounts?: Account[];
	health?: Health;
}

export type Tone = 'bad' | 'warn' | 'good';

export interface Finding {
	tone: Tone;
	title: string;
	text: string;
	todo: string;
}

export const gauge = (h: Health, name: string): number => h.gauges?.[name] ?? 0;
export const counter = (h: Health, name: string): number => h.counters[name] ?? 0;

export const vlanName = (vlan: number): string => (vlan === 0 ? 'Untagged' : `VLAN ${vlan}`);

// 0 to 1; 0 of nothing.
export const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

// "3 %", "0.4 %", "under 0.1 %"
export function percent(part: number, whole: number): string {
	const p = 100 * share(part, whole);
	if (p > 0 && p < 0.1)
		return 'under 0.1 %';
	return `${p === 0 || p >= 9.95 ? Math.round(p) : p.toFixed(1)} %`;
}

// Of TCP conversations seen of one side this share is no accident; of its bytes this share is lost.
const ONE_WAY = 0.1;
const LOST = 0.01;
const SILENT = 0.5;

interface Rule {
	holds: (c: Covered) => boolean;
	tone: Tone;
	title: string;
	text: (c: Covered) => string;
	todo: string;
}

const bytesOf = (c: Covered) => c.tcp_bytes + c.tcp_bytes_lost;

const RULES: readonly Rule[] = [
	{
		holds: (c) => c.tcp + c.udp === 0 && c.to_groups > 0, tone: 'bad', title: 'broadcasts only',
		text: (c) => `No conversation between two devices was seen, but ${count(c.to_groups)} to groups or to all. Who is there shows; what they do with each other does not.`,
		todo: 'The port is not mirrored. Have the switch copy this traffic to the sensor’s port (SPAN, mirror port), or use a tap.',
	},
	{
		holds: (c) => share(c.tcp_one_way, c.tcp) >= ONE_WAY, tone: 'bad', title: 'one direction is missing',
		text: (c) => `Of ${plural(c.tcp, 'TCP conversation')} ${count(c.tcp_one_way)} (${percent(c.tcp_one_way, c.tcp)}) were seen of one side only. Services and answers of the other side stay unknown.`,
		todo: 'Mirror both directions of the ports (received and sent), or join both outputs of the tap.',
	},
	{
		holds: (c) => share(c.tcp_bytes_lost, bytesOf(c)) >= LOST, tone: 'warn', title: 'frames are lost before the sensor',
		text: (c) => `${percent(c.tcp_bytes_lost, bytesOf(c))} of the bytes of TCP were acknowledged by their receiver and never came here.`,
		todo: 'The mirror port is probably too slow for what is copied to it. Mirror fewer ports, or use a faster one.',
	},
	{
		holds: (c) => c.asked >= 8 && share(c.asked_silent, c.asked) >= SILENT, tone: 'warn', title: 'many addresses never answer',
		text: (c) => `${count(c.asked_silent)} of ${plural(c.asked, 'address', 'addresses')} that somebody asked for were never heard. They may be off, gone, or behind a port that the sensor does not see.`,
		todo: 'If you know devices that are not in the list, their ports are not mirrored.',
	},
];

const added = (a: Covered, b: Covered): Covered => ({
	vlan: a.vlan, says: [], tcp: a.tcp + b.tcp, tcp_one_way: a.tcp_one_way + b.tcp_one_way, udp: a.udp + b.udp, udp_one_way: a.udp_one_way + b.udp_one_way,
	to_groups: a.to_groups + b.to_groups, tcp_bytes: a.tcp_bytes + b.tcp_bytes, tcp_bytes_lost: a.tcp_bytes_lost + b.tcp_bytes_lost,
	asked: a.asked + b.asked, asked_silent: a.asked_silent + b.asked_silent,
});

// "Untagged", "VLAN 10", "VLANs 10, 20 and 30"
export function vlanNames(vlans: readonly number[]): string {
	const [first = 0, ...rest] = [...vlans].sort((a, b) => a - b).map((v) => (v === 0 ? 'untagged' : v));
	if (rest.length === 0)
		return vlanName(vlans[0] ?? 0);
	return `VLANs ${[first, ...rest.slice(0, -1)].join(', ')} and ${rest.at(-1)}`;
}

// One finding for all VLANs of which the same is true.
function rules(coverage: readonly Covered[]): Finding[] {
	return RULES.flatMap((rule) => {
		const rows = coverage.filter(rule.holds);
		const [first, ...rest] = rows;
		if (!first)
			return [];
		const { tone, title, todo } = rule;
		return [{ tone, title: `${vlanNames(rows.map((c) => c.vlan))}: ${title}`, text: rule.text(rest.reduce(added, first)), todo }];
	});
}

interface Loss {
	name: string; // of a gauge or a counter
	of?: string; // what it is a part of
	tone: Tone;
	title: string;
	text: (n: string) => string;
	todo: string;
}

const LOSSES: readonly Loss[] = [
	{
		name: 'source.kernel_dropped', of: 'source.kernel_seen', tone: 'bad', title: 'The kernel drops frames',
		text: (n) => `${n} came faster than the sensor read them.`,
		todo: 'Give the sensor more workers (--workers) or a larger ring (--ring).',
	},
	{
		name: 'source.cut', tone: 'warn', title: 'Frames are cut',
		text: (n) => `${n} were captured shorter than they were on the wire; what stood behind the cut was not read.`,
		todo: 'Raise the snap length of the capture.',
	},
	{
		name: 'strangers.refused', tone: 'warn', title: 'Somebody makes up addresses',
		text: (n) => `${n} came from senders nobody knows, too many at once; each was read only when it came again.`,
		todo: 'Look for a flood of MAC addresses in the changes; port security on the switch stops it.',
	},
	{
		name: 'handed.dropped', tone: 'bad', title: 'An observer is too slow',
		text: (n) => `${n} were refused by the full queue of an observer’s own task.`,
		todo: 'Give it more tasks: --task NAME=N.',
	},
	{
		name: 'facts.lost', tone: 'bad', title: 'Facts are lost',
		text: (n) => `${n} left the sensor’s memory before they could be told.`,
		todo: 'The reporter is too slow: give the machine more processors, or the sensor fewer segments.',
	},
	{
		name: 'sink.expired', tone: 'bad', title: 'Reports were given up',
		text: (n) => `${n} waited longer for a manager than the spool could hold.`,
		todo: 'The manager was away too long, or the spool is too small.',
	},
	{
		name: 'flow.evicted', tone: 'warn', title: 'Conversations are forgotten early',
		text: (n) => `${n} were forgotten for want of room before they ended.`,
		todo: 'Give the sensor more memory for them: --flow-memory.',
	},
];

function losses(h: Health): Finding[] {
	const found: Finding[] = [];
	for (const loss of LOSSES) {
		const n = h.gauges?.[loss.name] ?? h.counters[loss.name] ?? 0;
		if (n === 0)
			continue;
		const whole = loss.of ? ` (${percent(n, gauge(h, loss.of))})` : '';
		found.push({ tone: loss.tone, title: loss.title, text: loss.text(`${count(n)}${whole}`), todo: loss.todo });
	}
	return found;
}

const RANK: Record<Tone, number> = { bad: 0, warn: 1, good: 2 };

// The worst first.
export function findings(h: Health): Finding[] {
	return [...rules(h.coverage), ...losses(h)].sort((a, b) => RANK[a.tone] - RANK[b.tone]);
}

// What the sensor is worth, by its worst finding.
export function verdict(h: Health): Tone {
	return findings(h)[0]?.tone ?? 'good';
}
