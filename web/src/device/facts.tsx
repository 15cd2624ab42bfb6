// SPDX-License-Identifier: Apache-2.0
//
// facts.tsx - every fact of the device with its evidence: who told it, how sure, the first frame, how often.
import { useState } from 'preact/hooks';
import { href } from '../router.ts';
import { count, plural, words } from '../text.ts';
import type { DeviceRecord, Fact } from '../types.ts';
import { Confidence, Panel, Time } from '../ui/parts.tsx';
import { Frame } from './evidence.tsx';

interface Told extends Fact {
	sensor: string;
}

// "dhcp.params" belongs to "dhcp"; the groups and what is in them by the alphabet.
function groupsOf(facts: readonly Told[]): [string, Told[]][] {
	const groups = new Map<string, Told[]>();
	for (const fact of facts) {
		const name = fact.kind.split('.')[0] ?? fact.kind;
		groups.set(name, [...(groups.get(name) ?? []), fact]);
	}
	return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

// Protocols are written in capitals, words are not.
function titleOf(group: string): string {
	return group.length <= 4 && !['name', 'role'].includes(group) ? group.toUpperCase() : words(group);
}

function holds(fact: Told, text: string): boolean {
	return `${fact.kind} ${fact.value} ${fact.by} ${fact.ip ?? ''}`.toLowerCase().includes(text.toLowerCase());
}

function Row({ fact, sensors }: { fact: Told; sensors: boolean }) {
	return (
		<tr>
			<td class="fact-kind"><code>{fact.kind}</code></td>
			<td class="fact-value">
				<span>{fact.value || <i class="faint">empty</i>}{fact.cut ? '…' : ''}</span>
				<span class="faint"> {fact.grade ?? fact.ip}</span>
			</td>
			<td>{fact.by}{sensors && <span class="faint"> {fact.sensor}</span>}</td>
			<td><Confidence of={fact.confidence} /></td>
			<td class="number"><Frame fact={fact} /></td>
			<td class="number"><Time at={fact.first_seen} /></td>
			<td class="number"><Time at={fact.last_seen} /></td>
			<td class="number">{count(fact.count)}</td>
		</tr>
	);
}

export function Facts({ records }: { records: readonly DeviceRecord[] }) {
	const [text, setText] = useState('');
	const all = records.flatMap((r) => r.device.facts.map((f) => ({ ...f, sensor: r.sensor })));
	const shown = text ? all.filter((f) => holds(f, text)) : all;
	const left = records.reduce((sum, r) => sum + (r.device.facts_omitted ?? 0), 0);
	return (
		<Panel title="Facts" note={`${plural(all.length, 'fact')}, each with its evidence${left > 0 ? `; ${count(left)} more were left out of the report` : ''}`}
			more={<input class="field small" type="search" value={text} placeholder="Find in facts" aria-label="Find in facts" onInput={(event) => setText(event.currentTarget.value)} />}>
			<div class="scroll-x" tabIndex={0} role="region" aria-label="Kinds, values and evidence">
				<table class="table facts-table">
					<thead>
						<tr>
							<th scope="col">Kind</th><th scope="col">Value</th><th scope="col">Told by</th><th scope="col">Sure</th>
							<th scope="col" class="number">First in</th><th scope="col" class="number">First seen</th>
							<th scope="col" class="number">Last seen</th><th scope="col" class="number">Packets</th>
						</tr>
					</thead>
					{groupsOf(shown).map(([name, facts]) => (
						<tbody key={name}>
							<tr class="group"><th colSpan={8} scope="colgroup">{titleOf(name)}</th></tr>
							{facts.map((fact) => <Row key={`${fact.sensor} ${fact.kind} ${fact.value} ${fact.by} ${fact.ip ?? ''}`} fact={fact} sensors={records.length > 1} />)}
						</tbody>
					))}
				</table>
			</div>
			{shown.length === 0 && <p class="panel-body faint">{all.length === 0 ? 'No fact is known.' : 'No fact holds this text.'}</p>}
		</Panel>
	);
}

// ---- services: facts that people ask for first

export function Services({ records }: { records: readonly DeviceRecord[] }) {
	const list = records.flatMap((r) => r.device.facts).filter((f) => f.kind === 'service');
	if (list.length === 0)
		return null;
	return (
		<Panel title="Services" note="seen answering">
			<ul class="services">
				{list.map((f) => (
					<li key={`${f.value} ${f.ip ?? ''} ${f.by}`}>
						<a class="mono" href={href('devices', '', { q: `service:${f.value}` })} data-tip="All devices that offer it">{f.value}</a>
						<span class="faint mono cut">{f.ip}</span>
						<span class="faint number">{plural(f.count, 'answer')}</span>
						<Frame fact={f} />
						<Time at={f.last_seen} />
					</li>
				))}
			</ul>
		</Panel>
	);
}
