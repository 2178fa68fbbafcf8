// ChatAPI (dialect 001) over REST: every route, every error text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, chatMessages, createChat, refused, register } from './chatapi.mjs';
import * as native from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const RFC3339_US = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const NO_CREDENTIALS = 'Authentication credentials were not provided';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await register(server, 'Annie');
    bob = await register(server, 'Bobby');
});
after(() => server.close());

const password = keepSecret('fine-password');

test('/auth/reg answers 200 with id, token and username, and sets the cookie', async () => {
    const { status, headers, body } = await ask(server, 'POST', '/auth/reg', {
        body: { email: 'reg@example.org', username: 'Regina', password },
    });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['id', 'token', 'username']);
    assert.ok(Number.isInteger(body.id));
    assert.equal(body.username, 'Regina');
    const cookie = headers.getSetCookie().find((line) => line.startsWith('token='));
    assert.ok(cookie.startsWith(`token=${keepSecret(body.token)}`), 'cookie token');
    assert.match(cookie, /; *HttpOnly/i);
});

test('/auth/reg names what is wrong', async () => {
    const reg = (body) => ({ body });
    const person = { email: 'x@example.org', username: 'Somebody', password };
    for (const missing of ['username', 'password']) {
        const { [missing]: _, ...body } = person;
        await refused(server, 400, 'Must provide all data', 'POST', '/auth/reg', reg(body));
    }
    await refused(server, 400, 'must be a valid email address. Got: nonsense. ',
        'POST', '/auth/reg', reg({ ...person, email: 'nonsense' }));
    for (const username of ['ab', 'x'.repeat(51)]) {
        await refused(server, 400, `the length must be between 3 and 50. Got: ${username}. `,
            'POST', '/auth/reg', reg({ ...person, username }));
    }
});

test('a password has 6 to 50 characters here', async () => {
    for (const bad of ['12345', keepSecret('long-password-'.repeat(4))]) {
        const { status, body } = await ask(server, 'POST', '/auth/reg', {
            body: { email: 'y@example.org', username: 'Somebody', password: bad },
        });
        assert.equal(status, 400);
        assert.match(body.error, /^the length must be between 6 and 50\. Got: /);
    }
    await register(server, 'Longest', { password: keepSecret('p'.repeat(50)) });
});

test('a username may be shared, an e-mail may not', async () => {
    const one = await register(server, 'Double', { email: 'double-1@example.org' });
    const two = await register(server, 'Double', { email: 'double-2@example.org' });
    const three = await register(server, 'Double', { email: 'double-3@example.org' });
    assert.deepEqual([one, two, three].map(({ username }) => username), Array(3).fill('Double'));
    const logins = await Promise.all([one, two, three].map(async ({ token }) =>
        (await native.must(server, 'GET', '/v1/me', { token })).login));
    assert.deepEqual(logins, ['Double', 'Double-2', 'Double-3']);
    const { status, body } = await ask(server, 'POST', '/auth/reg', {
        body: { email: 'double-1@example.org', username: 'Other', password },
    });
    assert.equal(status, 400);
    assert.ok(body.error.length > 0);
});

test('/auth/login answers as /auth/reg does', async () => {
    const { status, headers, body } = await ask(server, 'POST', '/auth/login', {
        body: { email: ann.email, password: ann.password },
    });
    assert.equal(status, 200);
    assert.deepEqual({ ...body, token: '' }, { id: ann.id, token: '', username: 'Annie' });
    assert.ok(headers.getSetCookie()[0].startsWith(`token=${keepSecret(body.token)}`));
    assert.equal((await ask(server, 'GET', '/users/me', body)).status, 200);
});

test('/auth/login gives one text for a wrong password and for nobody', async () => {
    for (const email of [ann.email, 'nobody@example.org']) {
        await refused(server, 400, 'Wrong email or password', 'POST', '/auth/login', {
            body: { email, password: keepSecret('wrong-password') },
        });
    }
    for (const body of [{ email: ann.email }, { password }, {}])
        await refused(server, 400, 'Must provide all data', 'POST', '/auth/login', { body });
});

test('accounts are the same ones as the native API\'s', async () => {
    const session = await native.signIn(server, ann.email, ann.password);
    assert.equal(session.account.id, ann.id);
    const zoe = await native.signUp(server, 'zoe', { email: 'zoe@example.org' });
    const { status, body } = await ask(server, 'POST', '/auth/login', {
        body: { email: 'zoe@example.org', password: zoe.password },
    });
    assert.equal(status, 200);
    assert.equal(body.id, zoe.id);
    keepSecret(body.token);
    assert.equal((await ask(server, 'GET', '/users/me', { token: zoe.token })).status, 200);
});

test('/users/me shows oneself, with a password field that verifies nothing', async () => {
    const { status, body: me } = await ask(server, 'GET', '/users/me', ann);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(me).sort(), ['email', 'id', 'is_online', 'password', 'username']);
    assert.deepEqual({ ...me, password: '' }, {
        id: ann.id, email: ann.email, username: 'Annie', password: '', is_online: false,
    });
    assert.ok(me.password.length > 20 && me.password !== ann.password);
    assert.ok(!me.password.startsWith('$argon2'), 'no verifier leaves the server');
    assert.deepEqual((await ask(server, 'GET', '/users/me', ann)).body, me);
    await refused(server, 400, 'Wrong email or password', 'POST', '/auth/login', {
        body: { email: ann.email, password: me.password.slice(0, 50) },
    });
});

