// memory.mjs - the Nth allocation fails in each step of a script of 200, for N = 1, 2, 3 …
//
//   memory.mjs START STEP MOST [STEPS]     of each step, of 200 or so many, the allocations from START
//                                          on, a STEP apart, at most MOST of them
//
// The house's rule (ARCHITECTURE.md): memory that is at its end ends the process, at once and with a
// word, and the journal makes that safe; what a stranger can size is bounded before it is asked for.
// Libraries may rather refuse.  So, held here of each allocation that fails:
//   1. the server goes on, and whoever asked is answered, or told that it was not done; never that
//      they asked wrongly;
//   2. or it ends by abort(), and nothing else: no other signal, no circle, no silence;
//   3. started again it serves, and what was acknowledged is there, once, in order: the checker's.

import { setTimeout as sleep } from 'node:timers/promises';

import { Native, call, signIn } from '../e2e/client.mjs';
import { SLACK } from './panel.mjs';
import { Subject } from './subject.mjs';

const [START, STEP, MOST, STEPS = 200] = process.argv.slice(2).map(Number);
const ANSWER_MS = 5000 * SLACK;
const CHECK_EVERY = 25;

const rest = (method, path) => ({ server, owner }) =>
    call(server, method, path, { token: owner.token });

/** What the script is made of; each gives {status}. */
const ACTS = {
    post: async (subject) => ({ status: await subject.say() === 'acked' ? 200 : 503 }),
    'post at length': async (subject) => ({ status: await subject.say(8000) === 'acked' ? 200 : 503 }),
    history: ({ server, owner, room }) =>
        call(server, 'GET', `/v1/rooms/${room}/messages`, { token: owner.token }),
    members: ({ server, owner, room }) =>
        call(server, 'GET', `/v1/rooms/${room}/members`, { token: owner.token }),
    rooms: rest('GET', '/v1/rooms'),
    'sign in': async ({ server, owner }) => {
        await signIn(server, 'owner', owner.password);
        return { status: 200 };
    },
    connect: async ({ server, owner }) => {
        const live = await Native.open(server, owner.token);
        await live.request('room.list');
        await live.close();
        return { status: 200 };
    },
    search: rest('GET', '/v1/search?text=dots'),
    account: rest('GET', '/v1/me'),
    ready: rest('GET', '/readyz'),
};

async function perform(act, subject, n) {
    const late = sleep(ANSWER_MS, { status: 0, late: true });
    const done = act(subject, n).catch((error) => ({ status: error.status ?? 0, error }));
    return Promise.race([done, late]);
}

/** Gives whether an allocation failed. */
async function point(subject, name, n, nth) {
    subject.panel.arm({ kind: 'allocate', nth, error: 'ENOMEM', manner: 'once' });
    const { status, late } = await perform(ACTS[name], subject, n);
    const met = subject.panel.fired > 0;
    subject.panel.lift();
    await died(subject);
    const { ended } = subject.server;
    if (status >= 400 && status < 500)
        subject.violated(`answered ${status}`);
    if (ended && ended.signal !== 'SIGABRT')
        subject.violated(`it ended with ${JSON.stringify(ended)}:\n${subject.server.logTail()}`);
    if (late && !ended)
        subject.violated('no answer, and it is still there');
    return met;
}

/** A moment for the end to be told, if there is one. */
async function died(subject) {
    for (let n = 0; n < 5 && !subject.server.ended; n++)
        await sleep(2);
}

async function main() {
    const subject = await Subject.make('memory');
    const names = Object.keys(ACTS);
    let [passed, failed, ends, since] = [0, 0, 0, 0];
    for (let n = 0; n < STEPS; n++) {
        const name = names[n % names.length];
        let met = true;
        for (let nth = START, taken = 0; met && taken < MOST; nth += STEP, taken++) {
            met = await point(subject, name, n, nth);
            const died = subject.server.ended !== null;
            ends += died;
            if (died || subject.unheard.length > 0 || ++since % CHECK_EVERY === 0)
                await subject.recover();
            const violations = subject.take();
            const at = `${name}, allocation ${nth} (${subject.panel.words})`;
            violations.forEach((words) => console.log(`${at}: ${words}`));
            violations.length > 0 ? failed++ : passed += met;
        }
    }
    await subject.end(false);
    await subject.recover();
    const violations = subject.take();
    violations.forEach((words) => console.log(`in the end: ${words}`));
    console.log(`${passed + failed} allocations failed, ${ends} ended the server, `
        + `${subject.acks} acknowledged`);
    await subject.close();
    console.log(`${passed} passed, ${failed + violations.length} failed`);
    process.exit(failed + violations.length > 0 ? 1 : 0);
}

await main();
