// Who blocks somebody is not there for them any more, at any front door: zoe, who is blocked, asks
// by every route and every call and listens on every kind of socket, and no byte that comes to her
// is of canary, who has blocked her.  Taken back, the block leaves no trace.
//
// Canary's names, words, picture and address are like no other text, and so is the number.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { doors, printedRoutes } from './access.mjs';
import { Native, call, eventually, must, post, signIn, signUp } from './client.mjs';
import { routes, socketCalls, socketFields } from './contract.mjs';
import { signUpAs } from './operator.mjs';
import { Packed } from './packed.mjs';
import { clients } from './people/all.mjs';
import { ChatApiPerson } from './people/chatapi.mjs';
import { ChatBackendLinePerson, ChatBackendSocketPerson } from './people/chatbackend.mjs';
import { MatchaPerson } from './people/matcha.mjs';
import { NativeSocketIoPerson } from './people/native_sio.mjs';
import { PusherChatPerson, openPusher, subscribed } from './people/pusher_chat.mjs';
import { knock, settings } from './people/rooms.mjs';
import { Tap } from './people/tap.mjs';
import { Server } from './server.mjs';

const IMPORTED = 850; // twice: so that no other small number is like canary's
const REST = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

let server, tap, canary, zoe, carl, direct, own, group, aside, since, words;
const listeners = [];

const as = (person, method, path, body) => must(server, method, path, { token: person.token, body });

async function importPeople() {
    const root = await signUpAs(server, 'root', 'admin');
    for (const letter of ['x', 'y']) {
        const accounts = Array.from({ length: IMPORTED }, (_, n) => ({ login: `${letter}${n}` }));
        await as(root, 'POST', '/v1/admin/imports', { accounts });
    }
}

const roomOf = (...members) => async (name) => {
    const [owner, ...others] = members;
    const room = await as(owner, 'POST', '/v1/rooms', { kind: 'private', name });
    for (const { id: account } of others)
        await as(owner, 'POST', `/v1/rooms/${room.id}/members`, { account });
    return { ...room, token: owner.token };
};

/** All that two people can come to have of each other. */
async function getToKnow() {
    await as(canary, 'PATCH', '/v1/me/profile', {
        first_name: 'Canaryfirst', last_name: 'Canarylast', city: 'Canarytown', age: 30, gender: 'canarykind',
        description: 'I am a canarybird', tags: [{ name: 'canarytag' }, { name: 'tea' }],
        photos: [{ url: 'https://canaryphotos.example/1.png', main: true }], lat: 48_850_000, lon: 2_350_000,
    });
    await as(zoe, 'PATCH', '/v1/me/profile',
        { first_name: 'Zoe', age: 30, tags: [{ name: 'tea' }], lat: 48_850_000, lon: 2_350_000 });
    await as(canary, 'POST', `/v1/people/${zoe.id}/visits`);
    await as(zoe, 'POST', `/v1/people/${canary.id}/visits`);
    await as(zoe, 'PUT', `/v1/people/${canary.id}/like`);
    await as(canary, 'PUT', `/v1/people/${zoe.id}/like`);
    await eventually(() => call(server, 'GET', `/v1/direct/${zoe.id}`, canary),
        ({ status }) => status === 200, 'their room');
    direct = await as(canary, 'GET', `/v1/direct/${zoe.id}`);
    direct.channel = `private-chat_${direct.first}_${direct.second}`;
    await post(server, canary.token, direct.id, 'a canaryword between us');
    await post(server, zoe.token, direct.id, 'hello');
    await as(canary, 'PUT', `/v1/rooms/${direct.id}/messages/2/reactions/+`);
    await as(canary, 'PUT', `/v1/rooms/${direct.id}/messages/1/pin`);
    own = await roomOf(canary)('canaryroom');
    await as(canary, 'POST', `/v1/rooms/${own.id}/invitations`, { account: zoe.id });
    await as(canary, 'POST', '/v1/notifications', { account: zoe.id, text: 'a canarynote' });
    await as(canary, 'POST', `/v1/people/${zoe.id}/reports`, { reason: 'fake', text: 'canaryreport' });
    await as(zoe, 'PUT', `/v1/people/${canary.id}/chat`);
}

