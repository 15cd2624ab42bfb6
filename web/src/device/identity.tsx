// SPDX-License-Identifier: Apache-2.0
//
// identity.tsx - what the device is concluded to be, how sure that is, and why: the rules for and against.
import { useState } from 'preact/hooks';
import { plural, table, words } from '../text.ts';
import type { Reason, Why } from '../types.ts';
import { Icon } from '../ui/icon.tsx';
import { Confidence, Empty, Panel } from '../ui/parts.tsx';
import { Evidence } from './evidence.tsx';

const ORDER = ['name', 'vendor', 'model', 'os', 'type', 'role', 'software'];
const TITLES = table<string>({ os: 'System', role: 'Role' });

function Weight({ reason }: { reason: Reason }) {
	return (
		<span class={`weight ${reason.for ? 'for' : 'against'}`} aria-label={`${reason.for ? 'for' : 'against'}, weight ${reason.weight}`}>
			{reason.for ? '+' : '−'}{reason.weight}
		</span>
	);
}

// The same rule may speak of several facts: it stands once, with each of them.
function byRule(reasons: readonly Reason[]): Reason[][] {
	const rules = new Map<string, Reason[]>();
	for (const reason of reasons) {
		const key = `${reason.for} ${reason.weight} ${reason.rule} ${reason.text}`;
		rules.set(key, [...(rules.get(key) ?? []), reason]);
	}
	return [...rules.values()];
}

const SHOWN = 2;

function Rule({ reasons }: { reasons: readonly Reason[] }) {
	const [all, setAll] = useState(false);
	const [first] = reasons;
	if (!first)
		return null;
	const shown = all ? reasons : reasons.slice(0, SHOWN);
	return (
		<li>
			<Weight reason={first} />
			<div>
				<p>{first.text || 'a rule of the program'}{first.rule && <code class="rule">{first.rule}</code>}</p>
				{shown.map((r, i) => (r.fact ? <Evidence key={i} fact={r.fact} /> :
					<p key={i} class="evidence-line">the prefix of its MAC address is registered to them</p>))}
				{reasons.length > shown.length && (
					<button type="button" class="facet-more" onClick={() => setAll(true)}>{plural(reasons.length - shown.length, 'fact')} more</button>
				)}
			</div>
		</li>
	);
}

function Reasons({ why }: { why: Why }) {
	if (why.reasons.length === 0)
		return <p class="reasons faint">The sensor concluded it by rules that this manager does not have.</p>;
	return <ul class="reasons">{byRule(why.reasons).map((reasons, i) => <Rule key={i} reasons={reasons} />)}</ul>;
}

function shown(why: Why): string {
	const text = why.about === 'role' || why.about === 'type' ? words(why.value) : why.value;
	return why.version ? `${text} ${why.version}` : text;
}

// A name's own confidence is that of what speaks for it most.
function sureness(why: Why): number {
	return why.confidence || Math.max(0, ...why.reasons.filter((r) => r.for).map((r) => r.weight));
}

function Conclusion({ why, first, sensors }: { why: Why; first: boolean; sensors: boolean }) {
	const [open, setOpen] = useState(false);
	const against = byRule(why.reasons.filter((r) => !r.for)).length;
	return (
		<div class={`conclusion${open ? ' open' : ''}`}>
			<button type="button" class="conclusion-line" aria-expanded={open} onClick={() => setOpen(!open)}>
				<span class="about">{first ? (TITLES[why.about] ?? words(why.about)) : ''}</span>
				<span class="what">{shown(why)}{sensors && <span class="faint"> {why.sensor}</span>}</span>
				<Confidence of={sureness(why)} />
				<span class="why">why{against > 0 ? ` · ${against} against` : ''}<Icon name="chevron" size={14} /></span>
			</button>
			{open && <Reasons why={why} />}
		</div>
	);
}

export function Identity({ whys }: { whys: readonly Why[] }) {
	const list = [...whys].sort((a, b) => ORDER.indexOf(a.about) - ORDER.indexOf(b.about) || sureness(b) - sureness(a));
	const sensors = new Set(list.map((w) => w.sensor)).size > 1;
	return (
		<Panel title="Identity" note="what is concluded, and how sure it is">
			{list.length === 0 ? (
				<Empty title="Nothing is concluded yet" icon="unknown">
					<p>It has said too little of itself. What it did say stands below, under Facts.</p>
				</Empty>
			) : list.map((why, i) => (
				<Conclusion key={`${why.sensor} ${why.about} ${why.value}`} why={why} first={why.about !== list[i - 1]?.about} sensors={sensors} />
			))}
		</Panel>
	);
}
