// SPDX-License-Identifier: Apache-2.0
//
// toast.tsx - a line at the foot of the page that says what became of something, and goes by itself.
// One that tells of a failure stays until somebody closed it.
import { signal } from '@preact/signals';
import { Icon } from './icon.tsx';

interface Toast {
	id: number;
	text: string;
	bad: boolean;
}

const STAYS = 4000;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

function remove(id: number): void {
	toasts.value = toasts.value.filter((t) => t.id !== id);
}

export function say(text: string, how: 'good' | 'bad' = 'good'): void {
	const id = ++last;
	toasts.value = [...toasts.value.slice(-2), { id, text, bad: how === 'bad' }];
	if (how === 'good')
		setTimeout(() => remove(id), STAYS);
}

export function Toasts() {
	return (
		<div class="toasts" aria-live="polite">
			{toasts.value.map((t) => (
				<div key={t.id} class={`toast${t.bad ? ' bad' : ''}`} role={t.bad ? 'alert' : 'status'}>
					<Icon name={t.bad ? 'warning' : 'check'} size={16} />
					<span>{t.text}</span>
					<button type="button" class="chip-x" aria-label="close" onClick={() => remove(t.id)}><Icon name="close" size={12} /></button>
				</div>
			))}
		</div>
	);
}
