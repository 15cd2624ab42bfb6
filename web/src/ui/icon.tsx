// SPDX-License-Identifier: Apache-2.0
//
// icon.tsx - the icons: one hand, a line of 1.5 on a field of 20 by 20, round ends, no fill.
//
// Each is the `d` of a path. A device has the icon of its type, where it has none that of the role that
// says most; what is not known is a plain outline, never a guess.
import { table } from '../text.ts';

const PATHS = {
	// --- kinds of devices
	router: 'M3 11h14v5H3zM6 13.5h.01M9 13.5h.01M10 11V8M6.5 6.5a5 5 0 0 1 7 0M4.5 4.3a8 8 0 0 1 11 0',
	switch: 'M2.5 7h15v6.5h-15zM5 10.2h1M8 10.2h1M11 10.2h1M14 10.2h1M5 13.5V15M15 13.5V15',
	'access-point': 'M10 12v5M6.5 17h7M7.2 9.3a4 4 0 0 1 5.6 0M4.8 6.9a7.3 7.3 0 0 1 10.4 0M10 11.8h.01',
	firewall: 'M3 4.5h14v11H3zM3 8.2h14M3 11.8h14M8 4.5v3.7M13 8.2v3.6M7 11.8v3.7',
	network: 'M8 3h4v3.5H8zM3 13.5h4V17H3zM13 13.5h4V17h-4zM10 6.5V10M5 13.5V10h10v3.5',
	printer: 'M6 7.5V3h8v4.5M6 14.5H3.5v-7h13v7H14M6 12h8v5H6zM14 9.8h.01',
	camera: 'M3 5.5h9.5v9H3zM12.5 9l4.5-2.5v7L12.5 11M6 8.2h2',
	phone: 'M6.8 3.2 8.3 7 6.4 8.3a9.5 9.5 0 0 0 5.3 5.3L13 11.7l3.8 1.5v2.3a1.6 1.6 0 0 1-1.8 1.6C8.6 16.5 3.5 11.4 2.9 5a1.6 1.6 0 0 1 1.6-1.8Z',
	mobile: 'M6 2.5h8v15H6zM9.2 15h1.6',
	tablet: 'M4.5 2.5h11v15h-11zM9.2 15h1.6',
	watch: 'M6 6.5h8v7H6zM7.5 6.5l.6-4h3.8l.6 4M7.5 13.5l.6 4h3.8l.6-4M10 8.7V10l1 .8',
	computer: 'M2.5 4h15v9.5h-15zM7.5 17h5M10 13.5V17',
	laptop: 'M4 4.5h12v8.5H4zM2 16h16M2 16l2-3M18 16l-2-3',
	server: 'M4 3h12v4.7H4zM4 7.7h12v4.6H4zM4 12.3h12V17H4zM6.5 5.3h.01M6.5 10h.01M6.5 14.7h.01M11 5.3h2.5M11 10h2.5M11 14.7h2.5',
	nas: 'M4.5 2.5h11v15h-11zM4.5 10h11M7.5 5.2h5M7.5 12.7h5M8 7.5h.01M8 15h.01',
	vm: 'M2.5 5.5h11v11h-11zM6 5.5V2.5h11.5v11h-4',
	tv: 'M2.5 5h15v9.5h-15zM6.5 17.5h7M8.5 8l3.5 1.8-3.5 1.8z',
	speaker: 'M5.5 2.5h9v15h-9zM10 9.2a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4ZM10 5.8h.01',
	light: 'M7.5 13.8C5.7 12.8 4.7 11.2 4.7 9a5.3 5.3 0 0 1 10.6 0c0 2.2-1 3.8-2.8 4.8v1.7h-5zM8.2 18h3.6',
	plug: 'M7 2.5v4M13 2.5v4M5 6.5h10v3a5 5 0 0 1-10 0zM10 14.5V18',
	sensor: 'M10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM6.5 13.5a5 5 0 0 1 0-7M13.5 6.5a5 5 0 0 1 0 7M4 16a8.5 8.5 0 0 1 0-12M16 4a8.5 8.5 0 0 1 0 12',
	iot: 'M10 2.8 16.3 6.4v7.2L10 17.2 3.7 13.6V6.4ZM3.7 6.4 10 10l6.3-3.6M10 10v7.2',
	game: 'M6.5 6h7a4 4 0 0 1 4 4.5l-.5 3.2a1.8 1.8 0 0 1-3.2.8L12.3 12.5H7.7l-1.5 2a1.8 1.8 0 0 1-3.2-.8l-.5-3.2a4 4 0 0 1 4-4.5ZM6.8 8.2v2.6M5.5 9.5h2.6M13.3 9.5h.01',
	ups: 'M4 5h12v12H4zM7.5 5V3h5v2M10.8 7.5 8 11.3h4l-2.8 3.7',
	industrial: 'M2.5 17V8.5l5 3v-3l5 3V3h4.5v14zM6 14.2h1.5M10.5 14.2H12',
	doorbell: 'M6.5 2.5h7v15h-7zM10 10.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM10 6h.01',
	far: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM2.5 10h15M10 2.5c2.6 2.2 3.6 4.7 3.6 7.5s-1 5.3-3.6 7.5C7.4 15.3 6.4 12.8 6.4 10s1-5.3 3.6-7.5Z',
	virtual: 'M10 3.5 17 7l-7 3.5L3 7zM3 10.2l7 3.5 7-3.5M3 13.4l7 3.5 7-3.5',
	unknown: 'M5 3.5h10A1.5 1.5 0 0 1 16.5 5v10a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V5A1.5 1.5 0 0 1 5 3.5Z',
	// --- views
	devices: 'M3 4.5h14M3 10h14M3 15.5h14',
	map: 'M5 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM15 5.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM7.5 13a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM6.9 5.5l6.2 1.5M5.6 7l1.4 6M13.7 9l-4.7 4.7',
	changes: 'M2.5 10h3.2L8 4.5l4 11 2.3-5.5h3.2',
	coverage: 'M10 3a7 7 0 1 0 7 7M10 6.5a3.5 3.5 0 1 0 3.5 3.5M10 10l6-6M13 4h3v3',
	sensors: 'M3 13.5a7.5 7.5 0 1 1 14 0M10 13.5l3.5-5M10 13.5h.01M4.5 16.5h11',
	// --- acts
	search: 'M8.7 3.5a5.2 5.2 0 1 0 0 10.4 5.2 5.2 0 0 0 0-10.4ZM12.5 12.5l4.3 4.3',
	close: 'M5 5l10 10M15 5 5 15',
	check: 'M4 10.5 8.2 14.7 16 6',
	plus: 'M10 4v12M4 10h12',
	minus: 'M4 10h12',
	up: 'M10 16V4.5M5.5 9 10 4.5 14.5 9',
	down: 'M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5',
	chevron: 'M5.5 8l4.5 4.5L14.5 8',
	left: 'M12.5 4.5 7 10l5.5 5.5',
	right: 'M7.5 4.5 13 10l-5.5 5.5',
	download: 'M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13',
	columns: 'M3 4h14v12H3zM7.7 4v12M12.3 4v12',
	filter: 'M3 5h14M5.5 10h9M8 15h4',
	star: 'M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6z',
	edit: 'M4 16l.7-3.2L13.5 4 16 6.5 7.2 15.3zM11.8 5.7l2.5 2.5',
	mute: 'M5 13.5V9a5 5 0 0 1 10 0v4.5l1.2 1.5H3.8zM8.5 17.2h3M3.5 3.5l13 13',
	sun: 'M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4ZM10 2.5v1.3M10 16.2v1.3M2.5 10h1.3M16.2 10h1.3M4.7 4.7l.9.9M14.4 14.4l.9.9M15.3 4.7l-.9.9M5.6 14.4l-.9.9',
	moon: 'M16 11.8A6.5 6.5 0 0 1 8.2 4a6.5 6.5 0 1 0 7.8 7.8Z',
	system: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
	help: 'M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4ZM7.9 7.9a2.1 2.1 0 1 1 3.1 1.9c-.7.4-1 .8-1 1.5M10 13.8h.01',
	leave: 'M8 3.5H4v13h4M8 10h8.5M13 6.5l3.5 3.5-3.5 3.5',
	warning: 'M10 3.2 17.5 16h-15zM10 8.2v3.6M10 13.9h.01',
	info: 'M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4ZM10 9.3v4.2M10 6.5h.01',
	more: 'M5 10h.01M10 10h.01M15 10h.01',
} as const;

