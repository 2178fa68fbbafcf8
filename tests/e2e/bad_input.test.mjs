// Bad input: each kind gets the right status or close code and a JSON error that says what to
// do; nothing is lost, and the server goes on.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';

import {
    Native, assertError, call, history, makeRoom, must, nativeUrl, post, refused, refusedSocket,
    signUp,
} from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let room;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, ann.token);
});
after(() => server.close());

let posted = 0;
afterEach(async () => {
    const message = await post(server, ann.token, room.id, `still serving ${++posted}`);
    assert.equal(message.seq, posted, 'nothing was lost and nothing slipped in');
});

const auth = () => `Authorization: Bearer ${ann.token}`;

/** POST these bytes as a body; gives the raw reply. */
function postBytes(path, bytes, head = []) {
    const body = Buffer.from(bytes);
    const text = requestText('POST', path, [auth(), `Content-Length: ${body.length}`, ...head]);
    return rawRequest(server, Buffer.concat([Buffer.from(text), body]));
}

async function assertRefused(reply, status, name) {
    const { status: got, body } = await reply;
    assert.equal(got, status, body);
    const parsed = JSON.parse(body);
    assertError(parsed, status);
    assert.equal(parsed.error.name, name);
    return parsed.error;
}

test('a body that is not JSON is malformed', async () => {
    for (const body of ['{', '{"kind":"open"', '{"kind":}', '{} {}', 'kind=open', '\0',
        '{"kind":"open",}', "{'kind':'open'}", '{"kind":"\\ud800"}', '{"kind":NaN}'])
        await assertRefused(postBytes('/v1/rooms', body), 400, 'malformed');
});

test('a body that is not UTF-8 is malformed', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        [0xe2, 0x82]]) {
        const body = Buffer.concat([
            Buffer.from('{"kind":"open","name":"'), Buffer.from(bytes), Buffer.from('"}'),
        ]);
        await assertRefused(postBytes('/v1/rooms', body), 400, 'malformed');
    }
});

test('deep nesting is malformed, however deep', async () => {
    for (const depth of [17, 1000, 100_000])
        await assertRefused(postBytes('/v1/rooms', '['.repeat(depth)), 400, 'malformed');
    const closed = `{"kind":${'['.repeat(17)}${']'.repeat(17)}}`;
    await assertRefused(postBytes('/v1/rooms', closed), 400, 'malformed');
});

test('JSON that is not an object is refused', async () => {
    for (const body of ['[]', '"open"', '1', 'null', 'true']) {
        const { status, body: text } = await postBytes('/v1/rooms', body);
        assert.equal(status, 400, body);
        assertError(JSON.parse(text), 400);
    }
});

test('wrong types are invalid, and the field is named', async () => {
    const path = `/v1/rooms/${room.id}/messages`;
    for (const text of [1, null, true, ['x'], { a: 1 }]) {
        const error = await refused(server, 'invalid', 'POST', path, {
            token: ann.token, body: { text },
        });
        assert.match(error.detail, /text/);
    }
    for (const account of ['1', -1, 1.5, 2 ** 53, null, []]) {
        const error = await refused(server, 'invalid', 'POST', '/v1/direct', {
            token: ann.token, body: { account },
        });
        assert.match(error.detail, /account/);
    }
    for (const account of ['1e400', '99999999999999999999', '-0.5'])
        await assertRefused(postBytes('/v1/direct', `{"account":${account}}`), 400,
            account === '1e400' ? 'malformed' : 'invalid');
});

test('missing fields are invalid, unknown ones are unknown, both by name', async () => {
    const missing = await refused(server, 'invalid', 'POST', '/v1/direct', {
        token: ann.token, body: {},
    });
    assert.match(missing.detail, /account/);
    const unknown = await refused(server, 'unknown_field', 'POST', '/v1/rooms', {
        token: ann.token, body: { kind: 'open', colour: 'red' },
    });
    assert.match(unknown.detail, /colour/);
    await refused(server, 'unknown_field', 'GET', '/v1/rooms?colour=red', ann);
});

test('a field that is given twice is refused or settled, never a fault', async () => {
    const { status } = await postBytes('/v1/rooms', '{"kind":"open","kind":"private"}');
    assert.ok([201, 400].includes(status), String(status));
});

