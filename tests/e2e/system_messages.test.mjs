// The app's own backend speaks, pins and deletes as the system, in rooms that it is not in.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, post, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');

let server;
let ann;
let key;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    const boss = await signUp(server, 'boss');
    execFileSync(KITH, ['--data', server.data, '--bus', server.bus, 'account', 'role', 'boss',
        'admin']);
    key = await must(server, 'POST', '/v1/admin/keys', {
        token: boss.token, body: { name: 'backend', scopes: 'messages' },
    });
    keepSecret(key.token);
});
after(() => server.close());

test('a key posts as the system, calls everyone, and does not come into the room', async () => {
    const { id: room } = await makeRoom(server, ann.token, 'private');
    const client = await Native.open(server, ann.token);
    const message = await post(server, key.token, room, '@everyone: back at noon', 'notice-1');
    assert.equal(message.sender, key.account.id);
    assert.equal(message.everyone, true);
    await client.heardText(message.text);
    const types = client.events.map(({ type }) => type).filter((type) => type !== 'notified'); // which follows
    assert.deepEqual(types, ['room.posted']);
    const { members } = await must(server, 'GET', `/v1/rooms/${room}/members`, ann);
    assert.deepEqual(members.map(({ account }) => account), [ann.id]);
    const { readers } = await must(server, 'GET', `/v1/rooms/${room}/readers`, ann);
    assert.deepEqual(readers.map(({ account }) => account), [ann.id]);
    await client.close();
});

test('a key moderates messages', async () => {
    const { id: room } = await makeRoom(server, ann.token, 'private');
    const { seq } = await post(server, ann.token, room, 'a rude word');
    const path = `/v1/rooms/${room}/messages/${seq}`;
    assert.ok((await must(server, 'PUT', `${path}/pin`, key)).pinned > 0);
    assert.ok((await must(server, 'DELETE', path, key)).deleted > 0);
});
