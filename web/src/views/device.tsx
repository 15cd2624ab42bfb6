// SPDX-License-Identifier: Apache-2.0
//
// device.tsx - one device: what it is and how sure that is, how each thing of it is known, what it did,
// and what people say of it.
import { useEffect, useState } from 'preact/hooks';
import { useApi } from '../api.ts';
import { ActivityPanel } from '../device/activity.tsx';
import { Interfaces, Peers } from '../device/beside.tsx';
import { Facts, Services } from '../device/facts.tsx';
import { History } from '../device/history.tsx';
import { Identity } from '../device/identity.tsx';
import { SaidPanel } from '../device/said.tsx';
import { Spans } from '../device/spans.tsx';
import { calledBy } from '../devices/columns.tsx';
import { useKeys } from '../keys.ts';
import { onDevice } from '../live.ts';
import { href, place } from '../router.ts';
import { bytes, count, table, words } from '../text.ts';
import type { Device, WholeDevice } from '../types.ts';
import { deviceIcon, Icon } from '../ui/icon.tsx';
import { Chip, Empty, Failed, Panel, Skeleton, Time } from '../ui/parts.tsx';

function Head({ device }: { device: Device }) {
	const called = calledBy(device);
	const line = [device.vendor !== called.text ? device.vendor : '', device.model !== called.text ? device.model : '', device.os].filter(Boolean);
	return (
		<header class="device-head">
			<span class="tile"><Icon name={deviceIcon(device)} size={30} /></span>
			<div>
				<h1>{called.text}</h1>
				<p class="muted">{line.join(' · ')}</p>
			</div>
			<div class="chips">
				{device.type && <Chip tone="accent" href={href('devices', '', { q: `type:${device.type}` })}>{words(device.type)}</Chip>}
				{device.roles.filter((r) => r !== device.type).map((role) => <Chip key={role} href={href('devices', '', { q: `role:${role}` })}>{words(role)}</Chip>)}
			</div>
			<span class="grow" />
			<p class="seen"><span class="faint">Last seen</span> <Time at={device.last_seen} suffix=" ago" /></p>
		</header>
	);
}

const KINDS = table<string>({
	universal: 'given by the maker', random: 'random: it hides which device it is', local: 'set locally', virtual: 'shared by a group of routers',
});

function About({ device }: { device: Device }) {
	return (
		<Panel title="On the network">
			<dl class="facts panel-body">
				{device.mac && <><dt>MAC</dt><dd><span class="mono">{device.mac}</span><br /><span class="faint">{KINDS[device.mac_kind] ?? device.mac_kind}</span></dd></>}
				{device.ip && <><dt>Address</dt><dd class="mono">{device.ip}</dd></>}
				{device.subnet && <><dt>Segment</dt><dd><a class="mono" href={href('devices', '', { q: `subnet:${device.subnet}` })}>{device.subnet}</a></dd></>}
				{device.vlans && device.vlans.length > 0 && (
					<><dt>VLAN</dt><dd>{[...device.vlans].sort((a, b) => Number(a) - Number(b)).map((v) => <span key={v}><a href={href('devices', '', { q: `vlan:${v}` })}>{v}</a> </span>)}</dd></>
				)}
				{device.via && <><dt>Behind</dt><dd><a class="mono" href={href('devices', '', { q: `mac:${device.via}` })}>{device.via}</a></dd></>}
				{device.realm && <><dt>Tunnel</dt><dd class="mono">{device.realm}</dd></>}
				<dt>First seen</dt><dd><Time at={device.first_seen} suffix=" ago" /></dd>
				<dt>Last seen</dt><dd><Time at={device.last_seen} suffix=" ago" /></dd>
				<dt>Sent</dt><dd>{count(device.packets)} packets, {bytes(device.bytes)}</dd>
				<dt>Sensors</dt><dd>{device.sensors}</dd>
			</dl>
		</Panel>
	);
}

// Rises when this device is another, and when nobody knows what was missed.
function useNews(id: number): number {
	const [round, setRound] = useState(0);
	useEffect(() => onDevice((ids) => {
		if (ids === undefined || ids.includes(id))
			setRound((n) => n + 1);
	}), [id]);
	return round;
}

function Whole({ device, round, onKept }: { device: WholeDevice; round: number; onKept: (device: Device) => void }) {
	const facts = device.records.flatMap((r) => r.device.facts);
	return (
		<>
			<Head device={device} />
			<div class="device-columns">
				<div class="column">
					<Identity whys={device.why} />
					<ActivityPanel device={device.id} round={round} />
					<Spans facts={facts} />
					<Services records={device.records} />
				</div>
				<div class="column">
					<SaidPanel device={device} onKept={onKept} />
					<About device={device} />
					<Interfaces device={device} />
					<History device={device.id} round={round} />
					<Peers device={device} />
				</div>
			</div>
			<Facts records={device.records} />
		</>
	);
}

export function DeviceView() {
	const id = Number(place.value.id);
	const round = useNews(id);
	const answer = useApi<WholeDevice>(Number.isInteger(id) && id > 0 ? `/api/v1/devices/${id}` : null, 'nothing', round);
	const [kept, setKept] = useState<Device>();
	useEffect(() => setKept(undefined), [id, answer.data]);
	useEffect(() => {
		if (answer.data)
			document.title = `${calledBy(answer.data).text} · havainto`;
	}, [answer.data]);
	useKeys([{ key: 'u', does: 'back to the list', run: () => history.back() }]);
	const device = answer.data?.id === id ? answer.data : undefined;
	if (answer.error?.status === 404 || !(id > 0))
		return (
			<Empty title="There is no such device" icon="unknown">
				<p>It may have been forgotten since. <a href={href('devices')}>All devices</a></p>
			</Empty>
		);
	return (
		<div class="view device-view">
			<p class="crumb"><a href={href('devices')} onClick={(event) => {
				if (history.length > 1) {
					event.preventDefault();
					history.back();
				}
			}}><Icon name="left" size={14} />Devices</a></p>
			{answer.error && !device && <Failed error={answer.error} what="the device" again={answer.again} />}
			{!device && !answer.error && <Skeleton rows={12} />}
			{device && <Whole device={kept ? { ...device, note: kept.note, tags: kept.tags, owner: kept.owner } : device} round={round} onKept={setKept} />}
		</div>
	);
}
