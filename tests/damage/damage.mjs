// damage.mjs - the loop: both worlds in turn, a seed a case, and one line at the end.
//
//   node damage.mjs CASES [SEED]        a case that fails is named by its world and seed; WORLD=cut SEED=… runs it alone

import { rmSync } from 'node:fs';

import { Trial } from './trial.mjs';
import { KINDS, World } from './world.mjs';

const cases = Number(process.argv[2]), from = Number(process.argv[3] ?? 1);
const kinds = process.env.WORLD ? [process.env.WORLD] : Object.keys(KINDS);
const counts = {}, matrix = {};
let failed = 0;

function tell(kind, result) {
    const bad = !['same', 'told'].includes(result.verdict);
    failed += bad;
    counts[result.verdict] = (counts[result.verdict] ?? 0) + 1;
    const place = result.file.split('/')[0];
    matrix[place] ??= {};
    matrix[place][result.verdict] = (matrix[place][result.verdict] ?? 0) + 1;
    if (bad || process.env.VERBOSE)
        console.log(`${bad ? 'FAILED' : 'ok'} ${kind} ${result.seed}: ${result.kind} ${result.file}: ${result.verdict}, ${result.why}`);
}

const trials = [];
for (const kind of kinds)
    trials.push([kind, await Trial.of(await World.build(kind))]);
const began = Date.now();
for (let n = 0; n < cases; n++) {
    const [kind, trial] = trials[n % trials.length];
    tell(kind, await trial.run(from + n));
    if ((n + 1) % 100 === 0)
        console.log(`${n + 1} of ${cases}: ${JSON.stringify(counts)}, ${((Date.now() - began) / (n + 1)).toFixed(0)} ms each`);
}
for (const [, trial] of trials) {
    trial.end();
    rmSync(trial.source, { recursive: true, force: true });
}
console.log(`by place: ${JSON.stringify(matrix)}`);
console.log(`damages: ${JSON.stringify(counts)}, ${((Date.now() - began) / cases).toFixed(0)} ms each`);
console.log(`${cases - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
