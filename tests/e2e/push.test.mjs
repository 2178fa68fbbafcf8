// Web Push: what somebody should know reaches their browser while they are away, sealed for it
// alone; once they have read it, or have signed out, nothing does.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, eventually, must, post, refused, signUp } from './client.mjs';
import { PushService } from './push_service.mjs';
import { Server } from './server.mjs';

const HOUR_S = 3600;
const PATIENCE = 60_000; // ms
const services = [];
const servers = [];

async function openService(answer) {
    const service = await PushService.open(answer);
    services.push(service);
    return service;
}

/** Who is connected has an hour to read before anything is pushed. */
async function startFor(service, more = {}) {
    const server = await Server.start({ settings: { ...service.settings, 'push.wait': HOUR_S, ...more } });
    servers.push(server);
    return server;
}

let service, server;
before(async () => {
    service = await openService();
    server = await startFor(service);
});
after(async () => {
    await Promise.all(servers.map((each) => each.close()));
    await Promise.all(services.map((each) => each.close()));
});

const subscribe = (at, who, browser, more = {}) =>
    must(at, 'POST', '/v1/push/subscriptions', { token: who.token, body: { ...browser.wish, ...more } });

const subscriptions = async (at, who) =>
    (await must(at, 'GET', '/v1/push/subscriptions', { token: who.token })).subscriptions;

const prefer = (at, who, kind, body) =>
    must(at, 'PUT', `/v1/notifications/preferences/${kind}`, { token: who.token, body });

/** Two people, their direct room, and a browser of the second's. */
async function pair(at, from, ...logins) {
    const [one, other] = await Promise.all(logins.map((login) => signUp(at, login)));
    const { id: room } = await must(at, 'POST', '/v1/direct', {
        token: one.token, body: { account: other.id },
    });
    const browser = from.browser();
    const subscription = await subscribe(at, other, browser);
    const say = (text) => post(at, one.token, room, text);
    return { one, other, room, browser, subscription, say };
}

/** Something else is pushed to somebody else, so whatever came before has been looked at. */
async function settle(at, from, login) {
    const { browser, say } = await pair(at, from, `${login}1`, `${login}2`);
    await say('and now?');
    await browser.hears(1);
}

test('the public key is there for everybody, and the private one for nobody', async () => {
    const { key } = await must(server, 'GET', '/v1/push/key');
    const point = Buffer.from(key, 'base64url');
    assert.equal(point.length, 65);
    assert.equal(point[0], 4);
    const { mode } = statSync(join(server.data, 'push.key'));
    assert.equal(mode & 0o777, 0o600);
});

test('a message reaches a browser of somebody who is away', async () => {
    const { one, other, room, browser, subscription, say } = await pair(server, service, 'ann', 'bob');
    assert.equal(subscription.endpoint, browser.endpoint);
    assert.equal(subscription.session, other.session);
    const message = await say('hello "Bob" ✓');
    const [data] = await browser.hears(1);
    const [push] = browser.pushes;
    assert.deepEqual(
        { account: data.account, kind: data.kind, from: data.from, text: data.text, count: data.count },
        { account: other.id, kind: 'message', from: one.id, text: 'hello "Bob" ✓', count: 1 });
    assert.deepEqual([data.room, data.seq, data.unread], [room, message.seq, 1]);
    assert.equal(data.since, undefined, 'nothing hidden is shown');
    assert.equal(push.key, (await must(server, 'GET', '/v1/push/key')).key);
    assert.equal(push.claims.sub, 'mailto:operator@example.org');
    assert.equal(push.headers.urgency, 'high');
    assert.ok(push.ttl > 0 && push.ttl <= 24 * HOUR_S);
});

test('an entry that grows keeps its topic, and another has another', async () => {
    const { one, other, browser, say } = await pair(server, service, 'cleo', 'dora');
    await say('one');
    await browser.hears(1);
    await say('two');
    await browser.hears(2);
    await must(server, 'POST', '/v1/notifications', {
        token: one.token, body: { account: other.id, text: 'a note' },
    });
    const [first, second, note] = await browser.hears(3);
    const topics = browser.pushes.map(({ topic }) => topic);
    assert.equal(first.id, second.id);
    assert.deepEqual([second.text, second.count], ['two', 2]);
    assert.equal(topics[0], topics[1]);
    assert.notEqual(note.id, first.id);
    assert.notEqual(topics[2], topics[0]);
});

