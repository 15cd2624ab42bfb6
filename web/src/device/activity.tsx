// SPDX-License-Identifier: Apache-2.0
//
// activity.tsx - when the device sent: a column for each hour, or each day where more is known than a week.
import { useApi } from '../api.ts';
import { bytes, count, short } from '../text.ts';
import { clock, day, timeOf } from '../time.ts';
import type { Activity, Busy } from '../types.ts';
import { Panel } from '../ui/parts.tsx';
import { niceTop } from '../ui/plot.tsx';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEAST = { [HOUR]: 24, [DAY]: 14 }; // columns
const MOST = { [HOUR]: 168, [DAY]: 90 };

export interface Column {
	time: number;
	packets: number;
	bytes: number;
}

// Every hour (or day) up to the last: those of which nothing is known sent nothing.
export function columnsOf(list: readonly Busy[], step: number): Column[] {
	const known = new Map(list.map((b) => [timeOf(b.time), b]));
	const last = Math.max(...known.keys());
	const first = Math.min(...known.keys());
	const span = Math.round((last - first) / step) + 1;
	const length = Math.min(Math.max(span, LEAST[step] ?? span), MOST[step] ?? span);
	return Array.from({ length }, (_, i) => {
		const time = last - (length - 1 - i) * step;
		return { time, packets: known.get(time)?.packets ?? 0, bytes: known.get(time)?.bytes ?? 0 };
	});
}

function Columns({ columns, step }: { columns: readonly Column[]; step: number }) {
	const top = niceTop(Math.max(...columns.map((c) => c.packets)));
	const label = (time: number) => (step === DAY ? day(time) : clock(time).slice(0, 5));
	const first = columns[0]?.time ?? 0;
	const last = columns.at(-1)?.time ?? 0;
	const from = step === DAY || day(first) === day(last) ? label(first) : `${day(first)} ${label(first)}`;
	const width = 1000 / columns.length;
	return (
		<div class="plot activity">
			<div class="plot-scale" aria-hidden="true"><span>{short(top)}</span><span>{top % 2 === 0 ? short(top / 2) : ''}</span><span>0</span></div>
			<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={`Packets each ${step === DAY ? 'day' : 'hour'}`}>
				<path class="grid" d="M0 0H1000M0 50H1000M0 100H1000" />
				{columns.map((c, i) => (
					<g key={c.time} data-tip={`${day(c.time)}${step === DAY ? '' : ` ${label(c.time)}`}\n${count(c.packets)} packets, ${bytes(c.bytes)}`}>
						<rect class="hit" x={i * width} width={width} height="100" />
						<rect class="column-bar" x={i * width + width * 0.14} width={width * 0.72} y={100 - (100 * c.packets) / top}
							height={(100 * c.packets) / top} />
					</g>
				))}
			</svg>
			<div class="plot-times" aria-hidden="true"><span>{from}</span><span>{label(last)}</span></div>
		</div>
	);
}

export function ActivityPanel({ device, round }: { device: number; round: number }) {
	const data = useApi<Activity>(`/api/v1/devices/${device}/activity`, 'nothing', round).data;
	if (!data || data.hours.length + data.days.length === 0)
		return null;
	const step = data.days.length > 7 ? DAY : HOUR;
	const list = step === DAY ? data.days : data.hours;
	if (list.length === 0)
		return null;
	return (
		<Panel title="Activity" note={`packets each ${step === DAY ? 'day' : 'hour'}`}>
			<div class="panel-body"><Columns columns={columnsOf(list, step)} step={step} /></div>
		</Panel>
	);
}
