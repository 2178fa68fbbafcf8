// Whatever ends a session, its sockets and event streams are closed within a second: the time
// from the call to the close, over all doors, is measured here.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, call, must, refused, signIn, signUp } from './client.mjs';
import { openLink, signUpAs } from './operator.mjs';
import { Packed } from './packed.mjs';
import { Server, keepSecret } from './server.mjs';

const CLOSED_WITHIN_MS = 1000;
const ROUNDS = 5;

let server, root;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
});
after(() => server.close());

/** An event stream whose `closed` gives the time at which it ended. */
async function openStream(token) {
    const { body } = await fetch(`${server.url}/v1/events`,
        { headers: { authorization: `Bearer ${token}` } });
    const reader = body.getReader();
    await reader.read();
    const drained = async () => {
        while (!(await reader.read()).done);
        return { at: Date.now() };
    };
    return { closed: drained() };
}

/** One connection through each door. */
const openAll = (token) => Promise.all([
    Native.open(server, token), Packed.open(server, token), chatapi.Chat.open(server, token),
    openStream(token),
]);

const admin = (method, path, body) => must(server, method, `/v1/admin/${path}`, { token: root.token, body });
const own = (method, path, { token }, body) => call(server, method, `/v1/${path}`, { token, body });
const fresh = () => keepSecret(`new-password-${Math.random()}`);

/** Each ends the session `lost` of a person, who has another one, `kept`. */
const ends = {
    'sign-out': ({ lost }) => own('DELETE', 'session', lost),
    'the end of one session': ({ kept, lost }) => own('DELETE', `sessions/${lost.session}`, kept),
    'the end of all others': ({ kept }) => own('DELETE', 'sessions', kept),
    'another password': ({ kept, password }) =>
        own('PUT', 'me/password', kept, { password, new_password: fresh() }),
    'a password reset': ({ login }) => must(server, 'PUT', '/v1/password-resets',
        { body: { id: openLink(server, login, 'reset'), password: fresh() } }),
    'a ban': ({ account }) => admin('PUT', `accounts/${account.id}/ban`, { reason: 'spam' }),
    'a removal by staff': ({ account }) => admin('DELETE', `accounts/${account.id}`),
    'deletion by oneself': ({ kept, password }) => own('POST', 'me/deletion', kept, { password }),
};

let count = 0;

async function someone() {
    const login = `person${++count}`;
    const { password, account, ...kept } = await signUp(server, login, { email: `${login}@example.org` });
    await must(server, 'POST', '/v1/password-resets', { body: { login } });
    return { login, password, account, kept, lost: await signIn(server, login, password) };
}

/** Milliseconds from the call that ends it to the close of each connection. */
async function timesToClose(open, end) {
    const clients = await open();
    const since = Date.now();
    const ending = end();
    const closes = await Promise.all(clients.map(({ closed }) => closed));
    await ending;
    return closes.map(({ at }) => (at ?? Date.now()) - since);
}

function assertSoon(t, times) {
    const sorted = times.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    t.diagnostic(`${times.length} connections closed after ${median} ms (median), ${sorted.at(-1)} ms (last)`);
    assert.ok(sorted.at(-1) <= CLOSED_WITHIN_MS, `closed after ${sorted.at(-1)} ms`);
}

for (const [what, end] of Object.entries(ends)) {
    test(`${what} closes all connections of the session within a second`, async (t) => {
        const times = [];
        for (let round = 0; round < ROUNDS; round++) {
            const person = await someone();
            times.push(...await timesToClose(() => openAll(person.lost.token), () => end(person)));
            const name = 'session_ended';
            await refused(server, name, 'GET', '/v1/me', { token: person.lost.token });
        }
        assertSoon(t, times);
    });
}

test('a revoked API key\'s connections close within a second', async (t) => {
    const times = [];
    for (let round = 0; round < ROUNDS; round++) {
        const key = await admin('POST', 'keys', { name: 'a test', scopes: 'messages' });
        keepSecret(key.token);
        const open = () => Promise.all([Native.open(server, key.token), openStream(key.token)]);
        times.push(...await timesToClose(open, () => admin('DELETE', `keys/${key.session}`)));
    }
    assertSoon(t, times);
});

test('a session ends on hundreds of connections at once', async (t) => {
    const person = await someone();
    const open = () => Promise.all(Array.from({ length: 300 }, () => Native.open(server, person.lost.token)));
    assertSoon(t, await timesToClose(open, () => ends['sign-out'](person)));
});
