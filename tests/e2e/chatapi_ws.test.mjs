// ChatAPI's WebSocket: who is let in, what frames look like, who hears what.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

import { Chat, chatMessages, chatUrl, createChat, register } from './chatapi.mjs';
import * as native from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let cat;
before(async () => {
    server = await Server.start();
    ann = await register(server, 'Annie');
    bob = await register(server, 'Bobby');
    cat = await register(server, 'Catie');
});
after(() => server.close());

const open = ({ token }) => Chat.open(server, token);
const closeAll = (...chats) => Promise.all(chats.map((chat) => chat.close()));

/** Say something to oneself and hear it: all that was sent before has then arrived. */
async function fence(chat, { token }, text) {
    const { id } = await createChat(server, token, 'fence');
    chat.say(id, text);
    await chat.heardText(text);
}

test('a bad or missing token gets 401 before the upgrade', async () => {
    const [head, claims] = ann.token.split('.');
    for (const url of [
        `${server.socketUrl}/chats/ws`, chatUrl(server, ''), chatUrl(server, 'nonsense'),
        chatUrl(server, `${head}.${claims}.${'A'.repeat(43)}`),
    ]) {
        const { status, body } = await native.refusedSocket(url);
        assert.equal(status, 401);
        assert.ok(JSON.parse(body).error.length > 0);
    }
});

test('the cookie opens no socket', async () => {
    const { status } = await native.refusedSocket(`${server.socketUrl}/chats/ws`, {
        headers: { cookie: `token=${ann.token}` },
    });
    assert.equal(status, 401);
});

test('a message comes back with its fields', async () => {
    const { id } = await createChat(server, ann.token);
    const chat = await open(ann);
    chat.say(id, 'hello');
    const frame = await chat.heardText('hello');
    assert.deepEqual(Object.keys(frame).sort(),
        ['chat_id', 'created_at', 'id', 'owner_id', 'text', 'username']);
    assert.equal(frame.username, 'Annie');
    assert.equal(frame.chat_id, id);
    assert.equal(frame.owner_id, ann.id);
    const [message] = await chatMessages(server, ann.token, id);
    assert.deepEqual({ ...message, username: 'Annie' }, frame);
    await chat.close();
});

test('one hears the chats one has created, posted to or read, on every connection', async () => {
    const { id } = await createChat(server, ann.token);
    const [creator, poster, poster2, reader, stranger] =
        await Promise.all([ann, bob, bob, cat, await register(server, 'Deaf')].map(open));
    poster.say(id, 'from bob');
    await chatMessages(server, cat.token, id);
    await poster.heardText('from bob');
    creator.say(id, 'from ann');
    for (const chat of [creator, poster, poster2, reader])
        await chat.heardText('from ann');
    assert.deepEqual(creator.texts(), ['from bob', 'from ann']);
    assert.deepEqual(poster2.texts().at(-1), 'from ann');
    assert.deepEqual(reader.texts().at(-1), 'from ann');
    assert.deepEqual(stranger.texts(), []);
    await closeAll(creator, poster, poster2, reader, stranger);
});

