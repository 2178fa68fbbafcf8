// GET /v1/events: a stream of server-sent events, read as a browser's EventSource does.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { Native, assertError, call, makeRoom, must, post, sayUntilCutOff, signIn, signUp } from './client.mjs';
import { requestText } from './raw.mjs';
import { Server } from './server.mjs';

const WAIT_MS = 10_000;

let server, alice, bob, room;

before(async () => {
    server = await Server.start();
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, alice.token, 'private');
});
after(() => server.close());

/** One stream: `next` gives the events in order, each {id, event, data}; undefined at the end. */
class Stream {
    static async open({ token = alice.token, query = '', headers = {}, inQuery = false } = {}) {
        const stream = new Stream();
        stream.abort = new AbortController();
        const target = inQuery ? `?token=${token}&${query}` : `?${query}`;
        stream.reply = await fetch(`${server.url}/v1/events${target}`, {
            headers: { ...(inQuery ? {} : { authorization: `Bearer ${token}` }), ...headers },
            signal: stream.abort.signal,
        });
        stream.reader = stream.reply.body.pipeThrough(new TextDecoderStream()).getReader();
        stream.text = '';
        stream.comments = 0;
        after(() => stream.close());
        return stream;
    }

    async next() {
        for (;;) {
            const end = this.text.indexOf('\n\n');
            if (end >= 0) {
                const lines = this.text.slice(0, end).split('\n');
                this.text = this.text.slice(end + 2);
                if (lines[0].startsWith(':'))
                    this.comments++;
                else
                    return parse(lines);
                continue;
            }
            const { done, value } = await withTimeout(this.reader.read());
            if (done)
                return undefined;
            this.text += value;
        }
    }

    async until(wanted) {
        for (;;) {
            const event = await this.next();
            assert.ok(event, 'the stream ended');
            if (wanted(event))
                return event;
        }
    }

    message(text) {
        return this.until(({ data }) => data.body?.message?.text === text);
    }

    close() {
        this.abort.abort();
        this.reader.cancel().catch(() => {});
    }
}

function parse(lines) {
    const fields = lines.map((line) => /^(id|event|data): (.*)$/.exec(line));
    assert.ok(fields.every(Boolean), lines.join('\\n'));
    const event = Object.fromEntries(fields.map(([, name, value]) => [name, value]));
    return { ...event, data: JSON.parse(event.data) };
}

function withTimeout(promise) {
    let late;
    const timeout = new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error('nothing came')), WAIT_MS);
    });
    return Promise.race([promise, timeout]).finally(() => clearTimeout(late));
}

test('a welcome comes first, then what happens, numbered', async () => {
    const stream = await Stream.open();
    assert.equal(stream.reply.status, 200);
    assert.equal(stream.reply.headers.get('content-type'), 'text/event-stream');
    assert.equal(stream.reply.headers.get('x-accel-buffering'), 'no');
    assert.match(stream.reply.headers.get('cache-control'), /no-store/);
    const welcome = await stream.next();
    assert.equal(welcome.event, 'welcome');
    assert.equal(welcome.data.body.account, alice.id);
    assert.equal(welcome.id, String(welcome.data.as_of));
    const text = 'line one\nline two\r\n💾';
    await post(server, alice.token, room.id, text, 'mine');
    const event = await stream.message(text);
    assert.equal(event.event, 'room.posted');
    assert.equal(event.id, String(event.data.seq));
    assert.equal(event.data.body.message.client_id, 'mine');
});

test('it says what the WebSocket says', async () => {
    const stream = await Stream.open();
    const socket = await Native.open(server, alice.token);
    await stream.until(({ event }) => event === 'welcome');
    await post(server, alice.token, room.id, 'to both');
    const [one, other] = [await stream.message('to both'), await socket.heardText('to both')];
    assert.deepEqual(one.data, other);
    await socket.close?.();
    socket.socket.terminate();
});

test('Last-Event-ID resumes behind it, and counts more than since', async () => {
    const first = await Stream.open();
    await first.until(({ event }) => event === 'welcome');
    await post(server, alice.token, room.id, 'seen');
    const { id } = await first.message('seen');
    first.close();
    await post(server, alice.token, room.id, 'missed 1');
    await post(server, alice.token, room.id, 'missed 2');
    for (const how of [{ headers: { 'last-event-id': id } }, { query: `since=${id}` },
        { query: 'since=1', headers: { 'last-event-id': id } }]) {
        const stream = await Stream.open(how);
        const welcome = await stream.next();
        assert.equal(welcome.data.body.resumed, true);
        assert.equal(welcome.id, id);
        const heard = [await stream.next(), await stream.next()];
        assert.deepEqual(heard.map(({ data }) => data.body.message?.text), ['missed 1', 'missed 2']);
        stream.close();
    }
});

