// SPDX-License-Identifier: Apache-2.0
//
// paint.ts - the map on a canvas.
//
// What cannot be told apart is not drawn: from afar a spot is a dot, nearer it has its icon, and its name where no other name stands.
// Lines of one kind are one path, so that thousands cost one stroke.
import { deviceIcon, iconPath, type IconName } from '../ui/icon.tsx';
import { token } from '../theme.ts';
import type { LinkKind } from '../types.ts';
import { other, type Spot, WIRES } from './graph.ts';
import type { Layout, Placed } from './layout.ts';

export interface Camera {
	x: number; // what stands in the middle
	y: number;
	scale: number;
}

export interface Look {
	text: string;
	faint: string;
	surface: string;
	back: string;
	soft: string;
	line: string;
	strong: string;
	accent: string;
	ground: string;
	talk: string;
	far: string;
	font: string;
}

export function look(): Look {
	return {
		text: token('text'), faint: token('faint'), surface: token('surface'), back: token('bg'), soft: token('accent-ground'), line: token('line'), strong: token('line-strong'),
		accent: token('accent'), ground: token('hover'), talk: token('chart-6'), far: token('chart-2'), font: token('font'),
	};
}

const ICONS_FROM = 0.5; // scale
const NAMES_FROM = 0.75;
const PORTS_FROM = 1.1;
const TURN = 2 * Math.PI;

const icons = new Map<IconName, Path2D>();

function icon(name: IconName): Path2D {
	let path = icons.get(name);
	if (!path) {
		path = new Path2D(iconPath(name));
		icons.set(name, path);
	}
	return path;
}

const INFRASTRUCTURE = new Set<IconName>(['router', 'switch', 'access-point', 'firewall', 'network', 'sensors']);

function iconOf(spot: Spot): IconName {
	const n = spot.node;
	if (!n)
		return 'network';
	if (n.sensor !== undefined)
		return 'sensors';
	return n.device === undefined ? 'far' : deviceIcon(n);
}

export function toScreen(c: Camera, width: number, height: number, x: number, y: number): [number, number] {
	return [(x - c.x) * c.scale + width / 2, (y - c.y) * c.scale + height / 2];
}

export function toWorld(c: Camera, width: number, height: number, x: number, y: number): [number, number] {
	return [(x - width / 2) / c.scale + c.x, (y - height / 2) / c.scale + c.y];
}

interface Scene {
	g: CanvasRenderingContext2D;
	width: number;
	height: number;
	camera: Camera;
	look: Look;
	near: ReadonlySet<Spot> | undefined; // the one pointed at, and whom it is linked with
	chosen: Spot | undefined;
}

function paintDiscs(s: Scene, layout: Layout): void {
	for (const d of layout.discs) {
		s.g.beginPath();
		s.g.arc(d.x, d.y, d.radius, 0, TURN);
		s.g.fillStyle = s.look.surface;
		s.g.fill();
		s.g.strokeStyle = s.look.line;
		s.g.lineWidth = 1.2 / s.camera.scale;
		s.g.stroke();
	}
}

const STYLES: readonly { of: (kind: LinkKind) => boolean; colour: (l: Look) => string; width: number; dash: number[]; alpha: number }[] = [
	{ of: (k) => k === 'talks', colour: (l) => l.talk, width: 1, dash: [], alpha: 0.28 },
	{ of: (k) => k === 'via', colour: (l) => l.talk, width: 1, dash: [3, 4], alpha: 0.5 },
	{ of: (k) => k === 'peer', colour: (l) => l.far, width: 1.4, dash: [6, 3], alpha: 0.8 },
	{ of: (k) => WIRES.has(k), colour: (l) => l.accent, width: 1.5, dash: [], alpha: 0.6 },
];

function paintLines(s: Scene, layout: Layout): void {
	for (const style of STYLES)
		for (const near of s.near ? [false, true] : [false]) {
			s.g.beginPath();
			for (const w of layout.wires) {
				if (!style.of(w.strand.kind) || (s.chosen !== undefined && (w.source.spot === s.chosen || w.target.spot === s.chosen)) !== near)
					continue;
				s.g.moveTo(w.source.x, w.source.y);
				s.g.lineTo(w.target.x, w.target.y);
			}
			s.g.globalAlpha = near ? 1 : s.near ? style.alpha / 4 : style.alpha;
			s.g.strokeStyle = near ? s.look.accent : style.colour(s.look);
			s.g.lineWidth = (near ? style.width + 0.6 : style.width) / Math.max(0.6, s.camera.scale);
			s.g.setLineDash(style.dash);
			s.g.stroke();
		}
	s.g.globalAlpha = 1;
	s.g.setLineDash([]);
}

