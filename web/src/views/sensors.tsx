// SPDX-License-Identifier: Apache-2.0
//
// sensors.tsx - how each sensor is: heard or not, what it read and dropped, what waits, and whether its
// accounts balance: what came is the sum of what became of it, and nothing is lost between.
import { useMemo } from 'preact/hooks';
import { useApi } from '../api.ts';
import { type Account, gauge, type Sensor, verdict } from '../health.ts';
import { dropped, queueDepth, rates, remember, type Sample } from '../history.ts';
import { href } from '../router.ts';
import { count, plural, short } from '../text.ts';
import { now, span, timeOf } from '../time.ts';
import { StackBar } from '../ui/bars.tsx';
import { Icon } from '../ui/icon.tsx';
import { Chip, Empty, Failed, Panel, Skeleton, Time } from '../ui/parts.tsx';
import { type Line, Plot } from '../ui/plot.tsx';

// A sensor says how it is each minute unless told otherwise; twice that, and something is wrong.
const LATE = 130_000;
const SKEW = 5;

type State = { tone: 'good' | 'warn' | 'bad' | 'plain'; words: string };

function stateOf(s: Sensor): State {
	if (s.boot === 0)
		return { tone: 'plain', words: 'read a capture' };
	const silent = now.value - timeOf(s.heard);
	if (silent > LATE)
		return { tone: 'bad', words: `silent for ${span(silent)}` };
	if (s.health && verdict(s.health) === 'bad')
		return { tone: 'warn', words: 'misses something' };
	return { tone: 'good', words: 'live' };
}

function Figure({ name, value, note, bad, tip }: { name: string; value: string; note?: string | undefined; bad?: boolean; tip: string }) {
	return (
		<div class={`figure${bad ? ' bad' : ''}`} data-tip={tip}>
			<dt>{name}</dt>
			<dd><b>{value}</b>{note && <span>{note}</span>}</dd>
		</div>
	);
}

// "12 k/s" of the last two samples.
function rateNow(samples: readonly Sample[]): string | undefined {
	const rate = rates(samples.slice(-2), 'received')[0];
	return rate === undefined || rate === null ? undefined : `${short(rate)} a second`;
}

function Figures({ of, samples }: { of: Sensor; samples: readonly Sample[] }) {
	const h = of.health;
	if (!h)
		return <p class="panel-body muted">It has not said yet how it is; it does at its next interval.</p>;
	const lost = dropped(h);
	const waiting = gauge(h, 'sink.spooled');
	return (
		<dl class="figures">
			<Figure name="Frames read" value={short(h.captured)} note={rateNow(samples)} tip={`${count(h.captured)} frames since it started`} />
			<Figure name="Dropped" value={short(lost)} bad={lost > 0} tip="by the kernel, and by queues between tasks" />
			<Figure name="Malformed" value={short(h.malformed)} tip={`${count(h.malformed)} packets broke the rules of their protocol`} />
			<Figure name="Queue" value={short(queueDepth(h))} tip="messages between its tasks, sent and not yet read" />
			<Figure name="Spool" value={short(waiting)} bad={waiting > 10_000} tip="reports on its disk that no manager has yet" />
			<Figure name="Given up" value={short(gauge(h, 'sink.expired'))} bad={gauge(h, 'sink.expired') > 0} tip="reports that the spool had no room for" />
		</dl>
	);
}

const TONES = ['one', 'two', 'rest'] as const;
const isLoss = (part: string) => /drop|refus/.test(part);

// While a sensor runs its numbers are read one after the other, so that a few lie between.
const ON_THE_WAY = 0.001;

function AccountRow({ of, live }: { of: Account; live: boolean }) {
	const balanced = Math.abs(of.difference) <= (live ? Math.max(64, ON_THE_WAY * of.whole.n) : 0);
	const parts = of.parts.map((p, i) => ({ name: p.words, n: p.n, tone: isLoss(p.words) ? 'bad' as const : TONES[i] ?? 'rest' }));
	return (
		<li class={balanced ? '' : 'bad'}>
			<p>
				<b>{count(of.whole.n)}</b> {of.whole.words} <span class="faint">=</span>{' '}
				{of.parts.map((p, i) => <span key={p.words}>{i > 0 && '+ '}<b>{count(p.n)}</b> {p.words}</span>)}
				{of.difference !== 0 && <span>, {count(Math.abs(of.difference))} {balanced ? 'on the way' : 'unaccounted for'}</span>}
				<span class="grow" />
				<Icon name={balanced ? 'check' : 'warning'} size={16} title={balanced ? 'balanced' : 'does not balance'} />
			</p>
			<StackBar parts={parts} label={parts.map((p) => `${count(p.n)} ${p.name}`).join(', ')} />
		</li>
	);
}

function Accounts({ of, live }: { of: readonly Account[]; live: boolean }) {
	const said = of.filter((a) => a.whole.n > 0);
	if (said.length === 0)
		return null;
	return (
		<div class="accounts">
			<h3>Accounts: what came, and what became of it</h3>
			<ul>{said.map((a) => <AccountRow key={a.whole.words + a.parts.map((p) => p.words).join()} of={a} live={live} />)}</ul>
		</div>
	);
}

