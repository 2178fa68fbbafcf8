// How soon a server serves after kill -9, with a million records behind it.
//
// The data folder is made once by kith-start (tests/bench/start), kept in READY_DATA, and copied.  Under
// a light load, so that projections are behind the journal, all of it is killed again and again, as
// one process and as one a role; what counts is the time from its start until /readyz says 200.  Told
// is the time of its processors, too, for machines that are busy with other things.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Trial } from './trial.mjs';

const RECORDS = Number(process.env.READY_RECORDS ?? 1_000_000);
const CYCLES = Number(process.env.READY_CYCLES ?? 0);
const FOLDER = process.env.READY_DATA ?? '/tmp/kith-ready';
const MEDIAN_MS = 1000;
const PLAN = { rooms: 4, senders: 8, chatSenders: 2, readers: 2, chatReaders: 0, window: 4 };

function fill() {
    const folder = join(FOLDER, String(RECORDS));
    if (existsSync(join(folder, 'made')))
        return folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const program = join(dirname(process.env.KITHD), 'kith-start');
    const { status, stderr } = spawnSync(program, ['fill', folder, String(RECORDS), '1000', '1000'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    writeFileSync(join(folder, 'made'), '');
    return folder;
}

const TICK_MS = 10; // of /proc

/** What all of its processes have used of a processor so far. */
function processorMs(server) {
    let ticks = 0;
    for (const { pid } of server.daemons.values()) {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
        ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks * TICK_MS;
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

for (const split of [false, true]) {
    test(`ready after kill -9 with ${RECORDS} records, ${split ? 'a process a role' : 'one process'}`, async (t) => {
        if (CYCLES === 0)
            return t.skip('READY_CYCLES is not set: --long does it');
        const trial = new Trial(), used = [];
        try {
            const data = join(trial.folder, 'data');
            cpSync(fill(), data, { recursive: true, filter: (path) => !path.endsWith('/bus') });
            await trial.start({ server: { split, data }, plan: PLAN });
            for (let cycle = 0; cycle < CYCLES; cycle++) {
                await sleep(300 + Math.random() * 700);
                await trial.kill();
                await trial.launch();
                used.push(processorMs(trial.server));
                trial.assertSound(await trial.round());
            }
            await trial.verdict();
            const worst = Math.max(...trial.startsMs);
            t.diagnostic(`ready after ${median(trial.startsMs)} ms, at worst ${worst} ms, of ${CYCLES}; `
                + `${median(used)} ms of processors, at worst ${Math.max(...used)} ms`);
            assert.ok(median(trial.startsMs) <= MEDIAN_MS);
            rmSync(trial.folder, { recursive: true, force: true });
        } finally {
            await trial.end();
        }
    });
}
