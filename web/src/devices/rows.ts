// SPDX-License-Identifier: Apache-2.0
//
// rows.ts - the rows of the list, fetched by pages as they come into the window.
//
// A hundred thousand devices never are in the page at once: some pages round the window are kept, of the
// others what was used least lately is given up. refresh() asks for the pages in the window again and
// gives back whether rows would stand elsewhere: then whoever points at the list decides when.
import { signal } from '@preact/signals';
import { ApiError, address, asApiError, get } from '../api.ts';
import type { Device, DevicesPage } from '../types.ts';

const PAGE = 100;
const LEAST_REST = 140; // ms
const LONGEST_REST = 1500;
let last = 0; // how long the manager took for the last page

// How long typing should rest before it is asked: longer where answers take long, so that the manager
// is not asked for every letter of a word.
export function rest(): number {
	return Math.min(LONGEST_REST, Math.max(LEAST_REST, last / 2));
}

const KEPT = 40; // pages

interface Kept {
	devices: readonly Device[];
	used: number;
}

export class Rows {
	readonly drawn = signal(0); // rises when something is to be drawn anew
	count = 0;
	known = false; // an answer was there
	scrollTop = 0; // where the list stands, and on which row: for who comes back to it
	row = -1;
	error: ApiError | undefined;
	private pages = new Map<number, Kept>();
	private asked = new Map<number, AbortController>();
	private clock = 0;
	private first = 0;
	private end = 0;
	private readonly q: string;
	private readonly sort: string;

	constructor(q: string, sort: string) {
		this.q = q;
		this.sort = sort;
	}

	at(row: number): Device | undefined {
		return this.pages.get(Math.floor(row / PAGE))?.devices[row % PAGE];
	}

	// These rows are in the window: what is missing of them is asked for, what nobody sees any more is not.
	show(first: number, end: number): void {
		this.first = first;
		this.end = end;
		const wanted = this.wanted();
		for (const [page, abort] of this.asked)
			if (!wanted.includes(page)) {
				abort.abort();
				this.asked.delete(page);
			}
		for (const page of wanted) {
			const kept = this.pages.get(page);
			if (kept)
				kept.used = ++this.clock;
			else if (!this.asked.has(page))
				void this.ask(page);
		}
	}

	// Gives up all questions under way.
	giveUp(): void {
		for (const abort of this.asked.values())
			abort.abort();
		this.asked.clear();
	}

	private wanted(): number[] {
		const last = Math.max(0, Math.floor((Math.max(this.end, 1) - 1) / PAGE));
		const pages: number[] = [];
		for (let page = Math.floor(this.first / PAGE); page <= last; page++)
			pages.push(page);
		return pages;
	}

	private async fetch(page: number, abort?: AbortSignal): Promise<DevicesPage> {
		return get<DevicesPage>(address('/api/v1/devices', {
			q: this.q, sort: this.sort, limit: PAGE, offset: page > 0 ? page * PAGE : undefined,
		}), abort);
	}

	private async ask(page: number): Promise<void> {
		const abort = new AbortController();
		const began = Date.now();
		this.asked.set(page, abort);
		try {
			this.keep(page, await this.fetch(page, abort.signal));
			last = Date.now() - began;
			this.error = undefined;
		} catch (error) {
			if (abort.signal.aborted)
				return;
			this.error = asApiError(error);
		}
		this.asked.delete(page);
		this.drawn.value++;
	}

	private keep(page: number, answer: DevicesPage): void {
		this.count = answer.count;
		this.known = true;
		this.pages.set(page, { devices: answer.devices, used: ++this.clock });
		while (this.pages.size > KEPT) {
			const [oldest] = [...this.pages].reduce((a, b) => (b[1].used < a[1].used ? b : a));
			this.pages.delete(oldest);
		}
	}

	// The pages in the window as they are now. `still`: rows may not move; then they are kept back if they
	// would, and the number of devices that came (or went: negative) is given; else undefined.
	async refresh(still: boolean): Promise<{ apply: () => void; came: number } | undefined> {
		const wanted = this.wanted();
		const answers = await Promise.all(wanted.map((page) => this.fetch(page)));
		const count = answers[0]?.count ?? this.count;
		const moved = count !== this.count || answers.some((a, i) => !sameOrder(a.devices, this.pages.get(wanted[i] ?? 0)?.devices));
		const apply = () => {
			this.pages = new Map([...this.pages].filter(([page]) => !moved || wanted.includes(page)));
			answers.forEach((answer, i) => this.keep(wanted[i] ?? 0, answer));
			this.error = undefined;
			this.drawn.value++;
		};
		if (still && moved)
			return { apply, came: count - this.count };
		apply();
		return undefined;
	}
}

function sameOrder(a: readonly Device[], b: readonly Device[] | undefined): boolean {
	return b !== undefined && a.length === b.length && a.every((device, i) => device.id === b[i]?.id);
}
