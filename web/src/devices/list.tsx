// SPDX-License-Identifier: Apache-2.0
//
// list.tsx - the list of devices: only the rows in the window are there, each a link to its device.
//
// What is new comes in by itself while nobody points at the list; while somebody does, rows that would
// move are kept back, and a pill offers them. j and k go from row to row; the row they are at has the focus.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys.ts';
import { go, href } from '../router.ts';
import { count, plural } from '../text.ts';
import { now } from '../time.ts';
import type { Device } from '../types.ts';
import { deviceIcon, Icon } from '../ui/icon.tsx';
import { narrow } from '../ui/media.ts';
import { Time } from '../ui/parts.tsx';
import { type Column, calledBy, isNew } from './columns.tsx';
import type { Fresh } from './fresh.ts';
import type { Rows } from './rows.ts';
import { drawn, scrollTo, type Shape } from './virtual.ts';

const ROW = 36;
const ROW_NARROW = 60;
const HEADER = 36;

// Of how many interfaces it is made, and who sees it, where these are several.
function Several({ device: { interfaces, seen_by: by } }: { device: Device }) {
	if (interfaces < 2 && by.length < 2)
		return null;
	const words = `${plural(interfaces, 'interface')}, seen by ${by.join(', ')}`;
	return <span class="faint" role="img" aria-label={words} data-tip={words}>{interfaces > 1 ? `×${interfaces}` : '⊙'.repeat(Math.min(by.length, 3))}</span>;
}

function Name({ device, index, focus }: { device: Device; index: number; focus: (index: number) => void }) {
	const called = calledBy(device);
	return (
		<span class="name">
			<Icon name={deviceIcon(device)} size={18} />
			<a class={`cut${called.sure ? '' : ' unsure'}`} href={href('device', device.id)} data-row={index} onFocus={() => focus(index)}>
				{called.text}
			</a>
			<Several device={device} />
			{isNew(device, now.value) && <span class="new">new</span>}
		</span>
	);
}

function Beside({ device }: { device: Device }) {
	const words = [device.ip, device.vendor !== calledBy(device).text ? device.vendor : '', device.os].filter(Boolean);
	return <><span class="cut">{words.join(' · ')}</span><Time at={device.last_seen} /></>;
}

// A press anywhere in the row opens the device, as its link does.
function press(event: MouseEvent, device: Device): void {
	if (event.target instanceof Element && !event.target.closest('a') && getSelection()?.isCollapsed !== false)
		go(href('device', device.id));
}

function Row({ device, index, top, columns, focus }: {
	device: Device | undefined; index: number; top: number; columns: readonly Column[]; focus: (index: number) => void;
}) {
	const style = { transform: `translateY(${top}px)` };
	if (!device)
		return <div class="row waiting" role="row" aria-rowindex={index + 2} style={style}><span role="cell"><i /></span></div>;
	return (
		<div class="row" role="row" aria-rowindex={index + 2} style={style} onClick={(event) => press(event, device)}>
			<span class="cell" role="rowheader"><Name device={device} index={index} focus={focus} /></span>
			{narrow.value ? <span class="cell beside" role="cell"><Beside device={device} /></span> :
				columns.map((c) => <span key={c.id} class={`cell${c.number ? ' number' : ''}`} role="cell">{c.show(device)}</span>)}
		</div>
	);
}

type Order = { sort: string; onSort: (sort: string) => void };

// The head of a column; of one that can be sorted by a button: first its usual order, then the other.
function HeadCell({ title, by, first, number, sort, onSort }: Order & {
	title: string; by?: string | undefined; first?: 'down' | undefined; number?: true | undefined;
}) {
	const up = by !== undefined && sort === by;
	const down = by !== undefined && sort === `-${by}`;
	const next = up || (!down && first) ? `-${by}` : by;
	const direction = up ? 'ascending' : down ? 'descending' : 'none';
	return (
		<span class={`cell${number ? ' number' : ''}`} role="columnheader" aria-sort={by ? direction : undefined}>
			{next ? (
				<button type="button" onClick={() => onSort(next)} class={up || down ? 'sorted' : ''}>
					{title}{(up || down) && <Icon name={up ? 'up' : 'down'} size={12} />}
				</button>
			) : title}
		</span>
	);
}