test('who is connected may read it there; who leaves is told', async () => {
    const { other, room, browser, say } = await pair(server, service, 'eve', 'fay');
    const page = await Native.open(server, other.token);
    await page.heard(({ type, body }) => type === 'presence.changed' && body.online);
    await say('are you there?');
    const { body: first } = await page.heard(({ type }) => type === 'notified');
    await settle(server, service, 'gil');
    assert.deepEqual(browser.pushes, []);
    await must(server, 'PUT', '/v1/notifications/read', { token: other.token, body: { room } });
    await say('still there?');
    await page.heard(({ type, body }) => type === 'notified' && body.id !== first.id);
    await page.close();
    const heard = await browser.hears(1);
    assert.deepEqual(heard.map(({ text }) => text), ['still there?'], 'what was read is not pushed');
});

test('a person says what is pushed, of what they want at all', async () => {
    const { one, other, browser, say } = await pair(server, service, 'hal', 'ida');
    const kinds = (await must(server, 'GET', '/v1/notifications/preferences', { token: other.token }))
        .preferences;
    assert.ok(kinds.every(({ push }) => push === 'on'));
    await prefer(server, other, 'message', { wish: 'on', push: 'off' });
    await say('quietly');
    await prefer(server, other, 'message', { wish: 'on' }); // which says nothing of pushes
    await say('still quietly');
    await settle(server, service, 'jim');
    assert.deepEqual(browser.pushes, []);
    const { notifications } = await must(server, 'GET', '/v1/notifications', { token: other.token });
    assert.deepEqual(notifications.map(({ count }) => count), [2], 'the inbox has it all the same');
    await prefer(server, other, 'message', { wish: 'on', push: 'on' });
    await say('aloud');
    const [{ text, count }] = await browser.hears(1);
    assert.deepEqual([text, count], ['aloud', 3]);
    await refused(server, 'invalid', 'PUT', '/v1/notifications/preferences/like', {
        token: one.token, body: { wish: 'on', push: 'mentions' },
    });
});

test('of a room one can be told of mentions only', async () => {
    const [kim, lea] = await Promise.all(['kim', 'lea'].map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/rooms', {
        token: kim.token, body: { kind: 'open', name: 'den' },
    });
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: lea.token });
    const browser = service.browser();
    await subscribe(server, lea, browser);
    await prefer(server, lea, 'message', { wish: 'on', push: 'mentions' });
    await post(server, kim.token, room, 'to all of you');
    await post(server, kim.token, room, 'to @lea');
    const [data] = await browser.hears(1);
    assert.deepEqual([data.text, data.mention], ['to @lea', true]);
});

/** What was done while somebody was connected is pushed, as it stands then, when they leave. */
async function whileConnected(who, act) {
    const page = await Native.open(server, who.token);
    await page.heard(({ type, body }) => type === 'presence.changed' && body.online);
    await act();
    await page.close();
}

test('what is taken back is not told', async () => {
    const { one, other, room, browser, say } = await pair(server, service, 'mia', 'ned');
    await whileConnected(other, async () => {
        const { seq } = await say('a secret');
        await must(server, 'DELETE', `/v1/rooms/${room}/messages/${seq}`, { token: one.token });
    });
    const [data] = await browser.hears(1);
    assert.deepEqual([data.room, data.count, data.text], [room, 1, undefined]);
});

test('nothing is told of who is blocked by then', async () => {
    const { one, other, browser, say } = await pair(server, service, 'pat', 'quin');
    const third = await signUp(server, 'third');
    await whileConnected(other, async () => {
        await say('hello');
        await must(server, 'PUT', `/v1/people/${one.id}/block`, { token: other.token });
        const { id: room } = await must(server, 'POST', '/v1/direct', {
            token: third.token, body: { account: other.id },
        });
        await post(server, third.token, room, 'from another');
    });
    const heard = await browser.hears(1); // of two that waited, in their order
    assert.deepEqual(heard.map(({ from }) => from), [third.id]);
});

