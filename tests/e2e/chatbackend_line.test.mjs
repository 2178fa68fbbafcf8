// ChatBackend's raw TCP socket: one object in, the room's messages out, and who gets none.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
    Line, createRoom, refusedLine, roomHistory, say, signIn, signUp,
} from './chatbackend.mjs';
import * as native from './client.mjs';
import { Server } from './server.mjs';

const NOBODY = '99f0e998-1360-41e9-8b6c-00e04c681690';
const AT_ONCE_MS = 2000;

let server;
let ann;
let bob;
let gid;

/** A server whose raw socket is to be had at these endpoints. */
async function startAt(lines, settings = {}) {
    const other = await Server.plan({ settings });
    other.args = function args() {
        const all = Server.prototype.args.call(other);
        all[all.indexOf('--line') + 1] = lines(other);
        return all;
    };
    await other.launch();
    return other;
}

const pathOf = ({ base }) => join(base, 'line');

before(async () => {
    server = await startAt((it) => `127.0.0.1:${it.linePort},unix:${pathOf(it)}`);
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    gid = await createRoom(server, ann.uuid);
});

after(() => server.close());

test('it hears the room in order, each message as the history has it for that person', async () => {
    const asAnn = await Line.open(server, ann.uuid, gid);
    const asBob = await Line.open(server, bob.uuid, gid);
    asAnn.heard = [];
    await say(server, ann.uuid, gid, 'first "€"');
    await say(server, bob.uuid, gid, 'second\nline');
    for (const [line, { uuid }] of [[asAnn, ann], [asBob, bob]]) {
        const heard = await line.hears(2);
        assert.deepEqual(line.texts(), ['first "€"', 'second\nline']);
        assert.deepEqual(heard, (await roomHistory(server, uuid, gid)).slice(-2));
    }
    assert.equal(asAnn.heard[0].sender.uuid, ann.uuid);
    assert.notEqual(asAnn.heard[1].sender.uuid, bob.uuid);
    assert.equal(asBob.heard[1].sender.uuid, bob.uuid);
    await Promise.all([asAnn.close(), asBob.close()]);
});

test('two sessions of a person are each called by the uuid that they have shown', async () => {
    const other = await signIn(server, ann);
    const lines = [
        await Line.open(server, ann.uuid, gid), await Line.open(server, other.uuid, gid),
    ];
    lines[0].heard = [];
    await say(server, other.uuid, gid, 'which one am I?');
    await Promise.all(lines.map((line) => line.hears(1)));
    assert.deepEqual(lines.map((line) => line.heard[0].sender.uuid), [ann.uuid, other.uuid]);
    await Promise.all(lines.map((line) => line.close()));
});

test('it hears what is said by other doors, and no other room', async () => {
    const elsewhere = await createRoom(server, ann.uuid);
    const line = await Line.open(server, ann.uuid, gid);
    await say(server, ann.uuid, elsewhere, 'not here');
    const { token } = await native.signIn(server, 'bob', bob.password);
    const { rooms } = await native.must(server, 'GET', '/v1/rooms', { token });
    const { id } = rooms.find((room) => room.gid === gid);
    await native.post(server, token, id, 'natively', 'once');
    await line.hears(1);
    assert.deepEqual(line.texts(), ['natively']);
    assert.equal(line.heard[0].sender.username, 'bob B.');
    await line.close();
});

