// full.mjs - the disk fills up and is freed again, CYCLES times, under a server that goes on.
//
//   full.mjs CYCLES
//
// A small disk in memory (tmpfs) is filled to the last byte with ballast; without the right to
// mount one the shim says that it is full.  While it is, held here:
//   1. what is to be stored is refused with `storage`, 507 over HTTP;
//   2. reading goes on, and shows all that was acknowledged; so do typing and presence;
//   3. once there is room again the server takes everything within five seconds, in the same
//      process; what it had left unanswered it has called unknown;
//   4. nothing acknowledged is lost, before and after a restart: the checker's.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Native, call, eventually, history, signUp } from '../e2e/client.mjs';
import { SLACK } from './panel.mjs';
import { Subject } from './subject.mjs';

const CYCLES = Number(process.argv[2] ?? 3);
const DISK = 'size=96m';
const FULL_MS = 10_000 * SLACK;
const RECOVERY_MS = 5000 * SLACK;
const BETWEEN = 20; // messages, while there is room
const CHECK_EVERY = 10;

/** A disk that can be filled: a real one if we may, else the shim's word. */
class Disk {
    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), 'kith-full-'));
        const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', this.folder]);
        this.real = status === 0;
        this.ballast = join(this.folder, 'ballast');
    }

    fill(panel) {
        if (!this.real)
            return panel.arm({ kind: 'write', nth: 1, error: 'ENOSPC', manner: 'on' });
        const file = openSync(this.ballast, 'a');
        for (const size of [1 << 20, 4096]) {
            const bytes = Buffer.alloc(size);
            try {
                for (;;)
                    writeSync(file, bytes);
            } catch (error) {
                assert.equal(error.code, 'ENOSPC');
            }
        }
        closeSync(file);
        return undefined;
    }

    free(panel) {
        panel.lift();
        rmSync(this.ballast, { force: true });
    }

    remove() {
        if (this.real)
            spawnSync('umount', ['-l', this.folder]);
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/** Two more who are in the room: one listens, the other types, comes and goes. */
async function company(subject) {
    const { server, room } = subject;
    const people = {};
    for (const name of ['listener', 'typist']) {
        people[name] = await signUp(server, name);
        const path = `/v1/rooms/${room}/members`;
        await call(server, 'POST', path, { token: people[name].token, body: {} });
    }
    people.hearing = await Native.open(server, people.listener.token);
    return people;
}

async function untilFull(subject) {
    const outcomes = [];
    const answer = () => subject.say(2000).then((outcome) => outcomes.push(outcome) && outcome);
    await eventually(answer, (outcome) => outcome === 'storage', 'a full disk', FULL_MS);
    return outcomes;
}

async function readsGoOn({ server, owner, room, lastAcked }) {
    const shown = await history(server, owner.token, room, '?limit=5&before=1000000000');
    assert.equal(shown.at(-1).text, lastAcked, 'the history shows what was acknowledged last');
    const { status } = await call(server, 'GET', '/v1/rooms', { token: owner.token });
    assert.equal(status, 200);
}

async function writesAreRefused({ server, owner, room }) {
    const path = `/v1/rooms/${room}/messages`;
    const { status, headers, body } =
        await call(server, 'POST', path, { token: owner.token, body: { text: 'no room' } });
    assert.equal(status, 507);
    assert.equal(body.error.name, 'storage');
    assert.equal(body.error.retryable, true);
    assert.ok(headers.has('retry-after'));
}

async function fleetingGoesOn({ server, room }, { hearing, typist }) {
    hearing.events.length = 0;
    const typing = await Native.open(server, typist.token);
    const about = (type) => (event) => event.type === type && event.body.account === typist.id;
    await hearing.heard(about('presence.changed'), 'word of who came', RECOVERY_MS);
    await typing.request('room.typing', { room, typing: true });
    await hearing.heard(about('room.typing'), 'word of who types', RECOVERY_MS);
    hearing.events.length = 0;
    await typing.close();
    await hearing.heard(about('presence.changed'), 'word of who left', RECOVERY_MS);
}

async function cycle(subject, disk, people) {
    for (let n = 0; n < BETWEEN; n++)
        assert.equal(await subject.say(500), 'acked');
    disk.fill(subject.panel);
    await untilFull(subject);
    await writesAreRefused(subject);
    await readsGoOn(subject);
    await fleetingGoesOn(subject, people);

    const since = Date.now();
    disk.free(subject.panel);
    await eventually(() => subject.say(), (outcome) => outcome === 'acked', 'room again', RECOVERY_MS);
    const recovery = Date.now() - since;
    await subject.settle();
    return recovery;
}

async function main() {
    const disk = new Disk();
    const subject = await Subject.make('disk', { disk: disk.folder });
    const people = await company(subject);
    const { pid } = subject.server;
    const recoveries = [];
    let fault = null;
    try {
        for (let n = 1; n <= CYCLES; n++) {
            recoveries.push(await cycle(subject, disk, people));
            if (n % CHECK_EVERY === 0 || n === CYCLES)
                await subject.recover();
            assert.deepEqual(subject.take(), []);
        }
        assert.equal(subject.server.ended, null);
        assert.equal(subject.server.pid, pid);
        await subject.end(false);
        await subject.recover();
        assert.deepEqual(subject.take(), []);
    } catch (error) {
        fault = error;
        console.log(`cycle ${recoveries.length + 1}: ${error.stack}\n${subject.server.logTail()}`);
    }
    console.log(`${recoveries.length} cycles on ${disk.real ? 'a tmpfs' : 'the shim'}, ${subject.acks} `
        + `acknowledged, room again within ${Math.max(...recoveries)} ms`);
    await people.hearing.terminate();
    await subject.close();
    disk.remove();
    console.log(`${recoveries.length} passed, ${fault === null ? 0 : 1} failed`);
    process.exit(fault === null ? 0 : 1);
}

await main();
