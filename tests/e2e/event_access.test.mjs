// Every event of the printed table is heard by those whom it is for, and by nobody else: a story
// in which all of them happen, with somebody who was never there, somebody who was put out, and
// nobody at all listening on every kind of socket.
//
// An event that the story does not bring about fails it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';

import { Chat } from './chatapi.mjs';
import { Native, eventually, must, signUp } from './client.mjs';
import { events } from './contract.mjs';
import { openLink, signUpAs } from './operator.mjs';
import { ChatBackendSocketPerson } from './people/chatbackend.mjs';
import { Server } from './server.mjs';

let server, root;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
});
after(() => server.close());

/** The events that come to a socket.io-client, in the shape of the WebSocket's. */
async function openSocketIo(token) {
    const socket = io(server.url, { forceNew: true, auth: token === undefined ? {} : { token } });
    const heard = [];
    socket.onAny((type, body) => type !== 'welcome' && heard.push({ type, body }));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { heard, close: () => socket.disconnect() };
}

/** Somebody on the native WebSocket; `all` has what came by every kind of socket. */
async function arrive(login) {
    const person = await signUp(server, login, { email: `${login}@example.org` });
    const socket = await Native.open(server, person.token);
    const [chat, sio] = [await Chat.open(server, person.token), await openSocketIo(person.token)];
    return Object.assign(person, {
        login, sockets: [socket, chat, sio],
        lists: () => [socket.events, chat.frames, sio.heard],
        all: () => [...socket.events, ...chat.frames, ...sio.heard],
        ask: async (type, body) => (await socket.request(type, body)).body,
        types: () => new Set(socket.events.map(({ type }) => type)),
    });
}

/** What happens in a room and to its people. */
async function liveInRoom(ann, bob, carl, rex) {
    const { id: room } = await ann.ask('room.create', { kind: 'private', name: 'a room' });
    const inRoom = (person, type, fields = {}) => person.ask(type, { room, ...fields });
    for (const { id: account } of [bob, rex])
        await inRoom(ann, 'room.join', { account });
    await inRoom(ann, 'room.kick', { account: rex.id });
    await settle(rex); // that he is out is told to each of his sockets
    const mark = rex.lists().map((list) => list.length);

    await inRoom(ann, 'room.post', { text: 'hello' });
    await inRoom(bob, 'room.typing', { typing: true });
    await inRoom(bob, 'room.post', { text: 'hello yourself' });
    await inRoom(bob, 'message.edit', { seq: 2, text: 'hello, ann' });
    await inRoom(ann, 'message.react', { seq: 2, emoji: '+' });
    await inRoom(ann, 'message.pin', { seq: 2 });
    await inRoom(ann, 'room.read', { seq: 2 });
    await inRoom(ann, 'notification.mute', { wish: 'off' });
    await inRoom(ann, 'message.delete', { seq: 2 });
    await inRoom(ann, 'room.rename', { name: 'another name' });
    await inRoom(ann, 'room.set_role', { account: bob.id, role: 'moderator' });
    await inRoom(ann, 'room.invite', { account: carl.id });
    await inRoom(carl, 'room.decline');
    await inRoom(ann, 'room.ban', { account: carl.id });
    await inRoom(ann, 'room.unban', { account: carl.id });
    await beOn002(ann, room);
    return { room, mark };
}

/** Come in and go by ChatBackend's Socket.IO. */
async function beOn002({ login, password, token }, room) {
    const person = Object.assign(new ChatBackendSocketPerson(server, login), { password });
    await person.signIn();
    await person.connect();
    await person.enter(await must(server, 'GET', `/v1/rooms/${room}`, { token }));
    await person.close();
}

/** What people make of each other. */
async function meet(ann, bob) {
    await ann.ask('profile.update', { first_name: 'Ann' });
    for (const type of ['visit', 'like', 'unlike', 'dislike', 'unlike', 'like'])
        await ann.ask(`people.${type}`, { account: bob.id });
    await bob.ask('people.like', { account: ann.id });
    for (const type of ['connect', 'disconnect', 'connect', 'block', 'unblock'])
        await bob.ask(`people.${type}`, { account: ann.id });
    const { id: report } = await ann.ask('people.report', { account: bob.id, reason: 'spam' });
    await must(server, 'PUT', `/v1/admin/reports/${report}`,
        { token: root.token, body: { outcome: 'dismissed' } });
    await ann.ask('room.request', { account: bob.id });
}

/** Who waits for somebody, gives up, waits again, and is matched. */
async function waitForEachOther(ann, bob) {
    await ann.ask('ticket.open', { queue: 'chess' });
    await ann.ask('ticket.close', {});
    await ann.ask('ticket.open', { queue: 'chess' });
    await bob.ask('ticket.open', { queue: 'chess' });
}

/** What happens to an account, and its notifications. */
async function changeAccounts(ann, bob) {
    await ann.ask('account.rename', { username: 'Anna' });
    const { password } = ann;
    await ann.ask('email.change', { password, email: 'anna@example.org' });
    await must(server, 'POST', '/v1/email-verifications',
        { body: { id: openLink(server, 'ann', 'verify') } });
    await must(server, 'PUT', `/v1/admin/accounts/${ann.id}/role`,
        { token: root.token, body: { role: 'moderator' } });
    await ann.ask('notification.send', { account: bob.id, text: 'a note' });
    await bob.ask('notification.read', {});
    await bob.ask('notification.clear', {});
    await bob.ask('notification.prefer', { kind: 'visit', wish: 'off' });
}

/** Eve's own room, in which she hears that all before has been told. */
async function settle(person) {
    const { id: room } = await person.ask('room.create', { kind: 'private', name: 'a barrier' });
    await person.ask('room.post', { room, text: 'the last word' });
    for (const list of person.lists())
        await eventually(() => JSON.stringify(list), (text) => text.includes('the last word'), 'the end');
    return room;
}

/** Whether a frame is of another room than this, or of another person. */
const isOf = (room, { id }) => ({ type, chat_id: chat, body = {} }) => {
    const where = body.room?.id ?? body.room ?? body.member?.room ?? body.message?.room ?? chat;
    return where === room || (type?.startsWith('presence.') && body.account === id);
};

test('what happens is heard by those whom it is for, and by nobody else', async () => {
    const [ann, bob, carl, rex, eve] = await Promise.all(
        ['ann', 'bob', 'carl', 'rex', 'eve'].map(arrive));
    const nobody = await openSocketIo();
    const { room, mark } = await liveInRoom(ann, bob, carl, rex);
    await meet(ann, bob);
    await waitForEachOther(ann, bob);
    await changeAccounts(ann, bob);
    await bob.sockets[0].close();
    await ann.ask('room.delete', { room });
    const met = () => new Set([ann, bob, carl].flatMap((person) => [...person.types()]));
    await eventually(() => events.filter((type) => !met().has(type)), ({ length }) => length === 0,
        'events that were not heard');

    const [barrier, other] = [await settle(eve), await settle(rex)];
    assert.deepEqual(eve.all().filter((event) => !isOf(barrier, eve)(event)), []);
    const rexHeard = rex.lists().flatMap((list, n) => list.slice(mark[n]));
    assert.deepEqual(rexHeard.filter((event) => !isOf(other, rex)(event)), []);
    assert.deepEqual(nobody.heard, []);
    nobody.close();
    await Promise.all([ann, bob, carl, rex, eve].flatMap(({ sockets }) =>
        sockets.map((socket) => socket.close())));
});
