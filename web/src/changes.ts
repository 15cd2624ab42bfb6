// SPDX-License-Identifier: Apache-2.0
//
// changes.ts - the kinds of changes there are (doc/report.md), what each means, and how it is said.
//
// Whatever a change says of devices is theirs to choose; it is put between words here and shown as text.
import type { IconName } from './ui/icon.tsx';
import { table, words } from './text.ts';

export interface Evidence {
	mac: string;
	first_seen: string;
	last_seen: string;
	frame: number;
	count: number;
}

export interface ChangeLine {
	what: string;
	mac?: string;
	ip?: string;
	address?: string;
	vlan?: number;
	before: string;
	after: string;
	flip_flop?: boolean;
	evidence?: (Evidence | Record<string, unknown>)[];
}

export interface Change {
	id: number;
	device: number; // 0: none of the inventory
	name?: string; // of the device, as it is called now
	time: string;
	sensor: string;
	what: string;
	seen: string | null;
	muted: boolean;
	line: ChangeLine;
}

export interface Mute {
	id: number;
	what: string; // "": any kind
	query: string; // "": any device
	note: string;
	made: string;
}

export type Tone = 'bad' | 'warn' | 'good' | 'plain';

interface Kind {
	name: string; // for a filter: "New"
	tone: Tone;
	icon: IconName;
	says: (line: ChangeLine) => string;
}

const or = (text: string | undefined, otherwise: string) => (text ? text : otherwise);
const where = (line: ChangeLine) => (line.vlan ? ` in VLAN ${line.vlan}` : '');

export const KINDS = table<Kind>({
	'arp-spoofing': {
		name: 'ARP spoofing', tone: 'bad', icon: 'warning',
		says: (l) => `claims ${or(l.address, 'an address')}${where(l)}, which ${or(l.before, 'another')} has and defends`,
	},
	'rogue-dhcp': {
		name: 'Rogue DHCP', tone: 'bad', icon: 'warning',
		says: (l) => `answers for DHCP${where(l)} beside ${or(l.before, 'the server that was there')}`,
	},
	'rogue-ra': {
		name: 'Rogue router', tone: 'bad', icon: 'warning',
		says: (l) => `announces itself as a router${where(l)} beside ${or(l.before, 'the one that was there')}`,
	},
	'gateway-changed': {
		name: 'Gateway changed', tone: 'bad', icon: 'router',
		says: (l) => `has the gateway’s address ${or(l.address, '')}${where(l)} now, ${or(l.before, 'another')} had it before`,
	},
	'address-duplicate': {
		name: 'Address conflict', tone: 'warn', icon: 'warning',
		says: (l) => `and ${or(l.before, 'another')} both claim ${or(l.address, 'one address')}${where(l)}${l.flip_flop ? ', in turns' : ''}`,
	},
	'address-moved': {
		name: 'Address moved', tone: 'warn', icon: 'right',
		says: (l) => `has ${or(l.address, 'the address')} now, ${or(l.before, 'another')} had it before`,
	},
	new: { name: 'New', tone: 'good', icon: 'plus', says: () => 'is new on the network' },
	back: { name: 'Back', tone: 'good', icon: 'up', says: () => 'came back' },
	gone: { name: 'Gone', tone: 'plain', icon: 'minus', says: () => 'went silent' },
	'name-changed': {
		name: 'Name', tone: 'plain', icon: 'edit',
		says: (l) => (l.before ? `calls itself ${l.after} now, ${l.before} before` : `calls itself ${l.after}`),
	},
	'address-added': { name: 'Address', tone: 'plain', icon: 'plus', says: (l) => `has the address ${or(l.address, '')} too` },
	joined: { name: 'Joined', tone: 'plain', icon: 'switch', says: (l) => `was recognised as an interface of ${or(l.after, 'another device')}` },
	split: { name: 'Split', tone: 'plain', icon: 'switch', says: () => 'is no interface of another device any more' },
});

// A kind that a newer manager knows of, and this page does not.
const OTHER = (what: string): Kind => ({
	name: words(what), tone: 'plain', icon: 'info',
	says: (l) => `${words(what).toLowerCase()}${l.before || l.after ? `: ${or(l.before, '–')} → ${or(l.after, '–')}` : ''}`,
});

export const kindOf = (what: string): Kind => KINDS[what] ?? OTHER(what);

export const subjectOf = (c: Change): string => c.name || c.line.ip || c.line.mac || 'A device';

// A query for this device alone, for a rule.
export const queryOf = (c: Change): string => (c.line.mac ? `mac:${c.line.mac}` : c.line.ip ? `ip:${c.line.ip}` : '');

// "ARP spoofing of mac:00:..", "everything of type:phone"
export function muteWords(m: Pick<Mute, 'what' | 'query'>): string {
	return `${m.what ? kindOf(m.what).name : 'Everything'}${m.query ? ` of ${m.query}` : ''}`;
}
