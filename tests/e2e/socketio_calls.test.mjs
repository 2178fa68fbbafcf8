// Stock Socket.IO clients in namespace /, over every transport: calls, acknowledgements, events.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { makeRoom, signUp } from './client.mjs';
import { Server } from './server.mjs';
import { ask, clients, connect, did, dial, next, transport, versions } from './socketio.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

for (const client of clients) {
    test(`${client.name}: calls are answered and events come`, async () => {
        const { id: room } = await makeRoom(server, bob.token);
        const [here, there] = await Promise.all(
            [ann, bob].map(({ token }) => connect(client, server.url, { token })));
        await did(here, 'room.join', { room });
        const heard = next(there, 'room.posted');
        const own = next(here, 'room.posted');
        const text = 'grüß dich € 😀 \u001e "quoted"';
        const { id, seq } = await did(here, 'room.post', { room, text, client_id: client.name });
        assert.equal((await own)[0].message.client_id, client.name);
        const [{ message }] = await heard;
        assert.deepEqual([message.id, message.seq, message.text, message.login],
            [id, seq, text, 'ann']);
        assert.equal(message.client_id, undefined, 'the sender\'s alone');
        here.close();
        there.close();
    });
}

for (const client of clients.filter(({ way }) => way === 'upgrade')) {
    test(`${client.name}: begins by polling and goes on by WebSocket, losing nothing`, async () => {
        const { id: room } = await makeRoom(server, ann.token);
        const socket = dial(client, server.url, { token: ann.token });
        const texts = [];
        socket.on('room.posted', ({ message }) => texts.push(message.text));
        let isUp = false;
        assert.equal(transport(socket), 'polling');
        socket.io.engine.once('upgrade', () => { isUp = true; });
        await next(socket, 'connect');
        const said = [];
        while (!isUp || said.length < 20) {
            said.push(`message ${said.length}`);
            await did(socket, 'room.post', { room, text: said.at(-1) });
        }
        assert.equal(transport(socket), 'websocket');
        while (texts.length < said.length)
            await next(socket, 'room.posted');
        assert.deepEqual(texts, said);
        socket.close();
    });
}

for (const client of clients.filter(({ way }) => way !== 'upgrade')) {
    test(`${client.name}: a refusal is an answer, or an event where none is asked for`, async () => {
        const socket = await connect(client, server.url, { token: ann.token });
        const { error } = await ask(socket, 'room.post', { room: 999999, text: 'x' });
        assert.deepEqual([error.name, error.status], ['not_found', 404]);
        assert.equal((await ask(socket, 'no.such.call')).error.name, 'unknown_type');
        assert.equal((await ask(socket, 'room.post', { room: 1, wrong: 2 })).error.name, 'unknown_field');
        assert.equal((await ask(socket, 'room.post', 1, 2)).error.name, 'invalid');
        socket.emit('room.post', { room: 999999, text: 'x' });
        const [{ type, error: told }] = await next(socket, 'refused');
        assert.deepEqual([type, told.name], ['room.post', 'not_found']);
        socket.close();
    });

    test(`${client.name}: attachments arrive whole, and no call takes them`, async () => {
        const socket = await connect(client, server.url, { token: ann.token });
        const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
        const { error } = await ask(socket, 'room.post', { room: 1, blob: bytes, more: [bytes] });
        assert.deepEqual([error.name, error.detail], ['invalid', 'no call takes attachments']);
        assert.ok((await ask(socket, 'session.list')).body.sessions.length > 0, 'and it lives on');
        socket.close();
    });

    test(`${client.name}: nobody may ask for nothing, but sign in`, async () => {
        const socket = await connect(client, server.url);
        assert.equal((await ask(socket, 'room.list')).error.name, 'unauthenticated');
        const welcomed = next(socket, 'welcome');
        const { login, password } = { login: 'ann', password: ann.password };
        const wrong = await ask(socket, 'session.open', { login, password: 'not it at all' });
        assert.equal(wrong.error.name, 'bad_credentials');
        const { token, account } = await did(socket, 'session.open', { login, password });
        assert.ok(token.length > 20);
        assert.equal(account.login, 'ann');
        assert.equal((await welcomed)[0].account, ann.id);
        const { id: room } = await did(socket, 'room.create', { kind: 'open' });
        const heard = next(socket, 'room.posted');
        await did(socket, 'room.post', { room, text: 'signed in here' });
        assert.equal((await heard)[0].message.text, 'signed in here');
        socket.close();
    });
}

test('a bad token is refused in the namespace', async () => {
    for (const [version, io] of Object.entries(versions)) {
        const socket = dial({ version, io, transports: ['websocket'] }, server.url, { token: 'x.y.z' });
        const [reason] = await next(socket, version === '4.8' ? 'connect_error' : 'error');
        assert.equal(reason.message ?? reason, 'unauthenticated');
        assert.ok(!socket.connected);
        socket.close();
    }
});

test('a namespace that is not there is refused', async () => {
    for (const client of clients.filter(({ way }) => way === 'websocket')) {
        const socket = dial(client, server.url, { nsp: '/nowhere' });
        const [reason] = await next(socket, client.version === '4.8' ? 'connect_error' : 'error');
        assert.equal(reason.message ?? reason, 'Invalid namespace');
        socket.close();
    }
});

test('a session that ends closes its connections', async () => {
    for (const client of clients) {
        const carl = await signUp(server, `carl-${client.name.replace(/\W/g, '-')}`);
        const socket = await connect(client, server.url, { token: carl.token, reconnection: false });
        const gone = next(socket, 'disconnect');
        socket.emit('session.close');
        await gone;
        socket.close();
    }
});
