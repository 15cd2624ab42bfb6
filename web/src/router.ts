// SPDX-License-Identifier: Apache-2.0
//
// router.ts - where the page is: which view, of what, and how it is set. All of it stands in the URL.
//
// "#/devices?q=role:router&sort=-last_seen", "#/device/17". It is the part behind '#', so a manager
// needs to know of one page only, and no search ever stands in a proxy's log. What a view can be
// set to it keeps in `query`: then Back, a bookmark and a link sent to somebody all work.
import { computed, signal } from '@preact/signals';

export interface Place {
	view: string; // "devices"
	id: string; // "17"; "" where the view is of nothing in particular
	query: URLSearchParams;
}

export const HOME = 'devices';

export function readPlace(hash: string): Place {
	const text = hash.replace(/^#\/?/, '');
	const mark = text.indexOf('?');
	const path = mark < 0 ? text : text.slice(0, mark);
	const [view = '', ...rest] = path.split('/');
	let id = rest.join('/');
	try {
		id = decodeURIComponent(id);
	} catch {
		// left as it stands: half an escape is somebody's typing error
	}
	return { view: view || HOME, id, query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) };
}

type Settings = Record<string, string | undefined>;

// The address of a view; settings that are "" or undefined are left out.
export function href(view: string, id: string | number = '', settings: Settings = {}): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(settings))
		if (value)
			query.set(name, value);
	const text = query.toString();
	return `#/${view}${id === '' ? '' : `/${encodeURIComponent(id)}`}${text ? `?${text}` : ''}`;
}

const hash = signal(typeof location === 'undefined' ? '' : location.hash);
export const place = computed(() => readPlace(hash.value));

if (typeof addEventListener !== 'undefined')
	addEventListener('hashchange', () => {
		hash.value = location.hash;
	});

export function go(address: string, how: 'push' | 'replace' = 'push'): void {
	if (how === 'push')
		history.pushState(null, '', address);
	else
		history.replaceState(null, '', address);
	hash.value = location.hash;
}

// Sets some of this view's settings and leaves the others. Each step of typing is no step of Back.
export function setQuery(settings: Settings, how: 'push' | 'replace' = 'replace'): void {
	const { view, id, query } = place.value;
	go(href(view, id, { ...Object.fromEntries(query), ...settings }), how);
}
