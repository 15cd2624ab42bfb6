// SPDX-License-Identifier: Apache-2.0
//
// activity.tsx - when the device sent: packets by hours, and by days where more is known than a week.
import { useApi } from '../api.ts';
import { timeOf } from '../time.ts';
import type { Activity, Busy } from '../types.ts';
import { Panel } from '../ui/parts.tsx';
import { Plot } from '../ui/plot.tsx';

const HOUR = 3_600_000;
const WEEK = 7 * 24;

// Every hour (or day) from the first to the last: those of which nothing is known sent nothing.
export function filled(list: readonly Busy[], step: number): { times: number[]; packets: number[] } {
	const known = new Map(list.map((b) => [timeOf(b.time), b.packets]));
	const first = Math.min(...known.keys());
	const last = Math.max(...known.keys());
	const times: number[] = [];
	const packets: number[] = [];
	for (let t = first; t <= last; t += step) {
		times.push(t / 1000);
		packets.push(known.get(t) ?? 0);
	}
	return { times, packets };
}

export function ActivityPanel({ device }: { device: number }) {
	const data = useApi<Activity>(`/api/v1/devices/${device}/activity`, 'devices').data;
	if (!data || data.hours.length + data.days.length === 0)
		return null;
	const byDays = data.days.length > 0 && data.days.length * 24 > WEEK;
	const { times, packets } = byDays ? filled(data.days, 24 * HOUR) : filled(data.hours, HOUR);
	if (times.length < 2)
		return null;
	return (
		<Panel title="Activity" note={`packets each ${byDays ? 'day' : 'hour'}`}>
			<div class="panel-body">
				<Plot times={times} lines={[{ name: 'Packets', tone: 1, values: packets }]} says={`Packets each ${byDays ? 'day' : 'hour'}`} />
			</div>
		</Panel>
	);
}
