// SPDX-License-Identifier: Apache-2.0
//
// canvas.tsx - the map to look at: drag, wheel and pinch move it, a click leads on, and so do the keys.
//
// It is drawn when something changed and then not again; while it settles, once a frame, so that the page
// stays quick. For who cannot see it there is the list (list.tsx), which says the same.
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { theme } from '../theme.ts';
import { words } from '../text.ts';
import { Button } from '../ui/parts.tsx';
import { bounded, useGestures, wheelFactor, zoomed } from './gestures.ts';
import { type Graph, type Spot, WIRES } from './graph.ts';
import { bounds, keep, type Layout, layoutOf, type Placed, settle } from './layout.ts';
import { type Camera, look, paint, toWorld } from './paint.ts';

const FRAME_MS = 9; // of a frame's 16 that forces may take

function fit(layout: Layout, width: number, height: number): Camera {
	const box = bounds(layout);
	const scale = Math.min(1.6, bounded(Math.min((width - 24) / box.width, (height - 56) / box.height)));
	return { x: box.x + box.width / 2, y: box.y + box.height / 2 - 12 / scale, scale };
}

function spotAt(layout: Layout, x: number, y: number, slack: number): Placed | undefined {
	let best: Placed | undefined;
	let least = Infinity;
	for (const p of layout.placed) {
		const far = Math.hypot(p.x - x, p.y - y) - p.radius - slack;
		if (far < 0 && far < least) {
			least = far;
			best = p;
		}
	}
	return best;
}

// The next one in the direction of an arrow key: near, and not far aside.
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function neighbour(layout: Layout, from: Placed | undefined, [dx, dy]: [number, number]): Placed | undefined {
	if (!from)
		return layout.placed[0];
	let best: Placed | undefined;
	let least = Infinity;
	for (const p of layout.placed) {
		const along = (p.x - from.x) * dx + (p.y - from.y) * dy;
		const aside = Math.abs((p.x - from.x) * dy) + Math.abs((p.y - from.y) * dx);
		if (p !== from && along > 1 && along + 2.5 * aside < least) {
			least = along + 2.5 * aside;
			best = p;
		}
	}
	return best;
}

export function describe(spot: Spot): string {
	const n = spot.node;
	const wires = spot.links.filter((l) => WIRES.has(l.kind) && l.port).map((l) => l.port);
	const talks = spot.links.filter((l) => l.kind === 'talks').length;
	const parts = n
		? [spot.label, n.vendor ?? '', words(n.type ?? ''), n.ip && n.ip !== spot.label ? n.ip : '']
		: [spot.label, `${spot.count} devices`];
	if (wires.length > 0)
		parts.push(`port ${wires.join(', ')}`);
	if (talks > 0)
		parts.push(`talks with ${talks}`);
	return parts.filter(Boolean).join(' · ');
}

// What is drawn, and from where; `again` has it drawn anew in the next frame.
interface Drawing {
	camera: { current: Camera | undefined };
	size: () => [number, number];
	now: () => void;
	again: () => void;
}

function useDrawing(canvas: RefObject<HTMLCanvasElement | null>, layout: Layout, chosen: Placed | undefined): Drawing {
	const camera = useRef<Camera | undefined>(undefined);
	const pending = useRef(0);
	const colours = useMemo(look, [theme.value]);
	const order = useMemo(() => [...layout.placed].sort((a, b) => b.spot.links.length - a.spot.links.length || (a.spot.id < b.spot.id ? -1 : 1)), [layout]);
	const latest = useRef({ layout, order, colours, chosen });
	latest.current = { layout, order, colours, chosen };
	const size = (): [number, number] => [canvas.current?.clientWidth ?? 1, canvas.current?.clientHeight ?? 1];
	const now = () => {
		pending.current = 0;
		const { current: s } = latest;
		if (canvas.current && camera.current)
			paint(canvas.current, s.layout, s.order, camera.current, s.colours, s.chosen?.spot);
	};
	const again = () => {
		pending.current ||= requestAnimationFrame(now);
	};
	useEffect(again, [chosen, colours, layout]);
	useEffect(() => {
		const c = canvas.current as HTMLCanvasElement;
		const watch = new ResizeObserver(() => {
			const ratio = devicePixelRatio || 1;
			c.width = Math.round(c.clientWidth * ratio);
			c.height = Math.round(c.clientHeight * ratio);
			camera.current ??= fit(latest.current.layout, ...size());
			now();
		});
		watch.observe(c);
		return () => {
			watch.disconnect();
			cancelAnimationFrame(pending.current);
		};
	}, []);
	return { camera, size, now, again };
}

