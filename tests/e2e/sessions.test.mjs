// One's own sessions: listed, renewed, and ended one by one or all but this.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, must, refused, signIn, signUp } from './client.mjs';
import { claimsOf, sign } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const CLOSED_WITHIN_MS = 1000;
const SESSION_ENDED = 4401;
const LIFE_US = 30 * 24 * 3600 * 1e6;

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const list = async ({ token }) => (await must(server, 'GET', '/v1/sessions', { token })).sessions;
const end = (path, { token }) => must(server, 'DELETE', path, { token });
const openOn = (login, password, headers) =>
    must(server, 'POST', '/v1/sessions', { body: { login, password }, headers });

async function assertClosedSoon(client, since) {
    const { code, at } = await client.closed;
    assert.equal(code, SESSION_ENDED);
    assert.ok(at - since <= CLOSED_WITHIN_MS, `closed after ${at - since} ms`);
}

test('sessions are listed with their devices, and which one asks', async () => {
    const ann = await signUp(server, 'ann', { device: 'a phone' });
    const other = await openOn('ann', ann.password, { 'user-agent': 'Browser/7.0' });
    const sessions = await list(other);
    assert.deepEqual(sessions.map(({ id, device }) => [id, device]),
        [[ann.session, 'a phone'], [other.session, 'Browser/7.0']]);
    assert.deepEqual(sessions.map(({ current }) => current ?? false), [false, true]);
    for (const { account, created, expires } of sessions) {
        assert.equal(account, ann.id);
        assert.equal(expires - created, LIFE_US);
    }
    await signUp(server, 'anna');
    assert.equal((await list(ann)).length, 2, 'nobody else\'s');
});

test('a User-Agent is cut to the length of a device', async () => {
    const bea = await signUp(server, 'bea');
    const other = await openOn('bea', bea.password, { 'user-agent': 'x'.repeat(500) });
    assert.equal((await list(other))[1].device, 'x'.repeat(128));
});

test('one session is ended by another, at once and on its sockets', async () => {
    const bob = await signUp(server, 'bob');
    const lost = await signIn(server, 'bob', bob.password);
    const client = await Native.open(server, lost.token);
    const since = Date.now();
    await end(`/v1/sessions/${lost.session}`, bob);
    await assertClosedSoon(client, since);
    await refused(server, 'session_ended', 'GET', '/v1/me', lost);
    assert.deepEqual((await list(bob)).map(({ id }) => id), [bob.session]);
    await end(`/v1/sessions/${lost.session}`, bob);
});

test('nobody ends the session of another', async () => {
    const cat = await signUp(server, 'cat');
    const dan = await signUp(server, 'dan');
    for (const session of [cat.session, 999999])
        await refused(server, 'not_found', 'DELETE', `/v1/sessions/${session}`, dan);
    await list(cat);
});

test('all other sessions end by one word, and this one stays', async () => {
    const eve = await signUp(server, 'eve');
    const [mine, later] = [await signIn(server, 'eve', eve.password),
        await signIn(server, 'eve', eve.password)];
    const clients = await Promise.all([eve, later].map(({ token }) => Native.open(server, token)));
    const kept = await Native.open(server, mine.token);
    const since = Date.now();
    await end('/v1/sessions', mine);
    await Promise.all(clients.map((client) => assertClosedSoon(client, since)));
    for (const session of [eve, later])
        await refused(server, 'session_ended', 'GET', '/v1/me', session);
    assert.deepEqual((await list(mine)).map(({ id }) => id), [mine.session]);
    await kept.request('session.list');
    await server.restart();
    await refused(server, 'session_ended', 'GET', '/v1/me', later);
    await list(mine);
});

test('a renewed session is the same one, with a fresh token', async () => {
    const fay = await signUp(server, 'fay');
    const renewed = await must(server, 'POST', '/v1/session/renewal', fay);
    keepSecret(renewed.token);
    assert.equal(renewed.session, fay.session);
    assert.ok(renewed.expires > fay.expires);
    const sessions = await list(renewed);
    assert.deepEqual(sessions.map(({ id, expires }) => [id, expires]),
        [[fay.session, renewed.expires]]);
    await list(fay); /* the earlier token is good until it expires by itself */
    await end('/v1/session', renewed);
    for (const { token } of [fay, renewed])
        await refused(server, 'session_ended', 'GET', '/v1/me', { token });
});

test('a connection ends with the token that it came by', async () => {
    const tom = await signUp(server, 'tom');
    const exp = Math.floor(Date.now() / 1000) + 2;
    const brief = keepSecret(sign(server, { ...claimsOf(tom.token), exp }));
    const client = await Native.open(server, brief);
    const lasting = await Native.open(server, tom.token);
    const { code, at } = await client.closed;
    assert.equal(code, SESSION_ENDED);
    assert.ok(at >= exp * 1000 - 50 && at <= exp * 1000 + 2000, `${at - exp * 1000} ms after it`);
    await refused(server, 'unauthenticated', 'GET', '/v1/me', { token: brief });
    await lasting.request('room.ids');
    await lasting.close();
});
