// SPDX-License-Identifier: Apache-2.0
//
// shell.tsx - what stands round every view: navigation, whether the manager is heard, theme and help.
import { useEffect } from 'preact/hooks';
import { send } from './api.ts';
import { Help, helpShown } from './help.tsx';
import { useKeys } from './keys.ts';
import { connection } from './live.ts';
import { go, HOME, href, place } from './router.ts';
import { signedOut } from './session.ts';
import { choice, nextTheme } from './theme.ts';
import { Icon } from './ui/icon.tsx';
import { Button, Empty } from './ui/parts.tsx';
import { Tips } from './ui/tip.tsx';
import { Toasts } from './ui/toast.tsx';
import { VIEWS, type View } from './views.ts';
import { SignedOut } from './views/signed_out.tsx';

function Navigation({ current }: { current: View | undefined }) {
	return (
		<nav class="nav" aria-label="Views">
			{VIEWS.filter((v) => v.nav).map((v) => {
				const here = v.name === current?.name || v.name === current?.under;
				return (
					<a key={v.name} href={href(v.name)} aria-current={here ? 'page' : undefined}>
						<Icon name={v.nav?.icon ?? 'unknown'} size={18} />
						<span>{v.title}</span>
						{v.nav?.badge && <v.nav.badge />}
					</a>
				);
			})}
		</nav>
	);
}

const THEMES = { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' } as const;
const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

async function leave(): Promise<void> {
	await send('POST', '/api/v1/logout');
	signedOut.value = true;
}

function Head({ current }: { current: View | undefined }) {
	const live = connection.value === 'live';
	return (
		<header class="head">
			<a class="brand" href={href(HOME)} aria-label="havainto, all devices">
				<svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
					<path d="M2 16C5.5 9.5 10.2 6.5 16 6.500S26.5 9.5 30 16c-3.5 6.5-8.2 9.5-14 9.500S5.5 22.5 2 16Z" />
					<circle cx="16" cy="16" r="4.5" />
				</svg>
				<b>havainto</b>
			</a>
			<Navigation current={current} />
			<span class="grow" />
			<span class={`pulse ${connection.value}`} role="img" aria-label={live ? 'live' : 'not live'} data-tip={live ? 'Live: what is new shows by itself' : 'Not live'} />
			<Button kind="quiet" icon={THEME_ICONS[choice.value]} label={THEMES[choice.value]} onClick={nextTheme} />
			<Button kind="quiet" icon="help" label="Help and keys" onClick={() => {
				helpShown.value = true;
			}} />
			<Button kind="quiet" icon="leave" label="Log out" onClick={() => void leave()} />
		</header>
	);
}

function LostLine() {
	if (connection.value !== 'lost')
		return null;
	return (
		<div class="lost" role="status">
			<Icon name="warning" size={16} />
			<span>Connection to the manager lost. What is shown is the last that was known; it is tried again by itself.</span>
		</div>
	);
}

function Shown({ view }: { view: View | undefined }) {
	if (view)
		return <view.show key={view.name} />;
	return (
		<Empty title="There is no such view">
			<p><a href={href(HOME)}>All devices</a></p>
		</Empty>
	);
}

export function Shell() {
	const view = VIEWS.find((v) => v.name === place.value.view);
	useKeys([
		{ key: '?', does: 'this help', run: () => {
			helpShown.value = !helpShown.value;
		} },
		{ key: '/', does: 'search devices', run: () => go(href('devices', '', { focus: 'search' })) },
		...VIEWS.flatMap((v) => (v.nav ? [{ key: `g ${v.nav.letter}`, does: v.title.toLowerCase(), run: () => go(href(v.name)) }] : [])),
	]);
	useEffect(() => {
		document.title = view ? `${view.title} · havainto` : 'havainto';
	}, [view]);
	if (signedOut.value)
		return <SignedOut />;
	return (
		<>
			<a class="skip" href="#main" onClick={(event) => {
				event.preventDefault();
				document.getElementById('main')?.focus();
			}}>To the content</a>
			<Head current={view} />
			<LostLine />
			<main id="main" tabIndex={-1}>
				<Shown view={view} />
			</main>
			{helpShown.value && <Help />}
			<Toasts />
			<Tips />
		</>
	);
}

