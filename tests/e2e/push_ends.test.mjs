// Web Push, for as long as the session lasts: whoever signs out on a device, or has it signed
// out, is told nothing there any more.  And what is no subscription is refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, eventually, must, post, refused, signIn, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { PushService } from './push_service.mjs';
import { Server } from './server.mjs';

const MOST = 10;
const PATIENCE = 60_000; // ms

let service, server, ann;
before(async () => {
    service = await PushService.open();
    server = await Server.start({ settings: service.settings });
    ann = await signUp(server, 'ann');
});
after(async () => {
    await server.close();
    await service.close();
});

const subscribe = ({ token }, body) =>
    must(server, 'POST', '/v1/push/subscriptions', { token, body });

const listed = async ({ token }) =>
    (await must(server, 'GET', '/v1/push/subscriptions', { token })).subscriptions;

const until = (who, satisfies, what) => eventually(() => listed(who), satisfies, what, PATIENCE);

/** Somebody with a direct room with ann, and so many browsers, each of a session of its own. */
async function somebody(login, count) {
    const person = await signUp(server, login);
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: person.id },
    });
    const devices = [];
    for (let i = 0; i < count; i++) {
        const session = i === 0 ? person : await signIn(server, login, person.password);
        const browser = service.browser();
        await subscribe(session, browser.wish);
        devices.push({ ...session, browser });
    }
    return { ...person, room, devices };
}

/** What each of the devices was told, once `told` of them were. */
async function hear({ room, devices }, told) {
    const before = devices.map(({ browser }) => browser.pushes.length);
    await post(server, ann.token, room, `message ${Math.max(...before)}`);
    for (const at of told)
        await devices[at].browser.hears(before[at] + 1);
    return devices.map(({ browser }, at) => browser.pushes.length - before[at]);
}

test('each device is told; who signs out on one is told on the others', async () => {
    const bob = await somebody('bob', 2);
    assert.deepEqual(await hear(bob, [0, 1]), [1, 1]);
    await must(server, 'DELETE', '/v1/session', { token: bob.devices[1].token });
    await until(bob, (list) => list.length === 1, 'one browser');
    assert.deepEqual(await hear(bob, [0]), [1, 0]);
});

test('a new password signs all devices out, and so do they all but one', async () => {
    const cat = await somebody('cat', 3);
    await must(server, 'DELETE', '/v1/sessions', { token: cat.devices[1].token });
    const [left] = await until(cat.devices[1], (list) => list.length === 1, 'one browser');
    assert.equal(left.session, cat.devices[1].session);
    const changed = await must(server, 'PUT', '/v1/me/password', {
        token: cat.devices[1].token, body: { password: cat.password, new_password: 'another-fine-one' },
    });
    await until(changed, (list) => list.length === 0, 'no browser');
});

test('who is banned, or gone, is told nothing', async () => {
    const boss = await signUpAs(server, 'boss', 'admin');
    const dan = await somebody('dan', 1);
    await must(server, 'PUT', `/v1/admin/accounts/${dan.id}/ban`, { token: boss.token, body: {} });
    await must(server, 'DELETE', `/v1/admin/accounts/${dan.id}/ban`, { token: boss.token });
    const back = await signIn(server, 'dan', dan.password);
    await until(back, (list) => list.length === 0, 'no browser');
});

test('one ends one of one\'s own, by its number or by its endpoint', async () => {
    const eve = await somebody('eve', 1);
    const { browser, token } = eve.devices[0];
    const [{ id }] = await listed(eve);
    await refused(server, 'not_found', 'DELETE', `/v1/push/subscriptions/${id}`, ann);
    await must(server, 'DELETE', `/v1/push/subscriptions/${id}`, { token });
    await refused(server, 'not_found', 'DELETE', `/v1/push/subscriptions/${id}`, { token });
    await subscribe(eve, browser.wish);
    const query = `?endpoint=${encodeURIComponent(browser.endpoint)}`;
    await refused(server, 'not_found', 'DELETE', `/v1/push/subscriptions${query}`, ann);
    await must(server, 'DELETE', `/v1/push/subscriptions${query}`, { token });
    await refused(server, 'invalid', 'DELETE', '/v1/push/subscriptions', { token });
    assert.deepEqual(await listed(eve), []);
});

