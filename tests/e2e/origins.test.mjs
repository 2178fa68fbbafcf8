// Origins that a browser, a proxy or an attacker may write, at every route and socket that takes
// a cookie: from none but those that were named does the cookie say who is asking.  What nobody
// is told on a route, a hostile page with the cookie is told too, to the letter.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { printedRoutes } from './access.mjs';
import { eventually, must, signIn, signUp } from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

const PUBLIC = 'https://chat.example.org';
const LISTED = 'https://app.example';
const WAIT_MS = 10_000;

/** Values of Origin; a list is as many headers. */
const HOSTILE = [
    'null', '', 'https://evil.example', 'file://', 'about:blank', 'undefined', '*',
    'https://chat.example.org.evil.example', 'https://evilchat.example.org', 'https://example.org',
    'https://a.chat.example.org', 'https://chat.example.org:444', 'https://chat.example.org:443',
    'http://chat.example.org', 'wss://chat.example.org', 'HTTPS://CHAT.EXAMPLE.ORG',
    'https://Chat.example.org', 'https://user@chat.example.org', 'https://chat.example.org@evil.example',
    'https://chat.example.org.', 'https://chat.example.org/', 'https://chat.example.org?', 'chat.example.org',
    'https://chat.example.org%00.evil.example', 'https://chat.ex\u0430mple.org', 'https://xn--chat-example.org',
    'https://chat.example.org, https://evil.example', 'https://evil.example https://chat.example.org',
    'https://chat.example.org\\@evil.example', 'http://localhost', 'http://localhost:3000',
    'http://127.0.0.1:8080', 'http://[::1]', `${PUBLIC}${'x'.repeat(600)}`,
    [PUBLIC, 'https://evil.example'], ['https://evil.example', PUBLIC], ['null', LISTED],
];
const FETCHED_FROM = ['cross-site', 'same-site', 'CROSS-SITE', 'anything', ''];

const foreign = [
    ...HOSTILE.map((origin) => [origin].flat().map((value) => `Origin: ${value}`)),
    ...FETCHED_FROM.map((site) => [`Sec-Fetch-Site: ${site}`]),
];
const friendly = [
    [`Origin: ${PUBLIC}`], [`Origin: ${LISTED}`], [], ['Sec-Fetch-Site: same-origin'],
    ['Sec-Fetch-Site: none'], [`Origin: ${LISTED}`, 'Sec-Fetch-Site: cross-site'],
];

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start({ settings: { public_url: PUBLIC, origins: LISTED, limits: 'off' } });
    ann = await signUp(server, 'ann', { email: 'ann@example.org' });
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const cookieOf = (token) => `Cookie: session=${token}; matcha42=${token}; io=${'x'.repeat(20)}`;

/** Status and body of a request with these header lines. */
async function ask(method, path, head) {
    const bytes = Buffer.from(requestText(method, path, [...head, 'Content-Length: 2'], '{}'));
    const { status, body, headers } = await rawRequest(server, bytes);
    return { status, body, allowed: headers['access-control-allow-origin'] };
}

test('no hostile origin has a cookie believed, on any route that takes one', async () => {
    const routes = printedRoutes().filter(({ takesCookie }) => takesCookie);
    assert.ok(routes.length > 15);
    for (const { method, path } of routes) {
        const where = path.replace(/:\w+/g, String(ann.account.id));
        const { token } = await signIn(server, 'ann', ann.password); // some routes end it
        const nobody = await ask(method, where, []);
        for (const head of foreign) {
            const reply = await ask(method, where, [cookieOf(token), ...head]);
            assert.deepEqual(reply, nobody, `${method} ${where} ${head}`);
        }
        const known = await ask(method, where, [cookieOf(token), `Origin: ${PUBLIC}`]);
        assert.notDeepEqual(known.body, nobody.body, `${method} ${where}`);
        assert.equal(known.allowed, PUBLIC);
    }
});

