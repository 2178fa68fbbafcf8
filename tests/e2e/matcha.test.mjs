// Matcha (document 000) over REST: every route, with `fetch` and a cookie jar as its pages have.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import * as native from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Browser } from './people/browser.mjs';
import { Server, keepSecret } from './server.mjs';

const DOCUMENT_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const USER_KEYS = [
    'age', 'avatar', 'bio', 'city', 'email', 'history', 'likes', 'login', 'online', 'preferences',
    'sex', 'sumlikes', 'tags', 'user_id', 'user_name',
];

let server;
let ann;
let bob;
let eve;
before(async () => {
    server = await Server.start();
    ann = await MatchaPage.open('ann');
    bob = await MatchaPage.open('bob');
    eve = await MatchaPage.open('eve');
});
after(() => server.close());

/** A page with a jar of its own, and somebody who has signed in on it. */
class MatchaPage extends Browser {
    static async open(login) {
        const page = new this(server);
        page.login = login;
        page.password = keepSecret(`pw-${randomBytes(9).toString('hex')}`);
        await page.signUp();
        await page.signIn();
        return page;
    }

    async must(method, path, body, status = 200) {
        const reply = await this.ask(method, path, { body });
        assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(reply.body)}`);
        return reply.body;
    }

    signUp(more = {}) {
        const { login, password } = this;
        return this.must('POST', '/api/signup', {
            login, email: `${login}@example.org`, user_name: login.toUpperCase(), password, ...more,
        });
    }

    async signIn(more = {}) {
        const { login, password } = this;
        const reply = await this.must('POST', '/api/signin', { login, password, ...more });
        this.token = keepSecret(reply.access_token);
        this.id = reply.user_id;
        return reply;
    }

    user(id) {
        return this.must('GET', `/api/users/${id}`);
    }
}

/** The direct room of two people, which this document's pages get from a match. */
async function meet(one, other) {
    const { token } = one;
    return native.must(server, 'POST', '/v1/direct', { token, body: { account: other.id } });
}

async function post(room, page, text) {
    const { token } = page;
    return native.must(server, 'POST', `/v1/rooms/${room.id}/messages`, { token, body: { text } });
}

/* ---- signing up, in and out ---- */

test('signing up is answered with a text to show, and signs nobody in', async () => {
    const page = new MatchaPage(server);
    Object.assign(page, { login: 'upper', password: keepSecret('fine-password') });
    assert.equal(typeof await page.signUp(), 'string');
    assert.equal(page.cookie('session'), undefined);
    await page.signIn();
    const { token } = page;
    const { sessions } = await native.must(server, 'GET', '/v1/sessions', { token });
    assert.equal(sessions.length, 1, 'that of signing in alone');
    assert.match(await page.signUp(), /taken/);
    assert.match(await page.signUp({ login: 'other', password: 'short' }), /password/);
});

test('signing in sets a cookie that scripts and other sites do not see', async () => {
    const page = new MatchaPage(server);
    const { login, password } = ann;
    const reply = await page.ask('POST', '/api/signin', { body: { login, password } });
    assert.equal(reply.status, 200);
    const { access_token: token, ...rest } = reply.body;
    assert.deepEqual(rest, { message: 'ok', user_id: ann.id, id: ann.id, login: 'ann' });
    const [cookie] = reply.headers.getSetCookie();
    assert.equal(cookie, `session=${keepSecret(token)}; Path=/; HttpOnly; SameSite=Lax`);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
});

test('signing in in vain has two texts, and both are 200', async () => {
    const page = new MatchaPage(server);
    const tries = [['nobody', 'Login does not exist'], ['ann', 'Invalid Passport']];
    for (const [login, message] of tries) {
        const body = await page.must('POST', '/api/signin', { login, password: 'wrong-password' });
        assert.deepEqual(body, { message });
        assert.equal(page.cookie('session'), undefined);
    }
});

test('the cookie or a Bearer token is a session; without one it is 401', async () => {
    assert.equal((await ann.user(ann.id)).login, 'ann');
    const headers = { authorization: `Bearer ${ann.token}` };
    const bare = new Browser(server);
    const reply = await bare.ask('GET', `/api/users/${ann.id}`, { headers });
    assert.equal(reply.body.login, 'ann');
    for (const path of ['/api/users', '/api/users/1', '/api/chats', '/api/chats/1', '/api/tags']) {
        const { status, body } = await bare.ask('GET', path);
        assert.deepEqual({ status, body },
            { status: 401, body: { msg: 'Missing Authorization Header' } });
    }
});

test('signing out ends the session and takes the cookie back', async () => {
    const page = await MatchaPage.open('leaver');
    const { token, id } = page;
    const other = await page.ask('DELETE', `/api/logout/${ann.id}`);
    assert.equal(other.status, 403);
    assert.equal(await page.must('DELETE', `/api/logout/${id}`), 'ok');
    assert.equal(page.cookie('session'), undefined);
    const headers = { authorization: `Bearer ${token}` };
    const reply = await page.ask('GET', '/api/chats', { headers });
    assert.deepEqual([reply.status, reply.body], [401, { msg: 'Token has been revoked' }]);
    await page.signIn();
    assert.equal(await page.must('DELETE', '/api/logout'), 'ok');
});

/* ---- users ---- */

test('users have the keys of the document', async () => {
    const users = await ann.must('GET', '/api/users');
    assert.deepEqual(users.map(({ login }) => login).slice(0, 3), ['ann', 'bob', 'eve']);
    for (const user of users)
        assert.deepEqual(Object.keys(user).sort(), USER_KEYS);
    const [self, other] = users;
    assert.equal(self.email, 'ann@example.org');
    assert.equal(self.user_name, 'ANN');
    assert.equal(other.email, '');
    assert.match(other.online, DOCUMENT_TIME);
    for (const key of ['tags', 'avatar', 'likes', 'history'])
        assert.equal(other[key], null);
    assert.deepEqual(await ann.user(bob.id), other);
    assert.deepEqual(await ann.must('GET', '/api/user_login/bob'), other);
});

test('who is not there is null', async () => {
    assert.equal(await ann.user(999_999), null);
    assert.equal(await ann.must('GET', '/api/user_login/nobody'), null);
    assert.equal(await ann.user('x'), null);
});

test('an update changes what is sent, and shows the user', async () => {
    const change = {
        user_name: 'Annie', age: 30, sex: 'female', preferences: 'male', bio: 'hello',
        city: 'Paris', tags: ['geek', 'art'], avatar: ['https://example.org/1', 'https://example.org/2'],
    };
    const user = await ann.must('PUT', `/api/users/${ann.id}`, { ...change, email: 'ann@example.org' });
    const shown = Object.fromEntries(Object.keys(change).map((key) => [key, user[key]]));
    assert.deepEqual(shown, change);
    assert.deepEqual(await ann.user(ann.id), user);
    const less = await ann.must('PUT', `/api/users/${ann.id}`, { bio: null, city: '' });
    assert.deepEqual([less.bio, less.city, less.age], [null, null, 30]);
    assert.equal(await ann.must('DELETE', '/api/images/0'), 'ok');
    assert.deepEqual((await ann.user(ann.id)).avatar, ['https://example.org/2']);
    await ann.must('DELETE', '/api/images/1', undefined, 404);
});

test('nobody changes somebody else, nor an e-mail without the password', async () => {
    await ann.must('PUT', `/api/users/${bob.id}`, { bio: 'x' }, 403);
    const email = 'other@example.org';
    await ann.must('PUT', `/api/users/${ann.id}`, { email }, 400);
    const { password } = eve;
    const user = await eve.must('PUT', `/api/users/${eve.id}`, { email, password });
    assert.equal(user.email, email);
});

test('a like, a visit and a report are each one act', async () => {
    assert.equal(await bob.must('POST', `/api/likes/${ann.id}`), 'ok');
    assert.equal(await bob.must('POST', `/api/history/${ann.id}`), 'ok');
    const self = await ann.user(ann.id);
    assert.deepEqual([self.likes, self.history, self.sumlikes], [['bob'], ['bob'], 1]);
    const seen = await bob.user(ann.id);
    assert.deepEqual([seen.likes, seen.history, seen.sumlikes], [['bob'], ['bob'], 1]);
    const other = await eve.user(ann.id);
    assert.deepEqual([other.likes, other.history, other.sumlikes], [null, null, 1]);
    assert.equal(await bob.must('DELETE', `/api/likes/${ann.id}`), 'ok');
    assert.equal((await ann.user(ann.id)).likes, null);
    assert.equal(await eve.must('POST', `/api/fake/${bob.id}`), 'ok');
    await ann.must('POST', `/api/likes/${ann.id}`, undefined, 400);
    await ann.must('POST', '/api/likes/999999', undefined, 404);
});

test('tags, rating and search show what there is', async () => {
    assert.deepEqual((await bob.must('GET', '/api/tags')).sort(), ['art', 'geek']);
    for (const [method, path, body] of [
        ['GET', '/api/rating'], ['GET', '/api/search?tags=geek'],
        ['POST', '/api/search', { age_min: 29, age_max: 31 }],
    ]) {
        const found = await bob.must(method, path, body);
        assert.ok(found.length > 0, path);
        const user = found.find(({ login }) => login === 'ann');
        assert.deepEqual(user, await bob.user(ann.id), path);
        assert.ok(!found.some(({ login }) => login === 'bob'));
    }
    assert.deepEqual(await bob.must('GET', '/api/search?age_min=60'), []);
    await bob.must('GET', '/api/search?age_min=old', undefined, 400);
});

/* ---- chats ---- */

test('a chat of two is named by their logins and read by them alone', async () => {
    const room = await meet(ann, bob);
    await post(room, ann, 'first');
    await post(room, bob, 'second');
    const chat = { chat_name: 'ann+bob', chat_id: room.id };
    assert.deepEqual(await ann.must('GET', '/api/chats'), [chat]);
    assert.deepEqual(await bob.must('GET', '/api/chats/'), [chat]);
    assert.deepEqual(await eve.must('GET', '/api/chats'), []);

    const { messages, partner_id: partner } = await bob.must('GET', `/api/chats/${room.id}`);
    assert.equal(partner, ann.id);
    assert.deepEqual(messages.map(({ text, author }) => [text, author]),
        [['first', 'ann'], ['second', 'bob']]);
    for (const message of messages) {
        assert.deepEqual(Object.keys(message).sort(), ['author', 'creation_date', 'text']);
        assert.match(message.creation_date, DOCUMENT_TIME);
    }
    await eve.must('GET', `/api/chats/${room.id}`, undefined, 404);
    await ann.must('GET', '/api/chats/999999', undefined, 404);
    await ann.must('GET', '/api/chats/x', undefined, 404);
});

test('a chat is paged by links', async () => {
    const room = await meet(ann, eve);
    for (let i = 1; i <= 5; i++)
        await post(room, ann, `text ${i}`);
    const texts = [];
    let path = `/api/chats/${room.id}?limit=2`;
    while (path !== undefined) {
        const { status, headers, body } = await eve.ask('GET', path);
        assert.equal(status, 200);
        texts.unshift(...body.messages.map(({ text }) => text));
        path = headers.get('link')?.match(/^<(.*)>; rel="prev"$/)[1];
    }
    assert.deepEqual(texts, [1, 2, 3, 4, 5].map((i) => `text ${i}`));
    for (const bad of ['limit=0', 'limit=10001', 'limit=x', 'before=x'])
        await eve.must('GET', `/api/chats/${room.id}?${bad}`, undefined, 400);
});

test('of more users than a page has all are shown, each once', async () => {
    const root = await signUpAs(server, 'root', 'admin');
    const accounts = Array.from({ length: 1000 }, (_, i) => ({ login: `many-${i}` }));
    await native.must(server, 'POST', '/v1/admin/imports', { token: root.token, body: { accounts } });
    const ids = (await ann.must('GET', '/api/users')).map((user) => user.user_id);
    assert.ok(ids.length > 1000);
    assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
});

test('what can be no JSON is 400, a path without a route 404, a wrong method 405', async () => {
    const { url } = server;
    const broken = await fetch(`${url}/api/signin`, { method: 'POST', body: '{"login":' });
    assert.equal(broken.status, 400);
    assert.ok((await broken.json()).message.length > 0);
    assert.equal((await fetch(`${url}/api/nothing`)).status, 404);
    const wrong = await fetch(`${url}/api/signin`);
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'POST');
});
