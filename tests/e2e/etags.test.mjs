// Entity tags: who has an answer already is told so, and nobody else's cache keeps it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server, alice, bob, room;

before(async () => {
    server = await Server.start();
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, alice.token);
});
after(() => server.close());

const get = (path, tag, token = alice.token) => call(server, 'GET', path, {
    token, headers: tag === undefined ? {} : { 'if-none-match': tag },
});

async function tagOf(path) {
    const { status, headers } = await get(path);
    assert.equal(status, 200);
    assert.match(headers.get('cache-control'), /private, no-cache/);
    return headers.get('etag');
}

test('an object has a strong tag, which changes with it', async () => {
    const path = `/v1/rooms/${room.id}`;
    const tag = await tagOf(path);
    assert.match(tag, /^"[A-Za-z0-9_-]{22}"$/);
    const same = await get(path, tag);
    assert.equal(same.status, 304);
    assert.equal(same.body, null);
    assert.equal(same.headers.get('etag'), tag);
    await post(server, alice.token, room.id, 'news');
    const changed = await get(path, tag);
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), tag);
});

test("a list has a weak one, which others' doings do not change", async () => {
    const path = `/v1/rooms/${room.id}/members`;
    const tag = await tagOf(path);
    assert.match(tag, /^W\/"[A-Za-z0-9_-]{22}"$/);
    await makeRoom(server, bob.token);
    assert.equal((await get(path, tag)).status, 304);
    await must(server, 'POST', `${path}`, { token: bob.token, body: {} });
    assert.equal((await get(path, tag)).status, 200);
});

test('one of several will do, and another person has another tag', async () => {
    const tag = await tagOf('/v1/me');
    assert.equal((await get('/v1/me', `"other", ${tag}`)).status, 304);
    assert.equal((await get('/v1/me', '"other"')).status, 200);
    assert.equal((await get('/v1/me', tag, bob.token)).status, 200);
});

test('HEAD knows the same', async () => {
    const tag = await tagOf('/v1/me');
    const { status } = await call(server, 'HEAD', '/v1/me', {
        token: alice.token, headers: { 'if-none-match': tag },
    });
    assert.equal(status, 304);
});

test('rights are asked before tags', async () => {
    const secret = await makeRoom(server, alice.token, 'private');
    const tag = await tagOf(`/v1/rooms/${secret.id}`);
    assert.equal((await get(`/v1/rooms/${secret.id}`, tag, bob.token)).status, 404);
    assert.equal((await get(`/v1/rooms/${secret.id}`, tag, 'nonsense')).status, 401);
});

test('what changes something, holds a token or is refused has none', async () => {
    const { headers } = await call(server, 'POST', '/v1/sessions', {
        body: { login: 'alice', password: alice.password },
    });
    assert.equal(headers.get('etag'), null);
    assert.match(headers.get('cache-control'), /no-store/);
    const made = await call(server, 'POST', '/v1/rooms', { token: alice.token, body: { kind: 'open' } });
    assert.equal(made.headers.get('etag'), null);
    assert.equal((await get('/v1/rooms/99999')).headers.get('etag'), null);
});
