// SPDX-License-Identifier: Apache-2.0
//
// tip.tsx - the tooltip: one for the whole page, of whatever has data-tip, on hover and on focus.
//
// It says more about what is there, and never what is nowhere else for a reader: names of controls
// are their aria-label.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Shown {
	text: string;
	at: DOMRect;
}

const WAIT = 250;
const GAP = 6;
const shown = signal<Shown | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

function tipped(target: EventTarget | null): HTMLElement | null {
	return target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
}

function enter(event: Event): void {
	const element = tipped(event.target);
	clearTimeout(timer);
	if (!element) {
		shown.value = undefined;
		return;
	}
	timer = setTimeout(() => {
		const text = element.dataset.tip;
		if (text && element.isConnected)
			shown.value = { text, at: element.getBoundingClientRect() };
	}, WAIT);
}

function leave(): void {
	clearTimeout(timer);
	shown.value = undefined;
}

document.addEventListener('pointerover', enter);
document.addEventListener('focusin', (event) => {
	if (event.target instanceof Element && event.target.matches(':focus-visible'))
		enter(event);
});
document.addEventListener('focusout', leave);
document.addEventListener('pointerdown', leave);
document.addEventListener('scroll', leave, { capture: true, passive: true });

export function Tips() {
	const box = useRef<HTMLDivElement>(null);
	const tip = shown.value;
	useLayoutEffect(() => {
		if (!tip || !box.current)
			return;
		const { offsetWidth: width, offsetHeight: height, style } = box.current;
		const left = Math.max(GAP, Math.min(tip.at.left + tip.at.width / 2 - width / 2, innerWidth - width - GAP));
		const above = tip.at.top - height - GAP;
		style.left = `${left}px`;
		style.top = `${above > 0 ? above : tip.at.bottom + GAP}px`;
	}, [tip]);
	return tip ? <div class="tip" role="tooltip" ref={box}>{tip.text}</div> : null;
}
