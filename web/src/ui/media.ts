// SPDX-License-Identifier: Apache-2.0
//
// media.ts - is the window narrow, as a telephone's is? Where the sheet's own @media is not enough.
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 720px)');

export const narrow = signal(query.matches);
query.addEventListener('change', (event) => {
	narrow.value = event.matches;
});
