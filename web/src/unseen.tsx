// SPDX-License-Identifier: Apache-2.0
//
// unseen.tsx - how many changes nobody acknowledged yet: the badge in the navigation.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { address, get } from './api.ts';
import { news } from './live.ts';
import { count } from './text.ts';

const MOST = 1000; // the manager counts no further
const SETTLE = 200; // ms: changes come in swarms
const unseen = signal(0);

// Whoever hears the number from the manager says it here.
export function countUnseen(n: number): void {
	unseen.value = n;
}

export function Unseen() {
	const told = news.changes.value;
	useEffect(() => {
		const abort = new AbortController();
		const timer = setTimeout(() => {
			get<{ unseen?: number }>(address('/api/v1/changes', { limit: 1, unseen: 1 }), abort.signal)
				.then((answer) => countUnseen(answer.unseen ?? 0), () => undefined);
		}, SETTLE);
		return () => {
			clearTimeout(timer);
			abort.abort();
		};
	}, [told]);
	const n = unseen.value;
	if (n === 0)
		return null;
	return (
		<span class="badge">
			<span aria-hidden="true">{n > 99 ? '99+' : n}</span>
			<span class="reader">, {n >= MOST ? `${count(MOST)} or more` : count(n)} not seen</span>
		</span>
	);
}
