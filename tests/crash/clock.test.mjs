// The machine's clock is set by an hour or a day, on and back, under a server that runs: nobody's
// session, ticket or presence ends of it, a retry is known, and times and ids go on in order.
//
// shift.c moves the time of day that the server sees.  Then the server is killed and starts with the
// clock as it is; one that has gone back goes on from what is written.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually, history, makeRoom, must, Native, post, signIn, signUp } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';

const HOUR = 3600, DAY = 24 * HOUR;
const workshop = mkdtempSync(join(tmpdir(), 'kith-clock-'));
const library = join(workshop, 'shift.so'), shift = join(workshop, 'shift');
let obstacle = null;

before(() => {
    const source = fileURLToPath(new URL('shift.c', import.meta.url));
    const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { encoding: 'utf8' });
    const asks = spawnSync('ldd', [process.env.KITHD], { encoding: 'utf8' });
    obstacle = built.status !== 0 ? String(built.stderr ?? built.error)
        : /lib[at]san/.test(asks.stdout) ? 'a sanitizer wants to be loaded first' : null;
});
after(() => rmSync(workshop, { recursive: true, force: true }));

function setClock(seconds) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeFileSync(shift, bytes, { flag: existsSync(shift) ? 'r+' : 'w' }); // the server has it mapped
}

/** With a clock that can be set, until `use` is over. */
async function withServer(use) {
    setClock(0);
    const server = await Server.plan({ split: false });
    const start = (method) => {
        Object.assign(process.env, { LD_PRELOAD: library, CLOCK_SHIFT: shift });
        const started = server[method]();
        delete process.env.LD_PRELOAD;
        return started;
    };
    try {
        await start('launch');
        await use(server, () => start('launch'));
        await server.close();
    } finally {
        await server.kill();
    }
}

/** Two people in a room, one of whom waits for a match. */
async function settle(server) {
    const ann = await signUp(server, 'ann'), bob = await signUp(server, 'bob');
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    const here = await Native.open(server, ann.token), sees = await Native.open(server, bob.token);
    await must(server, 'POST', '/v1/me/ticket', { token: bob.token, body: { queue: 'chess', min: 2, max: 2, seconds: 3000 } });
    const presence = async () => {
        const { people: [state] } = await must(server, 'GET', `/v1/presence?accounts=${ann.id}`, bob);
        return state?.online;
    };
    await eventually(presence, (online) => online === true, 'ann to be online');
    await post(server, ann.token, room.id, 'sent again', 'once');
    return { ann, bob, room, here, sees, presence };
}

async function assertOrdered(server, { ann, room }) {
    const all = await history(server, ann.token, room.id, '?limit=1000');
    assert.deepEqual(all.map(({ seq }) => seq), all.map((_, at) => at + 1));
    for (let at = 1; at < all.length; at++) {
        assert.ok(all[at].id > all[at - 1].id, 'ids go on');
        assert.ok(all[at].time >= all[at - 1].time, 'and times do');
    }
    assert.equal(all.filter(({ text }) => text === 'sent again').length, 1, 'a retry is known');
    return all.at(-1);
}

/** Nothing has come of it. */
async function assertUnmoved(server, scene, seconds) {
    const { ann, bob, room, here, presence } = scene;
    const repeated = await post(server, ann.token, room.id, 'sent again', 'once');
    assert.equal(repeated.seq, 1);
    const first = await post(server, ann.token, room.id, `set by ${seconds}`);
    await here.post(room.id, 'and on a socket');
    const last = await assertOrdered(server, scene);
    assert.ok(last.time - first.time < 60_000_000, 'no leap');
    assert.equal(await presence(), true);
    for (const { token } of [ann, bob])
        await must(server, 'GET', '/v1/me', { token });
    const again = await signIn(server, 'ann', ann.password);
    await must(server, 'GET', '/v1/me', { token: again.token });
    const ticket = await must(server, 'GET', '/v1/me/ticket', { token: bob.token });
    assert.equal(ticket.state, 'open');
}

for (const seconds of [HOUR, -HOUR, DAY, -DAY]) {
    test(`the clock is set by ${seconds / HOUR} h while it runs, and back`, async (t) => {
        if (obstacle !== null)
            return t.skip(obstacle);
        await withServer(async (server, launch) => {
            const scene = await settle(server);
            for (const now of [seconds, 0, seconds]) {
                setClock(now);
                await assertUnmoved(server, scene, now);
            }
            await Promise.all([scene.here.close(), scene.sees.close()]);
            await server.kill();
            await launch();
            await must(server, 'GET', '/v1/me', { token: scene.ann.token });
            await post(server, scene.ann.token, scene.room.id, 'after a start');
            await assertOrdered(server, scene);
        });
    });
}
