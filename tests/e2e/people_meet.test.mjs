// People meet: visits, likes, a match that opens the room for both, chats that are closed and
// opened again, and blocks after which neither sees the other.

import assert from 'node:assert/strict';
import { after, beforeEach, before, test } from 'node:test';

import { Native, call, eventually, history, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server, ann, bob, count = 0;
before(async () => {
    server = await Server.start();
});
after(() => server.close());

/** Two new people for each test. */
beforeEach(async () => {
    count++;
    [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, `${name}${count}`)));
});

const people = (whom, what) => `/v1/people/${whom.id}/${what}`;
const act = (who, method, whom, what, body) =>
    must(server, method, people(whom, what), { token: who.token, body });
const deny = (who, name, method, whom, what, body) =>
    refused(server, name, method, people(whom, what), { token: who.token, body });
const list = (who, what, query = '') => must(server, 'GET', `/v1/me/${what}${query}`, who);
const rooms = async (who) => (await must(server, 'GET', '/v1/rooms', who)).rooms;

const search = async (who, text) =>
    (await must(server, 'GET', `/v1/search?text=${text}`, who)).messages.length;

async function directRoom(who) {
    return eventually(() => rooms(who), (found) => found.length === 1, 'the direct room')
        .then((found) => found[0]);
}

test('a visit is told once a minute, and listed', async () => {
    const native = await Native.open(server, ann.token);
    await act(bob, 'POST', ann, 'visits');
    await act(bob, 'POST', ann, 'visits');
    const heard = await native.heard((event) => event.type === 'people.visited');
    assert.deepEqual(heard.body, { account: ann.id, by: bob.id });
    const { people: [visitor], next } = await list(ann, 'visits');
    assert.equal(visitor.login, bob.account.login);
    assert.equal(next, undefined);
    assert.equal((await list(ann, 'visits', `?before=${visitor.number}`)).people.length, 0);
    assert.equal((await list(ann, 'visits', '?limit=1')).next, visitor.number);
    assert.equal(native.events.filter(({ type }) => type === 'people.visited').length, 1);
    native.close();
});

test('a mutual like is a match: both are in the room, and hear it', async () => {
    const natives = await Promise.all([ann, bob].map(({ token }) => Native.open(server, token)));
    const first = await act(ann, 'PUT', bob, 'like');
    assert.ok(first.liked > 0);
    assert.equal(first.matched, undefined);
    assert.equal((await list(bob, 'likes')).people[0].account, ann.id);
    assert.equal((await list(ann, 'likes', '?given=true')).people[0].account, bob.id);
    const second = await act(bob, 'PUT', ann, 'like');
    assert.ok(second.matched > 0);
    assert.deepEqual((await natives[0].heard((event) => event.type === 'people.matched')).body,
        { account: ann.id, by: bob.id });
    for (const native of natives)
        await native.heard((event) => event.type === 'room.joined');
    const room = await directRoom(ann);
    assert.equal((await directRoom(bob)).id, room.id);
    assert.equal(room.kind, 'direct');
    await post(server, ann.token, room.id, 'hello you');
    await natives[1].heard((event) => event.type === 'room.posted');
    for (const who of [ann, bob])
        assert.equal((await list(who, 'matches')).people.length, 1);
    natives.forEach((native) => native.close());
});

test('again it does nothing, an unlike ends the match, and the room stays', async () => {
    await act(ann, 'PUT', bob, 'like');
    await act(bob, 'PUT', ann, 'like');
    const room = await directRoom(ann);
    await act(bob, 'PUT', ann, 'like');
    await act(ann, 'DELETE', bob, 'like');
    await act(ann, 'DELETE', bob, 'like');
    assert.equal((await list(bob, 'matches')).people.length, 0);
    assert.equal((await must(server, 'GET', `/v1/people/${bob.id}`, ann)).likes, undefined);
    await act(ann, 'PUT', bob, 'dislike');
    assert.ok((await act(ann, 'PUT', bob, 'dislike')).disliked > 0);
    assert.equal((await act(ann, 'DELETE', bob, 'dislike')).disliked, undefined);
    await post(server, bob.token, room.id, 'still here');
});

