// ChatBackend (dialect 002) over REST: every route, every error text, and who may where.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import {
    UUID, ask, createRoom, must, refused, register, roomHistory, say, signIn, signUp,
} from './chatbackend.mjs';
import * as native from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const NOBODY = '99f0e998-1360-41e9-8b6c-00e04c681690';
const nobody = (method, path, options) =>
    refused(server, 400, 'Unknown user', method, path, options);
const unknownRoom = (method, path, options) =>
    refused(server, 404, 'Unknown room', method, path, options);
const historyPath = (gid) => `/get-room-history?room_gid=${gid}`;

test('/register answers that it is done, and no more', async () => {
    const body = { login: 'carl', password: 'fine-password', username: 'Mikolaj' };
    const reply = await ask(server, 'POST', '/register', { body });
    assert.deepEqual([reply.status, reply.body], [200, { ok: true }]);
    await refused(server, 400, 'User already exists', 'POST', '/register', { body });
});

test('/login gives the username and a uuid, another one each time', async () => {
    const first = await must(server, 'POST', '/login', {
        body: { login: ann.login, password: ann.password },
    });
    assert.deepEqual(Object.keys(first).sort(), ['username', 'uuid']);
    assert.equal(first.username, 'ann B.');
    assert.match(first.uuid, UUID);
    assert.notEqual(first.uuid, ann.uuid);
});

test('what lacks a member, or is no JSON, is malformed in the words of its route', async () => {
    for (const body of ['{}', '[]', 'nonsense', '{"login":1,"password":2,"username":3}']) {
        await refused(server, 400, 'Malformed login_user request', 'POST', '/login', { body });
        await refused(server, 400, 'Malformed register_user request', 'POST', '/register', { body });
        await refused(server, 400, 'Malformed send_message request', 'POST', '/send-message',
            { uuid: ann.uuid, body });
    }
    await refused(server, 400, 'Malformed send_message request', 'GET', '/get-room-history',
        { uuid: ann.uuid });
    await refused(server, 400, 'Invalid data.', 'POST', '/create-room', {
        uuid: ann.uuid, body: 'nonsense',
    });
});

test('what is out of bounds is invalid', async () => {
    await refused(server, 400, 'Invalid data.', 'POST', '/register', {
        body: { login: 'dora', password: 'short', username: 'Dora' },
    });
    const gid = await createRoom(server, ann.uuid);
    for (const query of ['&limit=x', '&limit=10001', '&before=-1'])
        await refused(server, 400, 'Invalid data.', 'GET', historyPath(gid) + query,
            { uuid: ann.uuid });
});

test('a wrong login and a wrong password get the same words', async () => {
    for (const body of [{ login: 'ann', password: 'not-it' }, { login: 'no-one', password: 'x' }])
        await refused(server, 400, 'Login or password is invalid', 'POST', '/login', { body });
});

test('only the uuid of a session that stands is somebody', async () => {
    const path = historyPath(await createRoom(server, ann.uuid));
    await nobody('GET', path);
    for (const uuid of [NOBODY, 'ann', '1', `Bearer ${ann.uuid}`])
        await nobody('GET', path, { uuid });
    await nobody('POST', '/create-room', { uuid: NOBODY, body: {} });
    await nobody('POST', '/send-message', { uuid: NOBODY, body: { room_gid: 'abcdefgh', msg: 'x' } });
    await must(server, 'GET', path, { headers: { authorization: ann.uuid } });
    await nobody('GET', path, { headers: { authorization: `Token ${ann.uuid}` } });
});

test('the public uuid of an account authenticates nobody', async () => {
    const gid = await createRoom(server, ann.uuid);
    await say(server, ann.uuid, gid, 'look at me');
    const [{ sender }] = await roomHistory(server, bob.uuid, gid);
    assert.match(sender.uuid, UUID);
    await nobody('GET', historyPath(gid), { uuid: sender.uuid });
});

