// SPDX-License-Identifier: Apache-2.0
//
// history.ts - the numbers of each sensor over the time that this page has looked at them.
//
// The manager keeps the last `health` of a sensor; what a plot needs is how its sums rose from one to
// the next. Each new one is a sample; a sum that fell means that the sensor began anew, and is a gap.
import { counter, gauge, type Health, type Sensor } from './health.ts';

export const SAMPLES = 360;

export interface Sample {
	at: number; // seconds: the sensor's own time
	received: number;
	shed: number; // counted by the kernel and kept back
	dropped: number;
	facts: number;
	queued: number;
	spooled: number;
}

const samples = new Map<string, Sample[]>();

// In channels between tasks now: sent, and neither received nor refused yet.
export function queueDepth(h: Health): number {
	const depth = (name: string) =>
		Math.max(0, gauge(h, `channel.${name}.sent`) - gauge(h, `channel.${name}.received`) - gauge(h, `channel.${name}.dropped`));
	return depth('packet') + depth('fact');
}

export function dropped(h: Health): number {
	return gauge(h, 'source.kernel_dropped') + gauge(h, 'channel.packet.dropped') + counter(h, 'handed.dropped');
}

export function sample(h: Health): Sample {
	return {
		at: Date.parse(h.time) / 1000,
		received: h.captured,
		shed: gauge(h, 'source.shed'),
		dropped: dropped(h),
		facts: counter(h, 'facts.learned'),
		queued: queueDepth(h),
		spooled: gauge(h, 'sink.spooled'),
	};
}

// Of all sensors; gives what is kept of each, the oldest first.
export function remember(sensors: readonly Sensor[]): Map<string, readonly Sample[]> {
	for (const { name, health } of sensors) {
		if (!health)
			continue;
		const kept = samples.get(name) ?? [];
		const next = sample(health);
		if (kept.at(-1)?.at !== next.at)
			samples.set(name, [...kept, next].slice(-SAMPLES));
	}
	return samples;
}

export type Sum = 'received' | 'shed' | 'dropped' | 'facts';

// How fast a sum rose between two samples, by second; null where it began anew.
export function rates(of: readonly Sample[], sum: Sum): (number | null)[] {
	return of.slice(1).map((s, i) => {
		const before = of[i] as Sample;
		const rose = s[sum] - before[sum];
		const took = s.at - before.at;
		return rose < 0 || took <= 0 ? null : rose / took;
	});
}