test('a browser that comes again is the same; another person takes it over', async () => {
    const fay = await somebody('fay', 1);
    const { browser } = fay.devices[0];
    const [first] = await listed(fay);
    assert.equal((await subscribe(fay, { ...browser.wish, device: 'a phone' })).id, first.id);
    const [renamed] = await listed(fay);
    assert.deepEqual([renamed.id, renamed.device], [first.id, 'a phone']);
    const gil = await signUp(server, 'gil');
    assert.notEqual((await subscribe(gil, browser.wish)).id, first.id);
    assert.deepEqual(await listed(fay), []);
    assert.equal((await listed(gil)).length, 1);
});

test(`of ${MOST} and one the one that is not renewed longest ends`, async () => {
    const hal = await somebody('hal', 0);
    const browsers = Array.from({ length: MOST + 1 }, () => service.browser());
    for (const { wish } of browsers)
        await subscribe(hal, wish);
    const endpoints = (await listed(hal)).map(({ endpoint }) => endpoint);
    assert.deepEqual(endpoints, browsers.slice(1).map(({ endpoint }) => endpoint));
});

test('a WebSocket subscribes, lists and unsubscribes as well', async () => {
    const kay = await signUp(server, 'kay');
    const client = await Native.open(server, kay.token);
    const { body: { id } } = await client.request('push.subscribe', service.browser().wish);
    const { body: { subscriptions } } = await client.request('push.list');
    assert.deepEqual(subscriptions.map((each) => each.id), [id]);
    await client.request('push.unsubscribe', { id });
    assert.deepEqual(await listed(kay), []);
    await client.close();
});

test('what is no subscription is refused', async () => {
    const ida = await signUp(server, 'ida');
    const { wish } = service.browser();
    const point = Buffer.from(wish.p256dh, 'base64url');
    point[40] ^= 1; // which is off the curve
    const wrong = [
        { endpoint: 'http://127.0.0.1/push' }, { endpoint: 'https://10.0.0.1/push' },
        { endpoint: 'https://[::1]/push' }, { endpoint: 'https://push.example.org:8443/x' },
        { endpoint: 'https://2130706434/push' }, { endpoint: 'https://me@push.example.org/x' },
        { endpoint: 'push' }, { endpoint: '' }, { endpoint: `https://push.example.org/${'x'.repeat(1024)}` },
        { p256dh: point.toString('base64url') }, { p256dh: wish.p256dh.slice(1) },
        { p256dh: `*${wish.p256dh.slice(1)}` }, { auth: 'short' }, { auth: `${wish.auth}=` },
        { auth: `*${wish.auth.slice(1)}` },
    ];
    for (const change of wrong)
        await refused(server, 'invalid', 'POST', '/v1/push/subscriptions', {
            token: ida.token, body: { ...wish, ...change },
        });
    await refused(server, 'unknown_field', 'POST', '/v1/push/subscriptions', {
        token: ida.token, body: { ...wish, expires: 1 },
    });
    await refused(server, 'unauthenticated', 'POST', '/v1/push/subscriptions', { body: wish });
    const boss = await signUpAs(server, 'chief', 'admin');
    const { token } = await must(server, 'POST', '/v1/admin/keys', {
        token: boss.token, body: { name: 'a key', scopes: 'notifications' },
    });
    await refused(server, 'forbidden', 'POST', '/v1/push/subscriptions', { token, body: wish });
    assert.deepEqual(await listed(ida), []);
});

test('a name that leads to this machine is found out, and its subscription ends', async () => {
    const jim = await somebody('jim', 0);
    const { wish } = service.browser();
    await subscribe(jim, { ...wish, endpoint: 'https://localhost/push' });
    await post(server, ann.token, jim.room, 'hello');
    await until(jim, (list) => list.length === 0, 'no browser');
    assert.match(server.log(), /its host is inside/);
});
