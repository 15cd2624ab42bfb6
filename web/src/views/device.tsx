// SPDX-License-Identifier: Apache-2.0
//
// device.tsx - one device, and how each thing of it is known.
import { useApi } from '../api.ts';
import { place } from '../router.ts';
import type { Device } from '../types.ts';
import { Skeleton } from '../ui/parts.tsx';

export function DeviceView() {
	const answer = useApi<Device>(`/api/v1/devices/${place.value.id}`, 'devices');
	return answer.data ? <h1>{answer.data.name || answer.data.mac}</h1> : <Skeleton />;
}
