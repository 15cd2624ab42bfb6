// SPDX-License-Identifier: Apache-2.0
//
// fresh.ts - what became new since the rows were fetched: asked for when the manager tells of it, at most
// so often that it has time for others, and put into the list unless somebody points there and rows
// would move. Then it is an offer.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { news } from '../live.ts';
import type { Rows } from './rows.ts';

export interface Fresh {
	offer: { came: number } | undefined;
	apply: () => void;
	point: (at: boolean) => void; // the list says whether the pointer is over it
}

const LEAST = 300; // ms
const SHARE = 3; // so much longer than an answer took the manager is left alone

export function useFresh(rows: Rows): Fresh {
	const [offer, setOffer] = useState<{ apply: () => void; came: number }>();
	const state = useRef({ rows, pointed: false, busy: false, waits: false, rest: 0 });
	const s = state.current;
	s.rows = rows;

	async function ask(): Promise<void> {
		if (s.busy || Date.now() < s.rest) {
			later();
			return;
		}
		s.busy = true;
		const began = Date.now();
		const of = s.rows;
		try {
			const kept = await of.refresh(s.pointed);
			if (of === s.rows)
				setOffer(kept);
		} catch {
			// the line "connection lost" says it; the next news asks again
		}
		s.busy = false;
		s.rest = Date.now() + SHARE * (Date.now() - began);
	}
	function later(): void {
		if (s.waits)
			return;
		s.waits = true;
		setTimeout(() => {
			s.waits = false;
			void ask();
		}, Math.max(LEAST, s.rest - Date.now()));
	}
	useEffect(() => {
		setOffer(undefined);
		if (rows.scrollTop > 0 || rows.row >= 0)
			void ask(); // somebody comes back to them
	}, [rows]);
	useSignalEffect(() => {
		if (news.devices.value > 0)
			void ask();
	});

	const apply = () => {
		offer?.apply();
		setOffer(undefined);
	};
	const point = (at: boolean) => {
		s.pointed = at;
		if (!at)
			apply();
	};
	return { offer, apply, point };
}
