// Attachments: uploaded once by content, given to the room's readers and to nobody else.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertError, call, makeRoom, must, refused, signUp } from './client.mjs';
import { requestText } from './raw.mjs';
import { Server } from './server.mjs';

const LIMIT = 16 * 1024 * 1024;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

let server, alice, bob, room;

before(async () => {
    server = await Server.start({ settings: { 'files.refuse': 'application/zip audio/*' } });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, alice.token, 'private');
});
after(() => server.close());

/** Bytes that no type begins with: two at random are an MP3's once in 2,000 times. */
const noise = (size) => Buffer.concat([Buffer.alloc(4), randomBytes(size)]).subarray(0, size);

async function upload(content, { name = 'a.bin', token = alice.token, to = room.id, headers = {} } = {}) {
    const reply = await fetch(
        `${server.url}/v1/rooms/${to}/files?name=${encodeURIComponent(name)}`,
        { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers }, body: content },
    );
    return { status: reply.status, body: await reply.json() };
}

async function kept(content, options) {
    const { status, body } = await upload(content, options);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
}

async function get(id, { token = alice.token, of = room.id, method = 'GET', headers = {} } = {}) {
    const reply = await fetch(`${server.url}/v1/rooms/${of}/files/${id}`, {
        method, headers: { authorization: `Bearer ${token}`, ...headers },
    });
    return { status: reply.status, headers: reply.headers,
             bytes: Buffer.from(await reply.arrayBuffer()) };
}

const incoming = () => readdirSync(join(server.data, 'files', 'incoming'));

function stored() {
    const folder = join(server.data, 'files');
    return readdirSync(folder).filter((name) => name !== 'incoming')
        .flatMap((name) => readdirSync(join(folder, name)).map((id) => join(folder, name, id)));
}

