// SPDX-License-Identifier: Apache-2.0
//
// signed_out.tsx - for a browser that the manager does not know: where the link is that logs it in.
import { Brand } from '../ui/brand.tsx';

export function SignedOut() {
	const spent = location.pathname === '/login';
	return (
		<main class="door" id="main">
			<section>
				<Brand />
				<h1>{spent ? 'This link was used already, or is too old' : 'This browser is not logged in'}</h1>
				<p>
					{spent ? 'A link logs in one browser, once, within ten minutes. ' : ''}
					The manager prints a link each time it starts, in the terminal where it runs:
				</p>
				<pre>{`$ havainto run\nlogin  ${location.origin}/login?token=…`}</pre>
				<p class="faint">
					Started as a service, it stands in its log: <code>journalctl -u havainto</code>. Once a link was opened in
					another tab, this page goes on by itself.
				</p>
			</section>
		</main>
	);
}
