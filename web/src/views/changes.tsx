// SPDX-License-Identifier: Apache-2.0
//
// changes.tsx - what became different, the last first, as it happens.
//
// What it shows stands in the URL: kinds, only what nobody saw yet, muted ones too, a text. Each change can be
// acknowledged, alone or with all before it; a rule mutes what nobody wants to see, and takes nothing out of the inventory.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { asApiError, send, useApi } from '../api.ts';
import { type Change, type Evidence, kindOf, KINDS, type Mute, muteWords, queryOf, subjectOf } from '../changes.ts';
import { useKeys } from '../keys.ts';
import { go, href, place, setQuery } from '../router.ts';
import { count, plural } from '../text.ts';
import { clock, day, exact, now, timeOf } from '../time.ts';
import { type Timeline, useTimeline } from '../timeline.ts';
import { Icon } from '../ui/icon.tsx';
import { Button, Chip, Empty, Failed, Panel, Skeleton } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';

const ALERTS = ['arp-spoofing', 'rogue-dhcp', 'rogue-ra', 'gateway-changed', 'address-duplicate', 'address-moved'];
const GROUPS: readonly { name: string; what: readonly string[] }[] = [
	{ name: 'All', what: [] },
	{ name: 'Alerts', what: ALERTS },
	{ name: 'Come and gone', what: ['new', 'back', 'gone'] },
	{ name: 'Names and addresses', what: ['name-changed', 'address-added', 'joined', 'split'] },
];

const DAY = 86_400_000;

function dayName(time: number): string {
	const today = day(now.value);
	const name = day(time);
	return name === today ? 'Today' : name === day(now.value - DAY) ? 'Yesterday' : name;
}

// --- rules that mute

async function mute(rule: { what: string; query: string }): Promise<void> {
	try {
		await send('POST', '/api/v1/mutes', { ...rule, note: '' });
		say(`Muted: ${muteWords(rule)}`);
	} catch (error) {
		say(`Not muted: ${asApiError(error).message}`, 'bad');
	}
}

function MuteChoice({ of, done }: { of: Change; done: () => void }) {
	const query = queryOf(of);
	const kind = kindOf(of.what).name;
	const name = subjectOf(of);
	const choices = [
		{ words: `“${kind}” of ${name}`, rule: { what: of.what, query } },
		{ words: `“${kind}” of any device`, rule: { what: of.what, query: '' } },
		{ words: `Everything of ${name}`, rule: { what: '', query } },
	].filter((c) => c.rule.what || c.rule.query);
	const first = useRef<HTMLDivElement>(null);
	useEffect(() => first.current?.querySelector('button')?.focus(), []);
	return (
		<div class="mute-choice" ref={first} role="group" aria-label="What to mute" onKeyDown={(event) => {
			if (event.key === 'Escape')
				done();
		}}>
			<span class="faint">From now on, show no more of</span>
			{choices.map((c) => (
				<Button key={c.words} onClick={() => void mute(c.rule).then(done)}>{c.words}</Button>
			))}
			<Button kind="quiet" onClick={done}>Cancel</Button>
		</div>
	);
}

function Rules({ changed }: { changed: () => void }) {
	const { data, error, again } = useApi<{ mutes: Mute[] }>('/api/v1/mutes', 'nothing');
	const remove = async (rule: Mute) => {
		try {
			await send('DELETE', `/api/v1/mutes/${rule.id}`);
			say(`Shown again: ${muteWords(rule)}`);
			again();
			changed();
		} catch (failed) {
			say(`Not removed: ${asApiError(failed).message}`, 'bad');
		}
	};
	if (error)
		return <Failed error={error} again={again} what="the rules" />;
	return (
		<Panel title="What is muted" note={data && plural(data.mutes.length, 'rule')}>
			{data?.mutes.length === 0 && <p class="panel-body muted">Nothing. The bell beside a change mutes its kind, its device, or both.</p>}
			<ul class="rules">
				{data?.mutes.map((m) => (
					<li key={m.id}>
						<Icon name="mute" size={16} />
						<span>{muteWords(m)}</span>
						{m.note && <span class="faint">{m.note}</span>}
						<span class="grow" />
						<Button kind="quiet" label={`Show again: ${muteWords(m)}`} onClick={() => void remove(m)}>Show again</Button>
					</li>
				))}
			</ul>
		</Panel>
	);
}

