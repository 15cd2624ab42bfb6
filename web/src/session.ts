// SPDX-License-Identifier: Apache-2.0
//
// session.ts - whether the manager knows this browser. It does after a login link was opened, for half a day.
import { signal } from '@preact/signals';

export const signedOut = signal(false);
