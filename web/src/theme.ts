// SPDX-License-Identifier: Apache-2.0
//
// theme.ts - dark or light: as the system has it, unless somebody chose. The choice is this browser's.
//
// The tokens of css/tokens.css follow from the attribute data-theme of <html>; plots and the map,
// which draw on a canvas, read them by token() and draw again when `theme` changes.
import { computed, signal } from '@preact/signals';

export type Choice = 'system' | 'light' | 'dark';

const KEY = 'havainto.theme';
const CHOICES: readonly Choice[] = ['system', 'light', 'dark'];
const systemIsDark = signal(false);

export const choice = signal<Choice>('system');
export const theme = computed(() => (choice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : choice.value));

export function startTheme(): void {
	const system = matchMedia('(prefers-color-scheme: dark)');
	systemIsDark.value = system.matches;
	system.addEventListener('change', (event) => {
		systemIsDark.value = event.matches;
	});
	const kept = localStorage.getItem(KEY) as Choice | null;
	if (kept && CHOICES.includes(kept))
		choice.value = kept;
	theme.subscribe((name) => {
		document.documentElement.dataset.theme = name;
	});
}

export function chooseTheme(name: Choice): void {
	choice.value = name;
	localStorage.setItem(KEY, name);
}

export function nextTheme(): void {
	chooseTheme(CHOICES[(CHOICES.indexOf(choice.value) + 1) % CHOICES.length] ?? 'system');
}

// The value of a colour's token now: token('accent').
export function token(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
