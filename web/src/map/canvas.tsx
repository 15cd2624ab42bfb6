// SPDX-License-Identifier: Apache-2.0
//
// canvas.tsx - the map to look at: drag, wheel and pinch move it, a click leads on, and so do the keys.
//
// It is drawn when something changed and then not again; while it settles, once a frame, so that the page
// stays quick. For who cannot see it there is the list (list.tsx), which says the same.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { theme } from '../theme.ts';
import { words } from '../text.ts';
import { Button } from '../ui/parts.tsx';
import { type Graph, type Spot, WIRES } from './graph.ts';
import { bounds, keep, type Layout, layoutOf, type Placed, settle } from './layout.ts';
import { type Camera, look, paint, toWorld } from './paint.ts';

const FRAME_MS = 9; // of a frame's 16 that forces may take
const CLICK = 5; // pixels that a click may slip
const LEAST = 0.05;
const MOST = 4;

function fit(layout: Layout, width: number, height: number): Camera {
	const box = bounds(layout);
	const scale = Math.min(1.6, Math.max(LEAST, Math.min((width - 24) / box.width, (height - 56) / box.height)));
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

interface Drag {
	x: number;
	y: number;
	moved: number;
	spread: number; // between two fingers; 0: one
}

export function MapCanvas({ graph, open }: { graph: Graph; open: (spot: Spot) => void }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const [chosen, choose] = useState<Placed | undefined>(undefined);
	const layout = useMemo(() => layoutOf(graph, innerHeight > innerWidth), [graph]);
	const order = useMemo(() => [...layout.placed].sort((a, b) => b.spot.links.length - a.spot.links.length || (a.spot.id < b.spot.id ? -1 : 1)), [layout]);
	const camera = useRef<Camera | undefined>(undefined);
	const colours = useMemo(look, [theme.value]);
	const fingers = useRef(new Map<number, [number, number]>());
	const drag = useRef<Drag | undefined>(undefined);
	const pending = useRef(0);
	const state = useRef({ layout, order, colours, chosen });
	state.current = { layout, order, colours, chosen };

	const draw = () => {
		pending.current = 0;
		const c = canvas.current;
		if (c && camera.current) {
			const s = state.current;
			paint(c, s.layout, s.order, camera.current, s.colours, s.chosen?.spot);
		}
	};
	const redraw = () => {
		pending.current ||= requestAnimationFrame(draw);
	};
	useEffect(redraw, [chosen, colours, layout]);
	useEffect(() => {
		choose(undefined);
		let frame = 0;
		const step = () => {
			if (settle(layout, FRAME_MS))
				frame = requestAnimationFrame(step);
			else
				keep(layout);
			draw();
		};
		step();
		return () => cancelAnimationFrame(frame);
	}, [layout]);
	useEffect(() => {
		const c = canvas.current as HTMLCanvasElement;
		const watch = new ResizeObserver(() => {
			const ratio = devicePixelRatio || 1;
			c.width = Math.round(c.clientWidth * ratio);
			c.height = Math.round(c.clientHeight * ratio);
			camera.current ??= fit(state.current.layout, c.clientWidth, c.clientHeight);
			draw();
		});
		watch.observe(c);
		const wheel = (event: WheelEvent) => {
			event.preventDefault();
			zoom(Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.0016 : 0.05)), event.offsetX, event.offsetY);
		};
		c.addEventListener('wheel', wheel, { passive: false });
		return () => {
			watch.disconnect();
			c.removeEventListener('wheel', wheel);
			cancelAnimationFrame(pending.current);
		};
	}, []);

	const size = (): [number, number] => [canvas.current?.clientWidth ?? 1, canvas.current?.clientHeight ?? 1];
	const zoom = (by: number, px: number, py: number) => {
		const c = camera.current;
		if (!c)
			return;
		const [width, height] = size();
		const [x, y] = toWorld(c, width, height, px, py);
		const scale = Math.min(MOST, Math.max(LEAST, c.scale * by));
		camera.current = { scale, x: x - (px - width / 2) / scale, y: y - (py - height / 2) / scale };
		redraw();
	};
	const zoomMiddle = (by: number) => {
		const [width, height] = size();
		zoom(by, width / 2, height / 2);
	};
	const fitAll = () => {
		camera.current = fit(layout, ...size());
		redraw();
	};
	const under = (event: PointerEvent) => {
		const c = camera.current;
		if (!c)
			return undefined;
		const [x, y] = toWorld(c, ...size(), event.offsetX, event.offsetY);
		return spotAt(layout, x, y, (event.pointerType === 'touch' ? 14 : 3) / c.scale);
	};
	const middle = (): Drag => {
		const list = [...fingers.current.values()];
		const x = list.reduce((sum, f) => sum + f[0], 0) / list.length;
		const y = list.reduce((sum, f) => sum + f[1], 0) / list.length;
		const [a, b] = list;
		return { x, y, moved: drag.current?.moved ?? 0, spread: a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0 };
	};
	const down = (event: PointerEvent) => {
		fingers.current.set(event.pointerId, [event.offsetX, event.offsetY]);
		canvas.current?.setPointerCapture(event.pointerId);
		drag.current = middle();
		if (fingers.current.size === 1)
			drag.current.moved = 0;
	};
	const move = (event: PointerEvent) => {
		const before = drag.current;
		const c = camera.current;
		if (!fingers.current.has(event.pointerId) || !before || !c) {
			choose(under(event));
			return;
		}
		fingers.current.set(event.pointerId, [event.offsetX, event.offsetY]);
		const now = middle();
		now.moved = before.moved + Math.hypot(now.x - before.x, now.y - before.y);
		camera.current = { ...c, x: c.x - (now.x - before.x) / c.scale, y: c.y - (now.y - before.y) / c.scale };
		drag.current = now;
		if (before.spread > 0 && now.spread > 0)
			zoom(now.spread / before.spread, now.x, now.y);
		redraw();
	};
	const up = (event: PointerEvent) => {
		const clicked = fingers.current.size === 1 && (drag.current?.moved ?? CLICK) < CLICK;
		fingers.current.delete(event.pointerId);
		drag.current = fingers.current.size > 0 ? middle() : undefined;
		const spot = clicked ? under(event) : undefined;
		if (spot && event.type === 'pointerup')
			open(spot.spot);
	};
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
				class={chosen ? 'pointing' : ''} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up}
				onPointerLeave={() => choose(undefined)} onKeyDown={key} />
			<p class="map-said" aria-live="polite">{chosen ? describe(chosen.spot) : ''}</p>
			<div class="map-zoom">
				<Button icon="plus" label="Nearer" onClick={() => zoomMiddle(1.4)} />
				<Button icon="minus" label="Farther" onClick={() => zoomMiddle(1 / 1.4)} />
				<Button icon="map" label="All of it" onClick={fitAll} />
			</div>
		</div>
	);
}