// Lets the forces work, a part of each frame, until they rest; then the places are kept.
function useSettling(layout: Layout, drawing: Drawing): void {
	useEffect(() => {
		let frame = 0;
		const step = () => {
			if (settle(layout, FRAME_MS))
				frame = requestAnimationFrame(step);
			else
				keep(layout);
			drawing.now();
		};
		step();
		return () => cancelAnimationFrame(frame);
	}, [layout]);
}

export function MapCanvas({ graph, open }: { graph: Graph; open: (spot: Spot) => void }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const [chosen, choose] = useState<Placed | undefined>(undefined);
	const layout = useMemo(() => layoutOf(graph, innerHeight > innerWidth), [graph]);
	const drawing = useDrawing(canvas, layout, chosen);
	const { camera, size } = drawing;
	useSettling(layout, drawing);
	useEffect(() => choose(undefined), [layout]);

	const see = (next: (c: Camera) => Camera) => {
		if (camera.current)
			camera.current = next(camera.current);
		drawing.again();
	};
	const zoom = (by: number, px: number, py: number) => see((c) => zoomed(c, by, ...size(), px, py));
	const zoomMiddle = (by: number) => zoom(by, size()[0] / 2, size()[1] / 2);
	const under = (event: PointerEvent) => {
		if (!camera.current)
			return undefined;
		const [x, y] = toWorld(camera.current, ...size(), event.offsetX, event.offsetY);
		return spotAt(layout, x, y, (event.pointerType === 'touch' ? 14 : 3) / camera.current.scale);
	};
	const gestures = useGestures({
		move: (dx, dy) => see((c) => ({ ...c, x: c.x - dx / c.scale, y: c.y - dy / c.scale })),
		zoom,
		point: (event) => choose(under(event)),
		click: (event) => {
			const placed = under(event);
			if (placed)
				open(placed.spot);
		},
	});
	useEffect(() => {
		const c = canvas.current as HTMLCanvasElement;
		const wheel = (event: WheelEvent) => {
			event.preventDefault(); // which a listener of Preact's, passive, could not
			zoom(wheelFactor(event), event.offsetX, event.offsetY);
		};
		c.addEventListener('wheel', wheel, { passive: false });
		return () => c.removeEventListener('wheel', wheel);
	}, []);
	const key = (event: KeyboardEvent) => {
		const arrow = ARROWS[event.key];
		if (arrow)
			choose(neighbour(layout, chosen, arrow));
		else if (event.key === 'Enter' && chosen)
			open(chosen.spot);
		else if (event.key === '+' || event.key === '-')
			zoomMiddle(event.key === '+' ? 1.3 : 1 / 1.3);
		else
			return;
		event.preventDefault();
	};
	return (
		<div class="map-box">
			<canvas ref={canvas} tabIndex={0} role="application" aria-label="Map. Arrow keys go from device to device, Enter opens it, plus and minus zoom; the list says the same."
				class={chosen ? 'pointing' : ''} {...gestures} onPointerLeave={() => choose(undefined)} onKeyDown={key} />
			<p class="map-said" aria-live="polite">{chosen ? describe(chosen.spot) : ''}</p>
			<div class="map-zoom">
				<Button icon="plus" label="Nearer" onClick={() => zoomMiddle(1.4)} />
				<Button icon="minus" label="Farther" onClick={() => zoomMiddle(1 / 1.4)} />
				<Button icon="map" label="All of it" onClick={() => see(() => fit(layout, ...size()))} />
			</div>
		</div>
	);
}
