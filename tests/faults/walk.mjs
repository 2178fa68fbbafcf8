// walk.mjs - every call to the disk fails once: the Nth of each kind, for N = 1, 2, 3 … until the
// script comes to its end without it.
//
//   walk.mjs START STEP MOST [EVERY]     of each row of the plan, or of every so manieth, the points
//                                        from START on, a STEP apart, at most MOST of them
//
// A point: the server is up and whole; a fault is armed; the script is said; the server is ended,
// by SIGTERM, or by SIGKILL and without what never came to its disk; it starts again, everything
// is settled, and the checker looks.  One world goes through all points of a row, so that a fault
// which shows only later shows all the same.

import { Subject } from './subject.mjs';

const [START, STEP, MOST, EVERY = 1] = process.argv.slice(2).map(Number);

const SETTINGS = { 'journal.segment_size': '32K' };

/** While these fail from some point on, nothing can be stored. */
const STORING = new Set(['write', 'sync']);

const PLAN = ['write', 'sync', 'rename', 'open', 'unlink'].flatMap((kind) =>
    ['EIO', 'ENOSPC'].flatMap((error) =>
        ['running', 'starting'].flatMap((when) =>
            ['once', 'on'].map((manner) => ({ kind, error, when, manner })))));

const SIZES = [100, 5000, 300, 3000, 8000, 100, 2000, 400];

/** What is said; with a disk that goes on failing it must not be acknowledged. */
async function script(subject, { kind, manner }) {
    for (const size of SIZES) {
        const hopeless = manner === 'on' && STORING.has(kind) && subject.panel.fired > 0;
        const outcome = await subject.say(size);
        if (hopeless && outcome === 'acked')
            subject.violated('acknowledged, though nothing reaches the disk');
        if (subject.server.ended)
            return;
    }
}

/** Gives whether the fault was met. */
async function walkRunning(subject, fault, nth) {
    subject.panel.arm({ ...fault, nth });
    await script(subject, fault);
    if (fault.manner === 'on') {
        subject.panel.lift();
        await subject.settle();
    }
    await subject.end(nth % 2 === 0);
    return subject.panel.fired > 0;
}

async function walkStarting(subject, fault, nth) {
    await subject.end(nth % 2 === 0);
    subject.panel.arm({ ...fault, nth });
    if (await subject.launch())
        await script(subject, { ...fault, manner: 'once' });
    const met = subject.panel.fired > 0 || subject.lifted; // a slow start may never have come to it
    if (subject.server.ended)
        subject.judgeEnd();
    else
        subject.panel.lift();
    return met;
}

async function walk(fault, report) {
    const subject = await Subject.make('disk', { settings: SETTINGS });
    const step = fault.when === 'running' ? walkRunning : walkStarting;
    let points = 0;
    for (let nth = START; points < MOST; nth += STEP) {
        const met = await step(subject, fault, nth);
        const { words } = subject.panel;
        await subject.recover();
        if (!met)
            break;
        points++;
        const { when, kind, error, manner } = fault;
        report(`${when}: ${kind} ${nth} ${error} ${manner} (${words})`, subject.take());
    }
    const { acks } = subject;
    await subject.close();
    return { points, acks };
}

/** A disk that says "synced" and is not: whoever does not see a loss on it is blind. */
async function control() {
    const subject = await Subject.make('disk', { settings: SETTINGS });
    subject.panel.arm({ kind: 'sync', nth: 1, error: 'EIO', manner: 'lie' });
    await script(subject, {});
    await subject.end(true);
    await subject.recover();
    const found = subject.take();
    await subject.close();
    report('the control', found.length > 0 ? [] : ['a disk that lied lost nothing: this walk is blind']);
}

process.setMaxListeners(0); // each world has a checker, which ends with us

let [passed, failed, acked] = [0, 0, 0];
function report(point, violations) {
    violations.length === 0 ? passed++ : failed++;
    for (const violation of violations)
        console.log(`${point}: ${violation}`);
}

const only = process.env.FAULT?.split(' ') ?? [];
const isWanted = (row, place) =>
    place % EVERY === 0 && only.every((word) => Object.values(row).includes(word));
for (const fault of PLAN.filter(isWanted)) {
    const { points, acks } = await walk(fault, report);
    acked += acks;
    console.log(`${Object.values(fault).join(' ')}: ${points} points`);
}
await control();
console.log(`${acked} messages acknowledged`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
