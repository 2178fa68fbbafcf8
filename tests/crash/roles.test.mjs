// One process a role, and each of them dies by -9 under load, alone, with all others, and at every
// failpoint: no acknowledged message is lost, doubled or out of order.
//
// The load is that of kills.test.mjs.  Somebody signs up and likes somebody now and then, so that all
// actors have something to do, and the journal is cut all the while.  A part that died is started
// again, and the next one dies once messages are acknowledged again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { call } from '../e2e/client.mjs';
import { assertComplete, deathsFrom, named } from './deaths.mjs';
import { Trial } from './trial.mjs';

const CYCLES = Number(process.env.ROLE_CYCLES ?? 12);
const FIRST = Number(process.env.ROLE_FIRST ?? Math.floor(Math.random() * 100) * 10 + 1);
const TRIAL_CYCLES = 50;
const ENOUGH_PER_SECOND = 1000;
const FLOWING = 200; // acknowledgements
const PATIENCE_MS = 60_000;
const PLAN = { rooms: 10, senders: 50, chatSenders: 6, readers: 4, chatReaders: 0, window: 8 };
const SERVER = {
    split: true,
    settings: {
        'journal.segment_size': '2M', 'journal.max_size': '24M', 'journal.snapshots': '1', limits: 'off',
    },
};

const anything = (server, ...request) => call(server, ...request).catch(() => ({ status: 0 }));

/** Two sign up and one likes the other, until `over`; whatever becomes of it. */
async function stir(server, trial, isOver) {
    while (!isOver()) {
        const people = [];
        for (const side of ['a', 'b']) {
            const login = `${side}${trial.stirred++}`;
            const { body } = await anything(server, 'POST', '/v1/accounts', { body: { login, password: `pw-${login}-pw` } });
            people.push(body);
        }
        const [one, other] = people;
        if (one?.token !== undefined && other?.account !== undefined)
            await anything(server, 'PUT', `/v1/people/${other.account.id}/like`, { token: one.token });
        await sleep(20);
    }
}

/** It is started so that it dies at its point, and does. */
async function dieAt(trial, { role, failpoint, stirred }) {
    const { server } = trial;
    await server.daemons.get(role).kill();
    const daemon = server.spawnRole(role, role, [], { KITH_FAILPOINT: failpoint });
    let over = false;
    const stirring = stirred ? stir(server, trial, () => over) : null;
    const late = setTimeout(() => daemon.signal('SIGTERM'), PATIENCE_MS);
    const end = await daemon.exited;
    clearTimeout(late);
    over = true;
    assert.deepEqual(end, { code: null, signal: 'SIGKILL' }, `${role} did not come to ${failpoint}`);
    await stirring;
}

async function die(trial, death) {
    const { server } = trial;
    if (death.failpoint !== undefined)
        await dieAt(trial, death);
    else if (death.role === 'all')
        await server.kill();
    else
        await server.daemons.get(death.role).kill();
    for (const role of death.role === 'all' ? server.roles : [death.role])
        server.spawnRole(role);
}

/** Until so many more messages are acknowledged. */
async function flow(trial, death) {
    const goal = await trial.load.ask('acks') + FLOWING;
    for (const end = Date.now() + PATIENCE_MS; await trial.load.ask('acks') < goal; await sleep(10))
        assert.ok(Date.now() < end, `nothing is acknowledged any more: ${named(death)}\n${trial.server.logTail()}`);
}

const diesUnderLoad = (cycles, first) => (t) => Trial.run({ server: SERVER, plan: PLAN }, async (trial) => {
    const deaths = deathsFrom(first);
    trial.stirred = 0;
    for (let cycle = 1; cycle <= cycles; cycle++) {
        const { value: death } = deaths.next();
        await sleep(Math.random() * 500);
        await trial.outage(async () => {
            await die(trial, death);
            await trial.server.ready();
            await flow(trial, death);
        });
        trial.assertSound(await trial.round());
    }
    const summary = await trial.verdict();
    t.diagnostic(`${JSON.stringify(summary)}, died and back within ${Math.max(...trial.startsMs)} ms`);
    assert.ok(summary.acksPerSecond >= ENOUGH_PER_SECOND,
        `void: ${summary.acksPerSecond} acknowledgements a second are no load`);
});

test('the table of deaths has every failpoint', assertComplete);

for (let done = 0; done < CYCLES; done += TRIAL_CYCLES) {
    const cycles = Math.min(TRIAL_CYCLES, CYCLES - done);
    test(`deaths ${done + 1} to ${done + cycles}, from ${FIRST}`, diesUnderLoad(cycles, FIRST + done / 2));
}
