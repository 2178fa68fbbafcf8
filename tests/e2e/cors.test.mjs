// CORS and origins: whom browsers let in, on every path and every answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, nativeUrl, signUp } from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

const LISTED = [
    'http://localhost', 'https://localhost:3000', 'http://127.0.0.1:8000', 'http://[::1]:5173',
];
const UNLISTED = [
    'null', 'https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.example',
    'http://evil.example/localhost', 'file://', 'ftp://localhost', 'http://localhost:port',
];

let server;
let ann;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
});
after(() => server.close());

const ask = (method, path, head = [], body = '') => rawRequest(server, requestText(method, path, [
    ...head, ...(body ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
], body));

function assertShared({ status, headers }, origin) {
    assert.equal(headers['access-control-allow-origin'], origin, String(status));
    assert.equal(headers['access-control-allow-credentials'], 'true');
    assert.match(headers['access-control-expose-headers'], /Retry-After/i);
    assert.match(headers.vary, /Origin/i);
}

test('OPTIONS on any path is answered without authentication', async () => {
    for (const path of ['/v1/rooms', '/v1/rooms/7/members', '/auth/login', '/users/', '/none']) {
        const reply = await ask('OPTIONS', path, [
            'Origin: http://localhost:3000', 'Access-Control-Request-Method: POST',
            'Access-Control-Request-Headers: authorization, content-type, user, withcredentials',
        ]);
        assert.equal(reply.status, 204, path);
        assertShared(reply, 'http://localhost:3000');
        assert.equal(reply.headers['access-control-allow-methods'],
            'GET, POST, PUT, PATCH, DELETE, OPTIONS');
        assert.equal(reply.headers['access-control-allow-headers'],
            'authorization, content-type, user, withcredentials');
        assert.equal(reply.headers['access-control-max-age'], '600');
    }
});

test('listed origins are echoed on every answer, errors included', async () => {
    const body = JSON.stringify({ login: 'nobody', password: 'guess-guess' });
    for (const origin of LISTED) {
        const head = [`Origin: ${origin}`];
        const signedIn = [...head, `Authorization: Bearer ${ann.token}`];
        for (const [method, path, lines, status, text] of [
            ['GET', '/v1/me', signedIn, 200], ['GET', '/v1/me', head, 401],
            ['GET', '/nowhere', head, 404], ['GET', '/users/me', signedIn, 200],
            ['GET', '/users/me', head, 401], ['GET', '/v1/rooms/999999', signedIn, 404],
            ['POST', '/v1/rooms', signedIn, 400, '{'], ['POST', '/auth/login', head, 400, '{'],
            ['PATCH', '/v1/me', signedIn, 405, '{}'],
        ]) {
            const reply = await ask(method, path, lines, text);
            assert.equal(reply.status, status, `${method} ${path}`);
            assertShared(reply, origin);
        }
    }
    assertShared(await ask('POST', '/v1/sessions', [`Origin: ${LISTED[0]}`], body), LISTED[0]);
});

test('other origins are not named, and never with a star', async () => {
    for (const origin of UNLISTED) {
        for (const method of ['OPTIONS', 'GET']) {
            const { headers } = await ask(method, '/v1/me', [
                `Origin: ${origin}`, 'Access-Control-Request-Method: GET',
            ]);
            assert.equal(headers['access-control-allow-origin'], undefined, origin);
            assert.match(headers.vary, /Origin/i);
        }
    }
});

test('an explicit token counts whatever the origin', async () => {
    const reply = await ask('GET', '/v1/me', [
        'Origin: https://evil.example', `Authorization: Bearer ${ann.token}`,
    ]);
    assert.equal(reply.status, 200);
    const client = new Native(nativeUrl(server, ann.token), { origin: 'https://evil.example' });
    await client.welcomed;
    await client.close();
});

test('clients without an origin are served', async () => {
    const reply = await ask('GET', '/v1/me', [`Authorization: Bearer ${ann.token}`]);
    assert.equal(reply.status, 200);
    assert.match(reply.headers.vary, /Origin/i);
});
