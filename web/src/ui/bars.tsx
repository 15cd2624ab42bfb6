// SPDX-License-Identifier: Apache-2.0
//
// bars.tsx - shares as bars: drawn as SVG, for the sheet may not be asked for a width that only data knows.
import { percent, share } from '../health.ts';

// One share of a whole, with its number beside it; `bad` is from where it is no accident any more.
export function ShareBar({ part, whole, bad, label }: { part: number; whole: number; bad: number; label: string }) {
	const of = share(part, whole);
	const tone = whole === 0 ? 'none' : of >= bad ? 'bad' : 'good';
	return (
		<span class="share" data-tip={label}>
			<svg class={`bar ${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
				<rect class="ground" width="100" height="6" />
				<rect class="part" width={part > 0 ? Math.max(1.5, 100 * of) : 0} height="6" />
			</svg>
			<span class="number">{whole === 0 ? '–' : percent(part, whole)}</span>
		</span>
	);
}

export interface Part {
	name: string;
	n: number;
	tone: 'one' | 'two' | 'bad' | 'rest';
}

// The parts of a whole, side by side.
export function StackBar({ parts, label }: { parts: readonly Part[]; label: string }) {
	const whole = parts.reduce((sum, part) => sum + part.n, 0);
	let at = 0;
	return (
		<svg class="stack" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label={label}>
			<rect class="ground" width="1000" height="8" />
			{parts.map((part) => {
				const width = 1000 * share(part.n, whole);
				at += width;
				return part.n > 0 && <rect key={part.name} class={part.tone} x={at - width} width={Math.max(width, 2)} height="8" />;
			})}
		</svg>
	);
}
