// SPDX-License-Identifier: Apache-2.0
//
// devices.tsx - all devices: a search, facets beside it, and the list. How it is set stands in the URL:
// q, sort, cols.
import { useEffect, useRef, useState } from 'preact/hooks';
import { address, useApi } from '../api.ts';
import { COLUMNS, columnsOf, USUAL } from '../devices/columns.tsx';
import { Facets } from '../devices/facets.tsx';
import { FirstRun } from '../devices/first_run.tsx';
import { useFresh } from '../devices/fresh.ts';
import { List } from '../devices/list.tsx';
import { Rows } from '../devices/rows.ts';
import { SavedViews } from '../devices/saved.tsx';
import { SearchBox } from '../devices/search_box.tsx';
import { place, setQuery } from '../router.ts';
import { plural } from '../text.ts';
import type { DevicesPage } from '../types.ts';
import { Icon } from '../ui/icon.tsx';
import { narrow } from '../ui/media.ts';
import { Menu } from '../ui/menu.tsx';
import { Button, Empty, Failed, Kbd, Skeleton } from '../ui/parts.tsx';

const USUAL_SORT = 'ip';

interface Shown {
	key: string;
	next: Rows;
	shown: Rows;
}

let last: Shown | undefined; // of the view when it was left: who comes back finds the list where it was

// The rows of this search; until they are there, those of the last one that worked.
function useRows(q: string, sort: string): Shown {
	const made = useRef<Shown | undefined>(last);
	const key = `${sort} ${q}`;
	if (made.current?.key !== key) {
		const next = new Rows(q, sort);
		made.current?.next.giveUp();
		made.current = { key, next, shown: made.current?.shown ?? next };
		next.show(0, 1);
	}
	last = made.current;
	last.next.drawn.value; // drawn again when it is there
	if (last.next.known)
		last.shown = last.next;
	return last;
}

function ColumnsMenu({ cols }: { cols: string }) {
	const shown = columnsOf(cols).map((c) => c.id);
	const set = (id: string) => {
		const list = shown.includes(id) ? shown.filter((s) => s !== id) : [...shown, id];
		const usual = list.length === USUAL.length && list.every((s) => USUAL.includes(s));
		setQuery({ cols: usual ? '' : list.join(',') || 'none' });
	};
	return (
		<Menu icon="columns" label="Columns">
			{() => (
				<ul class="menu-checks">
					{COLUMNS.map((c) => (
						<li key={c.id}>
							<label><input type="checkbox" checked={shown.includes(c.id)} onChange={() => set(c.id)} />{c.title}</label>
						</li>
					))}
				</ul>
			)}
		</Menu>
	);
}

function Nothing({ q }: { q: string }) {
	const all = useApi<DevicesPage>(address('/api/v1/devices', { limit: 1 }), 'devices');
	if (all.data?.count === 0)
		return <FirstRun />;
	return (
		<Empty title="No device is found by this">
			<p>{all.data ? `${plural(all.data.count, 'device')} are known. ` : ''}Each word must hold; a comma between values means one or the other.</p>
			{q && <Button icon="close" onClick={() => setQuery({ q: '' }, 'push')}>Clear the search</Button>}
		</Empty>
	);
}

export function DevicesView() {
	const { query } = place.value;
	const q = query.get('q') ?? '';
	const sort = query.get('sort') ?? USUAL_SORT;
	const cols = query.get('cols') ?? '';
	const { shown, next } = useRows(q, sort);
	const fresh = useFresh(shown);
	const [filters, setFilters] = useState(!narrow.value);
	const refused = next.error?.status === 400 ? next.error.message : '';
	const nothing = shown.known && shown.count === 0 && q === '';
	const failed = next.error && !refused && !shown.known ? next.error : undefined;
	useEffect(() => setFilters(!narrow.value), [narrow.value]);
	return (
		<div class={`devices${filters && !nothing ? ' with-facets' : ''}`}>
			<h1 class="reader">Devices</h1>
			<div class="tools">
				<Button icon="filter" label="Filters" pressed={filters} onClick={() => setFilters(!filters)} />
				<SearchBox q={q} error={refused} />
				<p class="found" role="status">{shown.known && <><b>{plural(shown.count, 'device')}</b></>}</p>
				<SavedViews />
				{!narrow.value && <ColumnsMenu cols={cols} />}
				<a class="button bare" href={address('/api/v1/export.csv', { q })} download="devices.csv" aria-label="Download as CSV" data-tip="Download as CSV">
					<Icon name="download" size={16} />
				</a>
			</div>
			{filters && !nothing && <Facets q={refused ? '' : q} onClose={() => setFilters(false)} />}
			<div class="found-list">
				{failed && <Failed error={failed} what="devices" again={() => next.show(0, 1)} />}
				{refused && !shown.known && (
					<Empty title="This search cannot be understood">
						<p>{refused}. Press <Kbd>?</Kbd> for how searches are written.</p>
						<Button icon="close" onClick={() => setQuery({ q: '' }, 'push')}>Clear the search</Button>
					</Empty>
				)}
				{!failed && !refused && !shown.known && <Skeleton rows={14} />}
				{shown.known && shown.count === 0 && <Nothing q={q} />}
				{shown.known && shown.count > 0 &&
					<List rows={shown} fresh={fresh} columns={columnsOf(cols)} sort={sort} onSort={(by) => setQuery({ sort: by === USUAL_SORT ? '' : by })} />}
			</div>
		</div>
	);
}
