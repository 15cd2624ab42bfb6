// SPDX-License-Identifier: Apache-2.0
//
// parts.tsx - the small parts that all views are made of: times, chips, what is shown where there is
// nothing, an error, or nothing yet.
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.ts';
import { ago, exact, now, timeOf } from '../time.ts';
import { Icon, type IconName } from './icon.tsx';

// How long ago; on hover, and for a reader, the exact time.
export function Time({ at, suffix = '' }: { at: string | null | undefined; suffix?: string }) {
	const time = timeOf(at);
	if (!at || Number.isNaN(time))
		return <span class="faint">never</span>;
	const text = ago(time, now.value);
	return <time dateTime={at} data-tip={exact(at)}>{text}{text === 'now' || text.includes('-') ? '' : suffix}</time>;
}

export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';

// A word in a frame. With `onRemove` it has a cross; with `href` it leads somewhere.
export function Chip({ children, tone = 'plain', href, tip, onRemove, removeLabel }: {
	children: ComponentChildren; tone?: Tone; href?: string | undefined; tip?: string | undefined;
	onRemove?: (() => void) | undefined; removeLabel?: string;
}) {
	const text = href ? <a href={href}>{children}</a> : <span>{children}</span>;
	return (
		<span class={`chip ${tone}`} data-tip={tip}>
			{text}
			{onRemove && (
				<button type="button" class="chip-x" aria-label={removeLabel ?? 'remove'} onClick={onRemove}>
					<Icon name="close" size={12} />
				</button>
			)}
		</span>
	);
}

// Confidence of 0 to 100 as four strokes: seen at a glance, said in words.
export function Confidence({ of }: { of: number }) {
	const level = of >= 90 ? 4 : of >= 70 ? 3 : of >= 40 ? 2 : 1;
	return (
		<span class={`confidence c${level}`} role="img" aria-label={`confidence ${of} of 100`} data-tip={`confidence ${of} of 100`}>
			<i /><i /><i /><i />
		</span>
	);
}

export function Button({ children, icon, onClick, kind = 'plain', label, pressed, disabled, id, expanded }: {
	children?: ComponentChildren; icon?: IconName; onClick: (event: MouseEvent) => void; kind?: 'plain' | 'primary' | 'quiet';
	label?: string; pressed?: boolean; disabled?: boolean; id?: string; expanded?: boolean;
}) {
	return (
		<button type="button" class={`button ${kind}${children ? '' : ' bare'}`} aria-label={label} data-tip={children ? undefined : label}
			aria-pressed={pressed} aria-expanded={expanded} disabled={disabled} onClick={onClick} id={id}>
			{icon && <Icon name={icon} size={16} />}
			{children && <span>{children}</span>}
		</button>
	);
}

// A box with a head; `more` stands at its right end.
export function Panel({ title, more, children, note, id }: {
	title: string; more?: ComponentChildren; children: ComponentChildren; note?: ComponentChildren; id?: string;
}) {
	return (
		<section class="panel" id={id} aria-label={title}>
			<header class="panel-head">
				<h2>{title}</h2>
				{note !== undefined && <span class="faint">{note}</span>}
				<span class="grow" />
				{more}
			</header>
			{children}
		</section>
	);
}

// There is nothing, and why, and what to do about it.
export function Empty({ title, children, icon = 'search' }: { title: string; children?: ComponentChildren; icon?: IconName }) {
	return (
		<div class="empty" role="status">
			<Icon name={icon} size={28} />
			<h2>{title}</h2>
			{children}
		</div>
	);
}

export function Failed({ error, again, what }: { error: ApiError; again: () => void; what: string }) {
	const lost = error.status === 0;
	return (
		<div class="empty failed" role="alert">
			<Icon name="warning" size={28} />
			<h2>{lost ? 'The manager does not answer' : `Cannot show ${what}`}</h2>
			<p>{lost ? 'It is tried again by itself. Is the manager running, and this machine on the network?' : error.message}</p>
			<Button icon="changes" onClick={again}>Try again</Button>
		</div>
	);
}

// Grey bars where rows will be; for a reader: "loading".
export function Skeleton({ rows = 8 }: { rows?: number }) {
	return (
		<div class="skeleton" role="status" aria-label="loading">
			{Array.from({ length: rows }, (_, i) => <i key={i} class={`w${(i * 7) % 4}`} />)}
		</div>
	);
}

// A word to type.
export function Kbd({ children }: { children: ComponentChildren }) {
	return <kbd>{children}</kbd>;
}