test('members of private and direct rooms hear them, others do not', async () => {
    const secret = await native.makeRoom(server, ann.token, 'private');
    await native.must(server, 'POST', `/v1/rooms/${secret.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    const direct = await native.must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    const [a, b, c] = await Promise.all([ann, bob, cat].map(open));
    a.say(secret.id, 'secret');
    b.say(direct.id, 'direct');
    for (const chat of [a, b]) {
        await chat.heardText('secret');
        await chat.heardText('direct');
    }
    c.say(secret.id, 'let me in');
    await c.heardError();
    await fence(c, cat, 'catie alone');
    assert.deepEqual(c.texts(), ['catie alone']);
    assert.deepEqual(await chatMessages(server, cat.token, secret.id), []);
    await closeAll(a, b, c);
});

test('a bad frame gets an error, and the connection stays open', async () => {
    const { id } = await createChat(server, ann.token);
    const chat = await open(ann);
    const bad = [
        'not json', '[]', '"text"', '1', 'null', '{}', '{"text":"x"}', `{"chat_id":${id}}`,
        { text: 1, chat_id: id }, { text: '', chat_id: id }, { text: 'x', chat_id: 'x' },
        { text: 'x', chat_id: -1 }, { text: 'x', chat_id: 1.5 }, { text: 'x', chat_id: 999_999 },
        { text: 'x', chat_id: null }, { text: ['x'], chat_id: id },
        { text: 'y'.repeat(16_385), chat_id: id }, '['.repeat(5000),
    ];
    for (const [index, frame] of bad.entries()) {
        chat.send(frame);
        const { error } = await chat.heardError(index + 1);
        assert.ok(typeof error === 'string' && error.length > 0, JSON.stringify(frame));
    }
    chat.say(id, 'still here');
    await chat.heardText('still here');
    assert.deepEqual((await chatMessages(server, ann.token, id)).map(({ text }) => text),
        ['still here']);
    await chat.close();
});

test('a retry with its random_id is answered to oneself and heard by nobody', async () => {
    const { id } = await createChat(server, ann.token);
    await chatMessages(server, bob.token, id);
    const [mine, other, listener] = await Promise.all([ann, ann, bob].map(open));
    mine.say(id, 'once', { random_id: 7 });
    const first = await mine.heardText('once');
    mine.say(id, 'once', { random_id: 7 });
    const second = await mine.heardText('once', 2);
    assert.deepEqual(second, first);
    mine.say(id, 'after it');
    for (const chat of [other, listener]) {
        await chat.heardText('after it');
        assert.deepEqual(chat.texts(), ['once', 'after it']);
    }
    mine.say(id, 'other text', { random_id: 7 });
    await mine.heardError();
    assert.equal((await chatMessages(server, ann.token, id)).length, 2);
    await closeAll(mine, other, listener);
});

test('the native client id and random_id are one and the same key', async () => {
    const { id } = await createChat(server, ann.token);
    const chat = await open(ann);
    chat.say(id, 'once', { random_id: 'from-anywhere' });
    const frame = await chat.heardText('once');
    const message = await native.post(server, ann.token, id, 'once', 'from-anywhere');
    assert.equal(message.id, frame.id);
    assert.equal((await chatMessages(server, ann.token, id)).length, 1);
    await chat.close();
});

test('messages arrive in the order of the chat', async () => {
    const { id } = await createChat(server, ann.token);
    await chatMessages(server, bob.token, id);
    const chats = await Promise.all([ann, bob, ann].map(open));
    for (let n = 0; n < 100; n++)
        chats[n % 3].say(id, `message ${n}`);
    await chats[2].heard((frame) => frame.chat_id === id, 'all of them', 100);
    const stored = (await chatMessages(server, ann.token, id)).map(({ text }) => text);
    assert.equal(stored.length, 100);
    for (const chat of [chats[0], chats[2]]) {
        await chat.heard((frame) => frame.chat_id === id, 'all of them', 100);
        assert.deepEqual(chat.texts(), stored);
    }
    await closeAll(...chats);
});

test('texts with quotes, breaks and any script pass unharmed', async () => {
    const { id } = await createChat(server, ann.token);
    const chat = await open(ann);
    for (const text of ['"quoted" \\ \n\t', '你好 👩‍👩‍👧 \u2028', '<b>&amp;</b>']) {
        chat.say(id, text);
        await chat.heardText(text);
    }
    await chat.close();
});

test('unknown keys in a frame do no harm', async () => {
    const { id } = await createChat(server, ann.token);
    const chat = await open(ann);
    chat.say(id, 'with more', { type: 'message', extra: { a: [1] }, username: 'Forged' });
    assert.equal((await chat.heardText('with more')).username, 'Annie');
    await chat.close();
});

test('a frame over the limit closes with 1009', async () => {
    const chat = await open(ann);
    chat.send({ text: 'x'.repeat(70_000), chat_id: 1 });
    assert.equal((await chat.closed).code, 1009);
});

test('pings are answered', async () => {
    const chat = await open(ann);
    const pong = new Promise((resolve) => chat.socket.once('pong', resolve));
    chat.socket.ping('are you there');
    assert.equal(String(await pong), 'are you there');
    await chat.close();
});

test('an explicit token needs no Origin check', async () => {
    const socket = new WebSocket(chatUrl(server, ann.token), { origin: 'https://evil.example' });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.close();
});
