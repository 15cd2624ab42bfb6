// SPDX-License-Identifier: Apache-2.0
//
// timeline.ts - the changes that a view shows: page by page into the past, and what comes meanwhile.
//
// What is new is asked for once it settled, and shown at once only where that moves nothing under the
// pointer (`calm`); else it is counted as `waiting`, until somebody asks for it.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { address, type ApiError, asApiError, get, send } from './api.ts';
import type { Change } from './changes.ts';
import { news } from './live.ts';
import { say } from './ui/toast.tsx';
import { countUnseen } from './unseen.tsx';

export type Filter = Record<string, string | undefined>;

interface Page {
	changes: Change[];
	unseen: number;
	next: number | null;
}

export interface Timeline {
	changes: readonly Change[] | undefined;
	error: ApiError | undefined;
	waiting: number;
	more: boolean;
	older: () => void;
	show: () => void; // what is waiting
	acknowledge: (upto: Change, from?: Change) => void;
	again: () => void; // and show it: somebody did something
}

const PAGE = 100;
const SETTLE = 300; // ms

export function useTimeline(filter: Filter, calm: () => boolean): Timeline {
	const [shown, setShown] = useState<Page>();
	const [fresh, setFresh] = useState<Page>();
	const [error, setError] = useState<ApiError>();
	const [round, setRound] = useState(0);
	const asked = JSON.stringify(filter);
	const isCalm = useRef(calm);
	isCalm.current = calm;
	const wanted = useRef(false);
	const told = news.changes.value;
	const ask = (before: number | undefined, abort?: AbortSignal) =>
		get<Page>(address('/api/v1/changes', { ...(JSON.parse(asked) as Filter), limit: PAGE, before }), abort);

	useEffect(() => {
		setShown(undefined);
		setFresh(undefined);
	}, [asked]);
	useEffect(() => {
		const abort = new AbortController();
		const timer = setTimeout(() => {
			ask(undefined, abort.signal).then((page) => {
				setError(undefined);
				countUnseen(page.unseen ?? 0);
				if (wanted.current || isCalm.current())
					setShown(page);
				wanted.current = false;
				setFresh(page);
			}, (failed: unknown) => {
				if (!abort.signal.aborted)
					setError(asApiError(failed));
			});
		}, shown ? SETTLE : 0);
		return () => {
			clearTimeout(timer);
			abort.abort();
		};
	}, [asked, told, round]);

	const list = shown ?? fresh;
	const newest = list?.changes[0]?.id ?? 0;
	const older = () => {
		if (list?.next)
			ask(list.next).then((page) => setShown({ ...page, changes: [...list.changes, ...page.changes] }), (e: unknown) => setError(asApiError(e)));
	};
	const acknowledge = useCallback((upto: Change, from?: Change) => {
		const seen = new Date().toISOString();
		const mark = (page: Page | undefined) => page && {
			...page, changes: page.changes.map((c) => (c.id <= upto.id && (!from || c.id >= from.id) ? { ...c, seen: c.seen ?? seen } : c)),
		};
		send<{ unseen: number }>('POST', '/api/v1/changes/ack', from ? { upto: upto.id, from: from.id } : { upto: upto.id }).then((answer) => {
			countUnseen(answer.unseen);
			setShown((page) => mark(page ?? fresh));
		}, (failed: unknown) => say(`Not acknowledged: ${asApiError(failed).message}`, 'bad'));
	}, [fresh]);
	return {
		changes: list?.changes,
		error,
		waiting: fresh && shown ? fresh.changes.filter((c) => c.id > newest).length : 0,
		more: (list?.next ?? null) !== null,
		older,
		show: () => setShown(fresh),
		acknowledge,
		again: () => {
			wanted.current = true;
			setRound((n) => n + 1);
		},
	};
}
