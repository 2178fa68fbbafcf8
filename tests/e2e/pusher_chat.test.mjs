// The Pusher chat (document 003) over REST: every route; and GET /api/users, which is in Matcha's
// document too.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

import * as native from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server, keepSecret } from './server.mjs';

const KEY = 'testkey';
const SECRET = keepSecret('test-secret-of-pusher');
const settings = {
    'pusher.app_id': '1', 'pusher.key': KEY, 'pusher.secret': SECRET,
    'pusher.open_to_all': 'private-news presence-lobby',
};

let server;
let ann;
let bob;
let eve;
before(async () => {
    server = await Server.start({ settings });
    ann = await register('ann');
    bob = await register('bob');
    eve = await register('eve');
});
after(() => server.close());

/** One request; `form` is sent as a form. */
async function ask(method, path, { token, body, form, headers = {} } = {}) {
    const reply = await fetch(server.url + path, {
        method,
        headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
        },
        body: form === undefined ? body && JSON.stringify(body) : new URLSearchParams(form),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
}

async function must(method, path, options, status = 200) {
    const reply = await ask(method, path, options);
    assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(reply.body)}`);
    return reply.body;
}

async function refused(status, msg, method, path, options) {
    const reply = await ask(method, path, options);
    assert.deepEqual([reply.status, reply.body], [status, { msg }]);
}

async function register(username) {
    const password = keepSecret(`pw-${randomBytes(9).toString('hex')}`);
    await must('POST', '/api/register', { body: { username, password } }, 201);
    const { data } = await must('POST', '/api/login', { body: { username, password } });
    keepSecret(data.token);
    return { ...data, password };
}

const request = (from, to) => must('POST', '/api/request_chat',
    { token: from.token, body: { from_user: from.id, to_user: to.id } });

const send = (from, body, status) => must('POST', '/api/send_message',
    { token: from.token, body: { from_user: from.id, ...body } }, status);

/* ---- accounts ---- */

test('registering and signing in say what the document says', async () => {
    const body = { username: 'carl', password: keepSecret('fine-password') };
    assert.deepEqual(await must('POST', '/api/register', { body }, 201),
        { status: 'success', message: 'User added successfully' });
    assert.deepEqual(await must('POST', '/api/register', { body }),
        { status: 'error', message: 'Could not add user' });
    const reply = await must('POST', '/api/login', { body });
    assert.deepEqual(Object.keys(reply).sort(), ['data', 'message', 'status']);
    assert.deepEqual([reply.status, reply.message], ['success', 'login successful']);
    assert.deepEqual(Object.keys(reply.data).sort(), ['id', 'token', 'username']);
    keepSecret(reply.data.token);
    assert.ok(Number.isInteger(reply.data.id));
    assert.equal(reply.data.username, 'carl');
    const { token } = reply.data;
    const { sessions } = await native.must(server, 'GET', '/v1/sessions', { token });
    assert.equal(sessions.length, 1, 'that of signing in alone');
    assert.deepEqual(await must('POST', '/api/login', { body: { ...body, password: 'wrong' } }, 401),
        { status: 'failed', message: 'Failed getting user' });
    await refused(400, 'username and password must be there', 'POST',
        '/api/login?password=fine-password', { body: { username: 'carl' } });
});

test('a credential is refused in the words of the document\'s server', async () => {
    const path = '/api/get_message/1';
    const [head, claims] = ann.token.split('.');
    await refused(401, 'Missing Authorization Header', 'GET', path);
    await refused(422, 'Not enough segments', 'GET', path, { token: 'nonsense' });
    await refused(422, 'Not enough segments', 'GET', path, { headers: { authorization: 'nonsense' } });
    await refused(422, 'Signature verification failed', 'GET', path,
        { token: `${head}.${claims}.${'A'.repeat(43)}` });
    const { password } = ann;
    const { token } = await native.signIn(server, 'ann', password);
    await native.call(server, 'DELETE', '/v1/session', { token });
    await refused(401, 'Token has been revoked', 'GET', path, { token });
});

/* ---- chats ---- */

test('a chat keeps the order in which it was first asked for', async () => {
    const both = {
        from_user_notification_channel: `private-notification_user_${bob.id}`,
        to_user_notification_channel: `private-notification_user_${ann.id}`,
        channel_name: `private-chat_${bob.id}_${ann.id}`,
    };
    assert.deepEqual(await request(bob, ann), { from_user: bob.id, to_user: ann.id, ...both });
    const back = await must('POST', '/api/request_chat',
        { token: ann.token, body: { from_user: String(ann.id), to_user: String(bob.id) } });
    assert.deepEqual(back, {
        from_user: ann.id, to_user: bob.id,
        from_user_notification_channel: both.to_user_notification_channel,
        to_user_notification_channel: both.from_user_notification_channel,
        channel_name: both.channel_name,
    });
});

test('nobody asks for somebody else, with oneself, or with nobody', async () => {
    const tries = [
        [{ from_user: bob.id, to_user: eve.id }, 403], [{ from_user: ann.id, to_user: ann.id }, 400],
        [{ from_user: ann.id, to_user: 999_999 }, 404], [{ to_user: bob.id }, 400],
        [{ from_user: ann.id, to_user: 'bob' }, 400],
    ];
    for (const [body, status] of tries) {
        const reply = await must('POST', '/api/request_chat', { token: ann.token, body }, status);
        assert.deepEqual(Object.keys(reply), ['msg']);
    }
});

test('a message comes back with its id, a sentiment and what came with it', async () => {
    const { channel_name: channel } = await request(ann, eve);
    const body = { to_user: eve.id, message: 'hello', channel };
    const { id, ...sent } = await send(ann, body);
    assert.deepEqual(sent, { from_user: ann.id, ...body, sentiment: { polarity: 0 } });
    const more = await send(ann, { ...body, to_user: String(eve.id), type: 'text', mood: [1], id: 7 });
    assert.deepEqual(more, {
        id: id + 1, from_user: ann.id, ...body, type: 'text', mood: [1], sentiment: { polarity: 0 },
    });
    const list = await must('GET', `/api/get_message/${channel}`, { token: eve.token });
    const item = {
        message: 'hello', from_user: ann.id, to_user: eve.id, sentiment: { polarity: 0 },
        channel_id: list[0].channel_id,
    };
    assert.deepEqual(list, [{ id, ...item }, { id: id + 1, ...item }]);
    const byId = await send(ann, { message: 'by id', channel_id: String(item.channel_id) });
    assert.deepEqual([byId.channel, byId.channel_id], [channel, item.channel_id]);
    const page = await must('GET', `/api/get_message/${item.channel_id}?limit=1&before=${byId.id}`,
        { token: ann.token });
    assert.deepEqual(page.map((message) => message.id), [id + 1]);
});

test('an Idempotency-Key makes a retry safe', async () => {
    const { channel_name: channel } = await request(ann, bob);
    const options = {
        token: ann.token, headers: { 'idempotency-key': 'once' },
        body: { from_user: ann.id, to_user: bob.id, message: 'once', channel },
    };
    const first = await must('POST', '/api/send_message', options);
    assert.deepEqual(await must('POST', '/api/send_message', options), first);
    const list = await must('GET', `/api/get_message/${channel}`, { token: bob.token });
    assert.equal(list.filter(({ message }) => message === 'once').length, 1);
});

test('a chat without messages is empty, and a stranger\'s is 403', async () => {
    const { channel_name: channel } = await request(bob, eve);
    assert.deepEqual(await must('GET', `/api/get_message/${channel}`, { token: eve.token }), []);
    for (const name of [channel, 'private-chat_998_999', '999999', 'nonsense'])
        await must('GET', `/api/get_message/${name}`, { token: ann.token }, 403);
    await send(ann, { to_user: eve.id, message: 'x', channel }, 403);
    await send(ann, { to_user: bob.id, message: 'x', channel: `private-chat_${ann.id}_${bob.id}` }, 403);
    await must('POST', '/api/send_message',
        { token: eve.token, body: { from_user: bob.id, to_user: eve.id, message: 'x', channel } }, 403);
});

/* ---- Pusher's channels ---- */

/** A connection to Pusher's door; gives {socket, id}. */
function dial() {
    const socket = new WebSocket(`${server.socketUrl}/app/${KEY}?protocol=7&client=test&version=1`);
    return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.once('message', (data) => {
            const { socket_id: id } = JSON.parse(JSON.parse(data).data);
            resolve({ socket, id });
        });
    });
}

const sign = (text) => `${KEY}:${createHmac('sha256', SECRET).update(text).digest('hex')}`;

const authorize = (person, form, status) =>
    must('POST', '/api/pusher/auth', { token: person.token, form }, status);

test('one\'s own channels are signed, by form and by JSON alike', async () => {
    const { socket, id } = await dial();
    const { channel_name: chat } = await request(ann, bob);
    for (const name of [`private-notification_user_${ann.id}`, chat, 'private-news']) {
        const form = { socket_id: id, channel_name: name };
        assert.deepEqual(await authorize(ann, form), { auth: sign(`${id}:${name}`) });
        assert.deepEqual(await must('POST', '/api/pusher/auth', { token: ann.token, body: form }),
            { auth: sign(`${id}:${name}`) });
    }
    socket.close();
});

test('in presence channels the server says who it is', async () => {
    const { socket, id } = await dial();
    const name = 'presence-lobby';
    const data = JSON.stringify({ user_id: String(ann.id), user_info: { username: 'ann' } });
    const form = { socket_id: id, channel_name: name, user_id: '1', channel_data: '{}' };
    assert.deepEqual(await authorize(ann, form),
        { auth: sign(`${id}:${name}:${data}`), channel_data: data });
    const user = JSON.stringify({ id: String(ann.id), user_info: { username: 'ann' } });
    assert.deepEqual(
        await must('POST', '/api/pusher/user-auth', { token: ann.token, form: { socket_id: id } }),
        { auth: sign(`${id}::user::${user}`), user_data: user });
    socket.close();
});

test('others\' channels, dead sockets and malformed names are 403', async () => {
    const { socket, id } = await dial();
    const { channel_name: chat } = await request(bob, eve);
    const names = [
        chat, `private-notification_user_${bob.id}`, 'private-other', 'presence-other', 'public',
        `private-chat_${ann.id}_999999`, 'private-chat_x', 'private-news:1', 'private-encrypted-x',
    ];
    for (const name of names)
        await authorize(ann, { socket_id: id, channel_name: name }, 403);
    const own = `private-notification_user_${ann.id}`;
    for (const dead of ['1.1', 'x', `${id}:private-other`, ''])
        await authorize(ann, { socket_id: dead, channel_name: own }, dead === '' ? 400 : 403);
    await authorize(ann, { socket_id: id, channel_name: own });
    await authorize(bob, { socket_id: id, channel_name: `private-notification_user_${bob.id}` }, 403);
    socket.close();
});

/** The next `new_message` or `new_chat` on that connection. */
function hears(socket, event) {
    return new Promise((resolve) => {
        socket.on('message', (data) => {
            const frame = JSON.parse(data);
            if (frame.event === event)
                resolve({ channel: frame.channel, ...JSON.parse(frame.data) });
        });
    });
}

async function subscribe({ socket, id }, person, channel) {
    const { auth } = await authorize(person, { socket_id: id, channel_name: channel });
    const succeeded = hears(socket, 'pusher_internal:subscription_succeeded');
    socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, auth } }));
    await succeeded;
}

test('what is said comes to the channel in the shape of the reply', async () => {
    const dialled = await dial();
    const own = `private-notification_user_${eve.id}`;
    await subscribe(dialled, eve, own);
    const asked = hears(dialled.socket, 'new_chat');
    const { channel_name: channel, ...rest } = await request(bob, eve);
    assert.deepEqual(await asked, { channel: own, channel_name: channel, ...rest });

    await subscribe(dialled, eve, channel);
    const came = hears(dialled.socket, 'new_message');
    const sent = await send(bob, { to_user: eve.id, message: 'hi', channel, type: 'text' });
    assert.deepEqual(await came, sent);
    dialled.socket.close();
});

test('a room of several has a channel, too', async () => {
    const { token } = ann;
    const room = await native.makeRoom(server, token, 'private');
    await native.must(server, 'POST', `/v1/rooms/${room.id}/members`,
        { token, body: { account: bob.id } });
    const channel = `private-chat_${room.id}`;
    const dialled = await dial();
    await subscribe(dialled, bob, channel);
    const came = hears(dialled.socket, 'new_message');
    const sent = await send(ann, { message: 'to all', channel });
    assert.deepEqual(sent, {
        id: sent.id, from_user: ann.id, to_user: null, message: 'to all', channel,
        sentiment: { polarity: 0 },
    });
    assert.deepEqual(await came, sent);
    const list = await must('GET', `/api/get_message/${channel}`, { token: bob.token });
    assert.deepEqual(list.map(({ id, channel_id }) => [id, channel_id]), [[sent.id, room.id]]);
    await send(eve, { message: 'x', channel }, 403);
    await authorize(eve, { socket_id: dialled.id, channel_name: channel }, 403);
    dialled.socket.close();
});

/* ---- one path of two documents ---- */

test('/api/users shows what the session\'s own document says', async () => {
    const keysBy = async (token) => {
        const users = await must('GET', '/api/users', { token });
        assert.ok(users.some((user) => (user.userName ?? user.login) === 'ann'), 'the caller too');
        const sets = new Set(users.map((user) => Object.keys(user).sort().join()));
        assert.equal(sets.size, 1);
        return [...sets][0].split(',');
    };
    const { password } = ann;
    const matcha = await must('POST', '/api/signin', { body: { login: 'ann', password } });
    const fromMatcha = await keysBy(keepSecret(matcha.access_token));
    assert.deepEqual(await keysBy(ann.token), ['id', 'userName']);
    assert.ok(fromMatcha.includes('user_id') && !fromMatcha.includes('userName'));
    const { token } = await native.signIn(server, 'ann', password);
    const fromElsewhere = await keysBy(token);
    assert.deepEqual(fromElsewhere, [...fromMatcha, 'id', 'userName'].sort());

    const renewed = await native.must(server, 'POST', '/v1/session/renewal', { token: ann.token });
    assert.deepEqual(await keysBy(keepSecret(renewed.token)), ['id', 'userName']);
});

test('what never reaches a route is refused in its document\'s shape, too', async () => {
    const shapes = [
        ['/api/signin', 'message'], ['/api/login', 'msg'], ['/auth/login', 'error'],
        ['/login', 'ok', 'error'], ['/v1/sessions', 'error'],
    ];
    const lines = [['Content-Length: 900000', 413], ['Transfer-Encoding: chunked', 411]];
    for (const [path, ...keys] of shapes) {
        for (const [line, status] of lines) {
            const reply = await rawRequest(server, requestText('POST', path, [line]));
            assert.equal(reply.status, status, path);
            assert.deepEqual(Object.keys(JSON.parse(reply.body)), keys, path);
        }
    }
});

test('too many tries are 429 in the words of each document', async () => {
    const limited = await Server.start({ settings: { 'rate.login': '1/100' } });
    try {
        const body = JSON.stringify({ login: 'x', username: 'x', password: 'wrong-password' });
        const text = 'Too many requests: wait as long as Retry-After says.';
        const shapes = [['/api/signin', { message: text }], ['/api/login', { msg: text }]];
        for (const path of ['/api/signin'])
            await fetch(limited.url + path, { method: 'POST', body });
        for (const [path, shape] of shapes) {
            const reply = await fetch(limited.url + path, { method: 'POST', body });
            assert.equal(reply.status, 429);
            assert.ok(Number(reply.headers.get('retry-after')) > 0);
            assert.deepEqual(await reply.json(), shape);
        }
    } finally {
        await limited.close();
    }
});
