// Reactions: each person once of a kind, counted, and whose they are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

const THUMB = '👍🏽';

let server;
let ann;
let bob;
let eve;
let room;
let seq;
before(async () => {
    server = await Server.start();
    [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((login) => signUp(server, login)));
    room = (await makeRoom(server, ann.token)).id;
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: bob.token, body: {} });
});
after(() => server.close());

const path = (emoji, number = seq) =>
    `/v1/rooms/${room}/messages/${number}/reactions/${encodeURIComponent(emoji)}`;

async function say(text = 'well?') {
    ({ seq } = await post(server, ann.token, room, text));
}

test('reactions are counted, and one sees which are one\'s own', async () => {
    await say();
    const clients = await Promise.all([ann, bob].map(({ token }) => Native.open(server, token)));
    let message = await must(server, 'PUT', path(THUMB), bob);
    assert.deepEqual(message.reactions, [{ emoji: THUMB, count: 1, mine: true }]);
    for (const client of clients) {
        const { body } = await client.heard(({ type }) => type === 'message.reacted');
        assert.deepEqual(body, { room, seq, account: bob.id, emoji: THUMB, on: true });
    }
    const { body } = await clients[0].request('message.react', { room, seq, emoji: ':ok:' });
    assert.deepEqual(body.reactions,
        [{ emoji: THUMB, count: 1 }, { emoji: ':ok:', count: 1, mine: true }]);
    await must(server, 'PUT', path(THUMB), ann);
    await must(server, 'PUT', path(THUMB), ann); // and nothing more
    [message] = (await history(server, bob.token, room)).slice(-1);
    assert.deepEqual(message.reactions,
        [{ emoji: THUMB, count: 2, mine: true }, { emoji: ':ok:', count: 1 }]);

    const list = await must(server, 'GET', path(THUMB), eve);
    assert.deepEqual(list.accounts, [ann.id, bob.id]);
    assert.ok(Number.isInteger(list.as_of));
    const page = await clients[1].request('message.reactors', { room, seq, emoji: THUMB,
        after: ann.id, limit: 5 });
    assert.deepEqual(page.body.accounts, [bob.id]);
    await Promise.all(clients.map((client) => client.close()));
});

test('a reaction is taken back', async () => {
    await say();
    const client = await Native.open(server, ann.token);
    await must(server, 'PUT', path(THUMB), bob);
    const message = await must(server, 'DELETE', path(THUMB), bob);
    assert.equal(message.reactions, undefined);
    const { body } = await client.heard((event) =>
        event.type === 'message.reacted' && event.body.on === undefined);
    assert.deepEqual(body, { room, seq, account: bob.id, emoji: THUMB });
    await client.request('message.unreact', { room, seq, emoji: THUMB }); // was none of hers
    assert.deepEqual((await must(server, 'GET', path(THUMB), ann)).accounts, []);
    await client.close();
});

test('what cannot be reacted to, and how', async () => {
    await say();
    await refused(server, 'forbidden', 'PUT', path(THUMB), eve); // is not in the room
    await refused(server, 'forbidden', 'DELETE', path(THUMB), eve);
    await refused(server, 'not_found', 'PUT', path(THUMB, seq + 1), bob);
    await refused(server, 'not_found', 'GET', path(THUMB, seq + 1), bob);
    await refused(server, 'invalid', 'PUT', path('x'.repeat(33)), bob);
    await must(server, 'DELETE', `/v1/rooms/${room}/messages/${seq}`, ann);
    await refused(server, 'invalid', 'PUT', path(THUMB), bob);

    await say();
    for (let n = 0; n < 32; n++)
        await must(server, 'PUT', path(`:${n}:`), bob);
    await refused(server, 'too_many', 'PUT', path('one more'), ann);
    await must(server, 'PUT', path(':7:'), ann);
});

test('in a private room only its members react', async () => {
    const hidden = await makeRoom(server, ann.token, 'private');
    await post(server, ann.token, hidden.id, 'secret');
    const secret = `/v1/rooms/${hidden.id}/messages/1/reactions/x`;
    for (const method of ['PUT', 'DELETE', 'GET'])
        await refused(server, 'not_found', method, secret, bob);
});
