// SPDX-License-Identifier: Apache-2.0
//
// columns.tsx - what the list can show of a device, a line a column.
import type { ComponentChildren } from 'preact';
import { bytes, count, words } from '../text.ts';
import { timeOf } from '../time.ts';
import type { Device } from '../types.ts';
import { Chip, Time } from '../ui/parts.tsx';

export interface Column {
	id: string;
	title: string;
	sort?: string; // the API's name for the order by it
	first?: 'down'; // the order at the first press: the greatest, or the last, on top
	width: string; // of a grid's column
	number?: true;
	show: (device: Device) => ComponentChildren;
}

// What to call it, best first; `sure` says that it is a name of its own.
export function calledBy(device: Device): { text: string; sure: boolean } {
	if (device.name)
		return { text: device.name, sure: true };
	if (device.model)
		return { text: device.model, sure: false };
	if (device.vendor)
		return { text: device.type ? `${device.vendor} ${device.type}` : device.vendor, sure: false };
	return { text: device.mac || device.ip, sure: false };
}

const NEW_FOR = 10 * 60_000;

export function isNew(device: Device, at: number): boolean {
	return at - timeOf(device.first_seen) < NEW_FOR;
}

const byNumber = (vlans: readonly string[] = []) => [...vlans].sort((a, b) => Number(a) - Number(b));

const text = (value: string | undefined) => <span class="cut" data-tip={value && value.length > 12 ? value : undefined}>{value}</span>;

export const COLUMNS: readonly Column[] = [
	{ id: 'ip', title: 'Address', sort: 'ip', width: 'minmax(112px, 1fr)', show: (d) => <span class="mono cut">{d.ip}</span> },
	{ id: 'mac', title: 'MAC', sort: 'mac', width: '150px', show: (d) => <span class="mono cut muted">{d.mac}</span> },
	{ id: 'kind', title: 'Type and roles', width: 'minmax(120px, 1.3fr)', show: (d) => <Kind device={d} /> },
	{ id: 'vendor', title: 'Vendor', sort: 'vendor', width: 'minmax(100px, 1.1fr)', show: (d) => text(d.vendor) },
	{ id: 'model', title: 'Model', sort: 'model', width: 'minmax(90px, 1fr)', show: (d) => text(d.model) },
	{ id: 'os', title: 'System', sort: 'os', width: 'minmax(110px, 1.25fr)', show: (d) => text(d.os) },
	{ id: 'vlan', title: 'VLAN', width: '64px', show: (d) => text(byNumber(d.vlans).join(', ')) },
	{ id: 'subnet', title: 'Segment', width: 'minmax(110px, 1fr)', show: (d) => <span class="mono cut muted">{d.subnet}</span> },
	{ id: 'owner', title: 'Owner', width: 'minmax(80px, 1fr)', show: (d) => text(d.owner) },
	{ id: 'tags', title: 'Tags', width: 'minmax(90px, 1fr)', show: (d) => <span class="chips one">{d.tags.map((t) => <Chip key={t}>{t}</Chip>)}</span> },
	{ id: 'note', title: 'Note', width: 'minmax(90px, 1fr)', show: (d) => text(d.note) },
	{ id: 'via', title: 'Behind', width: '150px', show: (d) => <span class="mono cut muted">{d.via}</span> },
	{ id: 'interfaces', title: 'Interfaces', width: '84px', number: true, show: (d) => d.interfaces },
	{ id: 'sensors', title: 'Sensors', width: '76px', number: true, show: (d) => <span data-tip={d.seen_by.join(', ')}>{d.sensors}</span> },
	{ id: 'packets', title: 'Packets', sort: 'packets', first: 'down', width: '88px', number: true, show: (d) => count(d.packets) },
	{ id: 'bytes', title: 'Bytes', sort: 'bytes', first: 'down', width: '84px', number: true, show: (d) => bytes(d.bytes) },
	{ id: 'first_seen', title: 'First seen', sort: 'first_seen', first: 'down', width: '88px', number: true, show: (d) => <Time at={d.first_seen} /> },
	{ id: 'last_seen', title: 'Last seen', sort: 'last_seen', first: 'down', width: '88px', number: true, show: (d) => <Time at={d.last_seen} /> },
];

export const USUAL: readonly string[] = ['ip', 'kind', 'vendor', 'model', 'os', 'vlan', 'packets', 'last_seen'];

// The columns of "ip,vendor", in the table's own order; what is none of them is left out.
export function columnsOf(list: string): readonly Column[] {
	const wanted = list ? list.split(',') : USUAL;
	return COLUMNS.filter((c) => wanted.includes(c.id));
}

export function Kind({ device }: { device: Device }) {
	const roles = device.roles.filter((role) => role !== device.type);
	return (
		<span class="kind cut">
			{device.type && <span>{words(device.type)}</span>}
			{roles.length > 0 && <span class="faint cut">{roles.map(words).join(', ')}</span>}
		</span>
	);
}
