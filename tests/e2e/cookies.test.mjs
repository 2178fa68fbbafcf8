// Who is asking, where a cookie says so: only pages of allowed origins, and no pages at all, are
// believed; an explicit credential wins, whatever the cookie says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as native from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server, keepSecret } from './server.mjs';

const LISTED = 'https://app.example';
const ANONYMOUS = { status: 401, login: undefined };
const KNOWN = { status: 200, login: 'ann' };

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start({ settings: { origins: LISTED, trusted_proxies: '127.0.0.1' } });
    ann = await native.signUp(server, 'ann', { email: 'ann@example.org' });
    bob = await native.signUp(server, 'bob', { email: 'bob@example.org' });
});
after(() => server.close());

/** GET /api/users/<ann> with these headers: its status, and whom it shows. */
async function ask(headers) {
    const reply = await fetch(`${server.url}/api/users/${ann.account.id}`, { headers });
    const body = await reply.json();
    return { status: reply.status, login: body?.login };
}

const cookieOf = ({ token }) => `session=${token}`;

test('a cookie counts for allowed origins and where there is none', async () => {
    const cookie = cookieOf(ann);
    const believed = [
        {}, { origin: LISTED }, { origin: 'http://localhost:3000' }, { origin: 'http://127.0.0.1' },
        { origin: LISTED, 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-origin' },
    ];
    for (const headers of believed)
        assert.deepEqual(await ask({ cookie, ...headers }), KNOWN, JSON.stringify(headers));
    assert.deepEqual(await ask({ cookie: `a=b; ${cookie}; c=d` }), KNOWN);
});

test('from elsewhere the request is nobody\'s', async () => {
    const cookie = cookieOf(ann);
    const foreign = [
        { origin: 'null' }, { origin: 'https://evil.example' }, { origin: `${LISTED}.evil.example` },
        { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign)
        assert.deepEqual(await ask({ cookie, ...headers }), ANONYMOUS, JSON.stringify(headers));
});

test('a token counts from anywhere, and wins over the cookie', async () => {
    const authorization = `Bearer ${ann.token}`;
    assert.deepEqual(await ask({ authorization, origin: 'https://evil.example' }), KNOWN);
    const read = async (headers) => {
        const reply = await fetch(`${server.url}/api/users`, { headers });
        const users = reply.status === 200 ? await reply.json() : [];
        return users.find(({ email }) => email !== '')?.login ?? reply.status;
    };
    assert.equal(await read({ authorization, cookie: cookieOf(bob) }), 'ann');
    assert.equal(await read({ cookie: cookieOf(bob) }), 'bob');
    assert.equal(await read({ authorization: 'Bearer nonsense', cookie: cookieOf(ann) }), 401);
    assert.equal(await read({ authorization: `Basic ${ann.token}`, cookie: cookieOf(ann) }), 401);
});

test('a foreign page gets no cookie by signing in', async () => {
    const { account: { login }, password } = ann;
    const signIn = (headers) => fetch(`${server.url}/api/signin`, {
        method: 'POST', headers, body: JSON.stringify({ login, password }),
    });
    for (const origin of ['https://evil.example', 'null']) {
        const reply = await signIn({ origin });
        keepSecret((await reply.json()).access_token);
        assert.deepEqual(reply.headers.getSetCookie(), []);
    }
    const reply = await signIn({ origin: LISTED });
    keepSecret((await reply.json()).access_token);
    assert.equal(reply.headers.getSetCookie().length, 1);
});

test('what came over TLS goes over TLS only', async () => {
    const { account: { login }, password } = ann;
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };
    const reply = await fetch(`${server.url}/api/signin`, {
        method: 'POST', headers, body: JSON.stringify({ login, password }),
    });
    keepSecret((await reply.json()).access_token);
    assert.match(reply.headers.getSetCookie()[0], /; SameSite=Lax; Secure$/);
});

test('no cookie opens routes and sockets of other documents', async () => {
    const cookie = ['session', 'token'].map((name) => `${name}=${ann.token}`).join('; ');
    for (const path of ['/v1/me', '/users/me', '/api/get_message/1'])
        assert.equal((await fetch(server.url + path, { headers: { cookie } })).status, 401, path);
    const path = '/get-room-history?room_gid=abcdefgh';
    const reply = await fetch(server.url + path, { headers: { cookie } });
    assert.deepEqual((await reply.json()).error, { code: 400, message: 'Unknown user' });
});

test('an allowed page may read every reply, and no other one may', async () => {
    const paths = ['/api/users', '/api/signin', '/api/nothing', '/api/get_message/1'];
    for (const path of paths) {
        const listed = await fetch(server.url + path, { headers: { origin: LISTED } });
        assert.equal(listed.headers.get('access-control-allow-origin'), LISTED);
        assert.equal(listed.headers.get('access-control-allow-credentials'), 'true');
        assert.match(listed.headers.get('access-control-expose-headers'), /Retry-After/);
        assert.match(listed.headers.get('vary'), /Origin/);
        const foreign = await fetch(server.url + path, { headers: { origin: 'https://evil.example' } });
        assert.equal(foreign.headers.get('access-control-allow-origin'), null);
    }
});

test('a token in the query is kept by nobody', async () => {
    const reply = await fetch(`${server.url}/api/users?token=${ann.token}`);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    assert.equal(reply.headers.get('referrer-policy'), 'no-referrer');
});

test('HEAD is answered as GET is, without the body', async () => {
    const path = `/api/users/${ann.account.id}`;
    const { status } = await fetch(server.url + path, {
        method: 'HEAD', headers: { cookie: cookieOf(ann) },
    });
    assert.equal(status, 200);
});

test('an empty origin is none that is allowed', async () => {
    const path = `/api/users/${ann.account.id}`;
    const lines = ['Origin: ', `Cookie: ${cookieOf(ann)}`];
    assert.equal((await rawRequest(server, requestText('GET', path, lines))).status, 401);
});
