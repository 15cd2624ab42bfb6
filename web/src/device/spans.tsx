// SPDX-License-Identifier: Apache-2.0
//
// spans.tsx - addresses and names over time: a bar each, from when it was seen first to when last.
import type { Fact } from '../types.ts';
import { ago, clock, day, exact, now, timeOf } from '../time.ts';
import { count, table, words } from '../text.ts';
import { Panel } from '../ui/parts.tsx';

export interface Bar {
	kind: string;
	value: string;
	from: number;
	to: number;
	count: number;
	by: string[];
}

// One bar a value, whoever told it; the longest known first within its kind.
export function barsOf(facts: readonly Fact[]): Bar[] {
	const bars = new Map<string, Bar>();
	for (const f of facts) {
		if (!f.kind.startsWith('address.') && !f.kind.startsWith('name.'))
			continue;
		const key = `${f.kind} ${f.value}`;
		const had = bars.get(key);
		const bar = { kind: f.kind, value: f.value, from: timeOf(f.first_seen), to: timeOf(f.last_seen), count: f.count, by: [f.by] };
		if (!had) {
			bars.set(key, bar);
			continue;
		}
		had.from = Math.min(had.from, bar.from);
		had.to = Math.max(had.to, bar.to);
		had.count += f.count;
		had.by = [...new Set([...had.by, f.by])];
	}
	return [...bars.values()].sort((a, b) => a.kind.localeCompare(b.kind) || b.to - a.to || a.from - b.from);
}

const TITLES = table<string>({
	'address.ipv4': 'IPv4', 'address.ipv6': 'IPv6', 'name.host': 'Host name', 'name.domain': 'Domain', 'name.workgroup': 'Workgroup',
});

const DAY = 86_400_000;

export function Spans({ facts }: { facts: readonly Fact[] }) {
	const bars = barsOf(facts);
	if (bars.length === 0)
		return null;
	const start = Math.min(...bars.map((b) => b.from));
	const end = Math.max(...bars.map((b) => b.to), start + 1);
	const at = (time: number) => (100 * (time - start)) / (end - start);
	const label = (time: number) => (end - start > DAY ? day(time) : clock(time));
	return (
		<Panel title="Addresses and names" note={`${label(start)} to ${label(end)}`}>
			<ul class="spans">
				{bars.map((bar, i) => {
					const says = `${exact(new Date(bar.from).toISOString())}\nto ${exact(new Date(bar.to).toISOString())}\n${count(bar.count)} packets, told by ${bar.by.join(', ')}`;
					return (
						<li key={`${bar.kind} ${bar.value}`}>
							<span class="faint">{bar.kind !== bars[i - 1]?.kind ? (TITLES[bar.kind] ?? words(bar.kind.replace(/^.*\./, ''))) : ''}</span>
							<span class="cut mono" data-tip={bar.value}>{bar.value}</span>
							<svg viewBox="0 0 100 10" preserveAspectRatio="none" class="span-bar" data-tip={says} role="img" aria-label={says}>
								<rect class="ground" y="4" width="100" height="2" />
								<rect class="part" x={at(bar.from)} y="1" width={Math.max(0.8, at(bar.to) - at(bar.from))} height="8" rx="1" />
							</svg>
							<span class="faint number">{ago(bar.to, now.value)}</span>
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}