function paintSpot(s: Scene, p: Placed): void {
	const { g, camera } = s;
	const dim = s.near !== undefined && !s.near.has(p.spot);
	const chosen = p.spot === s.chosen;
	g.globalAlpha = dim ? 0.3 : 1;
	g.beginPath();
	if (camera.scale < ICONS_FROM) {
		g.arc(p.x, p.y, Math.max(p.spot.node ? 5 : p.radius, 2.2 / camera.scale), 0, TURN);
		g.fillStyle = p.spot.node?.sensor === undefined ? s.look.accent : s.look.far;
		g.fill();
		return;
	}
	const name = iconOf(p.spot);
	const carries = INFRASTRUCTURE.has(name);
	g.arc(p.x, p.y, p.radius, 0, TURN);
	g.fillStyle = chosen ? s.look.accent : carries ? s.look.soft : s.look.ground;
	g.fill();
	g.strokeStyle = chosen || carries ? s.look.accent : s.look.strong;
	g.lineWidth = 1.2;
	g.stroke();
	const size = p.radius * 1.3;
	g.save();
	g.translate(p.x - size / 2, p.y - size / 2);
	g.scale(size / 20, size / 20);
	g.strokeStyle = chosen ? s.look.surface : carries ? s.look.accent : s.look.text;
	g.lineWidth = 1.5;
	g.stroke(icon(name));
	g.restore();
}

// Names in screen pixels, so that they are sharp at any scale; each takes its place, the most linked first.
class Names {
	private readonly taken: [number, number, number, number][] = [];
	private readonly scene: Scene;

	constructor(scene: Scene) {
		this.scene = scene;
	}

	// Nothing is written there.
	block(x: number, y: number, radius: number): void {
		this.taken.push([x - radius, y - radius, x + radius, y + radius]);
	}

	put(text: string, middle: number, y: number, force: boolean, halo = this.scene.look.surface): void {
		const { g, width } = this.scene;
		const half = g.measureText(text).width / 2 + 3;
		const x = force ? middle : Math.min(Math.max(middle, half), width - half);
		const box: [number, number, number, number] = [x - half, y - 8, x + half, y + 8];
		if (!force && this.taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]))
			return;
		this.taken.push(box);
		g.lineWidth = 3.5;
		g.lineJoin = 'round';
		g.strokeStyle = halo;
		g.strokeText(text, x, y);
		g.fillText(text, x, y);
	}
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function paintNames(s: Scene, layout: Layout, order: readonly Placed[]): void {
	const { g, camera: c, width, height } = s;
	const names = new Names(s);
	g.textAlign = 'center';
	g.textBaseline = 'middle';
	g.font = `600 12px ${s.look.font}`;
	g.fillStyle = s.look.faint;
	for (const d of layout.discs) {
		const [x, y] = toScreen(c, width, height, d.x, d.y - d.radius);
		if (d.radius * c.scale > 22 || layout.discs.length < 30)
			names.put(`${c.scale < ICONS_FROM ? d.group.key.split(' · ')[0] : d.group.key}  ${d.group.count}`, x, y, false, s.look.back);
	}
	g.font = `500 11px ${s.look.font}`;
	g.fillStyle = s.look.text;
	if (c.scale >= NAMES_FROM)
		for (const p of order) {
			const [x, y] = toScreen(c, width, height, p.x, p.y);
			names.block(x, y, 0.8 * p.radius * c.scale);
		}
	for (const p of order) {
		const near = s.near?.has(p.spot) ?? false;
		if (!near && (c.scale < NAMES_FROM || s.near))
			continue;
		const [x, y] = toScreen(c, width, height, p.x, p.y + p.radius);
		if (x > 0 && x < width && y > 0 && y < height)
			names.put(cut(p.spot.node ? p.spot.label : String(p.spot.count), 22), x, y + 9, near);
	}
	paintPorts(s, layout, names);
}

// Which port: on the line, where it is near enough or pointed at.
function paintPorts(s: Scene, layout: Layout, names: Names): void {
	const { g, camera: c, width, height } = s;
	g.font = `500 10px ${s.look.font}`;
	g.fillStyle = s.look.accent;
	for (const w of layout.wires) {
		const near = s.chosen !== undefined && (w.source.spot === s.chosen || w.target.spot === s.chosen);
		if (!w.strand.port || !(near || (c.scale > PORTS_FROM && !s.near)))
			continue;
		const [x, y] = toScreen(c, width, height, 0.65 * w.source.x + 0.35 * w.target.x, 0.65 * w.source.y + 0.35 * w.target.y);
		names.put(cut(w.strand.port, 20), x, y, near);
	}
}

export function nearOf(spot: Spot | undefined): ReadonlySet<Spot> | undefined {
	return spot && new Set([spot, ...spot.links.map((l) => other(l, spot))]);
}

export function paint(canvas: HTMLCanvasElement, layout: Layout, order: readonly Placed[], camera: Camera, colours: Look, chosen: Spot | undefined): void {
	const g = canvas.getContext('2d');
	if (!g)
		return;
	const ratio = devicePixelRatio || 1;
	const width = canvas.width / ratio;
	const height = canvas.height / ratio;
	const scene: Scene = { g, width, height, camera, look: colours, near: nearOf(chosen), chosen };
	g.setTransform(ratio, 0, 0, ratio, 0, 0);
	g.clearRect(0, 0, width, height);
	g.translate(width / 2, height / 2);
	g.scale(camera.scale, camera.scale);
	g.translate(-camera.x, -camera.y);
	g.lineCap = 'round';
	paintDiscs(scene, layout);
	paintLines(scene, layout);
	for (const p of layout.placed)
		paintSpot(scene, p);
	g.globalAlpha = 1;
	g.setTransform(ratio, 0, 0, ratio, 0, 0);
	paintNames(scene, layout, order);
}