/** Zoe as the client of one front door, behind the tap. */
async function zoeBy(Client, room) {
    const person = Object.assign(new Client(tap, 'zoe'), {
        password: zoe.password, email: 'zoe@example.org', token: zoe.token, id: zoe.id,
    });
    await person.signIn();
    await person.connect();
    if (room !== undefined)
        await person.enter(room);
    listeners.push(person);
    return person;
}

/** Nobody reads what comes here but the tap. */
async function openStream() {
    const stop = new AbortController();
    const reply = await fetch(`${tap.url}/v1/events?token=${zoe.token}`, { signal: stop.signal });
    reply.body.pipeTo(new WritableStream()).catch(() => {});
    listeners.push({ close: () => stop.abort() });
}

async function listen() {
    for (const Client of [ChatBackendLinePerson, ChatBackendSocketPerson])
        await zoeBy(Client, group);
    for (const Client of [ChatApiPerson, MatchaPerson, NativeSocketIoPerson])
        await zoeBy(Client, aside);
    await zoeBy(PusherChatPerson);
    const pusher = openPusher(tap, 8, { headers: { Authorization: `Bearer ${zoe.token}` } });
    const channels = [direct.channel, `private-notification_user_${zoe.id}`].map((name) => pusher.subscribe(name));
    await Promise.all(channels.map(subscribed));
    listeners.push({ close: () => pusher.disconnect() });
    await openStream();
    for (const Socket of [Native, Packed])
        listeners.push(await Socket.open(tap, zoe.token));
}

before(async () => {
    server = await Server.start({ settings });
    tap = await Tap.to(server);
    await importPeople();
    const email = 'canarymail@example.org';
    canary = await signUp(server, 'canarylogin', { username: 'Canaryname', email });
    [zoe, carl] = await Promise.all(['zoe', 'carl'].map((login) =>
        signUp(server, login, { email: `${login}@example.org` })));
    words = ['canary', canary.account.uuid];
    group = await roomOf(carl, zoe, canary)('all three');
    aside = await roomOf(carl, zoe)('two of them');
    since = (await as(zoe, 'GET', '/v1/rooms')).as_of;
    await getToKnow();
});
after(async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
    tap.close();
    await server.close();
});

const block = (method) => as(canary, method, `/v1/people/${zoe.id}/block`);
const assertUnseen = (what) => assert.deepEqual(tap.finds(words, canary.id), [], what);

test('before, there is much to see', async () => {
    await listen();
    await must(tap, 'GET', `/v1/people/${canary.id}`, zoe);
    assert.ok(tap.finds(words, canary.id).length > 5);
    assert.ok(tap.finds([], canary.id).length > 0, 'the number is found, too');
});

// ---- live ----

/** What canary does, with what of it carl hears. */
async function live() {
    const witness = await Native.open(server, carl.token);
    const socket = await Native.open(server, canary.token);
    const isCanarys = (type, more = () => true) => ({ type: other, body }) =>
        other === type && body.account === canary.id && more(body);
    await witness.heard(isCanarys('presence.changed', ({ online }) => online), 'that canary came');
    await socket.request('room.typing', { room: group.id, typing: true });
    await witness.heard(isCanarys('room.typing'), 'that canary writes');
    const there = Object.assign(new ChatBackendSocketPerson(server, 'canarylogin'), { password: canary.password });
    const carls = Object.assign(new ChatBackendSocketPerson(server, 'carl'), { password: carl.password });
    for (const person of [carls, there]) {
        await person.signIn();
        await person.connect();
        await person.enter(group);
    }
    await carls.until(() => carls.comers.includes('join_room Canaryname'), 'that canary opened the room');
    await there.close();
    await carls.until(() => carls.comers.includes('leave_room Canaryname'), 'that canary closed it');
    await carls.close();
    await as(canary, 'PUT', '/v1/me/username', { username: 'Canarynewname' });
    await as(canary, 'PATCH', '/v1/me/profile', { city: 'Canaryvillage' });
    await as(canary, 'PUT', `/v1/rooms/${own.id}/topic`, { topic: 'canarytopic' });
    await post(server, canary.token, own.id, 'a canaryword for myself, @zoe');
    await socket.close();
    await witness.heard(isCanarys('presence.changed', ({ online }) => !online), 'that canary went');
    await witness.close();
}

