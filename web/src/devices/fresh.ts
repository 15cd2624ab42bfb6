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
	pointed: { current: boolean }; // the list says whether the pointer is over it
}

const LEAST = 300; // ms

export function useFresh(rows: Rows): Fresh {
	const [offer, setOffer] = useState<{ apply: () => void; came: number }>();
	const pointed = useRef(false);
	const asking = useRef({ busy: false, again: false, rest: 0, rows });
	asking.current.rows = rows;
	useEffect(() => {
		setOffer(undefined);
		if (rows.scrollTop > 0 || rows.row >= 0)
			void ask(); // somebody comes back to them
	}, [rows]);
	useSignalEffect(() => {
		if (news.devices.value > 0)
			void ask();
	});
	const ask = async () => {
		const s = asking.current;
		if (s.busy || Date.now() < s.rest) {
			later();
			return;
		}
		s.busy = true;
		const began = Date.now();
		const of = s.rows;
		try {
			const kept = await of.refresh(pointed.current);
			if (of === s.rows)
				setOffer(kept);
		} catch {
			// the line "connection lost" says it; the next news asks again
		}
		s.busy = false;
		s.rest = Date.now() + 3 * (Date.now() - began);
	};
	const later = () => {
		const s = asking.current;
		if (s.again)
			return;
		s.again = true;
		setTimeout(() => {
			s.again = false;
			void ask();
		}, Math.max(LEAST, s.rest - Date.now()));
	};
	const apply = () => {
		offer?.apply();
		setOffer(undefined);
	};
	return { offer, apply, pointed };
}