test('a room that one comes into is heard, and one that is not is not', async () => {
    const stream = await Stream.open({ token: bob.token });
    await stream.until(({ event }) => event === 'welcome');
    await post(server, alice.token, room.id, 'not for bob');
    const shared = await makeRoom(server, alice.token, 'private');
    await must(server, 'POST', `/v1/rooms/${shared.id}/members`, {
        token: alice.token, body: { account: bob.id },
    });
    await post(server, alice.token, shared.id, 'for bob', 'hidden');
    let other = false;
    const event = await stream.until(({ data }) => {
        other ||= data.body?.message?.text === 'not for bob';
        return data.body?.message?.text === 'for bob';
    });
    assert.equal(other, false);
    assert.equal(event.data.body.message.client_id, undefined);
});

test('the token may be in the query, for EventSource cannot set headers', async () => {
    const stream = await Stream.open({ inQuery: true });
    assert.equal((await stream.next()).event, 'welcome');
});

test('an ended session ends its streams, with a word', async () => {
    const { token } = await signIn(server, 'bob', bob.password);
    const stream = await Stream.open({ token });
    await stream.until(({ event }) => event === 'welcome');
    await must(server, 'DELETE', '/v1/session', { token });
    const last = await stream.until(({ event }) => event === 'close');
    assert.equal(last.data.code, 4401);
    assert.equal(await stream.next(), undefined);
    const { status, body } = await call(server, 'GET', '/v1/events', { token });
    assert.equal(status, 401);
    assertError(body, 401);
});

test('who may not is refused as elsewhere', async () => {
    assert.equal((await call(server, 'GET', '/v1/events')).status, 401);
    assert.equal((await call(server, 'GET', '/v1/events?token=x')).status, 401);
    assert.equal((await call(server, 'GET', '/v1/events?since=x', { token: alice.token })).status, 400);
    assert.equal((await call(server, 'POST', '/v1/events', { token: alice.token })).status, 404);
});

test('it is no WebSocket, and the WebSocket is no stream', async () => {
    const wrong = new Native(`${server.socketUrl}/v1/events?token=${alice.token}`);
    await assert.rejects(wrong.welcomed, { status: 404 });
    assert.equal((await call(server, 'GET', '/v1/ws', { token: alice.token })).status, 404);
});

test('its listener is present while it listens', async () => {
    const carol = await signUp(server, 'carol');
    const seen = async () => (await must(server, 'GET', `/v1/accounts/${carol.id}`, { token: carol.token })).online;
    const stream = await Stream.open({ token: carol.token });
    await stream.until(({ event }) => event === 'welcome');
    assert.equal(await seen(), true);
    stream.close();
    for (let i = 0; i < 500 && await seen(); i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await seen(), false);
});

test('who does not read is told off and can resume', async () => {
    const socket = connect(server.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
        heard += chunk;
        if (heard.includes('event: welcome'))
            socket.pause();
    });
    socket.write(requestText('GET', '/v1/events', [`Authorization: Bearer ${alice.token}`]));
    await new Promise((resolve) => socket.once('pause', resolve));
    const text = 'x'.repeat(16_000);
    const talker = await Native.open(server, alice.token);
    await sayUntilCutOff(server, () => talker.post(room.id, text));
    talker.socket.terminate();
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => { heard += chunk; });
    socket.resume();
    await withTimeout(new Promise((resolve) => socket.on('close', resolve)));
    assert.match(heard, /event: close\ndata: \{"code":1013,"reason":"too slow"\}\n\n$/);
    const ids = [...heard.matchAll(/\nid: (\d+)\n/g)].map(([, id]) => Number(id));
    const stream = await Stream.open({ headers: { 'last-event-id': String(ids.at(-1)) } });
    const next = await stream.until(({ event }) => event === 'room.posted');
    assert.equal(next.data.seq, ids.at(-1) + 1);
});

test('a server that goes says so', async () => {
    const stream = await Stream.open();
    await stream.until(({ event }) => event === 'welcome');
    await server.stop();
    const last = await stream.until(({ event }) => event === 'close');
    assert.equal(last.data.code, 1012);
    assert.equal(await stream.next(), undefined);
    await server.launch();
});