/** What the block forbids canary, too: each would be news for zoe. */
const acts = [
    ['POST', () => '/v1/direct', () => ({ account: zoe.id })],
    ['POST', () => '/v1/direct/requests', () => ({ account: zoe.id })],
    ['POST', () => `/v1/rooms/${direct.id}/messages`, () => ({ text: 'canary' })],
    ['PUT', () => `/v1/rooms/${direct.id}/messages/1`, () => ({ text: 'canary' })],
    ['DELETE', () => `/v1/rooms/${direct.id}/messages/1`],
    ['PUT', () => `/v1/rooms/${direct.id}/messages/2/reactions/canary`],
    ['DELETE', () => `/v1/rooms/${direct.id}/messages/1/pin`],
    ['PUT', () => `/v1/rooms/${direct.id}/typing`, () => ({ typing: true })],
    ['PUT', () => `/v1/rooms/${direct.id}/read`, () => ({ seq: 2 })],
    ['POST', () => `/v1/rooms/${own.id}/members`, () => ({ account: zoe.id })],
    ['POST', () => `/v1/rooms/${own.id}/invitations`, () => ({ account: zoe.id })],
    ['DELETE', () => `/v1/rooms/${own.id}/invitations/${zoe.id}`],
    ['POST', () => '/v1/notifications', () => ({ account: zoe.id, text: 'canary' })],
    ['POST', () => `/v1/people/${zoe.id}/visits`],
    ['PUT', () => `/v1/people/${zoe.id}/like`],
    ['PUT', () => `/v1/people/${zoe.id}/dislike`],
    ['PUT', () => `/v1/people/${zoe.id}/chat`],
];

/** Until each of zoe's sockets has shown what was said last. */
async function settle() {
    await knock(server, aside, listeners.filter(({ room }) => room === aside));
    await knock(server, group, listeners.filter(({ room }) => room === group));
    const text = 'the last word';
    await as(carl, 'POST', '/v1/direct', { account: zoe.id }).then(({ id }) => post(server, carl.token, id, text));
    for (const socket of listeners.filter((one) => one instanceof Native))
        await socket.heardText(text);
    const { as_of: head } = await as(carl, 'GET', '/v1/rooms');
    await eventually(() => as(carl, 'GET', '/v1/search?text=any'), ({ as_of: index }) => index >= head, 'the index');
}

test('nothing of what the blocker does comes live, on no kind of socket', async () => {
    await block('PUT');
    tap.clear();
    await live();
    for (const [method, path, body] of acts) {
        const { status, body: answer } = await call(server, method, path(),
            { token: canary.token, body: body?.() });
        assert.match(answer?.error?.name ?? '', /^(blocked|not_found)$/, `${method} ${path()}: ${status}`);
    }
    await settle();
    assert.ok(tap.text().includes('the last word'));
    assertUnseen('live');
});

// ---- what was missed ----

test('nothing of before the block comes to who resumes', async () => {
    tap.clear();
    for (const Socket of [Native, Packed]) {
        const socket = await Socket.open(tap, zoe.token, { since });
        assert.equal(socket.welcome.body.resumed, true);
        await socket.heardText('the last word');
        await socket.close();
    }
    assertUnseen('resumed');
});

// ---- asking ----

/** What zoe asks for again below, or would lose herself by. */
const leftOut = ['session.close', 'session.revoke', 'session.revoke_others', 'people.unlike', 'people.dislike',
    'people.disconnect', 'people.block', 'people.unblock', 'people.report', 'account.delete', 'notification.clear'];

/** Values for every field that can name somebody, a room, or words. */
const hints = () => ({
    account: canary.id, accounts: [canary.id], login: 'canarylogin', prefix: 'can', seq: 1, any: true, sort: 'tags',
    tags: 'canarytag', text: 'canarybird', cursor: undefined,
});