test('whom the push service knows no more is not told again', async () => {
    const at = await startFor(await openService(() => 410));
    const { other, browser, say } = await pair(at, services.at(-1), 'pia', 'qui');
    await say('is anybody there?');
    await eventually(() => subscriptions(at, other), (list) => list.length === 0, 'no subscription', PATIENCE);
    assert.equal(browser.pushes.length, 1);
    assert.match(at.log(), /push to 1 was not sent: it is known no more; given up/);
    assert.ok(!at.log().includes(browser.name), 'endpoints are in no log');
});

test('one that is busy, or broken, is asked again, with what holds then', async () => {
    const answers = [{ status: 429, headers: { 'retry-after': '11' } }, 201];
    const times = [];
    const busy = await openService(() => {
        times.push(Date.now());
        return answers[Math.min(times.length, answers.length) - 1];
    });
    const at = await startFor(busy);
    const { browser, say } = await pair(at, busy, 'rob', 'sue');
    await say('one');
    await browser.hears(1);
    await say('two');
    const [first, second] = await browser.hears(2);
    assert.ok(times[1] - times[0] >= 11_000, `after ${times[1] - times[0]} ms`);
    assert.deepEqual([first.text, second.text, second.count], ['one', 'two', 2]);
    assert.equal(new Set(browser.pushes.map(({ topic }) => topic)).size, 1);
    assert.match(at.log(), /push to 1 was not sent: the answer was 429; it is tried again/);
});

test('a push that is refused is given up, and a redirection is no way', async () => {
    const elsewhere = await openService();
    const picky = await openService();
    const answers = [413, { status: 307, headers: { location: `${elsewhere.origin}/push/x` } }, 201];
    picky.answer = () => answers.shift();
    const at = await startFor(picky);
    const { browser, say } = await pair(at, picky, 'tom', 'una');
    for (let count = 1; count <= 3; count++) {
        await say(`${count}`);
        await browser.hears(count);
    }
    assert.deepEqual(browser.pushes.map(({ data }) => data.text), ['1', '2', '3']);
    assert.equal(elsewhere.browsers.size, 0);
    assert.match(at.log(), /the answer was 413; given up/);
    assert.match(at.log(), /the answer was 307; given up/);
});

test('a push service that is dead delays no message', async () => {
    const gone = await openService(() => new Promise(() => {}));
    const at = await startFor(gone);
    const { other, room, browser, say } = await pair(at, gone, 'vic', 'wes');
    await say('one');
    await browser.hears(1); // and is not answered
    const reader = await Native.open(at, other.token);
    await say('two');
    await reader.heard(({ body }) => body.message?.text === 'two');
    const { messages } = await must(at, 'GET', `/v1/rooms/${room}/messages`, { token: other.token });
    assert.deepEqual(messages.map(({ text }) => text), ['one', 'two']);
    await reader.close();
});

test('pushes are counted, and browsers for which one waits', async () => {
    const busy = await openService(() => ({ status: 503, headers: { 'retry-after': String(HOUR_S) } }));
    const at = await startFor(busy);
    const count = async (name) => {
        const text = await (await fetch(`${at.url}/metrics`)).text();
        return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)[1]);
    };
    const until = (name, value) => eventually(() => count(name), (now) => now === value, name, PATIENCE);
    assert.equal(await count('kith_push_waiting_browsers'), 0);
    await (await pair(at, busy, 'xia', 'yan')).say('one');
    await until('kith_pushes_total{outcome="later"}', 1);
    await until('kith_push_waiting_browsers', 1);
    busy.answer = () => 201;
    await (await pair(at, busy, 'zac', 'zed')).say('two');
    await until('kith_pushes_total{outcome="sent"}', 1);
    await until('kith_push_waiting_browsers', 1);
});

test('without Web Push there is no key and no subscription', async () => {
    const at = await startFor(service, { push: 'off' });
    const zoe = await signUp(at, 'zoe');
    await refused(at, 'not_found', 'GET', '/v1/push/key');
    await refused(at, 'not_found', 'POST', '/v1/push/subscriptions', {
        token: zoe.token, body: service.browser().wish,
    });
    const { status } = await call(at, 'GET', '/v1/push/subscriptions', { token: zoe.token });
    assert.equal(status, 200);
});