export type IconName = keyof typeof PATHS;

// `title` is read out; without it the icon is an ornament of the text beside it.
export function Icon({ name, title, size = 20 }: { name: IconName; title?: string; size?: number }) {
	return (
		<svg class="icon" viewBox="0 0 20 20" width={size} height={size} role={title ? 'img' : undefined}
			aria-label={title} aria-hidden={title ? undefined : 'true'}>
			<path d={PATHS[name]} />
		</svg>
	);
}

// For the map, which draws on a canvas.
export function iconPath(name: IconName): string {
	return PATHS[name];
}

// What conclusions call a type or a role, and the icon for it.
const OF_TYPE = table<IconName>({
	'home router': 'router', gateway: 'industrial', 'network device': 'network', hub: 'iot', bridge: 'switch',
	'sip-server': 'phone', 'video phone': 'phone', intercom: 'doorbell', smartphone: 'mobile', workstation: 'computer',
	desktop: 'computer', hypervisor: 'server', container: 'vm', nvr: 'camera', media: 'tv', 'media player': 'tv',
	'media-server': 'nas', 'file-server': 'nas', 'game console': 'game', console: 'game', thermostat: 'sensor', scale: 'sensor',
	appliance: 'iot', lock: 'doorbell', plc: 'industrial', hmi: 'industrial', drive: 'industrial', serial: 'industrial',
	'print-server': 'printer', 'dhcp-server': 'server', 'dns-server': 'server', 'ntp-server': 'server',
	'web-server': 'server', 'mail-server': 'server', 'database-server': 'server', 'message-broker': 'server',
	'directory-server': 'server', 'opcua-server': 'industrial', 'sip-gateway': 'phone',
});

