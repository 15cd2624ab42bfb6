// SPDX-License-Identifier: Apache-2.0
//
// list.tsx - the list of devices: only the rows in the window are there, each a link to its device.
//
// What is new comes in by itself while nobody points at the list; while somebody does, rows that would
// move are kept back, and a pill offers them. j and k go from row to row by focus, so Enter needs no code.
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

function Name({ device, index, focus }: { device: Device; index: number; focus: (index: number) => void }) {
	const called = calledBy(device);
	return (
		<span class="name">
			<Icon name={deviceIcon(device)} size={18} />
			<a class={`cut${called.sure ? '' : ' unsure'}`} href={href('device', device.id)} data-row={index} onFocus={() => focus(index)}>
				{called.text}
			</a>
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

function Head({ columns, sort, onSort }: { columns: readonly Column[]; sort: string; onSort: (sort: string) => void }) {
	const cell = (id: string, title: string, by: string | undefined, first: 'down' | undefined, number: boolean) => {
		const up = sort === by;
		const down = sort === `-${by}`;
		const next = up ? `-${by}` : down ? by : first ? `-${by}` : by;
		const direction = up ? 'ascending' : down ? 'descending' : 'none';
		return (
			<span key={id} class={`cell${number ? ' number' : ''}`} role="columnheader" aria-sort={by ? direction : undefined}>
				{by && next ? (
					<button type="button" onClick={() => onSort(next)} class={up || down ? 'sorted' : ''}>
						{title}{(up || down) && <Icon name={up ? 'up' : 'down'} size={12} />}
					</button>
				) : title}
			</span>
		);
	};
	return (
		<div class="row list-head" role="row" aria-rowindex={1}>
			{cell('name', 'Device', 'name', undefined, false)}
			{columns.map((c) => cell(c.id, c.title, c.sort, c.first, c.number === true))}
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

export function List({ rows, columns, sort, onSort, fresh }: {
	rows: Rows; columns: readonly Column[]; sort: string; onSort: (sort: string) => void; fresh: Fresh;
}) {
	const box = useRef<HTMLDivElement>(null);
	const [scrollTop, setScrollTop] = useState(rows.scrollTop);
	const [viewHeight, setViewHeight] = useState(600);
	const { offer, apply, pointed } = fresh;
	const rowHeight = narrow.value ? ROW_NARROW : ROW;
	const header = narrow.value ? 0 : HEADER;
	rows.drawn.value; // drawn again when rows came

	useLayoutEffect(() => {
		const element = box.current;
		if (!element)
			return undefined;
		const watch = new ResizeObserver(() => setViewHeight(element.clientHeight));
		watch.observe(element);
		return () => watch.disconnect();
	}, []);
	useLayoutEffect(() => {
		box.current?.style.setProperty('--cols', ['minmax(190px, 1.7fr)', ...columns.map((c) => c.width)].join(' '));
	}, [columns]);
	useLayoutEffect(() => {
		if (box.current)
			box.current.scrollTop = rows.scrollTop;
	}, [rows]);

	const shape: Shape = { rows: rows.count, rowHeight, viewHeight: viewHeight - header };
	const window = drawn(shape, scrollTop);
	useEffect(() => rows.show(window.first, window.end), [rows, window.first, window.end]);

	const focusRow = (index: number) => {
		const to = Math.max(0, Math.min(index, rows.count - 1));
		rows.row = to;
		const element = box.current;
		if (!element || rows.count === 0)
			return;
		element.scrollTop = scrollTo(shape, element.scrollTop, to);
		setScrollTop(element.scrollTop);
		requestAnimationFrame(() => requestAnimationFrame(() =>
			element.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus({ preventScroll: true })));
	};
	const page = Math.max(1, Math.floor(shape.viewHeight / rowHeight) - 1);
	useKeys([
		{ key: 'j', also: 'ArrowDown', does: 'next device', run: () => focusRow(rows.row + 1) },
		{ key: 'k', also: 'ArrowUp', does: 'the one before', run: () => focusRow(rows.row - 1) },
		{ key: 'PageDown', does: 'a page on', run: () => focusRow(rows.row + page) },
		{ key: 'PageUp', does: 'a page back', run: () => focusRow(rows.row - page) },
		{ key: 'Home', does: 'the first device', run: () => focusRow(0) },
		{ key: 'End', does: 'the last device', run: () => focusRow(rows.count - 1) },
		{ key: 'Enter', does: 'open the device', run: () => {
			const device = rows.at(rows.row);
			if (device)
				go(href('device', device.id));
		} },
	]);

	const list = [];
	for (let i = window.first; i < window.end; i++)
		list.push(<Row key={i} index={i} device={rows.at(i)} top={window.top + (i - window.first) * rowHeight}
			columns={columns} focus={(index) => {
				rows.row = index;
			}} />);
	return (
		<div class="list-frame">
			{offer && <Kept came={offer.came} apply={apply} />}
			<div class="list" ref={box} role="table" aria-label={plural(rows.count, 'device')} aria-rowcount={rows.count + 1}
				onScroll={(event) => {
					rows.scrollTop = event.currentTarget.scrollTop;
					setScrollTop(rows.scrollTop);
				}}
				onPointerEnter={(event) => {
					pointed.current = event.pointerType === 'mouse';
				}}
				onPointerLeave={() => {
					pointed.current = false;
					apply();
				}}>
				{!narrow.value && <Head columns={columns} sort={sort} onSort={onSort} />}
				<div class="rows" role="rowgroup" style={{ height: `${window.height}px` }}>{list}</div>
			</div>
		</div>
	);
}
