// SPDX-License-Identifier: Apache-2.0
//
// text.ts - numbers and words as people read them.

// A table by words that come from the network: nothing is in it but what stands there.
export function table<T>(of: Record<string, T>): Record<string, T> {
	return Object.assign(Object.create(null) as Record<string, T>, of);
}

// "1,234,567"
export function count(n: number): string {
	return Math.round(n).toLocaleString('en-US');
}

// "1.2 k", "34 M": for where there is little room.
export function short(n: number): string {
	for (const [size, unit] of [[1e9, 'G'], [1e6, 'M'], [1e4, 'k']] as const)
		if (n >= size) {
			const of = n / (unit === 'k' ? 1e3 : size);
			return `${of < 10 ? of.toFixed(1) : Math.round(of)} ${unit}`;
		}
	return count(n);
}

// "512 B", "1.4 kB", "20 MB": decimal, as networks count.
export function bytes(n: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let unit = 0;
	for (; n >= 999.5 && unit < units.length - 1; unit++)
		n /= 1000;
	return `${unit === 0 || n >= 9.95 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

// "1 device", "2 devices"
export function plural(n: number, one: string, many = `${one}s`): string {
	return `${count(n)} ${n === 1 ? one : many}`;
}

// "dhcp-server" as "DHCP server": words of the program as words of a page.
const CAPITALS = table<string>({
	dhcp: 'DHCP', dns: 'DNS', nas: 'NAS', ups: 'UPS', plc: 'PLC', hmi: 'HMI', vm: 'VM', tv: 'TV', nvr: 'NVR', ip: 'IP',
	iot: 'IoT', sip: 'SIP', ntp: 'NTP', os: 'OS', vlan: 'VLAN', opcua: 'OPC UA', mac: 'MAC', ipv4: 'IPv4', ipv6: 'IPv6',
});

export function words(name: string): string {
	const text = name.split(/[-_]/).map((word) => CAPITALS[word] ?? word).join(' ');
	return text.charAt(0).toUpperCase() + text.slice(1);
}
