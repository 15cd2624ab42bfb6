// SPDX-License-Identifier: Apache-2.0
//
// first_run.tsx - there is no device yet: what to do so that there is one.
import { useApi } from '../api.ts';
import { connection } from '../live.ts';
import { plural } from '../text.ts';
import { Icon } from '../ui/icon.tsx';

interface SensorsAnswer {
	sensors: { name: string; heard: string | null }[];
}

const WAYS: readonly { title: string; text: string; command: string }[] = [
	{ title: 'Look at a capture', text: 'pcap or pcapng, plain or compressed. The page fills while it is read.', command: 'havainto run office.pcapng' },
	{ title: 'Listen on this machine', text: 'At a mirror port or a tap it hears everybody, elsewhere what is sent to all.', command: 'sudo havainto run eth0' },
	{
		title: 'Send from another machine', text: 'On the sensor. It prints what lets it in here; then it reports over TLS.',
		command: `havainto enroll ${location.hostname}\nhavainto listen -i eth0 -o tls:${location.hostname}:8711`,
	},
];

export function FirstRun() {
	const sensors = useApi<SensorsAnswer>('/api/v1/sensors', 'devices').data?.sensors ?? [];
	return (
		<div class="first-run">
			<Icon name="devices" size={32} />
			<h2>Nothing was seen yet</h2>
			<p class="muted">
				{sensors.length > 0 ?
					`${plural(sensors.length, 'sensor')} reported, but of no device. Is the interface the right one, and does traffic come by it? See Sensors and Coverage.` :
					'This manager runs and waits for its first sensor. A sensor only listens: it never sends a packet.'}
			</p>
			<ol>
				{WAYS.map((way) => (
					<li key={way.title}>
						<h3>{way.title}</h3>
						<p>{way.text}</p>
						<pre><code>{way.command}</code></pre>
					</li>
				))}
			</ol>
			<p class="waiting-line" role="status">
				<span class={`pulse ${connection.value}`} aria-hidden="true" />
				{connection.value === 'live' ? 'Waiting. The first device shows here by itself, within two seconds.' : 'Not connected to the manager.'}
			</p>
		</div>
	);
}
