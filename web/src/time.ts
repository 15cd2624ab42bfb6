// SPDX-License-Identifier: Apache-2.0
//
// time.ts - times as people read them: how long ago, and on hover when exactly, in the viewer's zone.
//
// The manager's times are UTC ("2026-11-23T08:08:18.662051Z"). `now` moves on by itself, so that what
// says "3 min ago" goes on being true.
import { signal } from '@preact/signals';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const now = signal(Date.now());

const STEP = 5 * SECOND;
if (typeof document !== 'undefined')
	setInterval(() => {
		if (!document.hidden)
			now.value = Date.now();
	}, STEP);

// NaN where it is no time.
export function timeOf(text: string | null | undefined): number {
	return text ? Date.parse(text) : Number.NaN;
}

// "now", "42 s", "5 min", "3 h", "2 d", then the day: short, for a column.
export function ago(time: number, at: number): string {
	const age = at - time;
	if (Number.isNaN(age))
		return '';
	if (age < 10 * SECOND)
		return 'now';
	if (age < MINUTE)
		return `${Math.floor(age / SECOND)} s`;
	if (age < HOUR)
		return `${Math.floor(age / MINUTE)} min`;
	if (age < DAY)
		return `${Math.floor(age / HOUR)} h`;
	if (age < 14 * DAY)
		return `${Math.floor(age / DAY)} d`;
	return day(time);
}

const two = (n: number) => String(n).padStart(2, '0');

// "2026-11-23", in the viewer's zone.
export function day(time: number): string {
	const t = new Date(time);
	return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

// "08:08:18"
export function clock(time: number): string {
	const t = new Date(time);
	return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

// "+02:00"
export function zone(time: number): string {
	const minutes = -new Date(time).getTimezoneOffset();
	const size = Math.abs(minutes);
	return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

// "2026-11-23 10:08:18.662051 +02:00": exact, with the digits that the text has behind the point.
export function exact(text: string): string {
	const time = timeOf(text);
	if (Number.isNaN(time))
		return '';
	const digits = /\.(\d+)/.exec(text)?.[1];
	return `${day(time)} ${clock(time)}${digits ? `.${digits}` : ''} ${zone(time)}`;
}

// "1 h 20 min", "3 d": how long from one to the other.
export function span(ms: number): string {
	if (Number.isNaN(ms) || ms < 0)
		return '';
	if (ms < SECOND)
		return 'under 1 s';
	if (ms < MINUTE)
		return `${Math.floor(ms / SECOND)} s`;
	if (ms < HOUR)
		return `${Math.floor(ms / MINUTE)} min`;
	if (ms < DAY) {
		const minutes = Math.floor((ms % HOUR) / MINUTE);
		return `${Math.floor(ms / HOUR)} h${minutes ? ` ${minutes} min` : ''}`;
	}
	return `${Math.floor(ms / DAY)} d`;
}
