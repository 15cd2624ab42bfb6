// SPDX-License-Identifier: Apache-2.0
//
// api.ts - what the page asks of the manager, and what comes of it.
//
// A question is given up when nobody waits for the answer any more, asked again a few times when the
// manager cannot be reached, and not when it said no. 401 means that this browser is not logged in,
// and turns the whole page into the one that says how to (signedOut).
import { useEffect, useState } from 'preact/hooks';
import { news } from './live.ts';
import { signedOut } from './session.ts';

export class ApiError extends Error {
	readonly status: number; // 0: the manager could not be reached

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

const TRIES = 3;

async function reason(response: Response): Promise<string> {
	try {
		const said = (await response.json()) as { error?: string };
		return said.error ?? response.statusText;
	} catch {
		return response.statusText || `status ${response.status}`;
	}
}

// Characters that turn the writing of what stands beside them (Unicode, annex 9: embeddings, overrides, isolates) come as
// the escapes that a terminal shows too: a device's name may turn nobody else's line.
export function plain(json: string): string {
	return json.replace(/[\u202a-\u202e\u2066-\u2069]/g, (c) => `\\\\u{${c.charCodeAt(0).toString(16)}}`);
}

async function once<T>(path: string, options: RequestInit): Promise<T> {
	let response: Response;
	try {
		response = await fetch(path, { ...options, credentials: 'same-origin' });
	} catch (error) {
		if (options.signal?.aborted)
			throw error;
		throw new ApiError(0, 'the manager cannot be reached');
	}
	if (response.status === 401)
		signedOut.value = true;
	if (!response.ok)
		throw new ApiError(response.status, await reason(response));
	return (response.status === 204 ? undefined : JSON.parse(plain(await response.text()))) as T;
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Asking changes nothing, so it may be done again.
export async function get<T>(path: string, abort?: AbortSignal): Promise<T> {
	for (let left = TRIES - 1; ; left--) {
		try {
			return await once<T>(path, abort ? { signal: abort } : {});
		} catch (error) {
			const passing = error instanceof ApiError && (error.status === 0 || error.status === 503);
			if (!passing || left === 0 || abort?.aborted)
				throw error;
			await pause(300 * (TRIES - left));
		}
	}
}

// A change, with the header that no other site can make a browser send.
export function send<T>(method: 'PATCH' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
	const headers: Record<string, string> = { 'X-Havainto': '1' };
	if (body !== undefined)
		headers['Content-Type'] = 'application/json';
	return once<T>(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
}

// "/api/v1/devices" and {q: "...", limit: 100} as one address.
export function address(path: string, settings: Record<string, string | number | undefined>): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(settings))
		if (value !== undefined && value !== '')
			query.set(name, String(value));
	const text = query.toString();
	return text ? `${path}?${text}` : path;
}

export interface Answer<T> {
	data: T | undefined; // the last good one, also while the next is awaited
	error: ApiError | undefined; // of the last question
	loading: boolean;
	again: () => void;
}

interface Held<T> {
	path: string;
	data: T | undefined;
	error: ApiError | undefined;
	loading: boolean;
}

// The answer to `path`, asked anew when it changes, when something of `after` was told live, or when
// `round` is another; null asks nothing. What was there stays until the next answer is there: nothing flickers.
export function useApi<T>(path: string | null, after: 'devices' | 'changes' | 'nothing' = 'nothing', round = 0): Answer<T> {
	const [held, hold] = useState<Held<T>>({ path: '', data: undefined, error: undefined, loading: true });
	const [tries, setTries] = useState(0);
	const told = after === 'nothing' ? 0 : news[after].value;
	useEffect(() => {
		if (path === null)
			return undefined;
		const abort = new AbortController();
		hold((h) => ({ ...h, loading: true }));
		get<T>(path, abort.signal).then(
			(data) => hold({ path, data, error: undefined, loading: false }),
			(error: unknown) => {
				if (!abort.signal.aborted)
					hold((h) => ({ ...h, path, error: asApiError(error), loading: false }));
			},
		);
		return () => abort.abort();
	}, [path, round, tries, told]);
	return { data: held.data, error: held.error, loading: held.loading, again: () => setTries((n) => n + 1) };
}

export function asApiError(error: unknown): ApiError {
	return error instanceof ApiError ? error : new ApiError(0, String(error));
}