test('a session that has ended is nobody, at once, and whoever ends it', async () => {
    const person = await signUp(server, 'erna');
    const gid = await createRoom(server, person.uuid);
    const { token } = await native.signIn(server, 'erna', person.password);
    await native.must(server, 'DELETE', '/v1/sessions', { token });
    await native.eventually(() => ask(server, 'GET', historyPath(gid), { uuid: person.uuid }),
        ({ body }) => body.error?.message === 'Unknown user', 'end of the session');
    const again = await signIn(server, person);
    assert.deepEqual(await roomHistory(server, again.uuid, gid), []);
});

test('a uuid outlives the server', async () => {
    const gid = await createRoom(server, ann.uuid);
    await server.kill();
    await server.launch();
    assert.deepEqual(await roomHistory(server, ann.uuid, gid), []);
});

test('messages have the documented shape, and own ones the uuid that one has shown', async () => {
    const gid = await createRoom(server, ann.uuid);
    assert.match(gid, /^[A-HJ-NP-Za-km-z2-9]{8}$/);
    const before_s = Date.now() / 1000 - 1;
    await say(server, ann.uuid, gid, 'asdf "asdf" €');
    await say(server, bob.uuid, gid, 'hello');
    const [first, second] = await roomHistory(server, ann.uuid, gid);
    assert.deepEqual(Object.keys(first).sort(), ['msg', 'sender']);
    assert.deepEqual(Object.keys(first.msg).sort(), ['msgId', 'timestamp', 'txt']);
    assert.deepEqual(first.sender, { uuid: ann.uuid, username: 'ann B.' });
    assert.equal(first.msg.txt, 'asdf "asdf" €');
    assert.ok(Number.isInteger(first.msg.msgId) && first.msg.msgId < second.msg.msgId);
    assert.ok(first.msg.timestamp > before_s && first.msg.timestamp < before_s + 60);
    assert.equal(second.sender.username, 'bob B.');
    assert.notEqual(second.sender.uuid, bob.uuid);
    const other = await signIn(server, ann);
    const seen = await roomHistory(server, other.uuid, gid);
    assert.deepEqual(seen.map(({ sender }) => sender.uuid), [other.uuid, second.sender.uuid]);
    const asBob = await roomHistory(server, bob.uuid, gid);
    assert.equal(asBob[1].sender.uuid, bob.uuid);
    assert.ok(![ann.uuid, other.uuid].includes(asBob[0].sender.uuid));
});

test('limit and before page through the history', async () => {
    const gid = await createRoom(server, ann.uuid);
    for (let n = 0; n < 5; n++)
        await say(server, ann.uuid, gid, `m${n}`);
    const texts = (items) => items.map(({ msg }) => msg.txt);
    const last = await roomHistory(server, ann.uuid, gid, '&limit=2');
    assert.deepEqual(texts(last), ['m3', 'm4']);
    assert.deepEqual(texts(await roomHistory(server, ann.uuid, gid,
        `&limit=2&before=${last[0].msg.msgId}`)), ['m1', 'm2']);
});

test('a retry with the same Idempotency-Key says it once', async () => {
    const gid = await createRoom(server, ann.uuid);
    const headers = { 'idempotency-key': 'only-once' };
    await say(server, ann.uuid, gid, 'once', headers);
    await say(server, ann.uuid, gid, 'once', headers);
    assert.equal((await roomHistory(server, ann.uuid, gid)).length, 1);
    const { body } = await ask(server, 'POST', '/send-message', {
        uuid: ann.uuid, body: { room_gid: gid, msg: 'other' }, headers,
    });
    assert.deepEqual([body.ok, body.error.code], [false, 409]);
});

