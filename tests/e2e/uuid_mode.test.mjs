// uuid_mode=documented: ChatBackend's uuid as its document has it, one for both who one is and
// what one is called; for test servers that nobody else reaches.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import {
    Line, createRoom, refused, roomHistory, say, signIn, signUp,
} from './chatbackend.mjs';
import * as native from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let gid;

before(async () => {
    server = await Server.start({ settings: { uuid_mode: 'documented' } });
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    gid = await createRoom(server, ann.uuid);
});

after(() => server.close());

const unknown = (uuid) => refused(server, 400, 'Unknown user', 'GET',
    `/get-room-history?room_gid=${gid}`, { uuid });

test('a person has one uuid, by which they sign in and by which all call them', async () => {
    assert.equal((await signIn(server, ann)).uuid, ann.uuid);
    await say(server, ann.uuid, gid, 'it is me');
    for (const { uuid } of [ann, bob])
        assert.equal((await roomHistory(server, uuid, gid))[0].sender.uuid, ann.uuid);
    const line = await Line.open(server, bob.uuid, gid);
    await say(server, ann.uuid, gid, 'still me');
    assert.equal((await line.hears(1))[0].sender.uuid, ann.uuid);
    await line.close();
});

test('it is good for nothing until one signs in, and again once one does', async () => {
    const { id, token } = await native.signUp(server, 'carl');
    const { uuid } = await native.must(server, 'GET', `/v1/accounts/${id}`, { token });
    await unknown(uuid);
    await native.must(server, 'DELETE', '/v1/sessions', {
        token: (await native.signIn(server, 'bob', bob.password)).token,
    });
    await native.eventually(() => native.call(server, 'GET', '/v1/me', { token: bob.uuid }),
        ({ status }) => status === 401, 'end of the session');
    assert.equal((await signIn(server, bob)).uuid, bob.uuid);
    await roomHistory(server, bob.uuid, gid);
});

test('it says so at the start, and starts on loopback only', async () => {
    assert.match(server.log(), /uuid_mode=documented: whoever has seen a person's uuid can act as/);
    const other = await Server.plan({ settings: { uuid_mode: 'documented', argon2: 'interactive' } });
    for (const flag of ['--http', '--line']) {
        const args = other.args();
        args[args.indexOf(flag) + 1] = '0.0.0.0:0';
        const { status, stderr } = spawnSync(process.env.KITHD, args, {
            timeout: 20_000, encoding: 'utf8',
        });
        assert.ok(status > 0, `ended with ${status}`);
        assert.match(stderr, /uuid_mode=documented .*loopback/);
    }
});

test('once it is over, no such uuid is good any more', async () => {
    await server.stop();
    delete server.settings.uuid_mode;
    await server.launch();
    await unknown(ann.uuid);
    await unknown(bob.uuid);
    const again = await signIn(server, ann);
    assert.notEqual(again.uuid, ann.uuid);
    assert.equal((await roomHistory(server, again.uuid, gid))[0].sender.uuid, again.uuid);
});
