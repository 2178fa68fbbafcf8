// The main job: one on ChatAPI's WebSocket and one on the native one talk in one room.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, history, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

test('both see the same messages in one order, live and in the history', async () => {
    const ann = await chatapi.register(server, 'Annie');
    const bob = await signUp(server, 'bob', { username: 'Bob B.' });
    const { id: room } = await chatapi.createChat(server, ann.token, 'Bridge');
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: bob.token, body: {} });

    const chat = await chatapi.Chat.open(server, ann.token);
    const client = await Native.open(server, bob.token);
    chat.say(room, 'hello from ChatAPI');
    assert.equal((await client.heardText('hello from ChatAPI')).body.message.username, 'Annie');
    await client.post(room, 'hello from the native side');
    assert.equal((await chat.heardText('hello from the native side')).username, 'Bob B.');

    for (let n = 0; n < 200; n++) {
        chat.say(room, `chat ${n}`);
        client.post(room, `native ${n}`);
    }
    await chat.heard((frame) => frame.chat_id === room, 'all frames', 402);
    await client.heard(() => client.texts(room).length === 402, 'all events');

    const stored = await history(server, bob.token, room, '?limit=1000');
    assert.equal(stored.length, 402);
    assert.deepEqual(client.messages(room).map(({ id }) => id), stored.map(({ id }) => id));
    assert.deepEqual(chat.frames.map(({ id }) => id), stored.map(({ id }) => id));
    assert.deepEqual(chat.texts(), client.texts(room));
    assert.deepEqual((await chatapi.chatMessages(server, ann.token, room)).map(({ id }) => id),
        stored.map(({ id }) => id));
    await Promise.all([chat.close(), client.close()]);
});

test('a direct conversation across dialects stays between the two', async () => {
    const eve = await chatapi.register(server, 'Evelyn');
    const dan = await signUp(server, 'dan');
    const mallory = await chatapi.register(server, 'Mallory');
    const room = await must(server, 'POST', '/v1/direct', {
        token: dan.token, body: { account: eve.id },
    });
    const [chat, spy] = await Promise.all([eve, mallory].map(({ token }) =>
        chatapi.Chat.open(server, token)));
    const client = await Native.open(server, dan.token);
    await client.post(room.id, 'are you there?');
    await chat.heardText('are you there?');
    chat.say(room.id, 'yes');
    await client.heardText('yes');
    spy.say(room.id, 'me too');
    await spy.heardError();
    assert.deepEqual(spy.texts(), []);
    assert.deepEqual(client.texts(room.id), ['are you there?', 'yes']);
    await Promise.all([chat.close(), spy.close(), client.close()]);
});

test('ChatAPI shows edited words, and nothing of what was deleted', async () => {
    const ann = await chatapi.register(server, 'Annette');
    const bob = await signUp(server, 'bert');
    const { id: room } = await chatapi.createChat(server, ann.token, 'Bridge');
    const chat = await chatapi.Chat.open(server, ann.token);
    const client = await Native.open(server, bob.token);
    for (const text of ['helo', 'wrong room', 'bye'])
        await client.post(room, text);
    await client.request('message.edit', { room, seq: 1, text: 'hello' });
    await client.request('message.delete', { room, seq: 2 });
    await client.request('message.react', { room, seq: 3, emoji: '+' });
    const texts = (await chatapi.chatMessages(server, ann.token, room)).map(({ text }) => text);
    assert.deepEqual(texts, ['hello', 'bye']);
    chat.say(room, 'see you');
    await chat.heardText('see you');
    assert.deepEqual(chat.texts(), ['helo', 'wrong room', 'bye', 'see you']); // as it came
    await Promise.all([chat.close(), client.close()]);
});
