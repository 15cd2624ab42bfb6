// SPDX-License-Identifier: Apache-2.0
//
// search_box.tsx - the search: typed in the manager's language, completed as one types, answered at once.
//
// What is typed is the box's own until it rests for a moment; then it becomes the view's `q`. Completion
// offers fields, and behind a colon values that the inventory has. Enter without a choice goes to the list.
import { useEffect, useRef, useState } from 'preact/hooks';
import { address, get, useApi } from '../api.ts';
import { useKeys } from '../keys.ts';
import { place, setQuery } from '../router.ts';
import { count } from '../text.ts';
import { Icon } from '../ui/icon.tsx';
import { rest } from './rows.ts';
import { fieldsLike, type Place, placeOf, take } from './search.ts';

const OFFERS = 10;

interface Offer {
	text: string;
	count?: number | undefined;
}

interface ValuesAnswer {
	values: { value: string; count: number }[];
}

// What the letters at the cursor could become.
function useOffers(text: string, at: Place | undefined): readonly Offer[] {
	const fields = useApi<{ fields: string[] }>('/api/v1/fields').data?.fields ?? [];
	const [values, setValues] = useState<readonly Offer[]>([]);
	const field = at?.kind === 'value' ? at.field : '';
	const begun = at?.begun ?? '';
	useEffect(() => {
		setValues([]);
		if (!field || !fields.includes(field))
			return undefined;
		const abort = new AbortController();
		get<ValuesAnswer>(address('/api/v1/values', { field, prefix: begun, limit: OFFERS }), abort.signal).then(
			(answer) => setValues(answer.values.map((v) => ({ text: v.value, count: v.count }))),
			() => setValues([]), // no completion: the search itself says what is wrong
		);
		return () => abort.abort();
	}, [field, begun, fields]);
	if (at?.kind === 'field')
		return fieldsLike(fields, begun, OFFERS).filter((f) => `${f}:` !== text).map((f) => ({ text: f }));
	return values.filter((v) => v.text !== begun);
}

function OfferList({ offers, picked, fields, choose }: {
	offers: readonly Offer[]; picked: number; fields: boolean; choose: (offer: Offer) => void;
}) {
	return (
		<ul class="offers" id="offers" role="listbox" aria-label="Completions">
			{offers.map((offer, i) => (
				<li key={offer.text} id={`offer-${i}`} role="option" aria-selected={i === picked} onPointerDown={(event) => {
					event.preventDefault(); // the focus stays in the search
					choose(offer);
				}}>
					<span class="cut">{fields ? <><b>{offer.text}</b>:</> : offer.text}</span>
					{offer.count ? <span class="faint number">{count(offer.count)}</span> : null}
				</li>
			))}
		</ul>
	);
}

export function SearchBox({ q, error }: { q: string; error: string }) {
	const input = useRef<HTMLInputElement>(null);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const sent = useRef(q);
	const [text, setText] = useState(q);
	const [cursor, setCursor] = useState(0);
	const [open, setOpen] = useState(false);
	const [picked, setPicked] = useState(-1);
	const at = open ? placeOf(text, cursor) : undefined;
	const offers = useOffers(text, at);
	const shown = open && offers.length > 0;

	// Changed elsewhere: by a facet, Back, or a saved view.
	useEffect(() => {
		if (q !== sent.current)
			setText(q);
		sent.current = q;
	}, [q]);
	const wantsFocus = place.value.query.get('focus') === 'search';
	useEffect(() => {
		if (!wantsFocus)
			return;
		input.current?.focus();
		input.current?.select();
		setQuery({ focus: undefined });
	}, [wantsFocus]);
	useKeys([{ key: '/', does: 'search', run: () => {
		input.current?.focus();
		input.current?.select();
	} }]);

	const search = (value: string, wait: number) => {
		clearTimeout(timer.current);
		timer.current = setTimeout(() => {
			sent.current = value.trim();
			setQuery({ q: sent.current });
		}, wait);
	};
	const type = (value: string, to: number) => {
		setText(value);
		setCursor(to);
		setOpen(true);
		setPicked(-1);
		search(value, rest());
	};
	const choose = (offer: Offer) => {
		const where = placeOf(text, cursor);
		if (!where)
			return;
		const next = take(text, where, offer.text);
		type(next.text, next.cursor);
		setOpen(where.kind === 'field');
		requestAnimationFrame(() => {
			input.current?.focus();
			input.current?.setSelectionRange(next.cursor, next.cursor);
		});
	};
	const key = (event: KeyboardEvent) => {
		const first = event.key === 'Tab' && at?.begun ? offers[0] : undefined;
		const offer = shown ? (offers[picked] ?? first) : undefined;
		const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
		if (shown && event.key === 'Escape')
			setOpen(false);
		else if (shown && step !== 0)
			setPicked((picked + step + offers.length) % offers.length);
		else if (offer && (event.key === 'Enter' || event.key === 'Tab'))
			choose(offer);
		else if (event.key === 'Enter' || event.key === 'ArrowDown')
			leave();
		else
			return;
		event.preventDefault();
	};
	const leave = () => {
		setOpen(false);
		search(text, 0);
		document.querySelector<HTMLElement>('[data-row="0"]')?.focus();
	};
	return (
		<div class="search">
			<Icon name="search" size={18} />
			<input ref={input} class="field" type="text" value={text} placeholder="Search: name, address, vendor:, service:tcp/22, -role:router"
				aria-label="Search devices" role="combobox" aria-expanded={shown} aria-controls="offers" aria-autocomplete="list"
				aria-invalid={error !== ''} aria-describedby={error ? 'search-error' : undefined}
				aria-activedescendant={shown && picked >= 0 ? `offer-${picked}` : undefined}
				autocomplete="off" autocapitalize="off" spellcheck={false}
				onInput={(event) => type(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
				onClick={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
				onKeyDown={key} onBlur={() => setOpen(false)} />
			{text ? (
				<button type="button" class="chip-x" aria-label="Clear the search" onClick={() => {
					setText('');
					search('', 0);
					input.current?.focus();
				}}><Icon name="close" size={14} /></button>
			) : <kbd aria-hidden="true">/</kbd>}
			{shown && <OfferList offers={offers} picked={picked} fields={at?.kind === 'field'} choose={choose} />}
			{error && <p class="search-error" id="search-error" role="alert">{error}</p>}
		</div>
	);
}