function Head({ columns, ...order }: Order & { columns: readonly Column[] }) {
	return (
		<div class="row list-head" role="row" aria-rowindex={1}>
			<HeadCell title="Device" by="name" {...order} />
			{columns.map((c) => <HeadCell key={c.id} title={c.title} by={c.sort} first={c.first} number={c.number} {...order} />)}
		</div>
	);
}

// The pill of what was kept back.
function Kept({ came, apply }: { came: number; apply: () => void }) {
	return (
		<button type="button" class="pill" onClick={apply}>
			<Icon name="up" size={14} />{came > 0 ? `${count(came)} new` : 'The list changed: show'}
		</button>
	);
}

// How high the list is, as its window changes.
function useHeight(box: RefObject<HTMLElement | null>): number {
	const [height, setHeight] = useState(600);
	useLayoutEffect(() => {
		const element = box.current;
		if (!element)
			return undefined;
		const watch = new ResizeObserver(() => setHeight(element.clientHeight));
		watch.observe(element);
		return () => watch.disconnect();
	}, []);
	return height;
}

// `focus` brings a row into the window and the focus to it.
function useRowKeys(rows: Rows, page: number, focus: (index: number) => void): void {
	const by = (step: number) => () => focus(rows.row + step);
	useKeys([
		{ key: 'j', also: 'ArrowDown', does: 'next device', run: by(1) },
		{ key: 'k', also: 'ArrowUp', does: 'the one before', run: by(-1) },
		{ key: 'PageDown', does: 'a page on', run: by(page) },
		{ key: 'PageUp', does: 'a page back', run: by(-page) },
		{ key: 'Home', does: 'the first device', run: () => focus(0) },
		{ key: 'End', does: 'the last device', run: () => focus(rows.count - 1) },
		{ key: 'Enter', does: 'open the device', run: () => {
			const device = rows.at(rows.row);
			if (device)
				go(href('device', device.id));
		} },
	]);
}

export function List({ rows, columns, fresh, ...order }: Order & { rows: Rows; columns: readonly Column[]; fresh: Fresh }) {
	const box = useRef<HTMLDivElement>(null);
	const [scrollTop, setScrollTop] = useState(rows.scrollTop);
	const rowHeight = narrow.value ? ROW_NARROW : ROW;
	const viewHeight = useHeight(box) - (narrow.value ? 0 : HEADER);
	const shape: Shape = { rows: rows.count, rowHeight, viewHeight };
	const { first, end, top, height } = drawn(shape, scrollTop);
	rows.drawn.value; // drawn again when rows came

	useLayoutEffect(() => {
		box.current?.style.setProperty('--cols', ['minmax(190px, 1.7fr)', ...columns.map((c) => c.width)].join(' '));
	}, [columns]);
	useLayoutEffect(() => {
		if (box.current)
			box.current.scrollTop = rows.scrollTop;
	}, [rows]);
	useEffect(() => rows.show(first, end), [rows, first, end]);

	const scrolled = () => {
		rows.scrollTop = box.current?.scrollTop ?? 0;
		setScrollTop(rows.scrollTop);
	};
	const focus = (index: number) => {
		const element = box.current;
		rows.row = Math.max(0, Math.min(index, rows.count - 1));
		if (!element)
			return;
		element.scrollTop = scrollTo(shape, element.scrollTop, rows.row);
		scrolled();
		requestAnimationFrame(() => requestAnimationFrame(() => // it is drawn by then
			element.querySelector<HTMLElement>(`[data-row="${rows.row}"]`)?.focus({ preventScroll: true })));
	};
	useRowKeys(rows, Math.max(1, Math.floor(viewHeight / rowHeight) - 1), focus);

	const focused = (index: number) => {
		rows.row = index;
	};
	return (
		<div class="list-frame">
			{fresh.offer && <Kept came={fresh.offer.came} apply={fresh.apply} />}
			<div class="list" ref={box} role="table" aria-label={plural(rows.count, 'device')} aria-rowcount={rows.count + 1} onScroll={scrolled}
				onPointerEnter={(event) => fresh.point(event.pointerType === 'mouse')} onPointerLeave={() => fresh.point(false)}>
				{!narrow.value && <Head columns={columns} {...order} />}
				<div class="rows" role="rowgroup" style={{ height: `${height}px` }}>
					{Array.from({ length: end - first }, (_, i) => (
						<Row key={first + i} index={first + i} device={rows.at(first + i)} top={top + i * rowHeight} columns={columns} focus={focused} />
					))}
				</div>
			</div>
		</div>
	);
}
