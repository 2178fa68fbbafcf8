// The newest page of a room, which the edge keeps: whatever happens, it is what reading it anew would give, and
// who may no longer read is given nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, makeRoom, must, post, refused, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server, ann, bob, room;

const pathOf = (id) => `/v1/rooms/${id}/messages`;

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { ...bob, body: {} });
    await post(server, ann.token, room.id, 'one', 'ann-1');
    await post(server, bob.token, room.id, 'two', 'bob-1');
});
after(() => server.close());

/** Both people's page, twice, so that it is kept; `?after=0` has the same messages and never is. */
async function check() {
    for (const { token } of [ann, bob]) {
        const anew = await must(server, 'GET', `${pathOf(room.id)}?after=0`, { token });
        const first = await call(server, 'GET', pathOf(room.id), { token });
        const again = await call(server, 'GET', pathOf(room.id), { token });
        assert.deepEqual(first.body.messages, anew.messages);
        assert.deepEqual(again.body.messages, anew.messages);
        assert.ok(again.body.as_of >= first.body.as_of);
        assert.equal(again.headers.get('etag'), first.headers.get('etag'));
        const tagged = await call(server, 'GET', pathOf(room.id),
            { token, headers: { 'if-none-match': first.headers.get('etag') } });
        assert.equal(tagged.status, 304);
        assert.equal((await call(server, 'HEAD', pathOf(room.id), { token })).body, null);
    }
}

test('a page follows all that happens to its messages, for each reader', async () => {
    const at = (seq, rest = '') => `${pathOf(room.id)}/${seq}${rest}`;
    const steps = [
        () => post(server, ann.token, room.id, 'three', 'ann-2'),
        () => must(server, 'PUT', at(1), { ...ann, body: { text: 'one, edited' } }),
        () => must(server, 'PUT', at(2, '/reactions/x'), { ...ann, body: {} }),
        () => must(server, 'PUT', at(2, '/reactions/x'), { ...bob, body: {} }),
        () => must(server, 'DELETE', at(2, '/reactions/x'), ann),
        () => must(server, 'PUT', at(1, '/pin'), { ...ann, body: {} }),
        () => must(server, 'DELETE', at(1, '/pin'), ann),
        () => must(server, 'POST', pathOf(room.id), { ...bob, body: { text: 'in it', thread: 1 } }),
        () => must(server, 'DELETE', at(2), bob),
        () => server.restart(),
        () => post(server, bob.token, room.id, 'four'),
    ];
    await check();
    for (const step of steps) {
        await step();
        await check();
    }
});

test('only the newest page is meant, and as many as were asked for', async () => {
    const seqs = async (query) => (await must(server, 'GET', pathOf(room.id) + query, ann)).messages.map(({ seq }) => seq);
    const all = await seqs('');
    for (const query of ['?limit=2', '?limit=2', '', '?limit=50'])
        assert.deepEqual(await seqs(query), query === '?limit=2' ? all.slice(-2) : all, query);
    for (const query of ['?before=3', '?after=2', '?around=3&limit=2'])
        assert.notDeepEqual(await seqs(query), all, query);
    assert.deepEqual(await seqs(''), all);
});

test('each reader sees the client ids of their own', async () => {
    const ids = async ({ token }) => (await must(server, 'GET', pathOf(room.id), { token })).messages
        .map(({ client_id: id }) => id).filter((id) => id !== undefined);
    for (let i = 0; i < 2; i++) {
        assert.deepEqual(await ids(ann), ['ann-1', 'ann-2']);
        assert.ok((await ids(bob)).every((id) => id.startsWith('bob-')));
    }
});

test('who has left, is blocked, or whose session or room has ended is given nothing', async () => {
    const hidden = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${hidden.id}/invitations`, { ...ann, body: { account: bob.id } });
    await must(server, 'POST', `/v1/rooms/${hidden.id}/members`, { ...bob, body: {} });
    await post(server, ann.token, hidden.id, 'between us');
    const direct = await must(server, 'POST', '/v1/direct', { ...ann, body: { account: bob.id } });
    await post(server, ann.token, direct.id, 'and here');
    const later = await signIn(server, 'bob', bob.password);
    for (const { token } of [bob, later, bob])
        for (const { id } of [hidden, direct])
            assert.equal((await must(server, 'GET', pathOf(id), { token })).messages.length, 1);

    await must(server, 'DELETE', '/v1/session', { token: later.token });
    await refused(server, 'session_ended', 'GET', pathOf(hidden.id), { token: later.token });
    await must(server, 'DELETE', `/v1/rooms/${hidden.id}/members/${bob.id}`, bob);
    await refused(server, 'not_found', 'GET', pathOf(hidden.id), bob);
    await must(server, 'PUT', `/v1/people/${bob.id}/block`, { ...ann, body: {} });
    for (const { token } of [ann, bob])
        await refused(server, 'blocked', 'GET', pathOf(direct.id), { token });
    await must(server, 'DELETE', `/v1/people/${bob.id}/block`, ann);
    assert.equal((await must(server, 'GET', pathOf(direct.id), bob)).messages.length, 1);
    await must(server, 'GET', pathOf(hidden.id), ann);
    await must(server, 'DELETE', `/v1/rooms/${hidden.id}`, ann);
    await refused(server, 'not_found', 'GET', pathOf(hidden.id), ann);
});