test('an oversized body is refused before it is read', async () => {
    await assertRefused(postBytes('/v1/rooms', Buffer.alloc(262_145, 0x20)), 413, 'too_large');
    const announced = requestText('POST', '/v1/rooms', [auth(), 'Content-Length: 99999999999']);
    await assertRefused(rawRequest(server, announced), 413, 'too_large');
});

test('the largest body is read', async () => {
    const name = '{"kind":"open"}';
    const { status } = await postBytes('/v1/rooms', name + ' '.repeat(262_144 - name.length));
    assert.equal(status, 201);
});

test('a chunked body needs a length', async () => {
    const text = requestText('POST', '/v1/rooms', [auth(), 'Transfer-Encoding: chunked'],
        'f\r\n{"kind":"open"}\r\n0\r\n\r\n');
    await assertRefused(rawRequest(server, text), 411, 'length_required');
});

test('a body that breaks off does nothing', async () => {
    const { rooms } = await must(server, 'GET', '/v1/rooms?limit=1000', ann);
    const text = requestText('POST', '/v1/rooms', [auth(), 'Content-Length: 100'], '{"kind":');
    await rawRequest(server, text, { half: true });
    assert.deepEqual((await must(server, 'GET', '/v1/rooms?limit=1000', ann)).rooms, rooms);
});

test('lengths that are no numbers or disagree are refused', async () => {
    for (const head of [['Content-Length: -1'], ['Content-Length: x'],
        ['Content-Length: 2', 'Content-Length: 3']]) {
        const { status, closed } = await rawRequest(server,
            requestText('POST', '/v1/rooms', [auth(), ...head], '{}'));
        assert.ok((status >= 400 && status < 500) || (closed && status === 0), String(head));
    }
});

test('headers over the limit end in 431 or a close, not in a hang', async () => {
    const { status, closed } = await rawRequest(server,
        requestText('GET', '/v1/me', [auth(), `X-Long: ${'x'.repeat(40_000)}`]));
    assert.ok(status === 431 || (closed && status === 0), String(status));
});