test('whoever closed a chat opens it again, and nobody else', async () => {
    assert.equal((await act(ann, 'PUT', bob, 'chat')).chat, 'open');
    const room = await directRoom(bob);
    await post(server, bob.token, room.id, 'hello');
    const closed = await act(ann, 'DELETE', bob, 'chat');
    assert.deepEqual([closed.chat, closed.closed_by], ['closed', ann.id]);
    for (const who of [ann, bob]) {
        await refused(server, 'closed', 'POST', `/v1/rooms/${room.id}/messages`,
            { token: who.token, body: { text: 'more' } });
    }
    assert.equal((await history(server, bob.token, room.id)).length, 1);
    await deny(bob, 'closed', 'PUT', ann, 'chat');
    await act(ann, 'PUT', bob, 'chat');
    await post(server, bob.token, room.id, 'more');
});

test('a block hides both from each other, until it is taken back', async () => {
    await act(bob, 'PUT', ann, 'like');
    await act(ann, 'PUT', bob, 'chat');
    const room = await directRoom(bob);
    await post(server, bob.token, room.id, 'a xylophone');
    await eventually(() => search(ann, 'xylophone'), (found) => found === 1, 'the search');
    assert.ok((await act(ann, 'PUT', bob, 'block')).blocked > 0);
    await act(ann, 'PUT', bob, 'block');

    await refused(server, 'not_found', 'GET', `/v1/people/${ann.id}`, bob);
    await refused(server, 'blocked', 'GET', `/v1/people/${bob.id}`, ann);
    await refused(server, 'not_found', 'GET', `/v1/accounts/${ann.id}`, bob);
    await refused(server, 'not_found', 'GET', `/v1/logins/${ann.account.login}`, bob);
    await deny(bob, 'not_found', 'PUT', ann, 'like');
    await deny(ann, 'blocked', 'PUT', bob, 'like');
    await deny(bob, 'not_found', 'POST', ann, 'visits');
    const { accounts } = await must(server, 'GET', '/v1/accounts', bob);
    assert.ok(!accounts.some(({ id }) => id === ann.id));
    const { profiles } = await must(server, 'GET', `/v1/profiles?accounts=${ann.id}`, bob);
    assert.equal(profiles.length, 0);
    for (const who of [ann, bob]) {
        await refused(server, 'blocked', 'POST', `/v1/rooms/${room.id}/messages`,
            { token: who.token, body: { text: 'more' } });
        await refused(server, 'blocked', 'GET', `/v1/rooms/${room.id}/messages`, who);
        await refused(server, 'blocked', 'POST', '/v1/direct',
            { token: who.token, body: { account: who === ann ? bob.id : ann.id } });
        assert.equal((await rooms(who)).length, 0);
        await eventually(() => search(who, 'xylophone'), (found) => found === 0, 'the search');
    }
    assert.equal((await list(ann, 'likes')).people.length, 0);
    assert.equal((await list(ann, 'blocks')).people[0].account, bob.id);

    await act(ann, 'DELETE', bob, 'block');
    await act(ann, 'DELETE', bob, 'block');
    assert.equal((await list(ann, 'likes')).people.length, 1);
    await post(server, bob.token, room.id, 'more');
    await eventually(() => search(ann, 'xylophone'), (found) => found === 1, 'the search');
});

test('nobody meets themselves, or nobody', async () => {
    for (const what of ['like', 'dislike', 'chat', 'block'])
        await deny(ann, 'invalid', 'PUT', ann, what);
    await deny(ann, 'not_found', 'PUT', { id: 99_999 }, 'like');
    const { status } = await call(server, 'PUT', people(bob, 'like'));
    assert.equal(status, 401);
});

test('the WebSocket has the same calls', async () => {
    const native = await Native.open(server, ann.token);
    const { body: relation } = await native.request('people.like', { account: bob.id });
    assert.equal(relation.account, bob.id);
    const { body: given } = await native.request('people.likes', { given: true });
    assert.equal(given.people[0].account, bob.id);
    await assert.rejects(native.request('people.like', { account: ann.id }), { name: 'invalid' });
    native.close();
});