// --- one change

const isEvidence = (e: Evidence | Record<string, unknown>): e is Evidence => typeof e.mac === 'string' && typeof e.first_seen === 'string';

function EvidenceTable({ of }: { of: readonly Evidence[] }) {
	return (
		<div class="scroll-x" tabIndex={0} role="region" aria-label="Evidence">
			<table class="table">
				<thead>
					<tr>
						<th scope="col">Who claimed it</th>
						<th scope="col">First</th>
						<th scope="col">Last</th>
						<th scope="col" class="number">Times</th>
						<th scope="col" class="number">First frame</th>
					</tr>
				</thead>
				<tbody>
					{of.map((e) => (
						<tr key={e.mac}>
							<td><a class="mono" href={href('devices', '', { q: `mac:${e.mac}` })}>{e.mac}</a></td>
							<td data-tip={exact(e.first_seen)}>{clock(timeOf(e.first_seen))}</td>
							<td data-tip={exact(e.last_seen)}>{clock(timeOf(e.last_seen))}</td>
							<td class="number">{count(e.count)}</td>
							<td class="number">{e.frame > 0 ? count(e.frame) : '–'}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Row({ of, several, selected, select, acknowledge, changed }: {
	of: Change; several: boolean; selected: boolean; select: () => void; acknowledge: () => void; changed: () => void;
}) {
	const [muting, setMuting] = useState(false);
	const kind = kindOf(of.what);
	const evidence = (of.line.evidence ?? []).filter(isEvidence);
	const row = useRef<HTMLLIElement>(null);
	useEffect(() => {
		if (selected)
			row.current?.scrollIntoView({ block: 'nearest' });
	}, [selected]);
	const name = subjectOf(of);
	return (
		<li ref={row} class={`change ${kind.tone}${of.seen ? ' seen' : ''}${selected ? ' selected' : ''}`} onFocusCapture={select}>
			<time dateTime={of.time} data-tip={exact(of.time)}>{clock(timeOf(of.time))}</time>
			<span class="change-icon" data-tip={kind.name}><Icon name={kind.icon} size={14} title={kind.name} /></span>
			<div class="change-text">
				<p>
					{of.device ? <a href={href('device', of.device)}>{name}</a> : <b>{name}</b>} {kind.says(of.line)}
					{several && <span class="faint"> · {of.sensor}</span>}
					{of.muted && <> <Chip>muted</Chip></>}
				</p>
				{evidence.length > 0 && (
					<details>
						<summary>Evidence</summary>
						<EvidenceTable of={evidence} />
					</details>
				)}
				{muting && <MuteChoice of={of} done={() => {
					setMuting(false);
					changed();
				}} />}
			</div>
			<div class="change-acts">
				{of.seen
					? <span class="faint" data-tip={`acknowledged ${exact(of.seen)}`}><Icon name="check" size={16} title="acknowledged" /></span>
					: <Button kind="quiet" icon="check" label={`Acknowledge: ${name}, ${kind.name}`} onClick={acknowledge} />}
				<Button kind="quiet" icon="mute" label={`Mute: ${name}, ${kind.name}`} expanded={muting} onClick={() => setMuting(!muting)} />
			</div>
		</li>
	);
}

// --- the list

function byDay(changes: readonly Change[]): [string, Change[]][] {
	const days = new Map<string, Change[]>();
	for (const c of changes) {
		const name = dayName(timeOf(c.time));
		days.set(name, [...(days.get(name) ?? []), c]);
	}
	return [...days];
}

function List({ of, chosen, choose }: { of: Timeline; chosen: number; choose: (i: number) => void }) {
	const changes = of.changes ?? [];
	const several = new Set(changes.map((c) => c.sensor)).size > 1;
	return (
		<>
			{byDay(changes).map(([name, list]) => (
				<section key={name} class="panel day" aria-label={name}>
					<h2>{name}</h2>
					<ol>
						{list.map((c) => {
							const i = changes.indexOf(c);
							return (
								<Row key={c.id} of={c} several={several} selected={i === chosen} select={() => choose(i)}
									acknowledge={() => of.acknowledge(c, c)} changed={of.again} />
							);
						})}
					</ol>
				</section>
			))}
			{of.more && <p class="older"><Button icon="down" onClick={of.older}>Older changes</Button></p>}
		</>
	);
}

function Toggle({ name, label }: { name: string; label: string }) {
	const on = place.value.query.get(name) === '1';
	return <Button pressed={on} onClick={() => setQuery({ [name]: on ? '' : '1' })}>{label}</Button>;
}

function Filters() {
	const { query } = place.value;
	const what = query.get('what') ?? '';
	const [text, setText] = useState(query.get('text') ?? '');
	useEffect(() => {
		const timer = setTimeout(() => setQuery({ text }), 200);
		return () => clearTimeout(timer);
	}, [text]);
	return (
		<div class="filters" role="search" aria-label="Filter changes">
			<div class="segments" role="group" aria-label="Kinds">
				{GROUPS.map((g) => {
					const list = g.what.join();
					return <button key={g.name} type="button" aria-pressed={what === list} onClick={() => setQuery({ what: list })}>{g.name}</button>;
				})}
			</div>
			<select class="field" aria-label="Kind of change" value={what.includes(',') ? '' : what}
				onChange={(event) => setQuery({ what: event.currentTarget.value })}>
				<option value="">Any kind</option>
				{Object.entries(KINDS).map(([name, kind]) => <option key={name} value={name}>{kind.name}</option>)}
			</select>
			<input class="field grow" type="search" placeholder="Name, address, MAC" aria-label="Text in the change" value={text}
				onInput={(event) => setText(event.currentTarget.value)} />
			<Toggle name="unseen" label="Not seen yet" />
			<Toggle name="muted" label="Muted too" />
		</div>
	);
}

function Nothing({ filtered }: { filtered: boolean }): ComponentChildren {
	return filtered
		? <Empty title="No change matches"><p><a href={href('changes')}>Show all changes</a></p></Empty>
		: <Empty icon="changes" title="Nothing changed yet"><p>Once devices come and go, change names or quarrel about an address, it is told here as it happens.</p></Empty>;
}

export function ChangesView() {
	const { query } = place.value;
	const filter = { what: query.get('what') ?? '', text: query.get('text') ?? '', unseen: query.get('unseen') ?? '', muted: query.get('muted') ?? '' };
	const box = useRef<HTMLDivElement>(null);
	const timeline = useTimeline(filter, () => window.scrollY < 40 && !box.current?.matches(':hover'));
	const [chosen, choose] = useState(-1);
	const changes = timeline.changes ?? [];
	const rules = query.get('rules') === '1';
	const move = (by: number) => choose(Math.max(0, Math.min(changes.length - 1, chosen + by)));
	useKeys([
		{ key: 'j', does: 'next change', run: () => move(1) },
		{ key: 'k', does: 'previous change', run: () => move(-1) },
		{ key: 'Enter', does: 'open the device', run: () => {
			const device = changes[chosen]?.device;
			if (device)
				go(href('device', device));
		} },
		{ key: 'e', does: 'acknowledge', run: () => {
			const c = changes[chosen];
			if (c)
				timeline.acknowledge(c, c);
		} },
	]);
	const unseen = changes.some((c) => !c.seen);
	return (
		<div class="view">
			<header class="view-head">
				<h1>Changes</h1>
				<span class="grow" />
				<Button icon="mute" pressed={rules} onClick={() => setQuery({ rules: rules ? '' : '1' })}>Rules</Button>
				<Button icon="check" kind="primary" disabled={!unseen} onClick={() => changes[0] && timeline.acknowledge(changes[0])}>Acknowledge all</Button>
			</header>
			{rules && <Rules changed={timeline.again} />}
			<Filters />
			{timeline.waiting > 0 && (
				<p class="waiting"><Button icon="up" kind="primary" onClick={() => {
					timeline.show();
					window.scrollTo(0, 0);
				}}>{plural(timeline.waiting, 'new change')}</Button></p>
			)}
			<div ref={box}>
				{timeline.error && !timeline.changes ? <Failed error={timeline.error} again={timeline.again} what="the changes" />
					: !timeline.changes ? <Skeleton />
						: changes.length === 0 ? <Nothing filtered={Object.values(filter).some(Boolean)} />
							: <List of={timeline} chosen={chosen} choose={choose} />}
			</div>
		</div>
	);
}
