import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';

/** A process that starts as `npm start` does, up to where it would serve (start-points.test.ts kills it on the way). */
export type Said = 'started';

if (isProgram(import.meta.url)) await asNodeProcess<null>(async () => answer('started' satisfies Said));
