// What a stock Socket.IO client gets after it was away: connection state recovery, whose offset
// is the journal's sequence, so that it works over a restart of the server too.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, makeRoom, must, post, signUp } from './client.mjs';
import { Cable } from './people/cable.mjs';
import { Server } from './server.mjs';
import { clients, connect, dial, did, next } from './socketio.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const newest = clients.filter(({ version }) => version === '4.8');
const older = clients.filter(({ version, way }) => version !== '4.8' && way === 'websocket');

/** A room of bob's that the socket hears, and the texts that it hears there. */
async function listen(socket, token = ann.token) {
    const { id: room } = await makeRoom(server, bob.token);
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
    const texts = [];
    socket.on('room.posted', ({ message }) => {
        if (message.room === room)
            texts.push(message.text);
    });
    return { room, texts };
}

async function until(texts, text, socket) {
    while (texts.at(-1) !== text)
        await next(socket, 'room.posted');
}

for (const client of newest) {
    test(`${client.name}: gets what it missed while its line was cut`, async () => {
        const cable = await Cable.to(server);
        const socket = await connect(client, cable.url, { token: ann.token });
        const { room, texts } = await listen(socket);
        const { id } = socket;
        const wanted = [];
        const say = async (text) => {
            wanted.push(text);
            await post(server, bob.token, room, text);
        };
        for (const way of Cable.ways.slice(0, 2)) {
            await say(`before ${way}`);
            await until(texts, `before ${way}`, socket);
            const gone = next(socket, 'disconnect');
            cable.cut(way);
            await gone;
            await say(`one ${way}`);
            await say(`two ${way}`);
            const back = next(socket, 'connect');
            cable.mend();
            await back;
            assert.ok(socket.recovered, way);
            assert.equal(socket.id, id, 'the id that it had');
            await until(texts, `two ${way}`, socket);
        }
        assert.deepEqual(texts, wanted, 'each once, in order');
        socket.close();
        cable.close();
    });

    test(`${client.name}: gets what it missed while the server was dead`, async () => {
        const cable = await Cable.to(server);
        const socket = await connect(client, cable.url, { token: ann.token });
        const { room, texts } = await listen(socket);
        const { id } = socket;
        await post(server, bob.token, room, 'before');
        await until(texts, 'before', socket);
        const gone = next(socket, 'disconnect');
        await server.kill();
        await gone;
        cable.cut(); // until something was missed
        await server.launch();
        await post(server, bob.token, room, 'missed');
        const back = next(socket, 'connect');
        cable.mend();
        await back;
        assert.ok(socket.recovered);
        assert.equal(socket.id, id);
        await until(texts, 'missed', socket);
        assert.deepEqual(texts, ['before', 'missed']);
        socket.close();
        cable.close();
    });
}

/** A socket of 4.8 that comes with these words, as one that was there before would. */
async function comeBack(auth) {
    const socket = dial(newest[1], server.url, { auth });
    const [welcome] = await next(socket, 'welcome');
    socket.close();
    return welcome;
}

test('only who was there comes back', async () => {
    const socket = await connect(newest[1], server.url, { token: ann.token });
    const { room, texts } = await listen(socket);
    await post(server, bob.token, room, 'news');
    await until(texts, 'news', socket);
    const { _pid: pid, _lastOffset: offset } = socket;
    socket.close();

    const back = await comeBack({ pid, offset });
    assert.deepEqual([back.account, back.resumed], [ann.id, true], 'the ticket says who it is');
    const token = bob.token;
    const other = await comeBack({ token, pid, offset });
    assert.deepEqual([other.account, other.resumed], [bob.id, false], 'not somebody else');
    const ahead = await comeBack({ token: ann.token, pid, offset: '999999999' });
    assert.equal(ahead.resumed, false, 'a point that lies ahead');
    for (const wrong of [{ pid, offset: 'x' }, { pid, offset: '-1' }, { pid },
        { pid: `${pid}x`, offset }, { pid: `B${pid.slice(1)}`, offset },
        { pid: pid.slice(0, -4) + 'AAAA', offset }, { pid: '', offset }, { pid: 7, offset }]) {
        const { account, resumed } = await comeBack({ token: ann.token, ...wrong });
        assert.deepEqual([account, resumed], [ann.id, false], JSON.stringify(wrong));
    }
});

test('a ticket ends with its session', async () => {
    const carl = await signUp(server, 'carl');
    const socket = await connect(newest[1], server.url, { token: carl.token });
    const { _pid: pid, _lastOffset: offset } = socket;
    const gone = next(socket, 'disconnect');
    await call(server, 'DELETE', '/v1/session', { token: carl.token });
    await gone;
    socket.close();
    const nobody = dial(newest[1], server.url, { auth: { pid, offset } });
    await next(nobody, 'connect');
    assert.equal((await new Promise((resolve) => nobody.emit('room.list', resolve))).error.name,
        'unauthenticated');
    nobody.close();
    const again = dial(newest[1], server.url, { auth: { token: carl.token, pid, offset } });
    const [reason] = await next(again, 'connect_error');
    assert.equal(reason.message, 'session_ended');
    again.close();
});

test('who wants no offsets gets none', async () => {
    const plain = [{ query: { recovery: '0' } }, { auth: { token: ann.token, recovery: 0 } },
        { auth: { token: ann.token, recovery: false } }];
    for (const options of plain) {
        const socket = dial(newest[1], server.url, { auth: { token: ann.token }, ...options });
        const welcome = await next(socket, 'welcome');
        assert.equal(welcome.length, 1);
        assert.equal(socket._pid, undefined);
        const { room } = await listen(socket);
        const heard = next(socket, 'room.posted');
        await did(socket, 'room.post', { room, text: 'plain' });
        assert.equal((await heard).length, 1);
        socket.close();
    }
});

test('offsets are the journal\'s sequence, and ascend', async () => {
    const socket = await connect(newest[1], server.url, { token: ann.token });
    const offsets = [];
    socket.onAny((name, ...args) => offsets.push(args.at(-1)));
    const { room } = await listen(socket);
    for (let i = 0; i < 3; i++) {
        const heard = next(socket, 'room.posted');
        await did(socket, 'room.post', { room, text: `${i}` });
        const [, offset] = await heard;
        assert.match(offset, /^[0-9]+$/);
    }
    const told = offsets.filter((offset) => typeof offset === 'string').map(Number);
    assert.deepEqual(told, [...told].sort((a, b) => a - b));
    socket.close();
});

for (const client of older) {
    test(`${client.name}: hears events without an offset`, async () => {
        const socket = await connect(client, server.url, { token: ann.token });
        const { room } = await listen(socket);
        const heard = next(socket, 'room.posted');
        await did(socket, 'room.post', { room, text: 'plain' });
        assert.equal((await heard).length, 1);
        socket.close();
    });
}
