// Notifications: what people are told of messages, live and in their inbox.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const inbox = (who, query = '') => must(server, 'GET', `/v1/notifications${query}`, who);
const inboxWith = (who, satisfies, what) => eventually(() => inbox(who), satisfies, what);
const unread = async (who) => (await must(server, 'GET', '/v1/notifications/unread', who)).unread;
const read = (who, body = {}) =>
    must(server, 'PUT', '/v1/notifications/read', { token: who.token, body });
const prefer = (who, kind, wish) =>
    must(server, 'PUT', `/v1/notifications/preferences/${kind}`, { token: who.token, body: { wish } });

const isNotified = (room) => ({ type, body }) => type === 'notified' && body.room === room;

async function strangers(...logins) {
    return Promise.all(logins.map((login) => signUp(server, login)));
}

async function directRoom(one, other) {
    const { id } = await must(server, 'POST', '/v1/direct', {
        token: one.token, body: { account: other.id },
    });
    return id;
}

/** A private room of all of these, made by the first. */
async function roomOf(owner, ...others) {
    const { id } = await makeRoom(server, owner.token, 'private');
    for (const { id: account } of others)
        await must(server, 'POST', `/v1/rooms/${id}/members`, { token: owner.token, body: { account } });
    return id;
}

test('messages that come while one is away are one entry, which grows', async () => {
    const [ann, bob] = await strangers('ann', 'bob');
    const room = await directRoom(ann, bob);
    for (const text of ['one', 'two', 'three'])
        await post(server, ann.token, room, text);
    const { notifications, unread: count } = await inboxWith(bob,
        ({ notifications: [entry] }) => entry?.count === 3, 'three messages in one entry');
    assert.equal(notifications.length, 1);
    assert.equal(count, 1);
    const { id, place, time, ...rest } = notifications[0];
    assert.ok(id > 0 && place > 0);
    assert.ok(Math.abs(time / 1000 - Date.now()) < 60_000);
    assert.deepEqual(rest, {
        kind: 'message', from: ann.id, from_login: 'ann', from_username: 'ann', room, seq: 3,
        text: 'three', count: 3,
    });
    assert.deepEqual((await inbox(ann)).notifications, []);
});

test('live, it has all that there is to show', async () => {
    const [cat, dan] = await strangers('cat', 'dan');
    const room = await directRoom(cat, dan);
    const device = await Native.open(server, dan.token);
    await post(server, cat.token, room, 'hello');
    const { body, seq } = await device.heard(isNotified(room), 'notification');
    assert.ok(seq > 0);
    assert.deepEqual([body.kind, body.account, body.from_login, body.text, body.count, body.unread],
        ['message', dan.id, 'cat', 'hello', 1, 1]);
    await post(server, cat.token, room, 'again');
    const grown = await device.heard((event) => isNotified(room)(event) && event.body.count === 2);
    assert.equal(grown.body.id, body.id);
});

test('what came while one was away comes with a resume', async () => {
    const [eva, fay] = await strangers('eva', 'fay');
    const room = await directRoom(eva, fay);
    const device = await Native.open(server, fay.token);
    device.socket.close();
    await device.closed;
    await post(server, eva.token, room, 'hello');
    await inboxWith(fay, ({ unread: count }) => count === 1, 'an entry');
    const back = await Native.open(server, fay.token, { since: device.lastSeq });
    assert.equal((await back.heard(isNotified(room), 'notification')).body.text, 'hello');
});

test('an entry is read by itself, with its room, by an answer, or with all', async () => {
    const [gus, hal] = await strangers('gus', 'hal');
    const [direct, club] = [await directRoom(gus, hal), await roomOf(gus, hal)];
    const device = await Native.open(server, hal.token);
    const news = async (room) => {
        await post(server, gus.token, room, 'news');
        await eventually(() => unread(hal), (count) => count > 0, 'something unread');
        return (await inbox(hal)).notifications.find((entry) => entry.room === room);
    };
    const heardRead = (id) =>
        device.heard(({ type, body }) => type === 'notification.read' && (body.id ?? 0) === id);

    const byItself = await news(direct);
    assert.equal((await read(hal, { id: byItself.id })).unread, 0);
    assert.equal((await heardRead(byItself.id)).body.unread, 0);
    assert.equal((await read(hal, { id: byItself.id })).unread, 0); // again: nothing

    const byRoom = await news(direct);
    assert.notEqual(byRoom.id, byItself.id);
    assert.equal((await device.request('notification.read', { room: direct })).body.unread, 0);

    const byMarker = await news(direct);
    await must(server, 'PUT', `/v1/rooms/${direct}/read`,
        { token: hal.token, body: { seq: byMarker.seq } });
    await heardRead(byMarker.id);

    await news(direct);
    await post(server, hal.token, direct, 'an answer');
    await eventually(() => unread(hal), (count) => count === 0, 'nothing unread');

    await news(direct);
    await news(club);
    await read(hal);
    await heardRead(0);
    const { notifications, unread: left } = await inbox(hal);
    assert.equal(left, 0);
    assert.ok(notifications.every((entry) => entry.read > 0));
    assert.deepEqual((await inbox(hal, '?unread=true')).notifications, []);
});

