// scene.mjs - what all scenes of overload have in common: figures told, promises held, a summary at the end.
//
// A scene measures on a server of its own.  `tell` prints a figure; `holds` prints a promise and whether it
// held, and is what passes or fails.  In the short form, which runs wherever CI does, a promise may be about
// counts, losses and bounds of memory and never about how quick the machine is: `holdsLong` is for those.

import { setTimeout as sleep } from 'node:timers/promises';

const forms = ['--short', '--long'];
const form = process.argv.slice(2).find((word) => forms.includes(word)) ?? '--short';

export const isLong = form === '--long';

/** The number for the long form, or the one for the short one. */
export const either = (long, short) => (isLong ? long : short);

/** Servers end with this process, however that ends. */
for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => process.exit(1));

let passed = 0;
let failed = 0;
let skipped = 0;

export function tell(what, figure) {
    console.log(`      ${what}: ${figure}`);
}

export function holds(what, isTrue, figure) {
    const measured = figure === undefined ? '' : ` (${figure})`;
    console.log(`${isTrue ? 'ok   ' : 'NOT  '} ${what}${measured}`);
    if (isTrue)
        passed++;
    else
        failed++;
}

/** A promise about time, or one that takes long to see. */
export function holdsLong(what, isTrue, figure) {
    if (isLong)
        holds(what, isTrue, figure);
    else
        tell(`${what}, ${isTrue ? 'so it is' : 'not so'}, which counts in the long form only`, figure);
}

/** A promise that cannot be looked at here. */
export function skips(what, why) {
    console.log(`skip  ${what}: ${why}`);
    skipped++;
}

/** Play a scene: what it throws is a failure too, and the summary comes last. */
export async function play(name, scene) {
    console.log(`\n${name} ${form}`);
    try {
        await scene();
    } catch (fault) {
        holds('the scene comes to its end', false, fault.stack);
    }
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    process.exit(failed > 0 ? 1 : 0);
}

/** Look every so often until it is so; false after `ms`. */
export async function until(isSo, ms, everyMs = 20) {
    const deadline = performance.now() + ms;
    while (!(await isSo())) {
        if (performance.now() > deadline)
            return false;
        await sleep(everyMs);
    }
    return true;
}
