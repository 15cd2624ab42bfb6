// SPDX-License-Identifier: Apache-2.0
//
// main.tsx - the page begins here: the theme, the live events, and the shell with the view in it.
import './css/main.css';
import { render } from 'preact';
import { startLive } from './live.ts';
import { Shell } from './shell.tsx';
import { startTheme } from './theme.ts';

startTheme();
startLive();
const root = document.getElementById('app');
if (root)
	render(<Shell />, root);
