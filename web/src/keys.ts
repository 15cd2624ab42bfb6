// SPDX-License-Identifier: Apache-2.0
//
// keys.ts - the keyboard: which key does what now, and what the help says of it.
//
// A view adds its keys while it is shown (useKeys); of two that want one key the last added has it, and
// those that hold good everywhere come first.
// While somebody types into a field keys are letters, but for Escape, which leaves it.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Key {
	key: string; // as KeyboardEvent.key says it: "/", "j", "Enter"; "g d": one after the other
	also?: string; // another key that does the same
	does: string; // for the help: "next device"
	run: (event: KeyboardEvent) => void;
}

export const keys = signal<readonly (readonly Key[])[]>([]);

const PREFIX_FOR = 1000; // ms in which the second key of "g d" must come
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

function isTyping(target: EventTarget | null): boolean {
	if (target instanceof HTMLInputElement)
		return !/^(checkbox|radio|button)$/.test(target.type);
	return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
}

// A key that a button or a link has a meaning for stays theirs.
function isTheirs(event: KeyboardEvent): boolean {
	return (event.key === 'Enter' || event.key === ' ') && event.target instanceof HTMLElement &&
		/^(A|BUTTON|INPUT|SUMMARY)$/.test(event.target.tagName);
}

function find(key: string): Key | undefined {
	return keys.value.flat().findLast((k) => k.key === key || k.also === key);
}

function pressed(event: KeyboardEvent): void {
	if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
		return;
	if (isTyping(event.target)) {
		if (event.key === 'Escape')
			(event.target as HTMLElement).blur();
		return;
	}
	const both = prefix ? `${prefix} ${event.key}` : event.key;
	prefix = '';
	clearTimeout(prefixTimer);
	const found = isTheirs(event) ? undefined : find(both);
	if (found) {
		event.preventDefault();
		found.run(event);
	} else if (keys.value.flat().some((k) => k.key.startsWith(`${event.key} `))) {
		prefix = event.key;
		prefixTimer = setTimeout(() => {
			prefix = '';
		}, PREFIX_FOR);
	}
}

if (typeof document !== 'undefined')
	document.addEventListener('keydown', pressed);

// These keys, while the component is shown. What they do may change from drawing to drawing.
export function useKeys(list: readonly Key[], where: 'here' | 'everywhere' = 'here'): void {
	const latest = useRef(list);
	latest.current = list;
	useEffect(() => {
		const mine = latest.current.map((k) => ({
			...k,
			run: (event: KeyboardEvent) => latest.current.find((l) => l.key === k.key)?.run(event),
		}));
		keys.value = where === 'everywhere' ? [mine, ...keys.value] : [...keys.value, mine];
		return () => {
			keys.value = keys.value.filter((l) => l !== mine);
		};
	}, []);
}
