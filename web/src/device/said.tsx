// SPDX-License-Identifier: Apache-2.0
//
// said.tsx - what people say of a device: a note, tags, an owner. Each is kept when its field is left.
import { useEffect, useState } from 'preact/hooks';
import { asApiError, send } from '../api.ts';
import { href } from '../router.ts';
import type { Device } from '../types.ts';
import { Chip, Panel } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { quote } from '../devices/search.ts';

type Said = Partial<Pick<Device, 'note' | 'tags' | 'owner'>>;

async function keep(id: number, said: Said, kept: (device: Device) => void): Promise<void> {
	try {
		kept(await send<Device>('PATCH', `/api/v1/devices/${id}`, said));
		say('Kept');
	} catch (error) {
		const e = asApiError(error);
		say(e.status === 403 ? 'You may look, but not change: this login is a viewer’s' : `Not kept: ${e.message}`, 'bad');
	}
}

function Text({ name, value, rows, onKeep }: { name: string; value: string; rows: number; onKeep: (value: string) => void }) {
	const [text, setText] = useState(value);
	useEffect(() => setText(value), [value]);
	const done = () => {
		if (text.trim() !== value)
			onKeep(text.trim());
	};
	const common = { class: 'field', value: text, 'aria-label': name, maxLength: 4000, onBlur: done };
	return (
		<label class="said">
			<span class="faint">{name}</span>
			{rows > 1 ? <textarea {...common} rows={rows} placeholder="What others should know of it" onInput={(event) => setText(event.currentTarget.value)} /> :
				<input {...common} placeholder="Who answers for it" onInput={(event) => setText(event.currentTarget.value)}
					onKeyDown={(event) => event.key === 'Enter' && done()} />}
		</label>
	);
}

function Tags({ tags, onKeep }: { tags: readonly string[]; onKeep: (tags: string[]) => void }) {
	const [text, setText] = useState('');
	const add = () => {
		const more = text.split(',').map((t) => t.trim()).filter((t) => t && !tags.includes(t));
		setText('');
		if (more.length > 0)
			onKeep([...tags, ...more]);
	};
	return (
		<div class="said">
			<label class="faint" for="new-tag">Tags</label>
			{tags.length > 0 && (
				<div class="chips">
					{tags.map((tag) => (
						<Chip key={tag} tone="accent" href={href('devices', '', { q: `tag:${quote(tag)}` })} removeLabel={`Remove the tag ${tag}`}
							onRemove={() => onKeep(tags.filter((t) => t !== tag))}>{tag}</Chip>
					))}
				</div>
			)}
			<input id="new-tag" class="field" value={text} placeholder="Add a tag, Enter" maxLength={100} onInput={(event) => setText(event.currentTarget.value)}
				onKeyDown={(event) => event.key === 'Enter' && add()} onBlur={add} />
		</div>
	);
}

export function SaidPanel({ device, onKept }: { device: Device; onKept: (device: Device) => void }) {
	const tell = (said: Said) => void keep(device.id, said, onKept);
	return (
		<Panel title="Notes" note="written by people">
			<div class="panel-body said-list">
				<Tags tags={device.tags} onKeep={(tags) => tell({ tags })} />
				<Text name="Owner" value={device.owner} rows={1} onKeep={(owner) => tell({ owner })} />
				<Text name="Note" value={device.note} rows={3} onKeep={(note) => tell({ note })} />
			</div>
		</Panel>
	);
}
