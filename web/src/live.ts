// SPDX-License-Identifier: Apache-2.0
//
// live.ts - what the manager tells of its own accord, and whether it can be heard.
//
// One stream of events (/api/v1/events). `news.devices` and `news.changes` are numbers that rise when
// there is something new of the kind: a view that looks at one asks again. While nothing can be
// heard `connection` says so, the shell shows a line, and it is tried again, ever less often; once it
// is back everything counts as new, for nobody knows what was missed.
import { signal } from '@preact/signals';
import { signedOut } from './session.ts';

export type Connection = 'opening' | 'live' | 'lost';

export interface ChangeNews {
	id: number;
	device: number; // 0: not known
	time: string;
	sensor: string;
	what: string;
}

export const connection = signal<Connection>('opening');
export const news = { devices: signal(0), changes: signal(0) };

type Listener = (change: ChangeNews) => void;
const listeners = new Set<Listener>();

// The devices that are others now; undefined: nobody knows which.
type DeviceListener = (ids: readonly number[] | undefined) => void;
const deviceListeners = new Set<DeviceListener>();

// Called for every change that is told from now on; gives the way to stop it.
export function onChange(listener: Listener): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function onDevice(listener: DeviceListener): () => void {
	deviceListeners.add(listener);
	return () => deviceListeners.delete(listener);
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 10_000;
const SILENCE = 10_000; // the manager says something every second
const HIDDEN_FOR = 30_000;

let wait = FIRST_WAIT;
type Timer = ReturnType<typeof setTimeout> | undefined;
let silence: Timer;
let retry: Timer;
let hiding: Timer;
let current: EventSource | undefined;

function everythingIsNew(): void {
	tellDevices(undefined);
	news.changes.value++;
}

function tellDevices(ids: readonly number[] | undefined): void {
	news.devices.value++;
	for (const listener of deviceListeners)
		listener(ids);
}

function heard(source: EventSource): void {
	clearTimeout(silence);
	silence = setTimeout(() => lost(source), SILENCE);
}

function lost(source: EventSource): void {
	clearTimeout(silence);
	source.close();
	connection.value = 'lost';
	retry = setTimeout(open, wait);
	wait = Math.min(wait * 2, LONGEST_WAIT);
}

function tellChange(text: string): void {
	const change = JSON.parse(text) as ChangeNews;
	news.changes.value++;
	for (const listener of listeners)
		listener(change);
}

function open(): void {
	const source = new EventSource('/api/v1/events');
	current = source;
	source.onopen = () => {
		if (connection.value !== 'opening')
			everythingIsNew();
		connection.value = 'live';
		signedOut.value = false; // logged in again, by a link opened in another tab
		wait = FIRST_WAIT;
		heard(source);
	};
	source.onerror = () => lost(source);
	source.addEventListener('still', () => heard(source));
	source.addEventListener('devices', (event) => {
		heard(source);
		const said = JSON.parse((event as MessageEvent<string>).data) as { ids?: number[]; more?: boolean };
		tellDevices(said.more ? undefined : said.ids);
	});
	source.addEventListener('change', (event) => {
		heard(source);
		tellChange((event as MessageEvent<string>).data);
	});
}

// A page that nobody looks at gives its connection back: a browser has but six to a manager, and
// somebody with seven tabs would wait for ever in the seventh.
function seen(): void {
	clearTimeout(hiding);
	if (document.hidden)
		hiding = setTimeout(() => {
			clearTimeout(silence);
			clearTimeout(retry);
			current?.close();
			current = undefined;
		}, HIDDEN_FOR);
	else if (current === undefined)
		open();
}

export function startLive(): void {
	open();
	document.addEventListener('visibilitychange', seen);
}
