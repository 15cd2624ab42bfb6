// SPDX-License-Identifier: Apache-2.0
//
// facets.tsx - how many of the devices found have each vendor, type, VLAN ...; a press narrows the search.
//
// A facet is counted over the search without what it wants of the facet's own field, so that a second
// vendor can be added to the first. What is chosen stands in the search itself, as text.
import { useEffect, useRef, useState } from 'preact/hooks';
import { address, get } from '../api.ts';
import { news } from '../live.ts';
import { setQuery } from '../router.ts';
import { count, words } from '../text.ts';
import type { FacetValue } from '../types.ts';
import { Icon } from '../ui/icon.tsx';
import { choose, chosen, isBound, toggle, without } from './search.ts';

interface Facet {
	field: string; // in a search
	name?: string; // in the API's answer, where it is another
	title: string;
	say?: (value: string) => string;
	write?: Record<string, string>; // the API's values as a search has them
}

const AGES: Record<string, string> = { '<1h': 'Last hour', '1h..1d': 'Last day', '1d..7d': 'Last week', '>7d': 'Before' };
const FACETS: readonly Facet[] = [
	{ field: 'type', title: 'Type', say: words },
	{ field: 'role', title: 'Role', say: words },
	{ field: 'vendor', title: 'Vendor' },
	{ field: 'os', title: 'System' },
	{ field: 'vlan', title: 'VLAN' },
	{ field: 'subnet', title: 'Segment' },
	{
		field: 'last_seen', name: 'seen', title: 'Seen', say: (value) => AGES[value] ?? value,
		write: { hour: '<1h', day: '1h..1d', week: '1d..7d', older: '>7d' },
	},
	{ field: 'sensor', title: 'Sensor' },
];
const SHOWN = 6;
const REST = 3000; // ms between two counts while devices come

type Counts = Record<string, FacetValue[]>;

interface FacetsAnswer {
	facets: Counts;
}

const nameOf = (facet: Facet) => facet.name ?? facet.field;

// What the API counted of it, as a search would write the values.
function valuesOf(facet: Facet, counts: Counts | undefined): FacetValue[] {
	const values = counts?.[nameOf(facet)] ?? [];
	return facet.write ? values.filter((v) => v.count > 0).map((v) => ({ ...v, value: facet.write?.[v.value] ?? v.value })) : values;
}

// One question for all fields of which nothing is wanted, and one for each other.
async function ask(q: string, abort: AbortSignal): Promise<Counts> {
	const bound = FACETS.filter((f) => isBound(q, f.field));
	const free = FACETS.filter((f) => !bound.includes(f));
	const question = (search: string, facets: readonly Facet[]) =>
		get<FacetsAnswer>(address('/api/v1/facets', { q: search, facets: facets.map(nameOf).join(',') }), abort);
	const answers = await Promise.all([question(q, free), ...bound.map((f) => question(without(q, f.field), [f]))]);
	return Object.assign({}, ...answers.map((answer) => answer.facets)) as Counts;
}

function useCounts(q: string): Counts | undefined {
	const [counts, setCounts] = useState<Counts>();
	const asked = useRef({ q: '', at: 0 });
	const round = news.devices.value;
	useEffect(() => {
		const abort = new AbortController();
		const rest = asked.current.q === q ? Math.max(0, asked.current.at + REST - Date.now()) : 0;
		const wait = setTimeout(() => {
			asked.current = { q, at: Date.now() };
			ask(q, abort.signal).then(setCounts, () => undefined); // the list itself says what is wrong
		}, rest);
		return () => {
			clearTimeout(wait);
			abort.abort();
		};
	}, [q, round]);
	return counts;
}

function FacetBox({ facet, values, q }: { facet: Facet; values: readonly FacetValue[]; q: string }) {
	const [all, setAll] = useState(false);
	const wanted = chosen(q, facet.field);
	const missing = wanted.filter((value) => !values.some((v) => v.value === value)).map((value) => ({ value, count: 0 }));
	const list = [...missing, ...values].filter((v) => v.value !== '');
	const shown = all ? list : list.filter((v, i) => i < SHOWN || wanted.includes(v.value));
	const most = Math.max(1, ...list.map((v) => v.count));
	if (list.length === 0)
		return null;
	return (
		<fieldset class="facet">
			<legend>
				{facet.title}
				{isBound(q, facet.field) && (
					<button type="button" class="facet-more" aria-label={`Any ${facet.title.toLowerCase()}`}
						onClick={() => setQuery({ q: choose(q, facet.field, []) }, 'push')}>any</button>
				)}
			</legend>
			<ul>
				{shown.map((v) => (
					<li key={v.value}>
						<label>
							<input type="checkbox" checked={wanted.includes(v.value)}
								onChange={() => setQuery({ q: toggle(q, facet.field, v.value) }, 'push')} />
							<span class="cut" data-tip={v.value.length > 22 ? v.value : undefined}>{facet.say?.(v.value) ?? v.value}</span>
							<Share of={v.count / most} />
							<span class="number faint">{count(v.count)}</span>
						</label>
					</li>
				))}
			</ul>
			{list.length > SHOWN && (
				<button type="button" class="facet-more" aria-expanded={all} onClick={() => setAll(!all)}>
					{all ? 'fewer' : `${list.length - SHOWN} more`}
				</button>
			)}
		</fieldset>
	);
}

// A bar under the value: how it stands beside the most frequent.
function Share({ of }: { of: number }) {
	return <i class="facet-share" style={{ transform: `scaleX(${of.toFixed(3)})` }} aria-hidden="true" />;
}

export function Facets({ q, onClose }: { q: string; onClose: () => void }) {
	const counts = useCounts(q);
	return (
		<aside class="facets" aria-label="Filters">
			<header class="facets-head">
				<h2>Filters</h2>
				<button type="button" class="chip-x" aria-label="Close filters" onClick={onClose}><Icon name="close" size={16} /></button>
			</header>
			{FACETS.map((facet) => (
				<FacetBox key={facet.field} facet={facet} values={valuesOf(facet, counts)} q={q} />
			))}
		</aside>
	);
}
