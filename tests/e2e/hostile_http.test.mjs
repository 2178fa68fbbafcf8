// What a hostile client writes into a request: heads that two servers would read in two ways, line
// ends and control characters where names and paths go, ways out of folders.  Nothing of it is
// taken for two requests, comes back as a header, reaches a file or the log.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, makeRoom, must, post, refused, refusedSocket, signUp } from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let room;
before(async () => {
    server = await Server.start({ settings: { log: 'debug', limits: 'off' } });
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
});
after(() => server.close());

const HIDDEN = 'DELETE /v1/me HTTP/1.1\r\nHost: x\r\n\r\n';

/** Heads whose body's end is a matter of opinion, with another request where one may see it. */
const smuggled = {
    'two lengths': ['Content-Length: 0', `Content-Length: ${HIDDEN.length}`],
    'a list of lengths': [`Content-Length: 0, ${HIDDEN.length}`],
    'a signed length': ['Content-Length: +0'],
    'a negative length': ['Content-Length: -1'],
    'a hexadecimal length': ['Content-Length: 0x0'],
    'a length of 30 digits': [`Content-Length: ${'0'.repeat(30)}`],
    'an empty length': ['Content-Length:'],
    'a length in two words': ['Content-Length: 0 0'],
    chunked: ['Transfer-Encoding: chunked'],
    'a length and chunked': ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    'chunked in other letters': ['Transfer-Encoding: cHuNkEd'],
    'chunked that nobody knows': ['Transfer-Encoding: xchunked'],
    'chunked behind identity': ['Transfer-Encoding: identity, chunked'],
    'a blank before the colon': ['Transfer-Encoding : chunked', 'Content-Length: 0'],
    'a tab before the colon': ['Content-Length\t: 0'],
    'a folded line': ['X-Folded: a', ' Content-Length: 5'],
    'a null byte in a name': ['Content-\0Length: 5'],
    'a null byte in a value': ['X-Null: a\0b'],
    'a bare line feed': ['X-Bare: a\nContent-Length: 5'],
    'a bare carriage return': ['X-Bare: a\rContent-Length: 5'],
    'no name': [': nothing'],
    'no colon': ['Nothing'],
    'two hosts': ['Host: y'],
    'a delete character': ['X-Delete: \x7f'],
};

for (const [name, head] of Object.entries(smuggled)) {
    test(`${name}: one answer, and the connection ends`, async () => {
        const lines = [`Authorization: Bearer ${ann.token}`, ...head];
        const reply = await rawRequest(server, requestText('GET', '/v1/me', lines, HIDDEN));
        assert.match(String(reply.status), /^4(00|11)$/, JSON.stringify(head));
        assert.equal(reply.headers.connection, 'close');
        assert.doesNotMatch(reply.body, /HTTP\/1\.1/, 'a second answer');
    });
}

test('requests that only another protocol has are none', async () => {
    for (const line of ['PRI * HTTP/2.0', 'GET /v1/me HTTP/2.0', 'GET /v1/me HTTP/0.9', 'GET /v1/me',
        'GET  /v1/me HTTP/1.1', 'GET /v1/me HTTP/1.1 ', 'get /v1/me HTTP/1.1', 'GET v1/me HTTP/1.1',
        'CONNECT 127.0.0.1:22 HTTP/1.1', 'TRACE / HTTP/1.1', '\x16\x03\x01\x02\x00\x01']) {
        const { status } = await rawRequest(server, `${line}\r\nHost: x\r\n\r\n`);
        assert.ok(status >= 400 && status < 500, `${JSON.stringify(line)}: ${status}`);
    }
    const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    const { status } = await rawRequest(server, requestText('GET', '/healthz', h2c));
    assert.equal(status, 200, 'h2c is passed over');
});

test('no path leads out of where it begins', async () => {
    const dots = ['/../etc/passwd', '/v1/../../etc/passwd', '/v1/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd',
        '/v1/files/..%2f..%2ftoken.key', '/v1/rooms/%00', '/v1/%c0%ae%c0%ae/x', '/v1/%', '/v1/%zz', '/v1/%2',
        '/api/photos/../token.key', '/api/photos/%2e%2e%2ftoken.key', '//etc/passwd', '/v1/rooms/1%0d%0aX-Evil:%20yes',
        '/./v1/me', '/v1/me/..', '/v1/files/....//....//token.key', '/v1/rooms/1\\..\\..', '/v1/ｍe'];
    for (const path of dots) {
        const { status, headers, body } = await rawRequest(server,
            Buffer.from(requestText('GET', path, [`Authorization: Bearer ${ann.token}`])));
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
        assert.equal(headers['x-evil'], undefined);
        assert.doesNotMatch(body, /root:/);
    }
});

