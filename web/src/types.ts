// SPDX-License-Identifier: Apache-2.0
//
// types.ts - what the manager's API answers (src/manager/api*.c), as far as the page reads it.

export interface Device {
	id: number;
	realm: string;
	mac: string; // "": a far host, known by its address
	ip: string;
	via: string;
	mac_kind: string;
	vendor: string;
	name: string;
	os: string;
	model: string;
	type?: string;
	vlans?: string[];
	subnet?: string;
	roles: string[];
	first_seen: string | null;
	last_seen: string | null;
	packets: number;
	bytes: number;
	sensors: number;
	seen_by: string[];
	interfaces: number;
	note: string;
	tags: string[];
	owner: string;
}

export interface FacetValue {
	value: string;
	count: number;
}

export interface DevicesPage {
	count: number;
	devices: Device[];
	next: string; // the cursor of the next page; "": this is the last
	facets: Record<string, FacetValue[]>;
}

// ---- one device

// A fact as a report has it: who told it, by which frame first, how often.
export interface Fact {
	kind: string;
	value: string;
	by: string;
	ip?: string;
	grade?: string; // of an address: owner, local, via
	confidence: number;
	first_seen: string;
	last_seen: string;
	frame: number;
	count: number;
	raw?: string;
	cut?: boolean;
}

export interface DeviceRecord {
	sensor: string;
	time: string;
	device: {
		facts: Fact[];
		facts_omitted?: number;
	};
}

export interface Reason {
	for: boolean;
	weight: number;
	rule: string; // "": one of the program's own
	text: string;
	fact: Fact | null; // null: the prefix of the MAC
}

// A conclusion, and the rules for and against it.
export interface Why {
	sensor: string;
	about: string; // "name", "vendor", "model", "os", "type", "role", "software"
	value: string;
	version: string;
	confidence: number; // of a name 0: it is a fact's own value
	reasons: Reason[];
}

export interface Member {
	id: number;
	mac: string;
	ip: string;
	realm: string;
	name: string;
	vendor: string;
	first_seen: string | null;
	last_seen: string | null;
	ties: { key: string; weight: number; fact: Fact | null }[];
}

export interface WholeDevice extends Device {
	records: DeviceRecord[];
	why: Why[];
	group: { id: number; members: Member[] }; // no members: it stands alone
}

// An address or a name, from when to when.
export interface Span {
	kind: string;
	value: string;
	sensor: string;
	first_seen: string;
	last_seen: string;
	count: number;
}

export interface Busy {
	time: string;
	packets: number;
	bytes: number;
}

export interface Activity {
	hours: Busy[];
	days: Busy[];
}

// ---- the map

export type LinkKind = 'lldp' | 'cdp' | 'fdp' | 'edp' | 'stp' | 'via' | 'peer' | 'talks';

export interface MapNode {
	id: string; // "d3" a device, "s:lab" a sensor, "a:10.0.0.9" an address that is nobody's for sure
	device?: number;
	sensor?: string;
	address?: string;
	name?: string;
	mac?: string;
	ip?: string;
	vendor?: string;
	type?: string;
	roles?: string[];
	vlans?: string[];
	subnet?: string;
	last_seen?: string | null;
	packets?: number;
}

export interface MapEdge {
	from: string;
	to: string;
	kind: LinkKind;
	port?: string | null;
}

export interface Links {
	nodes: MapNode[];
	edges: MapEdge[];
	more: boolean;
}
