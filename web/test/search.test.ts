// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, chosen, fieldsLike, isBound, placeOf, quote, take, toggle, without, wordsOf } from '../src/devices/search.ts';

test('a search is cut into words, fields and values', () => {
	const words = wordsOf('kitchen -role:router vendor:"Cisco Systems, Inc",Dell');
	assert.deepEqual(words.map((w) => [w.negated, w.field, w.values]), [
		[false, '', ['kitchen']], [true, 'role', ['router']], [false, 'vendor', ['Cisco Systems, Inc', 'Dell']]]);
});

test('addresses with colons are no fields', () => {
	assert.equal(wordsOf('02:00:00:00:00:aa')[0]?.field, '');
	assert.equal(wordsOf('fe80::1')[0]?.field, '');
	assert.equal(wordsOf('ip:fe80::1')[0]?.field, 'ip');
});

test('half a search is no error', () => {
	assert.deepEqual(wordsOf('name:"front do')[0]?.values, ['front do']);
	assert.deepEqual(wordsOf('vendor:')[0]?.values, ['']);
	assert.deepEqual(wordsOf('   '), []);
});

test('a value is quoted where it must be, and no quote gets into it', () => {
	assert.equal(quote('Dell'), 'Dell');
	assert.equal(quote('Dell Inc.'), '"Dell Inc."');
	assert.equal(quote('a"b'), '"a b"');
	assert.equal(quote(''), '""');
});

test('a facet that is chosen twice is as it was', () => {
	const once = toggle('kitchen', 'vendor', 'Dell Inc.');
	assert.equal(once, 'kitchen vendor:="Dell Inc."');
	const twice = toggle(once, 'vendor', 'Apple');
	assert.equal(twice, 'kitchen vendor:="Dell Inc.",Apple');
	assert.deepEqual(chosen(twice, 'vendor'), ['Dell Inc.', 'Apple']);
	assert.equal(toggle(toggle(twice, 'vendor', 'Apple'), 'vendor', 'Dell Inc.'), 'kitchen');
});

test('what is not wanted is another word than what is', () => {
	assert.deepEqual(chosen('-vendor:Dell', 'vendor'), []);
	assert.equal(toggle('-vendor:Dell', 'vendor', 'Apple'), '-vendor:Dell vendor:=Apple');
});

test('words are equal anyway, and a part of a text that somebody wrote stays one', () => {
	assert.equal(toggle('', 'role', 'router'), 'role:router');
	assert.equal(toggle('vendor:del', 'vendor', 'HP'), 'vendor:del,HP');
	assert.deepEqual(chosen('vendor:del', 'vendor'), []);
	assert.equal(isBound('vendor:del', 'vendor'), true);
});

test('a field that must be equal is read so', () => {
	const word = wordsOf('os:="Debian 12",Fedora')[0];
	assert.deepEqual([word?.field, word?.exact, word?.values], ['os', true, ['Debian 12', 'Fedora']]);
});

test("a field's own facet is counted over the rest of the search", () => {
	assert.equal(without('a vendor:Dell,Apple b', 'vendor'), 'a b');
	assert.equal(choose('a last_seen:<1h', 'last_seen', []), 'a');
});

test('letters can become a field, after a colon a value', () => {
	assert.deepEqual(placeOf('ven', 3), { kind: 'field', field: '', begun: 'ven', from: 0, to: 3 });
	assert.deepEqual(placeOf('a vendor:Ap', 11), { kind: 'value', field: 'vendor', begun: 'Ap', from: 9, to: 11 });
	assert.deepEqual(placeOf('vendor:a,b', 10), { kind: 'value', field: 'vendor', begun: 'b', from: 9, to: 10 });
	assert.deepEqual(placeOf('-ven', 4), { kind: 'field', field: '', begun: 'ven', from: 1, to: 4 });
	assert.deepEqual(placeOf('name:"front d', 13), { kind: 'value', field: 'name', begun: 'front d', from: 5, to: 13 });
	assert.equal(placeOf('vendor:Dell ', 12), undefined);
	assert.equal(placeOf('', 0), undefined);
});

test('a choice takes the place of the letters', () => {
	const field = placeOf('ven', 3);
	assert.ok(field);
	assert.deepEqual(take('ven', field, 'vendor'), { text: 'vendor:', cursor: 7 });
	const text = 'name:"front d os:linux';
	const value = placeOf(text, 13);
	assert.ok(value);
	assert.deepEqual(take(text, value, 'front door'), { text: 'name:"front door" os:linux', cursor: 17 });
	const last = placeOf('vendor:De', 9);
	assert.ok(last);
	assert.deepEqual(take('vendor:De', last, 'Dell'), { text: 'vendor:Dell ', cursor: 12 });
});

test('fields that begin so come before those that hold it', () => {
	assert.deepEqual(fieldsLike(['name', 'os', 'dhcp.name', 'model'], 'na', 5), ['name', 'dhcp.name']);
	assert.deepEqual(fieldsLike(['a1', 'a2', 'a3'], 'a', 2), ['a1', 'a2']);
});
