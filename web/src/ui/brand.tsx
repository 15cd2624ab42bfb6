// SPDX-License-Identifier: Apache-2.0
//
// brand.tsx - the mark and the name.
export function Brand() {
	return (
		<span class="brand">
			<svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
				<path d="M2 16C5.5 9.5 10.2 6.5 16 6.5S26.5 9.5 30 16c-3.5 6.5-8.2 9.5-14 9.5S5.5 22.5 2 16Z" />
				<circle cx="16" cy="16" r="4.5" />
			</svg>
			<b>havainto</b>
		</span>
	);
}
