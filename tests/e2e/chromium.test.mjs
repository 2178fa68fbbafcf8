// Stock clients within Chromium, on a page of another origin: cookies, CORS and preflights are
// the browser's own, and each transport of Socket.IO and each version of pusher-js is tried.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, must, signUp } from './client.mjs';
import { Chromium } from './people/chromium.mjs';
import { PUSHER } from './people/pusher_chat.mjs';
import { Server } from './server.mjs';

const TRANSPORTS = { polling: ['polling'], WebSocket: ['websocket'], both: ['polling', 'websocket'] };
const STRANGER = 'stranger.test';

let server, chrome, ann;
before(async () => {
    server = await Server.start({ settings: PUSHER });
    chrome = await Chromium.start();
    ann = await signUp(server, 'ann');
});
after(async () => {
    await chrome.close();
    await server.close();
});

let people = 0;

/** Somebody for a page, whom ann has a direct room with and listens to. */
async function somebody() {
    const bob = await signUp(server, `bob${people++}`);
    const room = await must(server, 'POST', '/v1/direct', { token: ann.token, body: { account: bob.id } });
    return { login: bob.account.login, id: bob.id, token: bob.token, password: bob.password, room: room.id };
}

test('a page signs up and asks over REST, after a preflight', async () => {
    const page = await chrome.page();
    const body = await page.evaluate(async (url) => {
        const headers = { 'content-type': 'application/json' };
        const person = JSON.stringify({ login: 'page', password: 'a-fine-password' });
        const made = await fetch(`${url}/v1/accounts`, { method: 'POST', headers, body: person });
        const { token } = await made.json();
        const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
        return me.json();
    }, server.url);
    assert.equal(body.login, 'page');
    await page.context().close();
});

test('a page of a stranger may read no answer', async () => {
    const page = await chrome.page([], STRANGER);
    const ask = (url) => fetch(`${url}/v1/rooms`, { credentials: 'include' })
        .then(({ status }) => status, (fault) => fault.name);
    assert.equal(await page.evaluate(ask, server.url), 'TypeError');
    await page.context().close();
});

// ---- Matcha (000): the session cookie, and Socket.IO 2.x ----

/** In the page: load, sign in, join, say; gives all that came until ann has answered. */
async function matchaPage({ url, login, password, id, room, transports }) {
    const heard = [];
    const socket = globalThis.io(`${url}/api/socket`, { transports });
    const came = (event) => new Promise((resolve) => { socket.on(event, resolve); });
    await came('connect');
    socket.on('receive_message', ({ text, author }) => heard.push([author, text]));
    const ask = (method, path, body) => fetch(url + path, {
        method, credentials: 'include', body: body && JSON.stringify(body),
        headers: body && { 'content-type': 'application/json' },
    }).then((reply) => reply.json());
    const { message } = await ask('POST', '/api/signin', { login, password });
    socket.emit('connect_logged_user', id);
    socket.emit('join', room);
    socket.emit('message',
        { text: 'from a page', chat_id: String(room), author: login, creation_date: new Date() });
    while (heard.length < 2)
        await came('receive_message');
    const { messages } = await ask('GET', `/api/chats/${room}`);
    return { message, heard, stored: messages.map(({ author, text }) => [author, text]) };
}

for (const version of ['2.2', '2.5']) {
    for (const [name, transports] of Object.entries(TRANSPORTS)) {
        test(`Matcha's page with socket.io-client ${version} by ${name}`, async () => {
            const bob = await somebody();
            const listener = await Native.open(server, ann.token);
            const page = await chrome.page([`socket.io-${version}`]);
            const shown = page.evaluate(matchaPage, { url: server.url, transports, ...bob });
            await listener.heardText('from a page');
            await listener.post(bob.room, 'an answer');
            const all = [[bob.login, 'from a page'], ['ann', 'an answer']];
            assert.deepEqual(await shown, { message: 'ok', heard: all, stored: all });
            const [{ httpOnly, sameSite }] = (await page.context().cookies())
                .filter(({ name: cookie }) => cookie === 'session');
            assert.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: 'Lax' });
            await Promise.all([page.context().close(), listener.close()]);
        });
    }
}

test('Matcha\'s socket on a stranger\'s page is nobody\'s, whatever cookie is there', async () => {
    const bob = await somebody();
    const page = await chrome.page(['socket.io-2.2'], STRANGER);
    const [session] = (await fetch(`${server.url}/api/signin`, {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ login: bob.login, password: bob.password }),
    })).headers.getSetCookie();
    const [name, value] = session.split(';')[0].split('=');
    await page.context().addCookies([{ name, value, url: server.url }]);
    await page.evaluate(({ url, id, room, login }) => new Promise((resolve) => {
        const socket = globalThis.io(`${url}/api/socket`, { transports: ['websocket'] });
        socket.on('connect', () => {
            socket.emit('connect_logged_user', id);
            socket.emit('message', { text: 'forged', chat_id: room, author: login, creation_date: '' });
            socket.io.engine.once('pong', resolve); // comes behind what was said before it
            socket.io.engine.ping();
        });
    }), { url: server.url, ...bob });
    const { messages } = await must(server, 'GET', `/v1/rooms/${bob.room}/messages`, ann);
    assert.deepEqual(messages, []);
    await page.context().close();
});

// ---- the native events on Socket.IO 4.8 ----

async function nativePage({ url, token, room, transports }) {
    const socket = globalThis.io(url, { transports, auth: { token } });
    const came = (event) => new Promise((resolve) => { socket.on(event, resolve); });
    await came('connect');
    const posted = came('room.posted');
    const answer = await socket.emitWithAck('room.post', { room, text: 'from a page' });
    return { answer, event: await posted, transport: socket.io.engine.transport.name };
}

for (const [name, transports] of Object.entries(TRANSPORTS)) {
    test(`native events with socket.io-client 4.8 by ${name}`, async () => {
        const bob = await somebody();
        const page = await chrome.page(['socket.io-4.8']);
        const { event } = await page.evaluate(nativePage, { url: server.url, transports, ...bob });
        assert.match(JSON.stringify(event), /from a page/);
        await page.context().close();
    });
}

// ---- the Pusher chat (003) ----

async function pusherPage({ url, key, token, channel, me, other }) {
    const headers = { authorization: `Bearer ${token}` };
    const { hostname, port } = new URL(url);
    const pusher = new globalThis.Pusher(key, {
        cluster: 'kith', wsHost: hostname, wsPort: Number(port), forceTLS: false,
        enabledTransports: ['ws'], disableStats: true,
        authEndpoint: `${url}/api/pusher/auth`, auth: { headers },
    });
    const chat = pusher.subscribe(channel);
    const came = (event) => new Promise((resolve) => { chat.bind(event, resolve); });
    await came('pusher:subscription_succeeded');
    const message = came('new_message');
    await fetch(`${url}/api/send_message`, {
        method: 'POST', headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ from_user: me, to_user: other, message: 'from a page', channel }),
    });
    return (await message).message;
}

for (const version of [4, 7, 8]) {
    test(`the Pusher chat with pusher-js ${version}`, async () => {
        const bob = await somebody();
        const page = await chrome.page([`pusher-${version}`]);
        const said = await page.evaluate(pusherPage, {
            url: server.url, key: PUSHER['pusher.key'], token: bob.token,
            channel: `private-chat_${ann.id}_${bob.id}`, me: bob.id, other: ann.id,
        });
        assert.equal(said, 'from a page');
        await page.context().close();
    });
}
