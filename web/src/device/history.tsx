// SPDX-License-Identifier: Apache-2.0
//
// history.tsx - what changed of the device, the last first.
import { useApi } from '../api.ts';
import { type Change, kindOf } from '../changes.ts';
import { href } from '../router.ts';
import { Icon } from '../ui/icon.tsx';
import { Panel, Time } from '../ui/parts.tsx';

const SHOWN = 12;

export function History({ device, round }: { device: number; round: number }) {
	const changes = useApi<{ changes: Change[] }>(`/api/v1/changes?device=${device}&muted=1&limit=${SHOWN}`, 'nothing', round).data?.changes ?? [];
	if (changes.length === 0)
		return null;
	return (
		<Panel title="Changes" more={<a href={href('changes', '', { device: String(device) })}>All</a>}>
			<ul class="history">
				{changes.map((c) => {
					const kind = kindOf(c.what);
					return (
						<li key={c.id} class={kind.tone}>
							<Icon name={kind.icon} size={16} />
							<span>{kind.says(c.line)}</span>
							<Time at={c.time} />
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}
