// SPDX-License-Identifier: Apache-2.0
//
// gestures.ts - what pointers and the wheel do to a map: one finger drags it, two pinch it, the wheel zooms where it
// points, and a press that hardly moves is a click. It knows no devices: only a camera.
import { useRef } from 'preact/hooks';
import { type Camera, toWorld } from './paint.ts';

const CLICK = 5; // pixels that a click may slip
const LEAST = 0.05;
const MOST = 4;

export const bounded = (scale: number): number => Math.min(MOST, Math.max(LEAST, scale));

// The camera after a zoom that leaves the point under (px, py) where it is.
export function zoomed(c: Camera, by: number, width: number, height: number, px: number, py: number): Camera {
	const [x, y] = toWorld(c, width, height, px, py);
	const scale = bounded(c.scale * by);
	return { scale, x: x - (px - width / 2) / scale, y: y - (py - height / 2) / scale };
}

export const wheelFactor = (event: WheelEvent): number => Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.0016 : 0.05));

interface Hold {
	x: number; // the middle of the fingers
	y: number;
	moved: number; // pixels, since the first came down
	spread: number; // between two fingers; 0: one
}

export interface Gestures {
	onPointerDown: (event: PointerEvent) => void;
	onPointerMove: (event: PointerEvent) => void;
	onPointerUp: (event: PointerEvent) => void;
	onPointerCancel: (event: PointerEvent) => void;
}

export function useGestures(act: {
	move: (dx: number, dy: number) => void; zoom: (by: number, px: number, py: number) => void;
	point: (event: PointerEvent) => void; click: (event: PointerEvent) => void;
}): Gestures {
	const fingers = useRef(new Map<number, [number, number]>());
	const hold = useRef<Hold | undefined>(undefined);
	const held = (): Hold => {
		const list = [...fingers.current.values()];
		const [a, b] = list;
		return {
			x: list.reduce((sum, f) => sum + f[0], 0) / list.length,
			y: list.reduce((sum, f) => sum + f[1], 0) / list.length,
			moved: hold.current?.moved ?? 0,
			spread: a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0,
		};
	};
	const up = (event: PointerEvent) => {
		const clicked = event.type === 'pointerup' && fingers.current.size === 1 && (hold.current?.moved ?? CLICK) < CLICK;
		fingers.current.delete(event.pointerId);
		hold.current = fingers.current.size > 0 ? held() : undefined;
		if (clicked)
			act.click(event);
	};
	return {
		onPointerDown(event) {
			fingers.current.set(event.pointerId, [event.offsetX, event.offsetY]);
			(event.currentTarget as Element).setPointerCapture(event.pointerId);
			hold.current = held();
		},
		onPointerMove(event) {
			const before = hold.current;
			if (!before || !fingers.current.has(event.pointerId)) {
				act.point(event);
				return;
			}
			fingers.current.set(event.pointerId, [event.offsetX, event.offsetY]);
			const now = held();
			now.moved = before.moved + Math.hypot(now.x - before.x, now.y - before.y);
			hold.current = now;
			act.move(now.x - before.x, now.y - before.y);
			if (before.spread > 0 && now.spread > 0)
				act.zoom(now.spread / before.spread, now.x, now.y);
		},
		onPointerUp: up,
		onPointerCancel: up,
	};
}
