// What a bot makes of a message, at every front door: each one's own refusal, and the same words.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Bot, addBot, startWithBots } from './bot.mjs';
import * as chatapi from './chatapi.mjs';
import * as chatbackend from './chatbackend.mjs';
import { Native, history, makeRoom, post, refused, signUp } from './client.mjs';
import { ask, clients, connect, did, next } from './socketio.mjs';

const REASON = 'no adverts here';

let server, ann, bob, judge;
before(async () => {
    server = await startWithBots({ settings: { 'bots.patience': 60_000 } });
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    judge = await Bot.open(server, addBot(server, 'judge', 'moderate observe'));
    await judge.judge(({ body: { text } }) => text.includes('spam')
        ? { verdict: 'veto', reason: REASON }
        : { verdict: 'transform', text: text.replace('darn', '****') });
});
after(async () => {
    await judge.close();
    await server.close();
});

const texts = async (room) => (await history(server, ann.token, room)).map(({ text }) => text);

test('REST', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room}/messages`;
    const error = await refused(server, 'vetoed', 'POST', path, { token: ann.token, body: { text: 'spam' } });
    assert.deepEqual([error.status, error.detail], [403, REASON]);
    assert.equal((await post(server, ann.token, room, 'darn')).text, '****');
    assert.deepEqual(await texts(room), ['****']);
});

test('the WebSocket', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const [own, friend] = await Promise.all([ann, bob].map(({ token }) => Native.open(server, token)));
    await friend.request('room.join', { room });
    await assert.rejects(own.post(room, 'spam'), { name: 'vetoed', detail: REASON });
    assert.equal((await own.post(room, 'darn')).text, '****');
    await Promise.all([own, friend].map((one) => one.heardText('****')));
    assert.deepEqual(friend.texts(room), ['****']);
    await Promise.all([own, friend].map((one) => one.close()));
});

for (const client of clients.filter(({ way }) => way === 'websocket')) {
    test(`Socket.IO ${client.version}`, async () => {
        const { id: room } = await makeRoom(server, ann.token);
        const [own, friend] = await Promise.all(
            [ann, bob].map(({ token }) => connect(client, server.url, { token })));
        await did(friend, 'room.join', { room });
        const { error } = await ask(own, 'room.post', { room, text: 'spam' });
        assert.deepEqual([error.name, error.status, error.detail], ['vetoed', 403, REASON]);
        const heard = [own, friend].map((one) => next(one, 'room.posted'));
        assert.equal((await did(own, 'room.post', { room, text: 'darn' })).text, '****');
        for (const [{ message }] of await Promise.all(heard))
            assert.equal(message.text, '****');
        own.close();
        friend.close();
    });
}

test('ChatAPI, by its WebSocket', async () => {
    const eve = await chatapi.register(server, 'eve');
    const { id } = await chatapi.createChat(server, eve.token);
    const chat = await chatapi.Chat.open(server, eve.token);
    chat.say(id, 'spam');
    const { error } = await chat.heardError();
    assert.equal(error, REASON);
    chat.say(id, 'darn');
    await chat.heardText('****');
    assert.deepEqual(chat.texts(), ['****']);
    await chat.close();
});

test('ChatBackend, and its raw socket', async () => {
    const zoe = await chatbackend.signUp(server, 'zoe');
    const gid = await chatbackend.createRoom(server, zoe.uuid);
    const line = await chatbackend.Line.open(server, zoe.uuid, gid);
    await chatbackend.refused(server, 403, REASON, 'POST', '/send-message',
        { uuid: zoe.uuid, body: { room_gid: gid, msg: 'spam' } });
    await chatbackend.say(server, zoe.uuid, gid, 'darn');
    await line.hears(1);
    assert.deepEqual(line.texts(), ['****']);
    assert.equal((await chatbackend.roomHistory(server, zoe.uuid, gid)).at(-1).msg.txt, '****');
    await line.close();
});