function Plots({ of }: { of: readonly Sample[] }) {
	const lines = useMemo((): Line[] => [
		{ name: 'read', tone: 1, values: rates(of, 'received') },
		{ name: 'kept back', tone: 6, values: rates(of, 'shed') },
		{ name: 'dropped', tone: 2, values: rates(of, 'dropped') },
	], [of]);
	const waits = useMemo((): Line[] => [
		{ name: 'queue', tone: 3, values: of.slice(1).map((s) => s.queued) },
		{ name: 'spool', tone: 5, values: of.slice(1).map((s) => s.spooled) },
	], [of]);
	const times = useMemo(() => of.slice(1).map((s) => s.at), [of]);
	if (times.length < 2)
		return null;
	const last = of.at(-1) as Sample;
	return (
		<div class="plots">
			<figure>
				<figcaption>Frames a second</figcaption>
				<Plot times={times} lines={lines} unit="/s" says={`Frames a second over ${plural(times.length, 'sample')}`} />
			</figure>
			<figure>
				<figcaption>Waiting</figcaption>
				<Plot times={times} lines={waits} says={`${count(last.queued)} in queues, ${count(last.spooled)} in the spool`} />
			</figure>
		</div>
	);
}

// The observers that had most to read.
function Observers({ of }: { of: Sensor }) {
	const all = Object.entries(of.health?.observers ?? {})
		.map(([name, v]) => ({ name, v, n: v.learned + v.nothing + v.malformed + v.truncated }))
		.filter((o) => o.n > 0).sort((a, b) => b.v.learned - a.v.learned);
	if (all.length === 0)
		return null;
	return (
		<details class="observers">
			<summary>{plural(all.length, 'protocol')} read</summary>
			<div class="scroll-x" tabIndex={0} role="region" aria-label="Protocols read">
				<table class="table">
					<thead>
						<tr>
							<th scope="col">Protocol</th>
							<th scope="col" class="number">Learned from</th>
							<th scope="col" class="number">Nothing new</th>
							<th scope="col" class="number">Malformed</th>
							<th scope="col" class="number">Cut</th>
							<th scope="col" class="number">Of another</th>
						</tr>
					</thead>
					<tbody>
						{all.map(({ name, v }) => (
							<tr key={name}>
								<td>{name}</td>
								<td class="number">{count(v.learned)}</td>
								<td class="number">{count(v.nothing)}</td>
								<td class={`number${v.malformed ? ' warn' : ''}`}>{count(v.malformed)}</td>
								<td class="number">{count(v.truncated)}</td>
								<td class="number">{count(v.not_mine)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</details>
	);
}

function SensorPanel({ of, samples }: { of: Sensor; samples: readonly Sample[] }) {
	const state = stateOf(of);
	const live = of.boot > 0;
	return (
		<Panel title={of.name} note={<span class="sensor-note">version {of.version}</span>} more={<>
			<Chip tone={state.tone}>{state.words}</Chip>
			<a href={href('devices', '', { q: `sensor:${/[\s:]/.test(of.name) ? `"${of.name}"` : of.name}` })}>{plural(of.records, 'device')}</a>
		</>}>
			<p class="sensor-line">
				<span>last heard <Time at={of.heard} suffix=" ago" /></span>
				<span>{live ? <>start {of.boot}, </> : ''}line {count(of.seq)}</span>
				{live && Math.abs(of.behind) > SKEW && <span class="warn">its clock is {span(Math.abs(of.behind) * 1000)} {of.behind > 0 ? 'behind' : 'ahead'}</span>}
				{!live && <span>packets up to <Time at={of.time} suffix=" ago" /></span>}
				{of.health && verdict(of.health) !== 'good' && <a href={href('coverage')}>what it can not see</a>}
			</p>
			<Figures of={of} samples={samples} />
			<Plots of={samples} />
			<Accounts of={of.accounts ?? []} live={live} />
			<Observers of={of} />
		</Panel>
	);
}

export function SensorsView() {
	const { data, error, again } = useApi<{ sensors: Sensor[] }>('/api/v1/sensors', 'devices');
	const kept = useMemo(() => new Map(remember(data?.sensors ?? [])), [data]);
	if (!data)
		return error ? <Failed error={error} again={again} what="the sensors" /> : <Skeleton />;
	if (data.sensors.length === 0)
		return (
			<Empty icon="sensors" title="No sensor has reported yet">
				<p>Start one on this machine, and it shows here at once:</p>
				<pre>sudo havainto listen -i eth0 -o unix:/var/lib/havainto/manager.sock</pre>
			</Empty>
		);
	const silent = data.sensors.filter((s) => stateOf(s).tone === 'bad').length;
	return (
		<div class="view">
			<header class="view-head">
				<h1>Sensors</h1>
				<p>{plural(data.sensors.length, 'sensor')}{silent > 0 && <>, <span class="bad">{count(silent)} silent</span></>}</p>
			</header>
			<div class="sensors">
				{data.sensors.map((s) => <SensorPanel key={s.name} of={s} samples={kept.get(s.name) ?? []} />)}
			</div>
		</div>
	);
}
