// SPDX-License-Identifier: Apache-2.0
//
// virtual.ts - which rows of a long list are to be drawn: those in the window and some beside it.
//
// All rows have one height. A browser draws no element of more than some ten million pixels, so a list
// that would be higher is scrolled in proportion: then a step of the wheel is more than a row, and the
// first and the last row are still reached exactly.

export const TALLEST = 8_000_000;

export interface Shape {
	rows: number;
	rowHeight: number;
	viewHeight: number;
}

export interface Drawn {
	first: number;
	end: number; // behind the last
	top: number; // of the first, within the scrolled height
	height: number; // of the scrolled
}

const BESIDE = 8;

export function scrolledHeight(shape: Shape): number {
	return Math.min(shape.rows * shape.rowHeight, TALLEST);
}

// Pixels of the list for a pixel of scrolling: 1 unless the list is too high.
function scale(shape: Shape): number {
	const whole = shape.rows * shape.rowHeight;
	const room = scrolledHeight(shape) - shape.viewHeight;
	return room > 0 ? (whole - shape.viewHeight) / room : 1;
}

export function drawn(shape: Shape, scrollTop: number): Drawn {
	const height = scrolledHeight(shape);
	const at = Math.max(0, Math.min(scrollTop, height - shape.viewHeight));
	const offset = at * scale(shape);
	const seen = Math.floor(offset / shape.rowHeight);
	const first = Math.max(0, seen - BESIDE);
	const end = Math.min(shape.rows, seen + Math.ceil(shape.viewHeight / shape.rowHeight) + 1 + BESIDE);
	return { first, end, top: at - (offset - first * shape.rowHeight), height };
}

// Where to scroll so that the row is wholly seen; where it is already: where it is.
export function scrollTo(shape: Shape, scrollTop: number, row: number): number {
	const k = scale(shape);
	const offset = scrollTop * k;
	const top = row * shape.rowHeight;
	if (top < offset)
		return top / k;
	if (top + shape.rowHeight > offset + shape.viewHeight)
		return (top + shape.rowHeight - shape.viewHeight) / k;
	return scrollTop;
}