test('what is not HTTP is cut off', async () => {
    for (const bytes of ['\0\0\0\0\0\0\0\0\r\n\r\n', 'GET\r\n\r\n', 
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', `${'A'.repeat(100_000)}\r\n\r\n`, 'GET /v1/me HTTP/9.9\r\n\r\n']) {
        const { status, closed } = await rawRequest(server, bytes, { half: true });
        assert.ok(status >= 400 || closed, `${bytes.slice(0, 20)}: ${status}`);
    }
});

test('an offer of HTTP/2 is not taken', async () => {
    const { status } = await rawRequest(server, requestText('GET', '/v1/me', [
        auth(), 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk',
    ]));
    assert.notEqual(status, 101);
});

test('unknown paths are not found', async () => {
    for (const path of ['/v1', '/v1/nowhere', '/v1/rooms/1/nowhere', '/v2/rooms', '/v1/me/x',
        '/v1/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/v1/rooms/%00', '/chats/nowhere']) {
        const { status, body } = await rawRequest(server, requestText('GET', path, [auth()]));
        assert.ok(status === 404 || status === 400, `${path}: ${status}`);
        assert.ok(JSON.parse(body).error, path);
    }
});

test('a known path with another method says which it takes', async () => {
    for (const [method, path, allowed] of [
        ['PATCH', '/v1/rooms', ['GET', 'POST']], ['PUT', '/v1/me', ['GET']],
        ['GET', '/v1/session', ['DELETE']], ['PATCH', `/v1/rooms/${room.id}`, ['GET', 'DELETE']],
    ]) {
        const { status, headers, body } = await call(server, method, path, { token: ann.token });
        assert.equal(status, 405, `${method} ${path}`);
        assertError(body, 405);
        for (const verb of allowed)
            assert.match(headers.get('allow'), new RegExp(`\\b${verb}\\b`));
    }
    const { status } = await rawRequest(server, requestText('BREW', '/v1/rooms', [auth()]),
        { half: true });
    assert.ok([0, 400, 405, 501].includes(status), String(status));
});

test('ids in a path that are no ids find nothing', async () => {
    for (const id of ['abc', '-1', '0', '1.5', '99999999999999999999', '9007199254740993', '%']) {
        const { status, body } = await call(server, 'GET', `/v1/rooms/${id}`, { token: ann.token });
        assert.ok(status === 404 || status === 400, `${id}: ${status}`);
        assertError(body, status);
    }
});

/** Tokens that must not let anybody in. */
function badTokens() {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [head, claims, signature] = ann.token.split('.');
    const other = { ...JSON.parse(Buffer.from(claims, 'base64url')), sub: String(bob.id),
        id: bob.id, identity: bob.id };
    const signed = (header, secret) => {
        const text = `${encode(header)}.${encode(other)}`;
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    return {
        'another account under one\'s own signature': `${head}.${encode(other)}.${signature}`,
        'alg none': `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
        'alg none with a signature': `${encode({ alg: 'none' })}.${claims}.${signature}`,
        'alg None': `${encode({ alg: 'None' })}.${claims}.`,
        'an empty secret': signed({ alg: 'HS256', typ: 'JWT' }, ''),
        'a guessed secret': signed({ alg: 'HS256', typ: 'JWT' }, 'secret'),
        'another algorithm': signed({ alg: 'HS512', typ: 'JWT' }, 'secret'),
        'a changed signature': `${head}.${claims}.${signature.slice(0, -2)}${
            signature.endsWith('AA') ? 'BB' : 'AA'}`,
        'no signature': `${head}.${claims}`,
        'a signature cut short': ann.token.slice(0, -5),
        'no token': 'nonsense',
        'four parts': `${ann.token}.x`,
        'an overlong one': `${head}.${'A'.repeat(6000)}.${signature}`,
    };
}

test('forged tokens open nothing', async () => {
    for (const [what, token] of Object.entries(badTokens())) {
        const { status, body } = await call(server, 'GET', '/v1/me', { token });
        assert.equal(status, 401, `${what}: ${status}`);
        assertError(body, 401);
        const socket = await refusedSocket(nativeUrl(server, token));
        assert.equal(socket.status ?? socket.code, 401, what);
    }
});

test('someone else\'s token does only what they may', async () => {
    const secret = await makeRoom(server, ann.token, 'private');
    for (const [method, path, body] of [
        ['GET', ''], ['GET', '/messages'], ['POST', '/messages', { text: 'x' }],
        ['POST', '/members', {}],
    ]) {
        await refused(server, 'not_found', method, `/v1/rooms/${secret.id}${path}`, {
            token: bob.token, body,
        });
    }
    const client = await Native.open(server, bob.token);
    for (const type of ['room.get', 'room.history', 'room.members', 'room.join', 'room.enter'])
        await assert.rejects(client.request(type, { room: secret.id }), { name: 'not_found' });
    await assert.rejects(client.request('room.find', { gid: secret.gid }), { name: 'not_found' });
    await assert.rejects(client.post(secret.id, 'x'), { name: 'not_found' });
    await client.close();
    assert.deepEqual(await history(server, ann.token, secret.id), []);
});

/** Send one frame on a connection of its own; gives the close code. */
async function closeCodeAfter(data, options = {}) {
    const client = await Native.open(server, ann.token);
    client.receive = () => {};
    client.socket.send(data, options);
    const { code } = await client.closed;
    return code;
}

test('frames that are not UTF-8 JSON close with 1007', async () => {
    for (const text of ['', 'hello', '{', '{"id":1', '{"id":1}{"id":2}', '['.repeat(30_000)])
        assert.equal(await closeCodeAfter(text), 1007, text.slice(0, 20));
    const bytes = Buffer.concat([
        Buffer.from('{"id":1,"type":"room.post","body":{"room":1,"text":"'),
        Buffer.from([0xff, 0xfe]), Buffer.from('"}}'),
    ]);
    assert.equal(await closeCodeAfter(bytes, { binary: false }), 1007);
});

test('JSON that is no command closes with 1008', async () => {
    for (const text of ['[]', '1', '"x"', 'null', '{}', '{"type":"account.get"}',
        '{"id":"1","type":"account.get"}', '{"id":-1,"type":"account.get"}',
        '{"id":1.5,"type":"account.get"}', '{"id":9007199254740992,"type":"account.get"}'])
        assert.equal(await closeCodeAfter(text), 1008, text);
});

test('binary frames close with 1003, 1007 or 1008', async () => {
    const code = await closeCodeAfter(Buffer.from([1, 2, 3]), { binary: true });
    assert.ok([1003, 1007, 1008].includes(code), String(code));
});

test('frames over 64 KiB close with 1009, in one piece and in many', async () => {
    assert.equal(await closeCodeAfter(' '.repeat(65_537)), 1009);
    assert.equal(await closeCodeAfter(' '.repeat(5_000_000)), 1009);
    const client = await Native.open(server, ann.token);
    client.socket.on('error', () => {});
    client.socket.send('[', { fin: false });
    for (let n = 0; n < 80; n++)
        client.socket.send(' '.repeat(1024), { fin: false });
    assert.equal((await client.closed).code, 1009);
});

test('a command with a bad body is refused by its number, and the connection goes on', async () => {
    const client = await Native.open(server, ann.token);
    for (const [type, body, name] of [
        ['room.post', { room: 'x', text: 'x' }, 'invalid'], ['room.post', { text: 'x' }, 'invalid'],
        ['room.post', { room: room.id, text: 'x', colour: 'red' }, 'unknown_field'],
        ['room.post', [], 'invalid'], ['room.post', { room: room.id, text: '' }, 'invalid'],
        ['room.post', { room: room.id, text: 'x'.repeat(16_385) }, 'invalid'],
        ['room.list', { limit: 0 }, 'invalid'], ['room.list', { limit: 1001 }, 'invalid'],
        ['', {}, 'unknown_type'], ['room', {}, 'unknown_type'], ['room.posted', {}, 'unknown_type'],
        [`room.post${'x'.repeat(1000)}`, {}, 'unknown_type'],
    ]) {
        await assert.rejects(client.request(type, body), (error) => {
            assert.equal(error.name, name, `${type} ${JSON.stringify(body)}`.slice(0, 80));
            assert.ok(error.message.length > 10);
            return true;
        });
    }
    await client.request('account.get');
    await client.close();
});

test('bytes after the upgrade that are no frames close the connection', async () => {
    for (const bytes of [[0xff, 0xff, 0xff, 0xff], [0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f],
        [0x83, 0x80, 0, 0, 0, 0], [0xc1, 0x80, 0, 0, 0, 0], [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]]) {
        const closed = await new Promise((resolve) => {
            const socket = connect(server.port, '127.0.0.1');
            const late = setTimeout(() => resolve(false) || socket.destroy(), 10_000);
            socket.write(requestText('GET', `/v1/ws?token=${ann.token}`, [
                'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
                'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
            ]));
            socket.once('data', () => socket.write(Buffer.from(bytes)));
            socket.on('error', () => {});
            socket.on('data', () => {});
            socket.on('close', () => resolve(true) || clearTimeout(late));
        });
        assert.ok(closed, Buffer.from(bytes).toString('hex'));
    }
});

test('a WebSocket on a path that has none is refused', async () => {
    for (const path of ['/', '/v1/me', '/v1/rooms', '/nowhere']) {
        const { status } = await refusedSocket(`${server.socketUrl}${path}?token=${ann.token}`);
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    }
});

test('a subprotocol that the server does not speak is not agreed to', async () => {
    const client = new Native(nativeUrl(server, ann.token), { protocol: 'graphql-ws' });
    const outcome = await client.welcomed.then(() => client.socket.protocol, () => 'refused');
    assert.ok(outcome === '' || outcome === 'refused', outcome);
    client.socket.on('error', () => {});
    client.socket.terminate();
});

test('a hundred connections that say nothing disturb nobody', async () => {
    const idle = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1'));
    idle.forEach((socket, n) => socket.on('error', () => {}).write(n % 2 ? 'GET /v1/me HT' : ''));
    assert.equal((await call(server, 'GET', '/v1/me', { token: ann.token })).status, 200);
    const client = await Native.open(server, bob.token);
    await client.request('account.get');
    await client.close();
    idle.forEach((socket) => socket.destroy());
});