/** Names of files as an attacker has them. */
const names = ['../../token.key', '..\\..\\evil', 'a\r\nX-Evil: yes', 'a";evil="b', '\u202egpj.exe', 'a\u0000b',
    '%0d%0aX-Evil:yes', '<script>alert(1)</script>.html', '"><img src=x onerror=alert(1)>.svg', 'con', '.', '..', '/etc/passwd'];

test('a file\'s name stays in its quotes, and what it holds is shown by no browser', async () => {
    let taken = 0;
    for (const name of names) {
        const reply = await fetch(`${server.url}/v1/rooms/${room.id}/files?name=${encodeURIComponent(name)}`, {
            method: 'POST', body: '<script>alert(document.cookie)</script>',
            headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'text/html' },
        });
        const file = await reply.json();
        if (reply.status === 400)
            continue;
        assert.equal(reply.status, 201, name);
        const body = { text: 'look', files: [{ id: file.id }] };
        await must(server, 'POST', `/v1/rooms/${room.id}/messages`, { token: ann.token, body });
        const { headers } = await fetch(`${server.url}/v1/rooms/${room.id}/files/${file.id}`, {
            method: 'HEAD', headers: { authorization: `Bearer ${ann.token}` },
        });
        assert.equal(headers.get('x-evil'), null);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.match(headers.get('content-security-policy'), /^sandbox; default-src 'none'$/);
        const disposition = /^(inline|attachment); filename="[^"\\\r\n]*"; filename\*=UTF-8''[\w.%~!#$&+^`|-]*$/;
        assert.match(headers.get('content-disposition'), disposition, name);
        assert.doesNotMatch(headers.get('content-type'), /html|xml|svg|script/);
        taken++;
    }
    assert.ok(taken > 5);
});

/** Everything that a stranger writes and the server may repeat in a line of its log. */
const evil = '\r\n2026-01-01T00:00:00.000Z ERROR edge forged\u001b[2J\u001b]0;owned\u0007\u009b31m';

test('nothing that a stranger writes is a line of the log, or obeyed by a terminal', async () => {
    const text = encodeURIComponent(evil);
    await call(server, 'POST', '/v1/accounts', { body: { login: evil, password: evil, email: evil, username: evil } });
    await call(server, 'POST', '/v1/sessions', { body: { login: evil, password: evil, device: evil } });
    await call(server, 'GET', `/v1/${text}?${text}=${text}`, { token: 'forged%0aforged' });
    await call(server, 'GET', '/v1/me', { headers: { 'user-agent': 'a\tb', 'x-forwarded-for': '127.0.0.1%0aforged' } });
    await call(server, 'POST', '/v1/rooms', { token: ann.token, body: { kind: 'open', name: evil, topic: evil } });
    await post(server, ann.token, room.id, evil);
    await call(server, 'PATCH', '/v1/me/profile', { token: ann.token, body: { first_name: evil, description: evil } });
    await call(server, 'POST', '/v1/me/push', { token: ann.token, body: { endpoint: `https://a${evil}/` } });
    await call(server, 'POST', '/v1/me/ticket', { token: ann.token, body: { queue: evil } });
    await refusedSocket(`${server.socketUrl}/v1/ws?token=${text}`);
    await refusedSocket(`${server.socketUrl}/app/${text}?protocol=7`).catch(() => {});
    await rawRequest(server, Buffer.from(`GET /\x1b[2J HTTP/1.1\r\nHost: \x1b[31m\r\n\r\n`));
    const log = server.log();
    for (const line of log.split('\n').slice(0, -1))
        assert.match(line, /^[ -~]+$/, 'control characters');
    assert.doesNotMatch(log, /^.{24} ERROR edge forged/m);
});

test('private answers are kept by no cache', async () => {
    const paths = ['/v1/me', '/v1/rooms', '/v1/sessions', `/v1/rooms/${room.id}/messages`, '/v1/rooms/9999',
        '/users/me', '/users/', '/api/users', '/api/chats', '/api/get_message/1'];
    for (const path of paths)
        for (const headers of [{ authorization: `Bearer ${ann.token}` }, { authorization: `Token ${ann.token}` },
            { cookie: `session=${ann.token}` }]) {
            const reply = await fetch(server.url + path, { headers });
            await reply.arrayBuffer();
            assert.match(reply.headers.get('cache-control') ?? '', /no-store|private/, path);
        }
    const signedIn = await call(server, 'POST', '/v1/sessions', {
        body: { login: 'ann', password: ann.password },
    });
    assert.match(signedIn.headers.get('cache-control'), /no-store/);
    await refused(server, 'unauthenticated', 'GET', '/v1/me');
});
