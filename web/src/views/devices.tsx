// SPDX-License-Identifier: Apache-2.0
//
// devices.tsx - all devices: search, facets, and the list.
import { address, useApi } from '../api.ts';
import type { DevicesPage } from '../types.ts';
import { Skeleton } from '../ui/parts.tsx';

export function DevicesView() {
	const answer = useApi<DevicesPage>(address('/api/v1/devices', { limit: 100 }), 'devices');
	return answer.data ? <p>{answer.data.count} devices</p> : <Skeleton />;
}