const sample = ({ name, schema }, more) => more[name] ?? schema.enum?.[0] ?? {
    integer: 1, string: 'x'.repeat(Math.max(schema.minLength ?? 0, 1)), boolean: true, array: [],
}[schema.type];

function values(fields, more) {
    const wanted = fields.filter(({ name, required }) => required || more[name] !== undefined);
    return Object.fromEntries(wanted.map((field) => [field.name, sample(field, more)]));
}

async function askByRest({ method, path, fields }, more) {
    const all = values(fields, more);
    const within = (place) => Object.fromEntries(fields.filter((field) => field.place === place && field.name in all)
        .map(({ name }) => [name, all[name]]));
    const target = Object.entries(within('path')).reduce((text, [name, value]) =>
        text.replace(`{${name}}`, encodeURIComponent(value)), path);
    const body = ['GET', 'DELETE'].includes(method) ? undefined : within('body');
    await call(tap, method, `${target}?${new URLSearchParams(within('query'))}`, { token: zoe.token, body });
}

/** Ways to ask: of another room with as little as will do, and with all hints of those that are canary's. */
const waysToAsk = () => [{ room: aside.id }, ...[direct, own].map(({ id: room }) => ({ ...hints(), room }))];

test('nothing comes by any route of the native API', async () => {
    tap.clear();
    const asked = routes.filter(({ call: name, isOpen, isStaffs }) => !isOpen && !isStaffs && !leftOut.includes(name));
    assert.ok(asked.length > 60);
    for (const route of asked)
        for (const more of waysToAsk())
            await askByRest(route, more);
    for (const path of [`/v1/accounts?after=${canary.id - 1}`, `/v1/profiles?accounts=${canary.id}`, '/v1/people',
        '/v1/people?any=true', '/v1/people?sort=distance', '/v1/people?any=true&tags=canarytag', '/v1/tags', '/v1/unread',
        '/v1/tags?prefix=canary', '/v1/search?text=canaryword', `/v1/presence?accounts=${canary.id}`, '/v1/invitations',
        '/v1/notifications?limit=1000', '/v1/rooms?limit=1000', '/v1/me/likes?given=true', '/v1/me/matches'])
        await must(tap, 'GET', path, zoe);
    assertUnseen('REST');
});

test('nothing comes by any call of the WebSocket', async () => {
    tap.clear();
    const socket = await Native.open(tap, zoe.token);
    for (const name of socketCalls.filter((one) => !leftOut.includes(one)))
        for (const more of waysToAsk())
            await socket.request(name, values(socketFields(name), more)).catch(({ code }) => assert.equal(code, undefined));
    await socket.close();
    assertUnseen('calls');
});

/** As the access matrix asks, with canary in the place of whoever is asked about. */
async function askByDocument(dialect, row) {
    const door = doors[dialect];
    const credential = dialect === 'chatbackend' ? zoe.account.uuid : zoe.token;
    const whom = { ...canary, login: 'canarylogin' };
    const { path, body, form } = door.rules[`${row.method} ${row.path}`].request({
        ann: { ...zoe, login: 'zoe', email: 'zoe@example.org' }, bob: whom, carl: whom, room: direct,
        link: () => 'none', socket: '1.1',
    });
    const isJson = body !== undefined;
    const reply = await fetch(tap.url + path, {
        method: row.method,
        headers: { ...door.as(credential).headers, ...(isJson ? { 'content-type': 'application/json' } : {}) },
        body: isJson ? JSON.stringify(body) : form && new URLSearchParams(form),
    });
    await reply.arrayBuffer();
}

/** By which zoe would lose what is looked for below. */
const losing = /logout|save_profile|disconnect|set_offline|DELETE .*likes/;

/** By which she names canary, so that a number comes back. */
const naming = /report|fake|like|connect|block/;

for (const dialect of Object.keys(doors).filter((name) => !['native', 'pusher'].includes(name))) {
    const rows = printedRoutes().filter((row) => row.dialect === dialect && REST.includes(row.method))
        .filter(({ method, path }) => !losing.test(`${method} ${path}`));
    const askAll = async (wanted) => {
        tap.clear();
        for (const row of rows.filter(({ path }) => naming.test(path) === wanted))
            await askByDocument(dialect, row);
    };

    test(`nothing comes by any route of ${dialect}`, async () => {
        await askAll(false);
        assertUnseen(dialect);
        await askAll(true);
        assert.deepEqual(tap.finds(words), []);
    });
}

