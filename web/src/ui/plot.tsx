// SPDX-License-Identifier: Apache-2.0
//
// plot.tsx - numbers over time: lines on a common scale from 0, as wide as their place.
//
// Drawn as SVG by classes of the sheet, so dark and light need no drawing anew. The pointer, or the arrow keys,
// move a cursor; what stands there is read off in the legend, which else has the last values. (uPlot draws millions
// of points, and is 22 of the 60 kB that this page may weigh; a few hundred points need none of it.)
import { useState } from 'preact/hooks';
import { short } from '../text.ts';
import { clock, day } from '../time.ts';

export interface Line {
	name: string;
	tone: 1 | 2 | 3 | 4 | 5 | 6; // of the chart's colours
	values: readonly (number | null)[];
}

const WIDTH = 1000;
const HEIGHT = 100;
const DAY = 86_400;

// The first of 1, 2, 5, 10, 20 ... that is not below.
export function niceTop(most: number): number {
	if (most <= 1)
		return 1;
	const power = 10 ** Math.floor(Math.log10(most));
	return ([1, 2, 5, 10].find((step) => step * power >= most) ?? 10) * power;
}

// Pieces of a line as an SVG path: a null is a gap; `floor` closes each piece to an area.
export function path(xs: readonly number[], values: readonly (number | null)[], top: number, floor: boolean): string {
	let text = '';
	let first: number | undefined;
	let last = 0;
	const close = () => {
		if (floor && first !== undefined)
			text += `L${last} ${HEIGHT}L${first} ${HEIGHT}Z`;
		first = undefined;
	};
	values.forEach((v, i) => {
		const x = xs[i] ?? 0;
		if (v === null) {
			close();
			return;
		}
		text += `${first === undefined ? 'M' : 'L'}${x.toFixed(1)} ${(HEIGHT * (1 - v / top)).toFixed(1)}`;
		first ??= x;
		last = x;
	});
	close();
	return text;
}

// `times` in seconds, rising.
export function Plot({ times, lines, says, unit = '' }: { times: readonly number[]; lines: readonly Line[]; says: string; unit?: string }) {
	const [at, point] = useState<number | undefined>(undefined);
	const start = times[0] ?? 0;
	const length = Math.max(1, (times.at(-1) ?? 0) - start);
	const xs = times.map((t) => (WIDTH * (t - start)) / length);
	const top = niceTop(Math.max(...lines.flatMap((l) => l.values.map((v) => v ?? 0))));
	const label = (t: number) => (length > DAY ? day(t * 1000) : clock(t * 1000));
	const shown = at ?? times.length - 1;
	const move = (event: PointerEvent) => {
		const box = (event.currentTarget as Element).getBoundingClientRect();
		const x = (WIDTH * (event.clientX - box.left)) / box.width;
		point(xs.reduce((best, v, i) => (Math.abs(v - x) < Math.abs((xs[best] ?? 0) - x) ? i : best), 0));
	};
	const step = (event: KeyboardEvent) => {
		const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
		if (by !== 0)
			point(Math.max(0, Math.min(times.length - 1, shown + by)));
	};
	return (
		<div class="plot">
			<div class="plot-legend" aria-live="off">
				{lines.map((l) => {
					const v = l.values[shown] ?? null;
					return <span key={l.name} class={`tone-${l.tone}`}>{l.name} <b>{v === null ? '–' : `${short(v)}${unit}`}</b></span>;
				})}
				<span class="faint">{label(times[shown] ?? 0)}</span>
			</div>
			<div class="plot-scale" aria-hidden="true"><span>{short(top)}</span><span>{top >= 2 ? short(top / 2) : ''}</span><span>0</span></div>
			<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={says} tabIndex={0}
				onPointerMove={move} onPointerLeave={() => point(undefined)} onKeyDown={step} onBlur={() => point(undefined)}>
				<path class="grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
				{lines.map((l) => <path key={l.name} class={`area tone-${l.tone}`} d={path(xs, l.values, top, true)} />)}
				{lines.map((l) => <path key={l.name} class={`line tone-${l.tone}`} d={path(xs, l.values, top, false)} />)}
				{at !== undefined && <path class="cursor" d={`M${xs[at]} 0V${HEIGHT}`} />}
			</svg>
			<div class="plot-times" aria-hidden="true"><span>{label(start)}</span><span>{label(start + length)}</span></div>
		</div>
	);
}
