// The server's staff in rooms: admins see and govern all of them, moderators the open ones.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');

let server;
let ann;
let bob;
let admin;
let warden;
before(async () => {
    server = await Server.start();
    [ann, bob, admin, warden] = await Promise.all(
        ['ann', 'bob', 'boss', 'warden'].map((name) => signUp(server, name)));
    hire('boss', 'admin');
    hire('warden', 'moderator');
});
after(() => server.close());

function hire(login, role) {
    const { status, stderr } = spawnSync(KITH, ['--bus', server.bus, 'account', 'role', login, role],
        { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
}

const done = async (method, path, { token }, body) =>
    assert.equal((await call(server, method, path, { token, body })).status, 204);

async function enter({ token }, room) {
    const client = await Native.open(server, token);
    await client.request('room.enter', { room }).finally(() => client.close());
}

test('an admin reads, governs and deletes any room', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    const path = `/v1/rooms/${room.id}`;
    await post(server, ann.token, room.id, 'between us');
    const { messages } = await must(server, 'GET', `${path}/messages`, admin);
    assert.equal(messages[0].text, 'between us');
    assert.equal((await must(server, 'GET', path, admin)).members, 1);
    await must(server, 'POST', `${path}/members`, { token: admin.token, body: { account: bob.id } });
    await must(server, 'PUT', `${path}/members/${bob.id}/role`, {
        token: admin.token, body: { role: 'owner' },
    });
    const bobs = await Native.open(server, bob.token);
    await done('DELETE', `${path}/members/${ann.id}`, admin);
    await bobs.heard(({ type, body }) => type === 'room.left' && body.by === admin.id);
    await assert.rejects(enter(admin, room.id),
        { name: 'forbidden', detail: 'readers are in open rooms only' });
    await refused(server, 'forbidden', 'PUT', `${path}/bans/${admin.id}`, {
        token: bob.token, body: {},
    });
    await done('DELETE', path, admin);
    await bobs.heard(({ type }) => type === 'room.deleted');
    await bobs.close();
});

test('a moderator of the server moderates open rooms and sees no private ones', async () => {
    const open = await makeRoom(server, ann.token);
    const hidden = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${open.id}/members`, { token: bob.token, body: {} });
    await done('PUT', `/v1/rooms/${open.id}/bans/${bob.id}`, warden, { reason: 'spam' });
    await refused(server, 'forbidden', 'DELETE', `/v1/rooms/${open.id}/members/${ann.id}`, warden);
    await refused(server, 'forbidden', 'DELETE', `/v1/rooms/${open.id}`, warden);
    for (const path of ['', '/messages', '/members', '/bans'])
        await refused(server, 'not_found', 'GET', `/v1/rooms/${hidden.id}${path}`, warden);
    await must(server, 'POST', `/v1/rooms/${hidden.id}/members`, {
        token: ann.token, body: { account: warden.id },
    });
    await must(server, 'PUT', `/v1/rooms/${hidden.id}/name`, {
        token: warden.token, body: { name: 'seen' },
    });
});

test('an operator lists every room', async () => {
    const room = await makeRoom(server, ann.token, 'private', 'for the operator');
    const { stdout } = spawnSync(KITH, ['--bus', server.bus, 'room', 'list'], { encoding: 'utf8' });
    assert.match(stdout, new RegExp(`\\b${room.id}\\b.*for the operator`));
});
