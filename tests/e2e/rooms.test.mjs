// Rooms and the rights to them: open, private and direct.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let stranger;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    stranger = await signUp(server, 'stranger');
});
after(() => server.close());

const NOWHERE = 999_999;
const roomIds = async ({ token }) =>
    (await must(server, 'GET', '/v1/rooms?limit=1000', { token })).rooms.map((room) => room.id);
const memberIds = async (room, { token }) =>
    (await must(server, 'GET', `/v1/rooms/${room}/members`, { token })).members
        .map((member) => member.account);

/** Every way to reach for a room; each must look exactly as if there were no such room. */
async function assertUnknown(room, { token, id }) {
    for (const [method, path, body] of [
        ['GET', ''], ['GET', '/members'], ['GET', '/messages'],
        ['POST', '/messages', { text: 'let me in' }],
        ['POST', '/members', {}], ['POST', '/members', { account: id }],
        ['PUT', '/name', { name: 'mine' }], ['PUT', '/topic', { topic: 'mine' }], ['DELETE', ''],
        ['POST', '/invitations', { account: id }], ['DELETE', `/invitations/${id}`],
        ['GET', '/bans'], ['PUT', `/bans/${id}`, {}], ['DELETE', `/bans/${id}`],
        ['PUT', `/members/${id}/role`, { role: 'owner' }], ['PUT', `/members/${id}/mute`, {}],
        ['DELETE', `/members/${id}`], ['PUT', '/typing', { typing: true }],
    ]) {
        const [hidden, missing] = await Promise.all([room, NOWHERE].map((number) =>
            call(server, method, `/v1/rooms/${number}${path}`, { token, body })));
        assert.equal(hidden.status, 404, `${method} ${path}`);
        assert.deepEqual(hidden.body, missing.body, `${method} ${path}`);
    }
}

test('a room has an id, a readable gid, its kind, name and creator', async () => {
    const { status, body: room } = await call(server, 'POST', '/v1/rooms', {
        token: ann.token, body: { kind: 'open', name: 'Salon' },
    });
    assert.equal(status, 201);
    assert.match(room.gid, /^[2-9A-HJ-NP-Za-km-z]{8}$/);
    assert.equal(room.kind, 'open');
    assert.equal(room.name, 'Salon');
    assert.equal(room.creator, ann.id);
    assert.equal(room.seq, 0);
    assert.ok(Math.abs(room.created / 1000 - Date.now()) < 60_000, 'time in µs');
    assert.deepEqual(await must(server, 'GET', `/v1/rooms/${room.id}`, { token: ann.token }), room);
    assert.ok((await roomIds(ann)).includes(room.id));
});

test('whoever has the id of an open room may read, post and join', async () => {
    const room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'welcome');
    assert.equal((await history(server, bob.token, room.id)).length, 1);
    await post(server, bob.token, room.id, 'thanks');
    const membership = await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: bob.token, body: {},
    });
    assert.equal(membership.room, room.id);
    assert.equal(membership.account, bob.id);
    assert.equal(membership.role, 'member');
    assert.deepEqual(await memberIds(room.id, ann), [ann.id, bob.id]);
    assert.ok((await roomIds(bob)).includes(room.id));
});

test('joining twice is joining once', async () => {
    const room = await makeRoom(server, ann.token);
    const join = () => must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: bob.token, body: {},
    });
    assert.deepEqual(await join(), await join());
    assert.deepEqual(await memberIds(room.id, ann), [ann.id, bob.id]);
});

test('a private room looks unknown to all but its members', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    await post(server, ann.token, room.id, 'between us');
    await assertUnknown(room.id, stranger);
    assert.ok(!(await roomIds(stranger)).includes(room.id));
});

test('members of a private room add others, who then read all of it', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    await post(server, ann.token, room.id, 'before you came');
    const membership = await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    assert.equal(membership.account, bob.id);
    assert.equal((await history(server, bob.token, room.id))[0].text, 'before you came');
    await post(server, bob.token, room.id, 'here I am');
    await refused(server, 'not_found', 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: NOWHERE },
    });
});

test('nobody is added to an open room, but by themselves', async () => {
    const room = await makeRoom(server, ann.token);
    const error = await refused(server, 'forbidden', 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    assert.equal(error.detail, 'people are added to private rooms only');
});

test('who leaves a private room meets it as unknown', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    const leave = `/v1/rooms/${room.id}/members/${bob.id}`;
    assert.equal((await call(server, 'DELETE', leave, { token: bob.token })).status, 204);
    await assertUnknown(room.id, bob);
    assert.deepEqual(await memberIds(room.id, ann), [ann.id]);
});

