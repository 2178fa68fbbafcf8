// matcha42 (dialect 004): messages, the random_id that makes a retry safe, and who else hears them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, history, must as natively, signUp as signUpNatively } from './client.mjs';
import { must, randomId, refused, send, signIn } from './matcha42.mjs';
import { Server } from './server.mjs';

const SEND = '/api/message/send';

let server, ann, bob;
before(async () => {
    server = await Server.start();
    ann = await newPerson('ann');
    bob = await newPerson('bob');
});
after(() => server.close());

async function newPerson(login) {
    const { password } = await signUpNatively(server, login);
    return signIn(server, { login, password });
}

/** What was said between two people, as one of them reads it natively. */
async function said(one, other) {
    const room = await natively(server, 'GET', `/v1/direct/${other.id}`, one);
    return (await history(server, one.token, room.id)).map(({ id, text }) => [id, text]);
}

test('a message opens the direct room, and is heard on the native WebSocket with the same token', async () => {
    const socket = await Native.open(server, bob.token);
    const id = await send(server, ann, bob, 'привет, bob');
    const { message } = (await socket.heard(({ type }) => type === 'room.posted')).body;
    assert.deepEqual([message.id, message.text, message.sender], [id, 'привет, bob', ann.id]);
    const answer = await send(server, bob, ann, 'hello, ann');
    assert.deepEqual(await said(ann, bob), [[id, 'привет, bob'], [answer, 'hello, ann']]);
    await socket.close();
});

test('the same person is reachable by ChatAPI with the same token', async () => {
    const chat = await chatapi.Chat.open(server, ann.token);
    await send(server, bob, ann, 'are you there, too?');
    const frame = await chat.heardText('are you there, too?');
    assert.equal(frame.username, 'bob');
    await chat.close();
});

test('a random_id again gives the first message and sends nothing, whatever else it says', async () => {
    const [cid, dee] = [await newPerson('cid'), await newPerson('dee')];
    const random_id = -2147483648;
    const id = await send(server, cid, dee, 'once', random_id);
    assert.equal(await send(server, cid, dee, 'once', random_id), id);
    assert.equal(await send(server, cid, dee, 'something else', random_id), id);
    assert.equal(await send(server, cid, ann, 'somebody else', random_id), id);
    assert.equal(await send(server, cid, { id: 999999 }, 'nobody', random_id), id);
    assert.deepEqual(await said(cid, dee), [[id, 'once']]);
    assert.notEqual(await send(server, dee, cid, 'my own', random_id), id);
    assert.notEqual(await send(server, cid, dee, 'twice', random_id + 1), id);
});

test('many at once with one random_id are one message', async () => {
    const [eli, fox] = [await newPerson('eli'), await newPerson('fox')];
    const random_id = randomId();
    const ids = await Promise.all(Array.from({ length: 20 }, () => send(server, eli, fox, 'once', random_id)));
    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(await said(fox, eli), [[ids[0], 'once']]);
});

test('without a random_id each is sent', async () => {
    const [gus, hew] = [await newPerson('gus'), await newPerson('hew')];
    for (const method of ['GET', 'POST'])
        await must(server, method, SEND, { as: gus, params: { target_user_id: hew.id, message: 'hi' } });
    assert.deepEqual((await said(gus, hew)).map(([, text]) => text), ['hi', 'hi']);
});

test('what cannot be sent is refused before anything is done', async () => {
    const ian = await newPerson('ian');
    const wrong = (code, params) => refused(server, 400, code, 'POST', SEND, { as: ian, params });
    const target_user_id = ann.id, message = 'hi';
    await wrong(400, { message });
    await wrong(400, { target_user_id });
    await wrong(400, { target_user_id, message: '' });
    await wrong(400, { target_user_id: 'ann', message });
    await wrong(400, { target_user_id, message: 'x'.repeat(16385) });
    for (const random_id of ['x', '2147483648', '1.5', ''])
        await wrong(400, { target_user_id, message, random_id });
    await wrong(404, { target_user_id: 999999, message });
    await wrong(400, { target_user_id: ian.id, message });
    await refused(server, 401, 401, 'GET', SEND, { params: { target_user_id, message } });
    await refused(server, 401, 401, 'GET', SEND,
        { params: { token: ian.token, user_id: ann.id, target_user_id, message } });
    assert.deepEqual((await natively(server, 'GET', '/v1/rooms', ian)).rooms, []);
});

test('first contacts are limited, and messages are not', async () => {
    const strict = await Server.start({ settings: { 'rate.room': '1/3600' } });
    const [kay, lou, max] = await Promise.all(['kay', 'lou', 'max'].map(async (login) => {
        const { password } = await signUpNatively(strict, login);
        return signIn(strict, { login, password });
    }));
    for (let i = 0; i < 5; i++)
        await send(strict, kay, lou, 'hi');
    const params = { target_user_id: max.id, message: 'hi' };
    await refused(strict, 429, 429, 'GET', SEND, { as: kay, params });
    await send(strict, max, kay, 'but you may');
    await must(strict, 'GET', SEND, { as: kay, params });
    await strict.close();
});

test('HEAD sends nothing', async () => {
    const jay = await newPerson('jay');
    const query = new URLSearchParams({ token: jay.token, target_user_id: ann.id, message: 'hi', random_id: 1 });
    assert.equal((await fetch(`${server.url}${SEND}?${query}`, { method: 'HEAD' })).status, 405);
    assert.deepEqual((await natively(server, 'GET', '/v1/rooms', jay)).rooms, []);
});
