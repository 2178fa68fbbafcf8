// Sessions' uuids cannot be guessed at leisure: an address that has shown too many of nobody
// waits, at every door, while those who are known already go on.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ask, createRoom, must, refusedLine, roomHistory, signIn, signUp } from './chatbackend.mjs';
import * as native from './client.mjs';
import { Server } from './server.mjs';

const TRIES = 3;

let server;
let ann;
let gid;

before(async () => {
    server = await Server.start({ settings: { 'rate.uuid': `${TRIES}/3600` } });
    ann = await signUp(server, 'ann');
    gid = await createRoom(server, ann.uuid);
});

after(() => server.close());

const show = (uuid) => ask(server, 'POST', '/create-room', { uuid, body: {} });

test('so many uuids of nobody, by whatever door, and then none that is not known yet', async () => {
    const guesses = Array.from({ length: TRIES - 1 }, () => show(randomUUID()));
    for (const { body } of await Promise.all(guesses))
        assert.equal(body.error.message, 'Unknown user');
    await refusedLine(server, { uuid: randomUUID(), room_gid: gid });
    const { status, headers, body } = await show(randomUUID());
    assert.deepEqual([status, body.ok, body.error.code], [429, false, 429]);
    assert.match(headers.get('retry-after'), /^[1-9]\d*$/);
    const fresh = await signIn(server, ann);
    assert.equal((await show(fresh.uuid)).status, 429);
    await refusedLine(server, { uuid: fresh.uuid, room_gid: gid });
});

test('who is known already goes on, and so does who has a token', async () => {
    assert.deepEqual(await roomHistory(server, ann.uuid, gid), []);
    const { token } = await native.signIn(server, 'ann', ann.password);
    await native.must(server, 'GET', '/v1/me', { token });
});

test('uuids of sessions that stand cost nothing', async () => {
    const other = await Server.start({ settings: { 'rate.uuid': '1/3600' } });
    const bob = await signUp(other, 'bob');
    for (let n = 0; n < 3; n++) {
        const { uuid } = await signIn(other, bob);
        await must(other, 'POST', '/create-room', { uuid, body: {} });
    }
    await other.close();
});
