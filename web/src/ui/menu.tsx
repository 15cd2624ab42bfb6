// SPDX-License-Identifier: Apache-2.0
//
// menu.tsx - a button that opens a small box below itself; Escape, or a press elsewhere, closes it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { IconName } from './icon.tsx';
import { Button } from './parts.tsx';

export function Menu({ icon, label, text, children }: {
	icon: IconName; label: string; text?: string; children: (close: () => void) => ComponentChildren;
}) {
	const [open, setOpen] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (!open)
			return undefined;
		const away = (event: Event) => {
			if (!box.current?.contains(event.target as Node))
				setOpen(false);
		};
		const escape = (event: KeyboardEvent) => {
			if (event.key !== 'Escape')
				return;
			setOpen(false);
			box.current?.querySelector('button')?.focus();
		};
		document.addEventListener('pointerdown', away);
		document.addEventListener('keydown', escape);
		return () => {
			document.removeEventListener('pointerdown', away);
			document.removeEventListener('keydown', escape);
		};
	}, [open]);
	return (
		<div class="menu" ref={box}>
			<Button icon={icon} label={label} expanded={open} onClick={() => setOpen(!open)}>{text}</Button>
			{open && <div class="menu-box" role="group" aria-label={label}>{children(() => setOpen(false))}</div>}
		</div>
	);
}
