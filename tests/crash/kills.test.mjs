// kill -9 at random moments under load, again and again, and no acknowledged message is lost,
// doubled or out of order.
//
// 50 native senders and six ChatAPI senders in ten rooms, four readers that resume, one of which
// drops its connection by itself as well.  Every fourth kill is followed by a second one while
// the server is still starting.
//
// The checker holds all that was ever sent in memory, so after 50 kills a new server begins.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Trial } from './trial.mjs';

const CYCLES = Number(process.env.KILL_CYCLES ?? 20);
const TRIAL_CYCLES = 50;
const ENOUGH_PER_SECOND = 1000;
const PLAN = { rooms: 10, senders: 50, chatSenders: 6, readers: 4, chatReaders: 0, window: 8 };

const upMs = () => 200 + Math.random() * 1200;
const secondKillMs = (cycle) => (cycle % 4 === 0 ? Math.random() * 200 : null);

const killsUnderLoad = (cycles) => (t) => Trial.run({ plan: PLAN }, async (trial) => {
    for (let cycle = 1; cycle <= cycles; cycle++) {
        await sleep(upMs());
        await trial.kill(secondKillMs(cycle));
        await trial.launch();
        trial.assertSound(await trial.round());
    }
    const summary = await trial.verdict();
    t.diagnostic(`${JSON.stringify(summary)}, starts up to ${Math.max(...trial.startsMs)} ms`);
    assert.ok(summary.acksPerSecond >= ENOUGH_PER_SECOND,
        `void: ${summary.acksPerSecond} acknowledgements a second are no load`);
    assert.ok(summary.resumed >= cycles, 'readers resumed after every kill');
});

for (let done = 0; done < CYCLES; done += TRIAL_CYCLES) {
    const cycles = Math.min(TRIAL_CYCLES, CYCLES - done);
    test(`kills ${done + 1} to ${done + cycles} under load`, killsUnderLoad(cycles));
}
