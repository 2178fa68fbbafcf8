// Retention, killed (-9) at each of its steps: nothing is ever lost by it, and it goes on.
//
//   copying ─> copied ─> noted ─> kept ─> dropped           snapshots
//   noted ─> done                                           the cut
//
// At each the server dies, once; then it starts again, with projections as they are and with none,
// and says everything that was ever said.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { call, eventually, history, makeRoom, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const ACTORS = ['session', 'room', 'search', 'matching', 'notifier'];
const PATIENCE_MS = 120_000;

const table = readFileSync(new URL('../../actors/failpoints.def', import.meta.url), 'utf8');
const points = [...table.matchAll(/^FAILPOINT\(\w+, "((?:snapshot|cut)\.[a-z]+)"/gm)].map(([, name]) => name);

let server, ann, room;
let said = 0;

before(async () => {
    server = await Server.start({ split: false, settings: {
        'journal.segment_size': '16K', 'journal.max_size': '48K', 'journal.snapshots': '1', limits: 'off',
    } });
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
});
after(() => server.close());

const begins = () => readdirSync(join(server.data, 'journal')).filter((name) => /^\d{20}$/.test(name)).sort()[0];

/** One more message, whether or not anybody is there; once, as it has a client id of its own. */
async function say() {
    const body = { text: `${said} ${'x'.repeat(1000)}`, client_id: `c${said}` };
    const reply = await call(server, 'POST', `/v1/rooms/${room.id}/messages`, { token: ann.token, body })
        .catch(() => ({ status: 0 }));
    if (reply.status === 201 || reply.status === 200)
        said++;
    return reply.status;
}

async function assertNothingIsLost(during) {
    const all = await history(server, ann.token, room.id, '?limit=10000');
    const numbers = all.map(({ text }) => Number.parseInt(text, 10));
    const last = numbers.at(-1) ?? -1;
    assert.ok(last + 1 >= said, `${during}: ${said} were acknowledged, ${last + 1} are there`);
    assert.deepEqual(numbers, numbers.map((_, at) => at), during);
    said = last + 1;
}

/** With this in its environment until it dies of it. */
async function die(point) {
    await server.stop();
    process.env.KITH_FAILPOINT = `${point}@bus.snapshot`;
    server.spawn();
    delete process.env.KITH_FAILPOINT;
    await eventually(async () => {
        await say();
        return server.ended;
    }, (ended) => ended !== null, `the server to die at ${point}`, PATIENCE_MS);
    assert.deepEqual(server.ended, { code: null, signal: 'SIGKILL' }, point);
}

test('the table has all steps', () => {
    assert.equal(points.length, 7);
});

for (const point of points)
    test(`killed at ${point}: all is there`, async () => {
        await die(point);
        await server.launch();
        await assertNothingIsLost(point);
        await server.stop();
        const verified = spawnSync(KITH, ['--data', server.data, 'journal', 'verify'], { encoding: 'utf8' });
        assert.equal(verified.status, 0, `${point}: ${verified.stdout}`);
        for (const actor of ACTORS)
            rmSync(join(server.data, actor), { recursive: true });
        await server.launch();
        await assertNothingIsLost(`${point}, all projections lost`);
    });

test('and retention goes on', async () => {
    const before = begins();
    await eventually(async () => {
        await say();
        return begins();
    }, (now) => now > before, 'the journal to be cut', PATIENCE_MS);
    const half = readdirSync(join(server.data, 'snapshots')).filter((name) => /^\d{20}$/.test(name));
    assert.ok(half.length >= 1);
    await must(server, 'GET', '/v1/rooms', { token: ann.token });
    await assertNothingIsLost('the end');
});