test('every named origin has it believed', async () => {
    for (const head of friendly) {
        const { status } = await ask('GET', '/api/users', [cookieOf(ann.token), ...head]);
        assert.equal(status, 200, String(head));
    }
});

/** Whether a session of Socket.IO that is polled for, with these lines, is ann's: then it cannot be bob's. */
async function isAnnsPolled(head) {
    const path = '/socket.io/?EIO=4&transport=polling';
    const reply = await ask('GET', path, [cookieOf(ann.token), ...head]);
    assert.equal(reply.status, 200, reply.body);
    const { sid } = JSON.parse(reply.body.slice(1));
    const { status } = await ask('POST', `${path}&sid=${sid}&token=${bob.token}`, []);
    return status === 403;
}

/** A WebSocket by hand: {text, socket} once one of `wanted` has come or it is closed. */
function overSocket(path, head, frames, wanted) {
    return new Promise((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1');
        let bytes = Buffer.alloc(0);
        const late = setTimeout(() => reject(new Error(`${head}: ${bytes}`)), WAIT_MS);
        const end = () => {
            clearTimeout(late);
            resolve({ text: bytes.toString('latin1'), socket });
        };
        socket.write(Buffer.from([`GET ${path} HTTP/1.1`, 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade',
            'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
            ...head, '', ''].join('\r\n')));
        frames.forEach((text) => socket.write(frame(text)));
        socket.on('data', (more) => {
            bytes = Buffer.concat([bytes, more]);
            if (wanted.some((word) => bytes.includes(word)))
                end();
        });
        socket.on('close', end);
        socket.on('error', () => {});
    });
}

/** A short text in a masked frame, whose mask is 0. */
const frame = (text) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

/** Open a socket of Matcha with these lines, and keep it; it is there once its namespace is. */
async function openSocket(head) {
    const lines = [cookieOf(ann.token), ...head];
    const { socket } = await overSocket(sio, lines, ['40/api/socket,'], ['40/api/socket,{']);
    return socket;
}

const annIsThere = async () => (await must(server, 'GET', '/v1/me', { token: ann.token })).online;
const sio = '/socket.io/?EIO=4&transport=websocket';

test('nor by Socket.IO, polled or over a WebSocket', async () => {
    for (const head of foreign)
        assert.equal(await isAnnsPolled(head), false, String(head));
    for (const head of friendly)
        assert.equal(await isAnnsPolled(head), true, String(head));
});

test('nor over its WebSocket', async () => {
    const strangers = await Promise.all(foreign.map(openSocket));
    await signUp(server, 'dora'); // behind what the sockets have given rise to
    assert.equal(await annIsThere(), false);
    const friend = await openSocket(friendly[0]);
    await eventually(annIsThere, (there) => there, 'ann is there');
    [friend, ...strangers].forEach((socket) => socket.destroy());
});

test('sockets of other documents take no cookie, whatever the origin', async () => {
    for (const path of ['/v1/ws', '/v1/events', '/chats/ws', '/ws'])
        for (const head of [...foreign, ...friendly]) {
            const { text, socket } = await overSocket(path, [cookieOf(ann.token), ...head], [], ['\r\n\r\n']);
            socket.destroy();
            assert.match(text, /^HTTP\/1\.1 4\d\d /, `${path} ${head}`);
        }
});

test('no hostile origin may read a reply, nor a preflight tell it so', async () => {
    for (const head of foreign.filter(([line]) => line.startsWith('Origin')))
        for (const path of ['/v1/me', '/api/users', '/chats', '/socket.io/?EIO=4&transport=polling', '/nowhere']) {
            const preflight = [...head, 'Access-Control-Request-Method: POST'];
            assert.equal((await ask('OPTIONS', path, preflight)).allowed, undefined, String(head));
            assert.equal((await ask('GET', path, head)).allowed, undefined, String(head));
        }
});