test('rooms of a few tell who is away, larger ones who is named', async () => {
    const [ida, jan, kim] = await strangers('ida', 'jan', 'kim');
    const club = await roomOf(ida, jan, kim);
    for (let i = 0; i < 5; i++)
        await post(server, ida.token, club, `news ${i}`);
    await inboxWith(jan, ({ notifications: [entry] }) => entry?.count === 5, 'five messages');
    await eventually(() => unread(kim), (count) => count === 1, 'an entry');

    const { id: square } = await makeRoom(server, ida.token, 'open');
    const crowd = await strangers(...Array.from({ length: 21 }, (_, i) => `passer${i}`));
    for (const { token } of [...crowd, jan, kim])
        await must(server, 'POST', `/v1/rooms/${square}/members`, { token, body: {} });
    await post(server, kim.token, square, 'I say');
    await post(server, ida.token, square, 'hello, @jan');
    await must(server, 'POST', `/v1/rooms/${square}/messages`,
        { token: ida.token, body: { text: 'indeed', reply_to: 1 } });
    for (const who of [jan, kim]) {
        const { notifications } = await inboxWith(who,
            (list) => list.notifications.some((entry) => entry.room === square), 'an entry');
        assert.equal(notifications.find((entry) => entry.room === square).mention, true);
    }
    assert.deepEqual((await inbox(crowd[0])).notifications, []);
});

test('an inbox is read by pages, and put away', async () => {
    const [liv, max] = await strangers('liv', 'max');
    const rooms = [];
    for (let i = 0; i < 5; i++)
        rooms.push(await roomOf(liv, max));
    for (const room of rooms) {
        await post(server, liv.token, room, 'hello');
        await inboxWith(max, ({ notifications: [entry] }) => entry?.room === room, 'the last room');
    }
    const first = await inbox(max, '?limit=3');
    assert.deepEqual(first.notifications.map(({ room }) => room), rooms.slice(2).reverse());
    const second = await inbox(max, `?limit=3&before=${first.next}`);
    assert.deepEqual(second.notifications.map(({ room }) => room), rooms.slice(0, 2).reverse());
    assert.equal(second.next, undefined);
    assert.ok(second.as_of > 0);

    const device = await Native.open(server, max.token);
    const gone = first.notifications[0].id;
    const put = await call(server, 'DELETE', `/v1/notifications/${gone}`, max);
    assert.equal(put.status, 204);
    await device.heard(({ type, body }) => type === 'notification.cleared' && body.id === gone);
    assert.equal((await inbox(max)).unread, 4);
    assert.equal((await call(server, 'DELETE', `/v1/notifications/${gone}`, max)).status, 404);
    assert.equal((await call(server, 'DELETE', `/v1/notifications/${gone}`, liv)).status, 404);
    assert.equal((await call(server, 'DELETE', '/v1/notifications', max)).status, 204);
    assert.deepEqual((await inbox(max)).notifications, []);
    assert.equal(await unread(max), 0);
});

test('everybody says what they want to know', async () => {
    const [ned, oda] = await strangers('ned', 'oda');
    const room = await directRoom(ned, oda);
    const device = await Native.open(server, oda.token);
    const { preferences } = await must(server, 'GET', '/v1/notifications/preferences', oda);
    assert.ok(preferences.every(({ wish }) => wish === 'on'));
    const after = await prefer(oda, 'message', 'off');
    assert.equal(after.preferences.find(({ kind }) => kind === 'message').wish, 'off');
    await device.heard(({ type }) => type === 'notification.preferred');
    await post(server, ned.token, room, 'unheard');
    await prefer(oda, 'message', 'on');
    await post(server, ned.token, room, 'heard');
    const { body } = await device.heard(isNotified(room), 'notification');
    assert.deepEqual([body.text, body.count], ['heard', 1]);
    assert.equal((await call(server, 'PUT', '/v1/notifications/preferences/visit',
        { token: oda.token, body: { wish: 'mentions' } })).body.error.detail,
    '`wish`: mentions are of messages only');
    assert.equal((await call(server, 'PUT', '/v1/notifications/preferences/rain',
        { token: oda.token, body: { wish: 'on' } })).status, 404);
});

test('what is taken back is shown no more', async () => {
    const [pam, quy] = await strangers('pam', 'quy');
    const room = await directRoom(pam, quy);
    await post(server, pam.token, room, 'a slip');
    await inboxWith(quy, ({ unread: count }) => count === 1, 'an entry');
    await must(server, 'PUT', `/v1/rooms/${room}/messages/1`,
        { token: pam.token, body: { text: 'a correction' } });
    await inboxWith(quy, ({ notifications: [entry] }) => entry.text === 'a correction', 'the correction');
    await must(server, 'DELETE', `/v1/rooms/${room}/messages/1`, pam);
    await inboxWith(quy, ({ notifications: [entry] }) => entry.text === undefined, 'no text');
});

test('each is told once although the server dies', async () => {
    const [rob, sue] = await strangers('rob', 'sue');
    const room = await directRoom(rob, sue);
    for (let i = 1; i <= 6; i++) {
        await post(server, rob.token, room, `message ${i}`);
        if (i % 2 === 0) {
            await server.kill();
            await server.launch();
        }
    }
    const { notifications } = await inboxWith(sue,
        ({ notifications: [entry] }) => entry?.text === 'message 6', 'the last message');
    assert.equal(notifications.length, 1);
    assert.equal(notifications[0].count, 6);
});