function iconOf(word: string): IconName | undefined {
	return Object.hasOwn(PATHS, word) ? (word as IconName) : OF_TYPE[word];
}

export interface Iconic {
	type?: string | undefined;
	roles?: readonly string[] | undefined;
	mac?: string | undefined;
	mac_kind?: string | undefined;
	os?: string | undefined;
}

// Systems that are made for one kind of device, where nothing else is known of it.
const SYSTEMS: readonly (readonly [RegExp, IconName])[] = [
	[/^Windows Server|^VMware ESXi|^Proxmox/, 'server'], [/^Windows|^macOS|^Mac OS|^Chrome OS/, 'computer'],
	[/^(iOS|iPadOS|Android)\b/, 'mobile'], [/^(tvOS|webOS|Tizen|Google TV|Roku)/, 'tv'], [/^watchOS/, 'watch'],
	[/^(Cisco|NX-OS|Junos|RouterOS|OpenWrt|Arista)/, 'network'],
];

// What somebody is for the network says more than that it also gives out addresses.
const SAYS_MOST = ['firewall', 'router', 'access-point', 'switch', 'phone', 'print-server'];

export function deviceIcon(device: Iconic): IconName {
	const roles = device.roles ?? [];
	for (const word of [device.type ?? '', ...SAYS_MOST.filter((role) => roles.includes(role)), ...roles]) {
		const name = word && iconOf(word);
		if (name)
			return name;
	}
	const system = SYSTEMS.find(([begins]) => begins.test(device.os ?? ''));
	if (system)
		return system[1];
	if (device.mac_kind === 'virtual')
		return 'virtual';
	return device.mac === '' ? 'far' : 'unknown';
}
