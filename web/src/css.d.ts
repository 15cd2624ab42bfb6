// SPDX-License-Identifier: Apache-2.0
//
// css.d.ts - sheets are read by the bundler.
declare module '*.css';