test('a room opens to its gid, and by its id only to those who have shown that', async () => {
    const gid = await createRoom(server, ann.uuid);
    const eve = await native.signUp(server, 'eve');
    const { token } = await native.signIn(server, 'ann', ann.password);
    const rooms = await native.must(server, 'GET', '/v1/rooms?limit=1000', { token });
    const { id } = rooms.rooms.find((room) => room.gid === gid);
    const path = `/v1/rooms/${id}/messages`;
    await native.refused(server, 'not_found', 'GET', path, { token: eve.token });
    await native.refused(server, 'not_found', 'POST', path, {
        token: eve.token, body: { text: 'let me in' },
    });
    await native.refused(server, 'not_found', 'POST', `/v1/rooms/${id}/members`, {
        token: eve.token, body: {},
    });
    const session = await signIn(server, { ...eve, login: 'eve' });
    assert.deepEqual(await roomHistory(server, session.uuid, gid), []);
    await native.must(server, 'POST', path, { token: eve.token, body: { text: 'I am in' } });
    assert.equal((await roomHistory(server, ann.uuid, gid))[0].msg.txt, 'I am in');
});

test('what is no gid, and private and direct rooms, are unknown to strangers', async () => {
    const owner = await native.signUp(server, 'owner');
    const room = await native.makeRoom(server, owner.token, 'private');
    const body = { room_gid: room.gid, msg: 'x' };
    const mallory = await signUp(server, 'mallory');
    await unknownRoom('GET', historyPath(room.gid), { uuid: mallory.uuid });
    await unknownRoom('POST', '/send-message', { uuid: mallory.uuid, body });
    for (const gid of ['wjLJb3Jo', '1', String(room.id), 'x'.repeat(100)])
        await unknownRoom('GET', historyPath(gid), { uuid: mallory.uuid });
    const session = await signIn(server, { ...owner, login: 'owner' });
    await say(server, session.uuid, room.gid, 'mine');
    assert.equal((await roomHistory(server, session.uuid, room.gid)).length, 1);
});

test('one talks with those who use ChatAPI and the native API', async () => {
    const gid = await createRoom(server, ann.uuid);
    const carol = await chatapi.register(server, 'Caroline');
    const dave = await native.signUp(server, 'dave');
    for (const login of ['Caroline', 'dave']) {
        const { password } = login === 'dave' ? dave : carol;
        await roomHistory(server, (await signIn(server, { login, password })).uuid, gid);
    }
    const { token } = await native.signIn(server, 'ann', ann.password);
    const rooms = await native.must(server, 'GET', '/v1/rooms?limit=1000', { token });
    const { id } = rooms.rooms.find((room) => room.gid === gid);
    const chat = await chatapi.Chat.open(server, carol.token);
    const client = await native.Native.open(server, dave.token);
    await say(server, ann.uuid, gid, 'from ChatBackend');
    await Promise.all([chat.heardText('from ChatBackend'), client.heardText('from ChatBackend')]);
    chat.say(id, 'from ChatAPI');
    await client.heardText('from ChatAPI');
    await client.post(id, 'from the native API');
    await chat.heardText('from the native API');
    const items = await roomHistory(server, ann.uuid, gid);
    assert.deepEqual(items.map(({ sender, msg }) => [sender.username, msg.txt]), [
        ['ann B.', 'from ChatBackend'], ['Caroline', 'from ChatAPI'],
        ['dave', 'from the native API'],
    ]);
    await Promise.all([chat.close(), client.close()]);
});

test('too many rooms in a while are told by the status too', async () => {
    const strict = await Server.start({ settings: { 'rate.room': '1/3600' } });
    const greedy = await signUp(strict, 'greedy');
    await createRoom(strict, greedy.uuid);
    const reply = await ask(strict, 'POST', '/create-room', { uuid: greedy.uuid, body: {} });
    assert.equal(reply.status, 429);
    assert.ok(Number(reply.headers.get('retry-after')) > 0);
    assert.deepEqual([reply.body.ok, reply.body.error.code], [false, 429]);
    await strict.close();
});
