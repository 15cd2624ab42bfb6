// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../src/api.ts';

test('what turns writing is shown, and turns nothing', () => {
	const said = JSON.parse(plain(JSON.stringify({ name: 'user\u202etxt.exe\u2069', note: 'שלום é' }))) as unknown;
	assert.deepEqual(said, { name: 'user\\u{202e}txt.exe\\u{2069}', note: 'שלום é' });
});
