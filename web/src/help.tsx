// SPDX-License-Identifier: Apache-2.0
//
// help.tsx - the keys that hold good here, and how searches are written.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keys } from './keys.ts';
import { Button, Kbd } from './ui/parts.tsx';

export const helpShown = signal(false);

const SIGNS: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', PageDown: 'Page ↓', PageUp: 'Page ↑', Escape: 'Esc' };
const SEARCHES: readonly (readonly [string, string])[] = [
	['kitchen', 'any text of the device holds it'],
	['"front door"', 'the same, with a space in it'],
	['os:linux', 'a field holds it'],
	['service:tcp/22', 'offers it'],
	['vendor:axis,snom', 'one or the other'],
	['os:="Debian 12"', 'it is the text, whole'],
	['ip:10.0.0.0/8', 'an address of the network'],
	['packets:>1000', 'a number above, >= < <= N..M'],
	['last_seen:<1h', 'seen within the last hour'],
	['-role:router', 'not'],
];

export function Help() {
	const box = useRef<HTMLDialogElement>(null);
	useEffect(() => box.current?.showModal(), []);
	const close = () => {
		helpShown.value = false;
	};
	const list = [...new Map(keys.value.flat().map((k) => [k.key, k])).values()]; // what a view wants hides what holds everywhere
	return (
		<dialog ref={box} class="help" aria-label="Help" onClose={close} onClick={(event) => {
			if (event.target === box.current)
				close();
		}}>
			<header class="panel-head">
				<h2>Help</h2>
				<span class="grow" />
				<Button kind="quiet" icon="close" label="Close" onClick={close} />
			</header>
			<div class="help-body">
				<section>
					<h3>Keys</h3>
					<dl class="keys">
						{list.map((k) => (
							<div key={k.key}>
								<dt>{[...k.key.split(' '), ...(k.also ? [k.also] : [])].map((part) => <Kbd key={part}>{SIGNS[part] ?? part}</Kbd>)}</dt>
								<dd>{k.does}</dd>
							</div>
						))}
					</dl>
				</section>
				<section>
					<h3>Searches</h3>
					<dl class="keys">
						{SEARCHES.map(([text, does]) => (
							<div key={text}>
								<dt><code>{text}</code></dt>
								<dd>{does}</dd>
							</div>
						))}
					</dl>
				</section>
			</div>
		</dialog>
	);
}
