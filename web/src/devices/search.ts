// SPDX-License-Identifier: Apache-2.0
//
// search.ts - a search as text: what stands in it, how a facet changes it, and how it can go on.
//
// The language is the manager's (src/manager/query.h): words that all must hold, [-][field:[=]]value, where
// a value may stand in quotes and several are joined by commas. Only the manager judges a search; here
// one is but cut into words, and half a search, as it is while somebody types, is no error.

export interface Word {
	from: number; // in the text
	to: number;
	negated: boolean;
	field: string; // "": any
	exact: boolean; // field:=value
	values: string[]; // without quotes
}

interface Reader {
	text: string;
	at: number;
}

// Up to a quote's end, or to one of `stops`.
function readValue(r: Reader, stops: string): string {
	const quoted = r.text[r.at] === '"';
	const from = quoted ? ++r.at : r.at;
	while (r.at < r.text.length && (quoted ? r.text[r.at] !== '"' : !stops.includes(r.text[r.at] ?? '')))
		r.at++;
	const value = r.text.slice(from, r.at);
	if (quoted && r.at < r.text.length)
		r.at++;
	return value;
}

// The field before the colon; a MAC and an IPv6 address have colons too, but begin otherwise.
function readField(r: Reader): string {
	const found = /^([a-z][a-z0-9_.-]*):/i.exec(r.text.slice(r.at));
	if (!found?.[1] || /^[0-9a-f]{1,4}:[0-9a-f]*:/i.test(r.text.slice(r.at)))
		return '';
	r.at += found[0].length;
	return found[1].toLowerCase();
}

function readWord(r: Reader): Word {
	const from = r.at;
	const negated = r.text[r.at] === '-' && /\S/.test(r.text[r.at + 1] ?? '');
	if (negated)
		r.at++;
	const field = readField(r);
	const exact = field !== '' && r.text[r.at] === '=';
	if (exact)
		r.at++;
	const values = [readValue(r, field ? ' ,' : ' ')];
	while (field && r.text[r.at] === ',') {
		r.at++;
		values.push(readValue(r, ' ,'));
	}
	return { from, to: r.at, negated, field, exact, values };
}

export function wordsOf(text: string): Word[] {
	const r: Reader = { text, at: 0 };
	const words: Word[] = [];
	for (;;) {
		while (r.text[r.at] === ' ')
			r.at++;
		if (r.at >= text.length)
			return words;
		words.push(readWord(r));
	}
}

// A value as the language takes it: in quotes where it has a space, a comma or a colon's look.
export function quote(value: string): string {
	const plain = value.replaceAll('"', ' ');
	return /[\s,*]/.test(plain) || plain === '' ? `"${plain}"` : plain;
}


// Fields whose values are texts: without '=' a part of the text does.
const TEXTS = new Set(['name', 'vendor', 'os', 'model', 'owner', 'note']);

const wordOf = (text: string, field: string) => wordsOf(text).find((w) => w.field === field && !w.negated);

// Does the search want anything of the field?
export function isBound(text: string, field: string): boolean {
	return wordOf(text, field) !== undefined;
}

// The whole values of the field that the search wants; a part of a text is none.
export function chosen(text: string, field: string): readonly string[] {
	const word = wordOf(text, field);
	return word && (word.exact || !TEXTS.has(field)) ? word.values : [];
}

function replaced(text: string, word: Word, by: string): string {
	return `${text.slice(0, word.from)}${by}${text.slice(word.to)}`.replace(/ {2,}/g, ' ').trim();
}

// The search without what it wants of the field: what the field's own facet is counted over.
export function without(text: string, field: string): string {
	const word = wordOf(text, field);
	return word ? replaced(text, word, '') : text;
}

// The search that wants these values of the field; none: it wants nothing of it. What somebody wrote as
// a part of a text stays one.
export function choose(text: string, field: string, values: readonly string[]): string {
	const word = wordOf(text, field);
	const exact = word ? word.exact : TEXTS.has(field);
	const by = values.length > 0 ? `${field}:${exact ? '=' : ''}${values.map(quote).join(',')}` : '';
	if (word)
		return replaced(text, word, by);
	return `${text.trim()} ${by}`.trim();
}

// Adds a value to what is wanted of the field, or takes it away.
export function toggle(text: string, field: string, value: string): string {
	const have = wordOf(text, field)?.values ?? [];
	return choose(text, field, have.includes(value) ? have.filter((v) => v !== value) : [...have, value]);
}

// ---- completion

// What the letters before the cursor could become: a field, or a value of one.
export interface Place {
	kind: 'field' | 'value';
	field: string; // of a value
	begun: string; // the letters that are there
	from: number; // where they stand
	to: number;
}

export function placeOf(text: string, cursor: number): Place | undefined {
	const before = text.slice(0, cursor);
	const word = wordsOf(before).at(-1);
	if (!word || word.to < cursor || before.endsWith(' ') && !isOpen(before))
		return undefined;
	const begun = word.values.at(-1) ?? '';
	if (!word.field)
		return /^[a-z][a-z0-9_.-]*$/i.test(begun) ? { kind: 'field', field: '', begun, from: cursor - begun.length, to: cursor } : undefined;
	const quoted = isOpen(before) ? 1 : 0;
	return { kind: 'value', field: word.field, begun, from: cursor - begun.length - quoted, to: cursor };
}

// Does a quote stand open at the end?
function isOpen(text: string): boolean {
	return (text.match(/"/g)?.length ?? 0) % 2 === 1;
}

// The search with the choice in place of the letters, and where the cursor is then.
export function take(text: string, place: Place, choice: string): { text: string; cursor: number } {
	const by = place.kind === 'field' ? `${choice}:` : quote(choice);
	const rest = text.slice(place.to);
	const space = place.kind === 'value' && !rest.startsWith(' ') ? ' ' : '';
	return { text: `${text.slice(0, place.from)}${by}${space}${rest}`, cursor: place.from + by.length + space.length };
}

// Fields that begin with the letters come first, then those that hold them; short ones before long.
export function fieldsLike(fields: readonly string[], begun: string, most: number): string[] {
	const wanted = begun.toLowerCase();
	const begins = fields.filter((f) => f.startsWith(wanted));
	const holds = fields.filter((f) => !f.startsWith(wanted) && f.includes(wanted));
	return [...begins, ...holds].slice(0, most);
}
