// Notes: a short word to somebody with whom one talks or is matched, and to nobody else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, must, post, refused, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const send = (who, account, text = 'hi', more = {}) => call(server, 'POST', '/v1/notifications',
    { token: who.token, body: { account, text, ...more } });
const nameOf = ({ body }) => body?.error?.name;

async function strangers(...logins) {
    return Promise.all(logins.map((login) => signUp(server, login)));
}

/** Two people who have said something to each other. */
async function talkers(...logins) {
    const [one, other] = await strangers(...logins);
    const { id } = await must(server, 'POST', '/v1/direct', {
        token: one.token, body: { account: other.id },
    });
    await post(server, one.token, id, 'hello');
    return [one, other];
}

/** What is told to one's own connections. */
const note = (device, text) => device.heard(({ type, body }) =>
    type === 'notified' && body.kind === 'note' && body.text === text, `note '${text}'`);

/** The notifier hears of a chat a moment after it was opened. */
const sendOnceItMay = (one, account, text) =>
    eventually(() => send(one, account, text), (answer) => nameOf(answer) !== 'forbidden', 'a note');

const untilRefused = (one, other, name) =>
    eventually(() => send(one, other.id, 'still?'), (answer) => nameOf(answer) === name, name);

test('a note reaches whom one talks with', async () => {
    const [ann, bob] = await talkers('ann', 'bob');
    const device = await Native.open(server, bob.token);
    const { status, body } = await sendOnceItMay(ann, bob.id, 'look here');
    assert.equal(status, 201);
    assert.equal(body.account, bob.id);
    const { body: told } = await note(device, 'look here');
    assert.deepEqual([told.from, told.from_login, told.count], [ann.id, 'ann', 1]);
    const { notifications } = await must(server, 'GET', '/v1/notifications', bob);
    assert.deepEqual(notifications.map(({ kind }) => kind), ['note', 'message']);
});

test('strangers get none, nor does one oneself', async () => {
    const [cat, dan] = await strangers('cat', 'dan');
    const error = await refused(server, 'forbidden', 'POST', '/v1/notifications',
        { token: cat.token, body: { account: dan.id, text: 'hi' } });
    assert.equal(error.detail, 'notes go to people with an open chat or a match');
    assert.equal(nameOf(await send(cat, cat.id)), 'invalid');
    assert.equal(nameOf(await send(cat, 999_999)), 'not_found');
    assert.equal(nameOf(await send(cat, dan.id, 'x'.repeat(501))), 'invalid');
});

test('a retry is answered alike and sent once', async () => {
    const [eva, fay] = await talkers('eva', 'fay');
    const device = await Native.open(server, fay.token);
    await sendOnceItMay(eva, fay.id, 'first');
    const once = await send(eva, fay.id, 'twice', { client_id: 'n1' });
    const again = await send(eva, fay.id, 'twice', { client_id: 'n1' });
    assert.deepEqual(again.body, once.body);
    assert.equal(nameOf(await send(eva, fay.id, 'thrice', { client_id: 'n1' })), 'client_id_reused');
    await send(eva, fay.id, 'last');
    await note(device, 'last');
    assert.equal(device.events.filter(({ body }) => body.text === 'twice').length, 1);
});

test('neither a closed chat takes notes nor somebody on bad terms', async () => {
    const [gus, hal] = await talkers('gus', 'hal');
    assert.equal((await sendOnceItMay(gus, hal.id, 'open')).status, 201);
    await must(server, 'DELETE', `/v1/people/${gus.id}/chat`, hal);
    await untilRefused(gus, hal, 'forbidden');
    await must(server, 'PUT', `/v1/people/${gus.id}/chat`, { token: hal.token, body: {} });
    assert.equal((await sendOnceItMay(gus, hal.id, 'open again')).status, 201);
    await must(server, 'PUT', `/v1/people/${gus.id}/block`, { token: hal.token, body: {} });
    await untilRefused(gus, hal, 'blocked');
    await untilRefused(hal, gus, 'blocked');
});

test('all of it goes over the WebSocket too', async () => {
    const [kim, liv] = await talkers('kim', 'liv');
    await sendOnceItMay(kim, liv.id, 'by REST');
    const [his, hers] = await Promise.all([kim, liv].map(({ token }) => Native.open(server, token)));
    assert.equal((await his.request('notification.send', { account: liv.id, text: 'by socket' }))
        .body.account, liv.id);
    await note(hers, 'by socket');
    const { body } = await hers.request('notification.list', { limit: 1 });
    assert.deepEqual([body.notifications[0].text, body.unread], ['by socket', 3]);
    assert.equal((await hers.request('notification.unread')).body.unread, 3);
    assert.equal((await hers.request('notification.read', { id: body.notifications[0].id }))
        .body.unread, 2);
    await hers.request('notification.clear', { id: body.notifications[0].id });
    await hers.request('notification.prefer', { kind: 'note', wish: 'off' });
    const { body: { preferences } } = await hers.request('notification.preferences');
    assert.equal(preferences.find(({ kind }) => kind === 'note').wish, 'off');
    await hers.heard(({ type }) => type === 'notification.cleared');
    const admin = await signUpAs(server, 'boss', 'admin');
    const device = await Native.open(server, admin.token);
    await device.request('notification.tell', { account: kim.id, text: 'attention' });
    await his.heard(({ type, body: told }) => type === 'notified' && told.kind === 'system');
});

test('staff tells somebody something, people do not', async () => {
    const [ida, jan] = await strangers('ida', 'jan');
    const admin = await signUpAs(server, 'root', 'admin');
    const device = await Native.open(server, ida.token);
    const tell = (who) => call(server, 'POST', '/v1/admin/notifications',
        { token: who.token, body: { account: ida.id, text: 'the server moves tonight' } });
    assert.equal(nameOf(await tell(jan)), 'forbidden');
    assert.equal((await tell(admin)).status, 201);
    const { body } = await device.heard(({ type }) => type === 'notified', 'notification');
    assert.deepEqual([body.kind, body.from, body.text],
        ['system', undefined, 'the server moves tonight']);
});
