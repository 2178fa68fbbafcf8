// Matcha (000) over Socket.IO: the namespace /api/socket, and who is at its end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './people/browser.mjs';
import { Server } from './server.mjs';
import { clients, connect, next } from './socketio.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const PASSWORD = 'a good password';
const websockets = clients.filter(({ way }) => way === 'websocket');
const upgrades = clients.filter(({ way }) => way === 'upgrade');
let number = 0;

async function must(browser, method, path, body) {
    const reply = await browser.ask(method, path, { body });
    assert.equal(reply.status, 200, `${method} ${path} ${JSON.stringify(reply.body)}`);
    return reply.body;
}

/** Somebody who has signed up, and not in. */
async function person(options) {
    const browser = new Browser(server, options);
    const login = `person${++number}`;
    await must(browser, 'POST', '/api/signup',
        { login, email: `${login}@example.org`, user_name: login, password: PASSWORD });
    return { browser, login };
}

async function signIn(who, browser = who.browser) {
    const { id } = await must(browser, 'POST', '/api/signin', { login: who.login, password: PASSWORD });
    who.id = id;
    return who;
}

/** A socket of that browser, once it is in the namespace. */
async function open(client, { browser }) {
    const extraHeaders = browser.headers;
    const socket = await connect(client, server.url, {
        nsp: '/api/socket', transportOptions: { polling: { extraHeaders }, websocket: { extraHeaders } },
    });
    if (client.version !== '4.8')
        browser.keepCookie(`io=${socket.io.engine.id}; Path=/`);
    return socket;
}

/** Two who like each other, their room, and a socket of each that has joined it. */
async function couple(client) {
    const [ann, bob] = await Promise.all([person(), person()].map(async (who) => signIn(await who)));
    await must(ann.browser, 'POST', `/api/likes/${bob.id}`);
    await must(bob.browser, 'POST', `/api/likes/${ann.id}`);
    let chats = [];
    while (chats.length === 0)
        chats = await must(ann.browser, 'GET', '/api/chats');
    const room = chats[0].chat_id;
    const inside = [];
    for (const who of [ann, bob]) {
        who.socket = await open(client, who);
        who.socket.emit('connect_logged_user', who.id);
        who.socket.emit('join', String(room));
        inside.push(who.socket);
        const heard = inside.map((socket) => next(socket, 'receive_message'));
        who.socket.emit('message', message(who, room, 'here I am'));
        await Promise.all(heard);
    }
    return { ann, bob, room };
}

const message = (author, room, text, more = {}) => ({
    text, chat_id: room, author: author.login, creation_date: '2019-08-07T15:34:07.000Z', ...more,
});

for (const client of [...websockets, ...upgrades]) {
    test(`${client.name}: messages go to both, the sender included`, async () => {
        const { ann, bob, room } = await couple(client);
        const heard = [ann, bob].map(({ socket }) => next(socket, 'receive_message'));
        let noticed = '';
        bob.socket.on('notification', (text) => { noticed = text; });
        ann.socket.emit('message', message(ann, room, 'hello', { partner_id: bob.id, mood: 'well' }));
        for (const [got] of await Promise.all(heard))
            assert.deepEqual(got, {
                type: 'message', ...message(ann, Number(room), 'hello'), partner_id: bob.id, mood: 'well',
            });
        while (noticed !== `${ann.login}: hello`)
            await next(bob.socket, 'notification');
        ann.socket.close();
        bob.socket.close();
    });
}

for (const client of websockets) {
    test(`${client.name}: who one claims to be does not count`, async () => {
        const { ann, bob, room } = await couple(client);
        const refused = () => next(ann.socket, 'refused');
        for (const [event, said] of [
            ['connect_logged_user', bob.id], ['message', message(bob, room, 'as bob')],
            ['message', { ...message(ann, room, 'x'), author: undefined }],
            ['manage_notification', { author: bob.login, partner_id: ann.id, type: 'like' }],
            ['manage_notification', { author: ann.login, partner_id: 0, type: 'like' }],
            ['manage_notification', { author: ann.login, partner_id: bob.id, type: 'marry' }],
            ['join', 999999], ['join', 'x'], ['join', {}], ['no_such_event', 1],
            ['message', message(ann, 999999, 'x')], ['message', message(ann, room, 7)],
        ]) {
            const told = refused();
            ann.socket.emit(event, said);
            assert.equal(typeof (await told)[0].message, 'string', event);
        }
        ann.socket.close();
        bob.socket.close();
    });

    test(`${client.name}: a stranger says nothing and hears nothing`, async () => {
        const { ann, bob, room } = await couple(client);
        const nobody = await open(client, { browser: new Browser(server) });
        const told = next(nobody, 'refused');
        nobody.emit('connect_logged_user', ann.id);
        await told;
        const also = next(nobody, 'refused');
        nobody.emit('join', room);
        await also;
        nobody.on('receive_message', () => assert.fail('heard'));
        const heard = next(bob.socket, 'receive_message');
        ann.socket.emit('message', message(ann, room, 'ours'));
        await heard;
        [nobody, ann.socket, bob.socket].forEach((socket) => socket.close());
    });

    test(`${client.name}: notifications are strings, and really happen`, async () => {
        const { ann, bob } = await couple(client);
        const tell = (type) => ann.socket.emit('manage_notification',
            { author: ann.login, partner_id: bob.id, type });
        for (const [type, words] of [
            ['history', `${ann.login} has visited your profile`],
            ['dislike', `${ann.login} disliked you`],
            ['fake', 'You are blocked'],
        ]) {
            const told = next(bob.socket, 'notification');
            tell(type);
            assert.deepEqual(await told, [words]);
        }
        ann.socket.close();
        bob.socket.close();
    });
}

// The page opens its socket when it is loaded and signs in after; only 2.x clients get the cookie
// by which the sign-in finds it.
for (const client of websockets.filter(({ version }) => version !== '4.8')) {
    test(`${client.name}: a sign-in has the socket that the page opened before`, async () => {
        const who = await person();
        who.socket = await open(client, who);
        const refused = next(who.socket, 'refused');
        who.socket.emit('connect_logged_user', 1);
        await refused;
        await signIn(who);
        const told = next(who.socket, 'notification');
        who.socket.emit('connect_logged_user', who.id);
        const fan = await signIn(await person());
        await must(fan.browser, 'POST', `/api/likes/${who.id}`);
        assert.deepEqual(await told, [`${fan.login} liked you`]);

        assert.equal(await must(who.browser, 'DELETE', '/api/logout'), 'ok');
        const out = next(who.socket, 'refused');
        who.socket.emit('connect_logged_user', who.id);
        await out;
        assert.ok(who.socket.connected, 'the transport stays');

        await signIn(who);
        const again = next(who.socket, 'notification');
        await must(fan.browser, 'POST', `/api/history/${who.id}`);
        assert.deepEqual(await again, [`${fan.login} has visited your profile`]);
        who.socket.close();
    });

    test(`${client.name}: a sign-in by another browser has not`, async () => {
        for (const [agent, origin] of [['Another/1.0'], [undefined, 'https://evil.example']]) {
            const who = await person();
            who.socket = await open(client, who);
            const other = new Browser(server, { ...(agent && { agent }), ...(origin && { origin }) });
            other.keepCookie(`io=${who.socket.io.engine.id}; Path=/`);
            await signIn(who, other);
            const refused = next(who.socket, 'refused');
            who.socket.emit('connect_logged_user', who.id);
            await refused;
            who.socket.close();
        }
    });
}
