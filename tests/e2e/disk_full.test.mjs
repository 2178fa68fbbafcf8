// Storage is full: each dialect says so in its own form, nothing is stored, reading goes on, and
// when there is room again the same server takes everything.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Panel } from '../faults/panel.mjs';
import * as chatapi from './chatapi.mjs';
import * as chatbackend from './chatbackend.mjs';
import { Native, call, eventually, history, makeRoom, refused, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const FULL = { kind: 'write', nth: 1, error: 'ENOSPC', manner: 'on' };
const WORDS = 'Storage is full or failing: nothing of this was stored, reading goes on; try again later.';

let server;
let panel;
let people;

before(async () => {
    server = await Server.plan({ split: false });
    panel = new Panel('disk', join(server.base, 'panel'), server.data);
    server.spawn = () => server.spawnRole('all', 'all', [], panel.env);
    await server.launch();
    people = await everybody();
    await fill();
});
after(async () => {
    panel.lift();
    await server.close();
    panel.close();
});

/** Somebody on each dialect, with a room to write to. */
async function everybody() {
    const native = await signUp(server, 'native');
    const chat = await chatapi.register(server, 'chatter');
    const backend = await chatbackend.signUp(server, 'backender');
    return {
        native,
        room: (await makeRoom(server, native.token)).id,
        live: await Native.open(server, native.token),
        chat,
        chatRoom: (await chatapi.createChat(server, chat.token)).id,
        backend,
        gid: await chatbackend.createRoom(server, backend.uuid),
    };
}

/** By the native API; gives {status, headers, body}. */
function say(text) {
    const { native, room } = people;
    return call(server, 'POST', `/v1/rooms/${room}/messages`, { token: native.token, body: { text } });
}

/** The write that finds it out is unknown; those that come behind it are refused. */
async function fill() {
    await say('in');
    panel.arm(FULL);
    await eventually(() => say('out'), ({ status }) => status === 507, 'a full disk');
}

test('native, over HTTP', async () => {
    const { status, headers, body: { error } } = await say('x');
    assert.equal(status, 507);
    assert.equal(headers.get('retry-after'), '1');
    assert.deepEqual([error.name, error.retryable, error.message], ['storage', true, WORDS]);
    const late = { login: 'late', password: keepSecret('a password') };
    await refused(server, 'storage', 'POST', '/v1/accounts', { body: late });
});

test('native, over a socket', async () => {
    await assert.rejects(people.live.post(people.room, 'x'), { name: 'storage', status: 507 });
});

test('ChatAPI', async () => {
    const { chat, chatRoom } = people;
    const live = await chatapi.Chat.open(server, chat.token);
    live.say(chatRoom, 'x');
    const frame = await eventually(() => live.frames.at(-1), (last) => last !== undefined, 'a frame');
    assert.deepEqual(frame, { error: WORDS });
    await live.close();
    const body = { name: 'another' };
    await chatapi.refused(server, 507, WORDS, 'POST', '/chats/create', { token: chat.token, body });
});

test('chat-backend', async () => {
    const { backend, gid } = people;
    const body = { room_gid: gid, msg: 'x' };
    const reply = await chatbackend.ask(server, 'POST', '/send-message', { uuid: backend.uuid, body });
    assert.equal(reply.status, 507);
    assert.deepEqual(reply.body, { ok: false, error: { code: 507, message: WORDS } });
});

test('reading goes on', async () => {
    const { native, room } = people;
    assert.deepEqual((await history(server, native.token, room)).map(({ text }) => text), ['in']);
});

test('when there is room again the same server takes it', async () => {
    const { pid } = server;
    panel.lift();
    await eventually(() => say('in again'), ({ status }) => status === 201, 'room again');
    await people.live.heardText('in again');
    assert.equal(server.pid, pid);
});