test('a member removes nobody', async () => {
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    await refused(server, 'forbidden', 'DELETE', `/v1/rooms/${room.id}/members/${ann.id}`, {
        token: bob.token,
    });
    assert.deepEqual(await memberIds(room.id, ann), [ann.id, bob.id]);
});

test('two people have one direct room, whoever asks, and for good', async () => {
    const ask = ({ token }, { id }) => must(server, 'POST', '/v1/direct', {
        token, body: { account: id },
    });
    const room = await ask(ann, bob);
    assert.equal(room.kind, 'direct');
    assert.equal((await ask(bob, ann)).id, room.id);
    assert.equal((await ask(ann, bob)).id, room.id);
    assert.deepEqual(await memberIds(room.id, ann), [ann.id, bob.id]);
    await post(server, bob.token, room.id, 'just us');
    assert.equal((await history(server, ann.token, room.id))[0].text, 'just us');
    await assertUnknown(room.id, stranger);

    const leave = `/v1/rooms/${room.id}/members/${bob.id}`;
    await refused(server, 'forbidden', 'DELETE', leave, { token: bob.token });
    await refused(server, 'forbidden', 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: stranger.id },
    });
    assert.deepEqual(await memberIds(room.id, ann), [ann.id, bob.id]);
});

test('a direct room is found by its other person, and only once it is there', async () => {
    const [one, other] = [await signUp(server, 'finder'), await signUp(server, 'found')];
    const find = ({ token }, { id }) => call(server, 'GET', `/v1/direct/${id}`, { token });
    assert.equal((await find(one, other)).status, 404);
    const made = await must(server, 'POST', '/v1/direct',
        { token: one.token, body: { account: other.id } });
    for (const [from, to] of [[one, other], [other, one]])
        assert.equal((await find(from, to)).body.id, made.id);
    assert.equal((await find(stranger, one)).status, 404);
    assert.equal((await find(one, one)).status, 404);
});

test('of many who ask for a direct room at once all get the same', async () => {
    const [one, two] = await Promise.all(['pair-1', 'pair-2'].map((name) => signUp(server, name)));
    const rooms = await Promise.all(Array.from({ length: 10 }, (_, n) => {
        const [from, to] = n % 2 ? [one, two] : [two, one];
        return must(server, 'POST', '/v1/direct', { token: from.token, body: { account: to.id } });
    }));
    assert.equal(new Set(rooms.map((room) => room.id)).size, 1);
});

test('a direct room needs another person who exists', async () => {
    const ask = (account) => call(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account },
    });
    assert.equal((await ask(NOWHERE)).status, 404);
    assert.equal((await ask(ann.id)).status, 400);
});

test('one makes open and private rooms, nothing else', async () => {
    for (const kind of ['direct', 'secret', '', 1, undefined]) {
        await refused(server, 'invalid', 'POST', '/v1/rooms', {
            token: ann.token, body: { kind, name: 'x' },
        });
    }
    await refused(server, 'invalid', 'POST', '/v1/rooms', {
        token: ann.token, body: { kind: 'open', name: 'x'.repeat(129) },
    });
    await must(server, 'POST', '/v1/rooms', { token: ann.token, body: { kind: 'open' } });
});

test('the lists of rooms and of members are paged', async () => {
    const { token } = await signUp(server, 'collector');
    const made = [];
    for (let n = 0; n < 7; n++)
        made.push((await makeRoom(server, token, n % 2 ? 'open' : 'private')).id);
    const listed = [];
    for (let page; (page = await must(server, 'GET',
        `/v1/rooms?limit=3&after=${listed.at(-1) ?? 0}`, { token })).rooms.length > 0;)
        listed.push(...page.rooms.map((room) => room.id));
    assert.deepEqual(listed, made);

    const [room] = made;
    for (const { id } of [ann, bob, stranger])
        await must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: { account: id } });
    const first = await must(server, 'GET', `/v1/rooms/${room}/members?limit=2`, { token });
    assert.deepEqual(first.members.map((member) => member.account), [ann.id, bob.id]);
    const rest = await must(server, 'GET', `/v1/rooms/${room}/members?after=${bob.id}`, { token });
    assert.equal(rest.members.length, 2);
    assert.deepEqual(rest.members.map((member) => member.role), ['member', 'owner']);
});
