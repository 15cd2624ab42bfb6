// SPDX-License-Identifier: Apache-2.0
//
// evidence.tsx - how a thing is known: the fact, who told it, by which frame, and how to see that frame.
import type { Fact } from '../types.ts';
import { plural } from '../text.ts';
import { Time } from '../ui/parts.tsx';

// Where it was read first; the command shows the frame of the capture that the sensor read.
export function Frame({ fact }: { fact: Fact }) {
	return (
		<span class="frame" data-tip={`havainto trace -r CAPTURE -n ${fact.frame}`}>
			frame <b>{fact.frame}</b>
		</span>
	);
}

export function Evidence({ fact }: { fact: Fact }) {
	return (
		<div class="evidence">
			<code class="evidence-fact"><span class="faint">{fact.kind}</span> {fact.value || '(empty)'}{fact.cut ? '…' : ''}</code>
			<span class="evidence-line">
				told by <b>{fact.by}</b>{fact.ip ? <> at <span class="mono">{fact.ip}</span></> : null}, {plural(fact.count, 'packet')},
				{' '}first in <Frame fact={fact} />, <Time at={fact.first_seen} suffix=" ago" />
			</span>
		</div>
	);
}
