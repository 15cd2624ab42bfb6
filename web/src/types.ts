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