test('/users/ lists everybody; e-mails of others are empty', async () => {
    for (const path of ['/users/', '/users']) {
        const { status, body: users } = await ask(server, 'GET', path, bob);
        assert.equal(status, 200);
        const shown = new Map(users.map((user) => [user.id, user]));
        assert.equal(shown.get(ann.id).email, '');
        assert.equal(shown.get(ann.id).username, 'Annie');
        assert.equal(shown.get(bob.id).email, bob.email);
        for (const user of users)
            assert.deepEqual(Object.keys(user).sort(),
                ['email', 'id', 'is_online', 'password', 'username']);
    }
});

test('any scheme will do, if scheme and token are exactly two words', async () => {
    const me = (authorization) => ask(server, 'GET', '/users/me', { headers: { authorization } });
    for (const scheme of ['Bearer', 'Token', 'JWT', 'whatever'])
        assert.equal((await me(`${scheme} ${ann.token}`)).status, 200, scheme);
    for (const authorization of [ann.token, `Bearer ${ann.token} more`]) {
        const { status, body } = await me(authorization);
        assert.equal(status, 401);
        assert.ok(body.error.length > 0);
    }
});

test('the routes that need a token say so without one', async () => {
    for (const [method, path] of [
        ['GET', '/users/me'], ['GET', '/users/'], ['POST', '/chats/create'],
        ['GET', '/chats/messages?id=1'], ['GET', '/chats/messages'],
    ])
        await refused(server, 401, NO_CREDENTIALS, method, path);
});

test('the cookie is set and never read', async () => {
    await refused(server, 401, NO_CREDENTIALS, 'GET', '/users/me', {
        headers: { cookie: `token=${ann.token}` },
    });
});

test('a forged token has an invalid signature', async () => {
    const [head, claims] = ann.token.split('.');
    const token = `${head}.${claims}.${'A'.repeat(43)}`;
    await refused(server, 401, 'signature is invalid', 'GET', '/users/me', { token });
    const { status, body } = await ask(server, 'GET', '/users/me', { token: 'nonsense' });
    assert.equal(status, 401);
    assert.ok(body.error.length > 0);
});

test('/chats/create makes an open room', async () => {
    const { status, body } = await ask(server, 'POST', '/chats/create', {
        token: ann.token, body: { name: 'Tea' },
    });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['id', 'name']);
    assert.equal(body.name, 'Tea');
    const room = await native.must(server, 'GET', `/v1/rooms/${body.id}`, bob);
    assert.equal(room.kind, 'open');
    const nameless = await ask(server, 'POST', '/chats/create', { token: ann.token, body: {} });
    assert.equal(nameless.status, 400);
    assert.ok(nameless.body.error.length > 0);
});

test('/chats/messages lists a chat, oldest first', async () => {
    const chat = await createChat(server, ann.token);
    for (const text of ['one', 'two', 'three'])
        await native.post(server, ann.token, chat.id, text);
    const messages = await chatMessages(server, bob.token, chat.id);
    assert.deepEqual(messages.map(({ text }) => text), ['one', 'two', 'three']);
    for (const message of messages) {
        assert.deepEqual(Object.keys(message).sort(),
            ['chat_id', 'created_at', 'id', 'owner_id', 'text']);
        assert.equal(message.owner_id, ann.id);
        assert.equal(message.chat_id, chat.id);
        assert.match(message.created_at, RFC3339_US);
        assert.ok(Math.abs(Date.parse(message.created_at) - Date.now()) < 60_000);
    }
});

test('/chats/messages pages back with limit and before, an id', async () => {
    const chat = await createChat(server, ann.token);
    for (let n = 1; n <= 10; n++)
        await native.post(server, ann.token, chat.id, `m${n}`);
    const all = [];
    for (let page; (page = await chatMessages(server, ann.token, chat.id,
        `&limit=3${all.length ? `&before=${all[0].id}` : ''}`)).length > 0;) {
        assert.ok(page.length <= 3);
        all.unshift(...page);
        assert.ok(all.length <= 10, 'each message once');
    }
    assert.deepEqual(all, await chatMessages(server, ann.token, chat.id));
    assert.equal(all.length, 10);
});

test('/chats/messages without an id says so; none and unknown are []', async () => {
    await refused(server, 400, 'id must be provided', 'GET', '/chats/messages', ann);
    const empty = await createChat(server, ann.token);
    const hidden = await native.makeRoom(server, ann.token, 'private');
    await native.post(server, ann.token, hidden.id, 'not for bob');
    for (const id of [empty.id, hidden.id, 999_999])
        assert.deepEqual(await chatMessages(server, bob.token, id), []);
});

test('bodies are JSON whatever the Content-Type says', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', '']) {
        const { status, body } = await ask(server, 'POST', '/auth/login', {
            body: { email: ann.email, password: ann.password },
            headers: { 'content-type': type },
        });
        assert.equal(status, 200, `'${type}': ${JSON.stringify(body)}`);
        keepSecret(body.token);
    }
});

test('a body that cannot be read gets 400 and an error text', async () => {
    for (const body of ['{"email":', '[]', '"text"', '', '{"email":1,"password":2}', 'null']) {
        const reply = await ask(server, 'POST', '/auth/login', { body });
        assert.equal(reply.status, 400, body);
        assert.deepEqual(Object.keys(reply.body), ['error']);
        assert.ok(typeof reply.body.error === 'string' && reply.body.error.length > 0);
    }
});

test('all paths match with and without a trailing slash', async () => {
    for (const path of ['/users/me', '/users/me/', '/users', '/users/'])
        assert.equal((await ask(server, 'GET', path, ann)).status, 200, path);
    const { status, body } = await ask(server, 'POST', '/auth/login/', {
        body: { email: ann.email, password: ann.password },
    });
    assert.equal(status, 200);
    keepSecret(body.token);
});
