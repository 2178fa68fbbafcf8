// descriptors.mjs - more knock than there are descriptors, CYCLES times.
//
//   descriptors.mjs CYCLES [KNOCKS]
//
// The server may have FEW descriptors, and KNOCKS connections stand before it.  Held here:
//   1. those who are in are served as ever, and what they say is stored;
//   2. nothing turns in a circle: the server spends less than BUSY_MOST of a core on waiting;
//   3. once some of those who are in leave, others come in within a second;
//   4. once all have left, it has no more descriptors than after the first time;
//   5. the same when there is not one descriptor left for anything;
//   6. a server that is given too few to work with says so and does not start.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Native, eventually } from '../e2e/client.mjs';
import { SLACK } from './panel.mjs';
import { Subject } from './subject.mjs';

const CYCLES = Number(process.argv[2] ?? 2);
const KNOCKS = Number(process.argv[3] ?? 2000);
const FEW = 600; // more than it wants at least
const TOO_FEW = [16, 256];
const [WATCH_MS, BUSY_MOST, TICKS_A_SECOND] = [2000, 0.5, 100];
const FULL_MS = 1000; // whoever is not in by then is not let in
const LET_IN_MS = 1000 * SLACK;
const GIVEN_BACK_MS = 10_000 * SLACK;
const LEAK_MOST = 4; // a table or two that were opened meanwhile

/** A server that may open so many files: a shell in front of it says so. */
function limitTo(subject, count) {
    const program = join(subject.folder, `limit-${count}`);
    writeFileSync(program, `#!/bin/sh\nulimit -n ${count}\nexec "${process.env.KITHD}" "$@"\n`,
        { mode: 0o755 });
    const spawn = subject.server.spawn;
    subject.server.spawn = () => {
        const real = process.env.KITHD;
        process.env.KITHD = program;
        spawn();
        process.env.KITHD = real;
    };
}

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/** Seconds of a core that it has used. */
function spent(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function knock(port) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    return new Promise((resolve) => {
        socket.on('connect', () => resolve(socket));
        socket.on('close', () => resolve(socket));
    });
}

async function crowd(port, count) {
    const sockets = [];
    while (sockets.length < count)
        sockets.push(...await Promise.all(Array.from({ length: 100 }, () => knock(port))));
    return sockets;
}

/** Those who are in are not merely there: they have said who they are, and are not thrown out. */
async function fill(subject) {
    const inside = [];
    for (;;) {
        const client = Native.open(subject.server, subject.owner.token, { handshakeTimeout: 60_000 });
        client.catch(() => {});
        const first = await Promise.race([client, sleep(FULL_MS, null)]);
        if (first === null)
            return { inside, waiting: client };
        inside.push(first);
    }
}

async function cycle(subject) {
    const { pid, port } = subject.server;
    assert.equal(await subject.say(), 'acked');
    const { inside, waiting } = await fill(subject);
    const outside = await crowd(port, KNOCKS);
    const before = spent(pid);
    const until = Date.now() + WATCH_MS;
    let said = 0;
    for (; Date.now() < until; said++)
        assert.equal(await subject.say(), 'acked'), await sleep(20);
    const busy = (spent(pid) - before) / (WATCH_MS / 1000);
    assert.ok(busy < BUSY_MOST, `it spends ${busy} of a core on waiting`);

    const since = Date.now();
    await Promise.all(inside.splice(0, 10).map((client) => client.terminate()));
    const late = await waiting;
    const letIn = Date.now() - since;
    assert.ok(letIn <= LET_IN_MS, `somebody came in after ${letIn} ms`);

    outside.forEach((socket) => socket.destroy());
    await Promise.all([late, ...inside].map((client) => client.terminate()));
    return { inside: inside.length + 10, busy, letIn, said };
}

/** How many descriptors it has once it is alone with its one client. */
async function atRest(subject) {
    let last = Infinity;
    return eventually(() => descriptors(subject.server.pid), (count) => {
        const isSteady = count === last;
        last = count;
        return isSteady && count < FEW / 4;
    }, 'descriptors given back', GIVEN_BACK_MS);
}

/** From one moment to the next there is no descriptor at all, whoever it is for. */
async function starve(subject) {
    const { pid } = subject.server;
    const limit = (count) =>
        assert.equal(spawnSync('prlimit', ['--pid', pid, `--nofile=${count}`]).status, 0);
    assert.equal(await subject.say(), 'acked');
    limit(`3:${FEW}`); // none above is given any more
    const waiting = Native.open(subject.server, subject.owner.token, { handshakeTimeout: 60_000 });
    const before = spent(pid);
    const until = Date.now() + WATCH_MS;
    while (Date.now() < until)
        assert.equal(await subject.say(), 'acked'), await sleep(20);
    const busy = (spent(pid) - before) / (WATCH_MS / 1000);
    assert.ok(busy < BUSY_MOST, `it spends ${busy} of a core on waiting`);
    assert.equal(await Promise.race([waiting, sleep(0, null)]), null, 'nobody came in');

    const since = Date.now();
    limit(`${FEW}:${FEW}`);
    await (await waiting).terminate();
    const letIn = Date.now() - since;
    assert.ok(letIn <= LET_IN_MS, `somebody came in after ${letIn} ms`);
    console.log(`none to be had: ${busy.toFixed(2)} of a core, let in after ${letIn} ms`);
}

async function crowded() {
    const subject = await Subject.make('disk');
    limitTo(subject, FEW);
    await subject.end(false);
    assert.ok(await subject.launch());
    let first = null;
    for (let n = 0; n < CYCLES; n++) {
        const { inside, busy, letIn, said } = await cycle(subject);
        const left = await atRest(subject);
        first ??= left;
        assert.ok(left <= first + LEAK_MOST, `${left} descriptors are left, ${first} were`);
        console.log(`${inside} in, ${KNOCKS} before the door, ${busy.toFixed(2)} of a core, ${said} `
            + `said, let in after ${letIn} ms, ${left} descriptors left`);
    }
    await starve(subject);
    await subject.end(false);
    await subject.recover();
    assert.deepEqual(subject.take(), []);
    await subject.close();
}

async function tooFew(count) {
    const subject = await Subject.make('disk');
    await subject.end(false);
    limitTo(subject, count);
    assert.equal(await subject.launch(), false);
    assert.deepEqual(subject.server.ended, { code: 1, signal: null }, subject.server.logTail());
    assert.match(subject.server.logTail(), /ulimit/);
    await subject.close();
}

let [passed, failed] = [0, 0];
async function hold(name, test) {
    try {
        await test();
        passed++;
    } catch (error) {
        failed++;
        console.log(`${name}: ${error.stack}`);
    }
}

await hold('crowded', crowded);
for (const count of TOO_FEW)
    await hold(`${count} descriptors`, () => tooFew(count));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
