// SPDX-License-Identifier: Apache-2.0
//
// views.ts - the views there are. A view is a component that draws the place it is at (router.ts); one
// with `nav` stands in the navigation, in this order, and is reached by "g" and its letter.
import type { ComponentType } from 'preact';
import type { IconName } from './ui/icon.tsx';
import { Unseen } from './unseen.tsx';
import { ChangesView } from './views/changes.tsx';
import { CoverageView } from './views/coverage.tsx';
import { DeviceView } from './views/device.tsx';
import { DevicesView } from './views/devices.tsx';
import { MapView } from './views/map.tsx';
import { SensorsView } from './views/sensors.tsx';

export interface View {
	name: string; // the first word of the path
	title: string;
	show: ComponentType;
	nav?: { icon: IconName; letter: string; badge?: ComponentType };
	under?: string; // the view in the navigation that this one belongs to
}

export const VIEWS: readonly View[] = [
	{ name: 'devices', title: 'Devices', show: DevicesView, nav: { icon: 'devices', letter: 'd' } },
	{ name: 'device', title: 'Device', show: DeviceView, under: 'devices' },
	{ name: 'map', title: 'Map', show: MapView, nav: { icon: 'map', letter: 'm' } },
	{ name: 'changes', title: 'Changes', show: ChangesView, nav: { icon: 'changes', letter: 'c', badge: Unseen } },
	{ name: 'coverage', title: 'Coverage', show: CoverageView, nav: { icon: 'coverage', letter: 'v' } },
	{ name: 'sensors', title: 'Sensors', show: SensorsView, nav: { icon: 'sensors', letter: 's' } },
];
