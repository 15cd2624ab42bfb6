// SPDX-License-Identifier: Apache-2.0
//
// still.ts - what stands in for the clock and the events of d3-force (build.mjs): layout.ts ticks by
// itself and listens to nothing, so neither is worth its weight.
export const timer = () => ({ restart: () => undefined, stop: () => undefined });
export const dispatch = () => ({ call: () => undefined, on: () => undefined });
