// kith trace: by which connection a message came, which ones it went to, and why not to others.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Line, createRoom, say, signUp as signUpAtChatBackend } from './chatbackend.mjs';
import { Native, call, eventually, makeRoom, must, numbers, post, sayUntilCutOff, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const TOO_SLOW = 1013;
const LARGE = 'x'.repeat(16_000);

let server, ann, bea, cleo, dan, room;

before(async () => {
    server = await Server.start({ settings: { trusted_proxies: '127.0.0.1' } });
    [ann, bea, cleo, dan] = await Promise.all(['ann', 'bea', 'cleo', 'dan'].map((login) => signUp(server, login)));
    room = await roomOf(server, ann, bea, cleo, dan);
});

after(() => server.close());

async function roomOf(at, owner, ...others) {
    const made = await makeRoom(at, owner.token);
    for (const { token } of others)
        await must(at, 'POST', `/v1/rooms/${made.id}/members`, { token, body: {} });
    return made;
}

function kith(at, ...args) {
    const { status, stdout, stderr } = spawnSync(
        KITH, ['--data', at.data, '--bus', at.bus, 'trace', ...args.map(String)], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
}

/** Until the edge knows that nobody is connected any more. */
const allGone = (at) => eventually(() => numbers(at),
    (it) => it['kith_connections{dialect="native"}'] === 0, 'that all have left');

const trace = (at, id) => JSON.parse(kith(at, id, '--json'));
const sightings = ({ deeds }, what) => deeds.filter((deed) => deed.edge && deed.what === what);
const accounts = (life, what) => sightings(life, what).map(({ account }) => account).sort((a, b) => a - b);

test('who said it, who got it, who had left, who was not there', async () => {
    const leaver = await Native.open(server, cleo.token);
    await leaver.close();
    await allGone(server);
    const [mine, other] = [await Native.open(server, ann.token), await Native.open(server, bea.token)];
    const message = await mine.post(room.id, 'hello', 'mine-1');
    await other.heardText('hello');
    const life = trace(server, message.id);

    const [came, ...more] = sightings(life, 'received');
    assert.deepEqual(more, []);
    assert.deepEqual([came.account, came.dialect, came.address], [ann.account.id, 'native', '127.0.0.1']);
    assert.ok(life.received <= came.time + 1000 && came.time <= life.decided && life.decided <= came.until);
    assert.deepEqual(accounts(life, 'delivered'), [ann.account.id, bea.account.id]);
    const sent = sightings(life, 'delivered').find(({ account }) => account === ann.account.id);
    assert.deepEqual([sent.connection, sent.edge], [came.connection, came.edge]);
    assert.ok(sent.time >= life.decided);
    assert.deepEqual(accounts(life, 'gone'), [cleo.account.id]);
    assert.deepEqual(life.not_connected, [cleo.account.id, dan.account.id]);
    assert.deepEqual([life.edges.asked, life.edges.answered], [1, 1]);
    assert.deepEqual(life.deeds.map(({ time }) => time), life.deeds.map(({ time }) => time).sort((a, b) => a - b));
    await Promise.all([mine.close(), other.close()]);
});

test('for people it is a line a connection', async () => {
    await allGone(server);
    const message = await post(server, ann.token, room.id, 'in words');
    const text = kith(server, message.id);
    assert.match(text, new RegExp(`^ {2}\\S+ \\S+ {2}came in +account ${ann.account.id}, edge [0-9a-f]+ by a request, native from 127.0.0.1, answered after [0-9.]+ ms$`, 'm'));
    assert.match(text, /^ {2}edges: 1 of 1 answered$/m);
    assert.match(text, new RegExp(`^ {2}not connected: ${[ann, bea, cleo, dan].map(({ account }) => account.id).join(' ')}$`, 'm'));
});

test('of an address only the network is told', async () => {
    const body = { text: 'from afar' };
    const { body: message } = await call(server, 'POST', `/v1/rooms/${room.id}/messages`,
        { token: ann.token, body, headers: { 'X-Forwarded-For': '203.0.113.77' } });
    const [came] = sightings(trace(server, message.id), 'received');
    assert.deepEqual([came.connection, came.address], [0, '203.0.113.0/24']);
});

test('who has muted the room is named', async () => {
    await must(server, 'PUT', `/v1/notifications/rooms/${room.id}`, { token: dan.token, body: { wish: 'off' } });
    const message = await post(server, ann.token, room.id, 'quietly');
    assert.deepEqual(trace(server, message.id).muted, [dan.account.id]);
});

test('who reads too slowly is cut off, and catches up', async () => {
    const reader = await Native.open(server, bea.token);
    const writer = await Native.open(server, ann.token);
    const first = await writer.post(room.id, 'the first one');
    await reader.heardText('the first one');
    reader.socket.pause();
    const texts = [];
    const count = await sayUntilCutOff(server, async (n) => texts.push(await writer.post(room.id, `${n} ${LARGE}`)));
    const cut = await writer.post(room.id, 'the last one');
    reader.socket.resume();
    assert.equal((await reader.closed).code, TOO_SLOW);
    const last = texts[count - 1];

    const gone = await eventually(() => trace(server, last.id),
        (it) => sightings(it, 'cut_off').some(({ code }) => code === TOO_SLOW), 'that it is cut off');
    assert.deepEqual(accounts(gone, 'cut_off'), [bea.account.id]);
    assert.deepEqual(accounts(gone, 'delivered'), [ann.account.id]);
    assert.deepEqual(accounts(trace(server, cut.id), 'delivered'), [ann.account.id]);
    assert.deepEqual(accounts(trace(server, first.id), 'delivered'), [ann.account.id, bea.account.id]);

    const again = await Native.open(server, bea.token, { since: reader.lastSeq });
    await again.heardText('the last one');
    const [resumed, ...more] = sightings(trace(server, last.id), 'resumed');
    assert.deepEqual([resumed.account, more], [bea.account.id, []]);
    await Promise.all([again.close(), writer.close()]);
});

test('who hears another room has not subscribed', async () => {
    const [eve, fay] = [await signUpAtChatBackend(server, 'eve'), await signUpAtChatBackend(server, 'fay')];
    const [here, there] = [await createRoom(server, eve.uuid), await createRoom(server, eve.uuid)];
    await (await Line.open(server, fay.uuid, here)).close();
    const line = await Line.open(server, fay.uuid, there);
    const own = await Line.open(server, eve.uuid, here);
    own.heard = [];
    await say(server, eve.uuid, here, 'who is here?');
    await own.hears(1);
    const { token } = await signIn(server, 'eve', eve.password);
    const { rooms } = await must(server, 'GET', '/v1/rooms', { token });
    const pages = await Promise.all(rooms.map(({ id }) => must(server, 'GET', `/v1/rooms/${id}/messages`, { token })));
    const message = pages.flatMap(({ messages }) => messages).find(({ text }) => text === 'who is here?');
    const life = trace(server, message.id);
    assert.deepEqual(sightings(life, 'received').map(({ dialect }) => dialect), ['chatbackend']);
    assert.deepEqual(sightings(life, 'delivered').map(({ account, dialect }) => [account, dialect]),
        [[message.sender, 'chatbackend_line']]);
    assert.equal(accounts(life, 'not_subscribed').length, 1);
    await Promise.all([line.close(), own.close()]);
});

test('all edges are asked, and one that was not there says so', async (context) => {
    const split = await Server.start({ split: true });
    context.after(() => split.close());
    const [gus, hal] = [await signUp(split, 'gus'), await signUp(split, 'hal')];
    const shared = await roomOf(split, gus, hal);
    const edge = await split.spawnEdge();
    const [one, two] = [await Native.open(split, gus.token), await Native.open(edge, hal.token)];
    const message = await one.post(shared.id, 'over there');
    await two.heardText('over there');
    const life = trace(split, message.id);
    assert.deepEqual(accounts(life, 'delivered'), [gus.account.id, hal.account.id]);
    assert.equal(new Set(sightings(life, 'delivered').map((it) => it.edge)).size, 2);
    assert.deepEqual([life.edges.asked, life.edges.answered, life.not_connected], [2, 2, []]);

    await two.close();
    await allGone(edge);
    await edge.stop();
    const late = await split.spawnEdge();
    const after = await eventually(() => trace(split, message.id), (it) => it.edges.asked === 2, 'two edges');
    assert.deepEqual(accounts(after, 'delivered'), [gus.account.id]);
    assert.deepEqual(after.edges.memories.map(({ shown }) => shown).sort(), [false, true]);
    assert.equal(after.not_connected, undefined, 'nobody knows');
    assert.match(kith(split, message.id), /^ {2}edge [0-9a-f]+ no longer remembers it: its memory begins at \d{4}-/m);
    await one.close();
    await late.stop();
});

test('of a stopped server there is the journal alone', async (context) => {
    const stopped = await Server.start();
    context.after(() => stopped.close());
    const ida = await signUp(stopped, 'ida');
    const message = await post(stopped, ida.token, (await makeRoom(stopped, ida.token)).id, 'alone');
    await stopped.stop();
    const args = ['--data', stopped.data, 'trace', String(message.id)];
    const shown = spawnSync(KITH, args, { encoding: 'utf8' });
    assert.match(shown.stdout, /^ {2}edges: not asked, since no server runs on these files$/m);
    const told = JSON.parse(spawnSync(KITH, [...args, '--json'], { encoding: 'utf8' }).stdout);
    assert.deepEqual([told.edges, told.deeds.filter((deed) => deed.edge)], [null, []]);
});
