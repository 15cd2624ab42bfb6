// SPDX-License-Identifier: Apache-2.0
//
// shell.tsx - what stands round every view: navigation, whether the manager is heard, theme and help.
import { useEffect, useRef } from 'preact/hooks';
import { send } from './api.ts';
import { Help, helpShown } from './help.tsx';
import { useKeys } from './keys.ts';
import { connection } from './live.ts';
import { go, HOME, href, place } from './router.ts';
import { signedOut } from './session.ts';
import { choice, nextTheme } from './theme.ts';
import { Brand } from './ui/brand.tsx';
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
			<a class="home" href={href(HOME)} aria-label="havainto, all devices"><Brand /></a>
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
			<span class="cut">Connection to the manager lost. Trying again; shown is the last that was known.</span>
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
	], 'everywhere');
	const where = `${place.value.view}/${place.value.id}`;
	const before = useRef(where);
	useEffect(() => {
		if (before.current === where)
			return;
		before.current = where;
		scrollTo(0, 0);
		const main = document.getElementById('main');
		if (!main?.contains(document.activeElement)) // a view may have taken it to its search
			main?.focus({ preventScroll: true });
	}, [where]);
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