// ---- what one does to somebody whom one cannot see ----

test('what zoe can still do tells her nothing but what she said', async () => {
    tap.clear();
    const toCanary = (method, path, body) =>
        call(tap, method, `/v1/people/${canary.id}${path}`, { token: zoe.token, body });
    for (const [method, path, status] of [['PUT', '/block', 200], ['DELETE', '/block', 200], ['POST', '/visits', 404],
        ['PUT', '/like', 404], ['PUT', '/dislike', 404], ['PUT', '/chat', 404], ['GET', '', 404], ['GET', '/why-not', 404]])
        assert.equal((await toCanary(method, path)).status, status, path);
    const { body: relation } = await toCanary('PUT', '/block');
    assert.deepEqual(Object.keys(relation).sort(), ['account', 'blocked', 'liked', 'reported', 'visited']);
    await toCanary('DELETE', '/block');
    assert.deepEqual(tap.finds(words), []);
});

// ---- taken back ----

test('taken back, everything is there again', async () => {
    await block('DELETE');
    const get = (path) => as(zoe, 'GET', path);
    assert.equal((await get(`/v1/accounts/${canary.id}`)).login, 'canarylogin');
    assert.equal((await get('/v1/logins/canarylogin')).id, canary.id);
    const { relation, city } = await get(`/v1/people/${canary.id}`);
    assert.equal(city, 'Canaryvillage');
    assert.ok(relation.matched && relation.likes && relation.chat === 'open', JSON.stringify(relation));
    for (const list of ['visits', 'likes', 'matches'])
        assert.deepEqual((await get(`/v1/me/${list}`)).people.map(({ account }) => account), [canary.id]);
    const { rooms } = await get('/v1/rooms');
    assert.ok(rooms.some(({ id }) => id === direct.id));
    assert.equal((await get(`/v1/rooms/${direct.id}/messages`)).messages[0].text, 'a canaryword between us');
    assert.deepEqual((await get('/v1/tags?prefix=canary')).tags.map(({ name }) => name), ['canarytag']);
    assert.deepEqual((await get('/v1/invitations')).invitations.map(({ by }) => by), [canary.id]);
    const { notifications } = await get('/v1/notifications');
    const kinds = new Set(notifications.filter(({ from }) => from === canary.id).map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ['like', 'match', 'message', 'note', 'visit']);
    await eventually(() => get('/v1/search?text=canaryword'), ({ messages }) => messages.length > 0, 'the hit');
    const socket = listeners.find((one) => one instanceof Native);
    await post(server, canary.token, direct.id, 'here I am again');
    await socket.heardText('here I am again');
});

// ---- rooms that both are in ----

test('in a room that both are in, all see what is said and nobody misses a sequence', async () => {
    await block('PUT');
    const socket = listeners.find((one) => one instanceof Native);
    const { seq } = await post(server, canary.token, group.id, '@zoe, a canaryword to all');
    await socket.heardText('@zoe, a canaryword to all');
    const { messages } = await as(zoe, 'GET', `/v1/rooms/${group.id}/messages`);
    assert.deepEqual(messages.map((message) => message.seq), Array.from({ length: seq }, (_, n) => n + 1));
    const { members } = await as(zoe, 'GET', `/v1/rooms/${group.id}/members`);
    assert.ok(members.some(({ account }) => account === canary.id));
    const { notifications } = await as(zoe, 'GET', '/v1/notifications');
    assert.ok(!notifications.some(({ from }) => from === canary.id), 'and she is told by nobody');
    await block('DELETE');
});

test('this file has a listener of every kind of client', () => {
    const kinds = new Set(listeners.map(({ constructor }) => constructor));
    const missing = Object.entries(clients).filter(([, Client]) => !kinds.has(Client)).map(([name]) => name);
    assert.deepEqual(missing, ['matcha42 (004)', 'the native WebSocket'], 'both are Native');
});
