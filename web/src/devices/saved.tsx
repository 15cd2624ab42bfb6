// SPDX-License-Identifier: Apache-2.0
//
// saved.tsx - views of the list that somebody gave a name: a search, an order and columns, as one URL.
// They are kept in this browser; the URL itself is what is sent to somebody else.
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { go, href, place } from '../router.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { Button } from '../ui/parts.tsx';

interface Saved {
	name: string;
	query: string; // as in the URL
}

const KEY = 'havainto.views';
const OFFERED: readonly Saved[] = [
	{ name: 'New in the last day', query: 'q=first_seen:<1d&sort=-first_seen' },
	{ name: 'Silent for a week', query: 'q=last_seen:>7d&sort=-last_seen' },
	{ name: 'Most traffic', query: 'sort=-bytes' },
	{ name: 'Without a name', query: 'q=-name:*' },
];

function load(): readonly Saved[] {
	try {
		const list = JSON.parse(localStorage.getItem(KEY) ?? '[]') as Saved[];
		return list.filter((s) => typeof s.name === 'string' && typeof s.query === 'string');
	} catch {
		return []; // somebody else's words under our key
	}
}

const saved = signal(load());

function keep(list: readonly Saved[]): void {
	saved.value = list;
	localStorage.setItem(KEY, JSON.stringify(list));
}

const open = (view: Saved) => go(href('devices', '', Object.fromEntries(new URLSearchParams(view.query))));

export function SavedViews() {
	const [name, setName] = useState('');
	const query = place.value.query.toString();
	const save = (close: () => void) => {
		const called = name.trim();
		if (!called)
			return;
		keep([...saved.value.filter((s) => s.name !== called), { name: called, query }]);
		setName('');
		close();
	};
	const item = (view: Saved, close: () => void, own: boolean) => (
		<li key={view.name}>
			<button type="button" class="menu-item" aria-current={view.query === query} onClick={() => {
				open(view);
				close();
			}}><span class="cut">{view.name}</span></button>
			{own && (
				<button type="button" class="chip-x" aria-label={`Forget ${view.name}`} onClick={() => keep(saved.value.filter((s) => s !== view))}>
					<Icon name="close" size={12} />
				</button>
			)}
		</li>
	);
	return (
		<Menu icon="star" label="Saved views" text="Views">
			{(close) => (
				<>
					{saved.value.length > 0 && <ul>{saved.value.map((view) => item(view, close, true))}</ul>}
					<h3>Often asked</h3>
					<ul>{OFFERED.map((view) => item(view, close, false))}</ul>
					<form class="menu-form" onSubmit={(event) => {
						event.preventDefault();
						save(close);
					}}>
						<input class="field" value={name} maxLength={60} placeholder="Name this view" aria-label="Name of this view"
							onInput={(event) => setName(event.currentTarget.value)} />
						<Button kind="primary" onClick={() => save(close)} disabled={!name.trim()}>Save</Button>
					</form>
				</>
			)}
		</Menu>
	);
}
