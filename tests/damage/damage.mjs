// damage.mjs - the loop: both worlds in turn, a seed a case, and one line at the end.
//
//   node damage.mjs LAYERED SERVED [SEED]       so many damages without a server, and with one; a case that fails is named
//                                               by its world and seed; WORLD=cut SEED=… runs it alone

import { rmSync } from 'node:fs';

import { Layers } from './layers.mjs';
import { Trial } from './trial.mjs';
import { KINDS, World } from './world.mjs';

const [layered, served, from] = [process.argv[2], process.argv[3], process.argv[4] ?? 1].map(Number);
const kinds = process.env.WORLD ? [process.env.WORLD] : Object.keys(KINDS);
const counts = {}, matrix = {};
let failed = 0;

function tell(kind, result) {
    const bad = !['same', 'told', 'left'].includes(result.verdict);
    failed += bad;
    counts[result.verdict] = (counts[result.verdict] ?? 0) + 1;
    const place = result.file.split('/')[0];
    matrix[place] ??= {};
    matrix[place][result.verdict] = (matrix[place][result.verdict] ?? 0) + 1;
    if (bad || process.env.VERBOSE)
        console.log(`${bad ? 'FAILED' : 'ok'} ${kind} ${result.seed}: ${result.kind} ${result.file}: ${result.verdict}, ${result.why}`);
}

/** So many damages, of each world in turn. */
async function harmAll(what, runs, cases) {
    const began = Date.now();
    for (let n = 0; n < cases; n++) {
        const [kind, run] = runs[n % runs.length];
        tell(kind, await run.run(from + n));
        if ((n + 1) % 500 === 0 || n + 1 === cases)
            console.log(`${what}: ${n + 1} of ${cases}, ${JSON.stringify(counts)}, ${((Date.now() - began) / (n + 1)).toFixed(0)} ms each`);
    }
    runs.forEach(([, run]) => run.end());
}

const worlds = [];
for (const kind of kinds)
    worlds.push([kind, await World.build(kind)]);
if (layered > 0)
    await harmAll('without a server', worlds.map(([kind, world]) => [kind, new Layers(world)]), layered);
if (served > 0)
    await harmAll('with a server', await Promise.all(worlds.map(async ([kind, world]) => [kind, await Trial.of(world)])), served);
worlds.forEach(([, world]) => rmSync(world.server.base, { recursive: true, force: true }));
console.log(`by place: ${JSON.stringify(matrix)}`);
const left = counts.left ?? 0; // to a server, which is asked for all files: neither good nor bad
console.log(`${layered + served - failed - left} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