async function until(holds, what) {
    for (let i = 0; i < 500 && !holds(); i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(holds(), what);
}

for (const size of [0, 1, 65_535, 65_536, 65_537, 15_000_000, LIMIT])
    test(`a file of ${size} bytes comes back as it was`, async () => {
        const content = noise(size);
        const file = await kept(content, { name: 'noise.bin' });
        assert.equal(file.size, size);
        assert.equal(file.name, 'noise.bin');
        assert.match(file.id, /^[A-Za-z0-9_-]{43}$/);
        const { status, headers, bytes } = await get(file.id);
        assert.equal(status, 200);
        assert.equal(Number(headers.get('content-length')), size);
        assert.ok(bytes.equals(content));
        assert.deepEqual(incoming(), []);
    });

test('the type is found in the content, whatever the sender says', async () => {
    const html = '<!doctype html><script>alert(1)</script>';
    const page = await kept(html, { name: 'a.html', headers: { 'content-type': 'text/html' } });
    assert.equal(page.type, 'text/plain');
    const { headers } = await get(page.id);
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy'), /sandbox/);
    const image = await kept(PNG, { headers: { 'content-type': 'text/plain' } });
    assert.equal(image.type, 'image/png');
    assert.match((await get(image.id)).headers.get('content-disposition'), /^inline;/);
    const bytes = await kept(Buffer.from([0, 1, 2]));
    assert.equal(bytes.type, 'application/octet-stream');
    assert.match((await get(bytes.id)).headers.get('content-disposition'), /^attachment;/);
});

test('types that are not taken are refused, and nothing of them stays', async () => {
    for (const content of [Buffer.from('PK\x03\x04...'), Buffer.from('ID3\x03...')]) {
        const count = stored().length;
        const { status, body } = await upload(content);
        assert.equal(status, 415);
        assertError(body, 415);
        assert.equal(body.error.name, 'unsupported_type');
        assert.equal(stored().length, count);
        assert.deepEqual(incoming(), []);
    }
});

test('the same content is stored once, whoever uploads it and however often', async () => {
    const content = noise(100_000);
    const other = await makeRoom(server, bob.token, 'private');
    const first = await kept(content, { name: 'one' });
    const count = stored().length;
    const second = await kept(content, { name: 'two' });
    const third = await kept(content, { name: 'three', token: bob.token, to: other.id });
    assert.equal(first.id, second.id);
    assert.equal(first.id, third.id);
    assert.equal(second.name, 'two');
    assert.equal(stored().length, count);
    const path = stored().find((name) => name.endsWith(first.id));
    assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('only readers of the room get a file, and only of its rooms', async () => {
    const file = await kept('for alice');
    const foreign = await makeRoom(server, bob.token, 'private');
    assert.equal((await get(file.id, { token: bob.token })).status, 404);
    assert.equal((await get(file.id, { token: bob.token, of: foreign.id })).status, 404);
    assert.equal((await get('A'.repeat(43))).status, 404);
    assert.equal((await get('x')).status, 404);
    assert.equal((await get('..%2f..%2fjournal')).status, 400);
    const { status } = await upload('x', { token: bob.token });
    assert.equal(status, 404);
    assert.equal((await upload('x', { token: 'nonsense' })).status, 401);
});

test('who was put out of the room gets its files no more, not even from a cache', async () => {
    const shared = await makeRoom(server, alice.token, 'private');
    await must(server, 'POST', `/v1/rooms/${shared.id}/members`, {
        token: alice.token, body: { account: bob.id },
    });
    const file = await kept('shared', { to: shared.id });
    const bobs = { token: bob.token, of: shared.id };
    assert.equal((await get(file.id, bobs)).status, 200);
    await must(server, 'DELETE', `/v1/rooms/${shared.id}/members/${bob.id}`, { token: alice.token });
    assert.equal((await get(file.id, bobs)).status, 404);
    const again = { ...bobs, headers: { 'if-none-match': `"${file.id}"` } };
    assert.equal((await get(file.id, again)).status, 404);
});

test('messages carry files of their room, until the last one is deleted', async () => {
    const file = await kept('carried', { name: 'notes.txt' });
    const path = `/v1/rooms/${room.id}/messages`;
    const body = { text: 'look', files: [{ id: file.id }] };
    const first = await must(server, 'POST', path, { token: alice.token, body });
    assert.deepEqual(first.files, [file]);
    const second = await must(server, 'POST', path, { token: alice.token, body });
    await must(server, 'DELETE', `${path}/${first.seq}`, { token: alice.token });
    assert.equal((await get(file.id)).status, 200);
    await must(server, 'DELETE', `${path}/${second.seq}`, { token: alice.token });
    assert.equal((await get(file.id)).status, 404);
    const other = await makeRoom(server, alice.token, 'private');
    await refused(server, 'invalid', 'POST', `/v1/rooms/${other.id}/messages`, {
        token: alice.token, body,
    });
});

test('ranges, as RFC 9110 has them', async () => {
    const content = noise(200_000);
    const { id } = await kept(content);
    const part = (range, more = {}) => get(id, { headers: { range, ...more } });
    for (const [range, from, to] of [['bytes=0-0', 0, 1], ['bytes=100-70099', 100, 70_100],
        ['bytes=199999-', 199_999, 200_000], ['bytes=-5', 199_995, 200_000]]) {
        const { status, headers, bytes } = await part(range);
        assert.equal(status, 206, range);
        assert.equal(headers.get('content-range'), `bytes ${from}-${to - 1}/200000`);
        assert.ok(bytes.equals(content.subarray(from, to)), range);
    }
    const behind = await part('bytes=200000-');
    assert.equal(behind.status, 416);
    assert.equal(behind.headers.get('content-range'), 'bytes */200000');
    assert.equal((await part('bytes=0-1,3-4')).status, 200);
    assert.equal((await part('bytes=0-1', { 'if-range': '"other"' })).status, 200);
    assert.equal((await part('bytes=0-1', { 'if-range': `"${id}"` })).status, 206);
});

test('HEAD tells all but the content', async () => {
    const { id } = await kept(noise(70_000));
    const { status, headers, bytes } = await get(id, { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers.get('content-length'), '70000');
    assert.equal(headers.get('etag'), `"${id}"`);
    assert.equal(bytes.length, 0);
});

test('a client that has it already is told so', async () => {
    const { id } = await kept('known');
    const { status, headers, bytes } = await get(id, { headers: { 'if-none-match': `W/"${id}"` } });
    assert.equal(status, 304);
    assert.equal(bytes.length, 0);
    assert.match(headers.get('cache-control'), /private/);
    assert.equal((await get(id, { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('any name comes back, and none breaks out of its header', async () => {
    const names = ['grüße 💾.txt', 'a"b\\c.txt', "it's; filename=x", 'evil\r\nSet-Cookie: a=b', '日本語', '%41'];
    for (const name of names) {
        const file = await kept(noise(9), { name });
        assert.equal(file.name, name);
        const { status, headers } = await get(file.id);
        assert.equal(status, 200);
        assert.equal(headers.get('set-cookie'), null);
        const encoded = /filename\*=UTF-8''(\S+)$/.exec(headers.get('content-disposition'))[1];
        assert.equal(decodeURIComponent(encoded), name);
        assert.match(headers.get('content-disposition'), /filename="[^"\\]*";/);
    }
});

test('a name is needed, and has its bound', async () => {
    assert.equal((await upload('x', { name: '' })).status, 400);
    assert.equal((await upload('x', { name: 'n'.repeat(256) })).status, 400);
    assert.equal((await upload('x', { name: 'ä'.repeat(255) })).status, 201);
    const path = `/v1/rooms/${room.id}/files`;
    await refused(server, 'invalid', 'POST', path, { token: alice.token });
    await refused(server, 'unknown_field', 'POST', `${path}?name=a&size=3`, { token: alice.token });
});

test('who uploads slowly leaves room for others', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const head = [`Authorization: Bearer ${alice.token}`, `Content-Length: ${LIMIT}`];
    const slow = Array.from({ length: 16 }, () => connect(server.port, '127.0.0.1'));
    const refusals = slow.map((socket) => new Promise((resolve) => {
        socket.on('error', () => {});
        socket.once('data', (bytes) => resolve(String(bytes)));
    }));
    for (const socket of slow)
        socket.write(requestText('POST', path, head));
    assert.match(await Promise.any(refusals), /^HTTP\/1.1 503 /);
    const open = await makeRoom(server, bob.token, 'private');
    assert.equal((await upload('quick', { token: bob.token, to: open.id })).status, 201);
    slow.forEach((socket) => socket.destroy());
});

test('what is too large is refused before it is read', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const head = [`Authorization: Bearer ${alice.token}`, `Content-Length: ${LIMIT + 1}`,
        'Expect: 100-continue'];
    const { status, body } = await talk(requestText('POST', path, head));
    assert.equal(status, 413);
    assertError(JSON.parse(body), 413);
});

test('a body of unknown length is refused', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const token = `Authorization: Bearer ${alice.token}`;
    const none = await talk(requestText('POST', path, [token]));
    assert.equal(none.status, 411);
    const chunked = await talk(requestText('POST', path, [token, 'Transfer-Encoding: chunked']));
    assert.equal(chunked.status, 411);
});

test('who may not upload is told before the body is read', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const head = [`Authorization: Bearer ${bob.token}`, 'Content-Length: 1000', 'Expect: 100-continue'];
    const { status, text } = await talk(requestText('POST', path, head));
    assert.equal(status, 404);
    assert.doesNotMatch(text, /100 Continue/);
});

test('a client that asks first is told to go on', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const head = [`Authorization: Bearer ${alice.token}`, 'Content-Length: 5', 'Expect: 100-continue'];
    const { status, text } = await talk(requestText('POST', path, head), 'hello');
    assert.match(text, /^HTTP\/1.1 100 Continue\r\n\r\n/);
    assert.equal(status, 201);
});

test('an upload that breaks off leaves nothing behind', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const head = [`Authorization: Bearer ${alice.token}`, 'Content-Length: 500000'];
    const count = stored().length;
    const socket = connect(server.port, '127.0.0.1');
    socket.write(requestText('POST', path, head));
    socket.write(noise(200_000));
    await until(() => incoming().length === 1, 'it is on its way');
    socket.destroy();
    await until(() => incoming().length === 0, 'it is cleared away');
    assert.equal(stored().length, count);
});

test('requests behind an upload on the same connection are answered', async () => {
    const path = `/v1/rooms/${room.id}/files?name=a`;
    const token = `Authorization: Bearer ${alice.token}`;
    const text = requestText('POST', path, [token, 'Content-Length: 3'], 'abc')
        + requestText('GET', '/v1/me', [token, 'Connection: close']);
    const reply = await talk(text, null, true);
    assert.equal(reply.text.match(/HTTP\/1.1 20[01]/g).length, 2);
});

test('files are there after a restart', async () => {
    const { id } = await kept('durable', { name: 'd.txt' });
    await server.kill();
    await server.launch();
    const { status, bytes } = await get(id);
    assert.equal(status, 200);
    assert.equal(bytes.toString(), 'durable');
});

/** Send a request, and `body` once the server says to go on; gives {status, text, body}. */
function talk(request, body = null, toEnd = false) {
    return new Promise((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.write(request));
        let text = '';
        const settle = () => {
            socket.destroy();
            const final = text.replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, '');
            resolve({ text, status: Number(final.slice(9, 12)),
                      body: final.slice(final.indexOf('\r\n\r\n') + 4) });
        };
        socket.on('data', (chunk) => {
            text += chunk;
            if (body !== null && text.includes('100 Continue')) {
                socket.write(body);
                body = null;
            }
            if (!toEnd && /HTTP\/1.1 [2-5]\d\d[^]*\r\n\r\n[^]*\}$/.test(text))
                settle();
        });
        socket.on('close', settle);
        socket.on('error', reject);
    });
}
