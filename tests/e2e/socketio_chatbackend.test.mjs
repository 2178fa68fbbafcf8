// ChatBackend (002) over Socket.IO: `auth` with an acknowledgement, messages, comings and goings.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, register, signIn } from './chatbackend.mjs';
import { Server } from './server.mjs';
import { clients, connect, next } from './socketio.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map(async (login) => {
        const password = 'a password';
        await register(server, login, { password, username: login });
        return { login, ...await signIn(server, { login, password }) };
    }));
});
after(() => server.close());

const headers = ({ uuid }) => ({ user: uuid });
const makeRoom = async () => (await must(server, 'POST', '/create-room',
    { headers: headers(ann), body: {} })).room_gid;
const say = (person, gid, msg) => must(server, 'POST', '/send-message',
    { headers: headers(person), body: { room_gid: gid, msg } });
const websockets = clients.filter(({ way }) => way === 'websocket');
const all = clients.filter(({ version }) => version === '2.2' || version === '4.8');

/** Say `auth`, and settle with the arguments of its acknowledgement. */
function auth(socket, uuid, gid) {
    const word = JSON.stringify({ uuid, room_gid: gid });
    return new Promise((resolve, reject) => {
        socket.once('disconnect', reject);
        socket.emit('auth', word, (...args) => resolve(args));
    });
}

/** What a socket hears, as texts. */
function listen(socket) {
    const heard = [];
    socket.on('message', ({ msg }) => heard.push(msg.txt));
    socket.on('join_room', ({ user }) => heard.push(`+${user}`));
    socket.on('leave_room', ({ user }) => heard.push(`-${user}`));
    return heard;
}

async function until(heard, last) {
    for (let i = 0; heard.at(-1) !== last; i++) {
        assert.ok(i < 500, `${last} after ${heard}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

for (const client of all) {
    test(`${client.name}: hears the room that it has named`, async () => {
        const gid = await makeRoom();
        const [here, there] = await Promise.all([1, 2].map(() => connect(client, server.url)));
        assert.deepEqual(await auth(here, ann.uuid, gid), []);
        const items = [];
        here.on('message', (item) => items.push(item));
        const heard = listen(here);
        assert.deepEqual(await auth(there, bob.uuid, gid), []);
        await until(heard, '+bob');
        await say(bob, gid, 'from bob');
        await say(ann, gid, 'from ann');
        await until(heard, 'from ann');
        there.close();
        await until(heard, '-bob');
        const [theirs, own] = items;
        assert.deepEqual(Object.keys(theirs), ['sender', 'msg']);
        assert.equal(theirs.sender.username, 'bob');
        assert.notEqual(theirs.sender.uuid, bob.uuid, 'the uuid is a credential');
        assert.equal(own.sender.uuid, ann.uuid, 'one\'s own, as one has shown it');
        assert.equal(typeof own.msg.timestamp, 'number');
        here.close();
    });
}

for (const client of websockets) {
    test(`${client.name}: a person comes once and goes once, however many sockets`, async () => {
        const gid = await makeRoom();
        const sockets = await Promise.all([1, 2, 3].map(() => connect(client, server.url)));
        const [watcher, one, two] = sockets;
        const heard = listen(watcher);
        await auth(watcher, ann.uuid, gid);
        await until(heard, '+ann');
        await auth(one, bob.uuid, gid);
        await auth(two, bob.uuid, gid);
        await say(bob, gid, 'both are here');
        await until(heard, 'both are here');
        one.close();
        await say(bob, gid, 'one is left');
        await until(heard, 'one is left');
        two.close();
        await until(heard, '-bob');
        assert.deepEqual(heard, ['+ann', '+bob', 'both are here', 'one is left', '-bob']);
        watcher.close();
    });

    test(`${client.name}: a second auth moves, the same again is acknowledged`, async () => {
        const [first, second] = [await makeRoom(), await makeRoom()];
        const socket = await connect(client, server.url);
        await auth(socket, ann.uuid, first);
        const heard = listen(socket);
        await auth(socket, ann.uuid, first);
        await auth(socket, ann.uuid, second);
        await until(heard, '+ann');
        await say(ann, first, 'not heard any more');
        await say(bob, second, 'heard');
        await until(heard, 'heard');
        await Promise.all([1, 2, 3].map(() => auth(socket, bob.uuid, first)));
        await say(ann, first, 'as bob');
        await until(heard, 'as bob');
        assert.ok(!heard.includes('not heard any more'));
        socket.close();
    });

    test(`${client.name}: a wrong auth disconnects, for good`, async () => {
        const gid = await makeRoom();
        const wrong = ['{', '{}', JSON.stringify({ uuid: ann.uuid }), 7, { uuid: ann.uuid, room_gid: gid },
            JSON.stringify({ uuid: ann.uuid, room_gid: 'wwwwwwww' }),
            JSON.stringify({ uuid: '00000000-0000-4000-8000-000000000000', room_gid: gid })];
        for (const word of wrong) {
            const socket = await connect(client, server.url);
            const gone = next(socket, 'disconnect');
            socket.emit('auth', word, () => assert.fail('acknowledged'));
            assert.equal((await gone)[0], 'io server disconnect', JSON.stringify(word));
            socket.close();
        }
    });

    test(`${client.name}: nobody hears anything before auth`, async () => {
        const gid = await makeRoom();
        const [silent, other] = await Promise.all([1, 2].map(() => connect(client, server.url)));
        const heard = listen(silent);
        const others = listen(other);
        await auth(other, ann.uuid, gid);
        await say(ann, gid, 'x');
        await until(others, 'x');
        assert.deepEqual(heard, []);
        silent.close();
        other.close();
    });
}