test('the object may come byte by byte, and what is behind it is passed over', async () => {
    const line = new Line(server);
    for (const byte of ` {"room_gid":"${gid}","more":{"a":"}\\"{"},"uuid":"${ann.uuid}"}`) {
        line.write(byte);
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
    line.write(`\n{"uuid":"${NOBODY}","room_gid":"abcdefgh"}${'x'.repeat(5000)}`);
    await line.tuned(server, ann.uuid, gid);
    await line.close();
});

test('it hears all that is said once the server has read the object', async () => {
    const room = await createRoom(server, ann.uuid);
    for (let n = 0; n < 12; n++) {
        const newcomer = await signIn(server, n % 2 ? ann : bob); /* whom the edge has to ask for */
        const line = new Line(server);
        await once(line.socket, 'connect');
        const first = `${n} ${'x'.repeat(n % 3 ? 0 : 8000)}`;
        await new Promise((resolve) => line.socket.write(
            JSON.stringify({ uuid: newcomer.uuid, room_gid: room }), resolve));
        await say(server, newcomer.uuid, room, first);
        await say(server, ann.uuid, room, 'second');
        await line.hears(2);
        assert.deepEqual(line.texts(), [first, 'second']);
        assert.equal(line.heard[0].sender.uuid, newcomer.uuid);
        await line.close();
    }
});

test('who has ended their own side still hears', async () => {
    const line = new Line(server);
    line.socket.end(JSON.stringify({ uuid: ann.uuid, room_gid: gid }));
    await line.tuned(server, ann.uuid, gid);
    await line.close();
});

test('whatever does not fit is closed at once, without a word', async () => {
    const { token } = await native.signIn(server, 'ann', ann.password);
    const secret = await native.makeRoom(server, token, 'private');
    const [{ sender }] = await roomHistory(server, bob.uuid, gid);
    for (const first of [
        { uuid: NOBODY, room_gid: gid }, { uuid: sender.uuid, room_gid: gid },
        { uuid: ann.uuid, room_gid: 'abcdefgh' }, { uuid: bob.uuid, room_gid: secret.gid },
        { uuid: ann.uuid }, { room_gid: gid }, { uuid: ann.uuid, room_gid: 1 },
        { uuid: ann.uuid, room_gid: `${gid}9` }, { uuid: token, room_gid: gid },
        {}, '[1]', 'GET / HTTP/1.1\r\n\r\n', '\0', '{"uuid":}', '{"a":1,"a":1}',
        { uuid: ann.uuid, room_gid: gid, more: 'x'.repeat(1000) }, ' '.repeat(1024),
    ])
        assert.ok(await refusedLine(server, first) < AT_ONCE_MS, JSON.stringify(first));
});

test('who ends before the object does is closed', async () => {
    const line = new Line(server);
    line.socket.end(JSON.stringify({ uuid: ann.uuid, room_gid: gid }).slice(0, -1));
    await line.isClosed();
});

test('the object has ten seconds, and no byte prolongs them', async () => {
    const begun = Date.now();
    const line = new Line(server, '{"uuid":"');
    const drip = setInterval(() => line.write('0'), 500);
    await line.isClosed();
    clearInterval(drip);
    const took = Date.now() - begun;
    assert.ok(took >= 9_500 && took < 12_000, `closed after ${took} ms`);
});

test('a session that ends takes its lines with it, and no others', async () => {
    const mine = await signIn(server, bob);
    const gone = await Line.open(server, mine.uuid, gid);
    const stays = await Line.open(server, ann.uuid, gid);
    const { token } = await native.signIn(server, 'bob', bob.password);
    const begun = Date.now();
    await native.must(server, 'DELETE', '/v1/sessions', { token });
    await gone.isClosed();
    assert.ok(Date.now() - begun < 1000, 'within a second');
    assert.ok(!stays.socket.destroyed);
    await stays.close();
    bob = await signIn(server, bob);
});

test('who is removed from a room hears it no more', async () => {
    const eve = await signUp(server, 'eve');
    const line = await Line.open(server, eve.uuid, gid);
    const { token } = await native.signIn(server, 'ann', ann.password);
    const { account } = await native.signIn(server, 'eve', eve.password);
    const { rooms } = await native.must(server, 'GET', '/v1/rooms', { token });
    const { id } = rooms.find((room) => room.gid === gid);
    await native.must(server, 'PUT', `/v1/rooms/${id}/bans/${account.id}`, { token, body: {} });
    const witness = await Line.open(server, ann.uuid, gid);
    assert.deepEqual(line.texts(), []);
    assert.ok(await refusedLine(server, { uuid: eve.uuid, room_gid: gid }) < AT_ONCE_MS);
    await Promise.all([line.close(), witness.close()]);
});

/* By the Unix socket, for which the kernel takes less. */
test('who does not read is cut off, and nobody else waits', async () => {
    const entry = { uuid: ann.uuid, room_gid: gid };
    const slow = new Line(server, entry, { path: pathOf(server) });
    await slow.tuned(server, ann.uuid, gid);
    const quick = await Line.open(server, bob.uuid, gid);
    slow.socket.pause();
    quick.heard = [];
    const text = 'x'.repeat(8000);
    const count = 200;
    for (let n = 0; n < count; n += 20)
        await Promise.all(Array.from({ length: 20 }, () => say(server, bob.uuid, gid, text)));
    await quick.hears(count);
    assert.equal(quick.heard.length, count);
    slow.socket.resume();
    await slow.isClosed();
    assert.ok(slow.heard.length < count, `${slow.heard.length} of ${count}`);
    await quick.close();
});

test('five hundred in one room hear the same, in order', async () => {
    const room = await createRoom(server, ann.uuid);
    const entry = { uuid: ann.uuid, room_gid: room };
    const lines = Array.from({ length: 500 }, () => new Line(server, entry));
    await Line.allTuned(lines, server, bob.uuid, room);
    const texts = Array.from({ length: 20 }, (_, n) => `m${n}`);
    for (const text of texts)
        await say(server, ann.uuid, room, text);
    for (const line of lines) {
        await line.hears(texts.length);
        assert.deepEqual(line.texts(), texts);
    }
    await Promise.all(lines.map((line) => line.close()));
});

test('a server that stops closes them, and they come back to the next one', async () => {
    const lines = await Promise.all([ann, bob].map(({ uuid }) => Line.open(server, uuid, gid)));
    const silent = new Line(server);
    await once(silent.socket, 'connect');
    await native.signIn(server, 'ann', ann.password); // the edge has been round once more
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await Promise.all([...lines, silent].map((line) => line.isClosed()));
    await server.launch();
    await (await Line.open(server, ann.uuid, gid)).close();
});

test('it may be a Unix socket, or none, or stand behind a proxy', async () => {
    const other = await startAt((it) => `unix:${pathOf(it)},proxy:127.0.0.1:${it.linePort}`,
        { trusted_proxies: '127.0.0.1' });
    const { linePort: port } = other;
    const path = pathOf(other);
    const { uuid } = await signUp(other, 'ann');
    const room = await createRoom(other, uuid);
    const entry = JSON.stringify({ uuid, room_gid: room });
    for (const [where, first] of [
        [{ path }, entry],
        [{ port, host: '127.0.0.1' }, `PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n${entry}`],
    ]) {
        const line = new Line(other, first, where);
        await line.tuned(other, uuid, room);
        await line.close();
    }
    const bare = new Line(other, entry, { port, host: '127.0.0.1' });
    await bare.isClosed();
    assert.match(other.log(), /listening on unix:\S+, port 0, raw TCP/);
    await other.close();
    const without = await startAt(() => '');
    assert.doesNotMatch(without.log(), /raw TCP/);
    await without.close();
});

test('a port that is taken is named', async () => {
    const other = await Server.plan();
    other.linePort = server.linePort;
    const { status, stderr } = spawnSync(process.env.KITHD, other.args(), {
        timeout: 20_000, encoding: 'utf8',
    });
    assert.ok(status > 0, `ended with ${status}`);
    assert.match(stderr, new RegExp(`cannot listen on 127.0.0.1:${server.linePort}: `));
    assert.match(server.log(), new RegExp(`port ${server.linePort}, raw TCP`));
});
