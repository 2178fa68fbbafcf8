// Messages are changed and taken back: by whom, and what everybody sees of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let eve;
before(async () => {
    server = await Server.start();
    [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((login) => signUp(server, login)));
});
after(() => server.close());

const path = (room, seq) => `/v1/rooms/${room}/messages/${seq}`;

/** A room of Ann's with Bob in it, and both listening. */
async function talk() {
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    const clients = await Promise.all([ann, bob].map(({ token }) => Native.open(server, token)));
    return { room: room.id, clients, close: () => Promise.all(clients.map((c) => c.close())) };
}

const heardBy = (clients, type, seq) => Promise.all(clients.map((client) =>
    client.heard((event) => event.type === type && event.body.seq === seq, `${type} of ${seq}`)));

test('an edit changes the words for everybody, the sender too', async () => {
    const { room, clients, close } = await talk();
    const said = await post(server, bob.token, room, 'helo');
    const edited = await must(server, 'PUT', path(room, said.seq), {
        token: bob.token, body: { text: 'hello' },
    });
    const { edited: when, ...rest } = edited;
    assert.deepEqual(rest, { ...said, text: 'hello' });
    assert.ok(when >= said.time);
    for (const event of await heardBy(clients, 'message.edited', said.seq))
        assert.deepEqual(event.body, { room, seq: said.seq, text: 'hello' });
    assert.deepEqual(await history(server, ann.token, room), [edited]);
    assert.deepEqual(await must(server, 'GET', path(room, said.seq), ann), edited);

    const { body } = await clients[1].request('message.edit', {
        room, seq: said.seq, text: 'hello again',
    });
    assert.equal(body.text, 'hello again');
    const got = await clients[0].request('message.get', { room, seq: said.seq });
    assert.equal(got.body.text, 'hello again');
    await close();
});

test('one edits one\'s own messages only', async () => {
    const { room, clients, close } = await talk();
    const { seq } = await post(server, bob.token, room, 'mine');
    const body = { text: 'yours' };
    await refused(server, 'forbidden', 'PUT', path(room, seq), { token: ann.token, body });
    await refused(server, 'forbidden', 'PUT', path(room, seq), { token: eve.token, body });
    await refused(server, 'not_found', 'PUT', path(room, seq + 1), { token: bob.token, body });
    await refused(server, 'not_found', 'GET', path(room, seq + 1), { token: bob.token });
    for (const bad of [{ text: '' }, {}, { text: 'x'.repeat(16_385) }])
        await refused(server, 'invalid', 'PUT', path(room, seq), { token: bob.token, body: bad });
    await assert.rejects(clients[0].request('message.edit', { room, seq, text: 'yours' }),
        { name: 'forbidden' });
    assert.equal((await history(server, ann.token, room))[0].text, 'mine');
    await close();
});

test('a deleted message keeps its place and loses the rest', async () => {
    const { room, clients, close } = await talk();
    const said = await post(server, bob.token, room, 'oh no @ann', 'my-id');
    await post(server, bob.token, room, 'next');
    await must(server, 'PUT', `${path(room, said.seq)}/reactions/+`, ann);
    const gone = await must(server, 'DELETE', path(room, said.seq), bob);
    assert.equal(gone.text, '');
    assert.ok(gone.deleted >= said.time);
    for (const event of await heardBy(clients, 'message.deleted', said.seq))
        assert.deepEqual(event.body, { room, seq: said.seq, by: bob.id });
    const { deleted, ...rest } = (await history(server, ann.token, room))[0];
    const { mentions, client_id: own, ...left } = said;
    assert.deepEqual(mentions, [ann.id]);
    assert.equal(own, 'my-id');
    assert.deepEqual(rest, { ...left, text: '' });
    assert.equal(deleted, gone.deleted);

    await refused(server, 'invalid', 'PUT', path(room, said.seq), {
        token: bob.token, body: { text: 'back' },
    });
    assert.deepEqual(await must(server, 'DELETE', path(room, said.seq), bob), gone);
    await close();
});

test('owners and moderators delete anybody\'s', async () => {
    const { room, clients, close } = await talk();
    const own = await post(server, ann.token, room, 'the owner\'s');
    await refused(server, 'forbidden', 'DELETE', path(room, own.seq), bob);
    const others = await post(server, bob.token, room, 'his');
    await clients[0].request('message.delete', { room, seq: others.seq });
    const [event] = await heardBy([clients[1]], 'message.deleted', others.seq);
    assert.equal(event.body.by, ann.id);
    await refused(server, 'not_found', 'DELETE', path(room, 99), ann);
    await close();
});

test('a retry finds its message whatever it says now', async () => {
    const { room, close } = await talk();
    const said = await post(server, bob.token, room, 'first words', 'retry-1');
    await must(server, 'PUT', path(room, said.seq), { token: bob.token, body: { text: 'other' } });
    assert.equal((await post(server, bob.token, room, 'first words', 'retry-1')).id, said.id);
    await refused(server, 'client_id_reused', 'POST', `/v1/rooms/${room}/messages`, {
        token: bob.token, body: { text: 'other', client_id: 'retry-1' },
    });
    for (const more of [{ reply_to: said.seq }, { thread: said.seq }])
        await refused(server, 'client_id_reused', 'POST', `/v1/rooms/${room}/messages`, {
            token: bob.token, body: { text: 'first words', client_id: 'retry-1', ...more },
        });
    assert.equal((await history(server, bob.token, room)).length, 1);
    await close();
});

test('what was edited and deleted meanwhile comes with a resume', async () => {
    const { room, clients, close } = await talk();
    const said = await post(server, bob.token, room, 'before');
    await clients[0].heardText('before');
    const since = clients[0].lastSeq;
    await clients[0].terminate();
    await must(server, 'PUT', path(room, said.seq), { token: bob.token, body: { text: 'after' } });
    await must(server, 'DELETE', path(room, said.seq), bob);
    const back = await Native.open(server, ann.token, { since });
    await heardBy([back], 'message.deleted', said.seq);
    assert.deepEqual(back.events.map(({ type }) => type).filter((type) => type !== 'notified'),
        ['message.edited', 'message.deleted']);
    await back.close();
    await close();
});
