// matcha42 (dialect 004): recommendations, visits, likes, chats, blocks, reports, and what is refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, history, must as natively } from './client.mjs';
import { ask, must, randomId, refused, send, signUp } from './matcha42.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

let server, ann, bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann', { gender: 'female', age: 30, gps: '59.94,30.31' });
    bob = await signUp(server, 'bob', { gender: 'male', age: 30 });
});
after(() => server.close());

const get = (as, path, params = {}) => must(server, 'GET', path, { as, params });
const about = (as, what, { id }) => get(as, `/api/user/${what}`, { target_user_id: id });
const logins = ({ users }) => users.map(({ login }) => login);
const wrong = (code, as, path, params) => refused(server, 400, code, 'GET', path, { as, params });

const ABOUT = ['/api/profile', '/api/user/like', '/api/user/connect', '/api/user/disconnect',
    '/api/user/block', '/api/user/unblock', '/api/report'];
const OTHERS = ['/api/research', '/api/user/history', '/api/notifications'];

// ---- who is asking, about whom ----

test('every route wants a token, and its own user_id', async () => {
    const params = { target_user_id: bob.id, report_id: 0 };
    for (const path of [...ABOUT, ...OTHERS]) {
        await refused(server, 401, 401, 'GET', path, { params });
        await refused(server, 401, 401, 'GET', path, { params: { ...params, token: 'nonsense' } });
        if (path !== '/api/notifications') {
            await refused(server, 401, 401, 'GET', path,
                { params: { ...params, token: ann.token, user_id: bob.id } });
        }
    }
});

test('whom it is about must be said, be somebody, and be somebody else', async () => {
    for (const path of ABOUT) {
        await wrong(400, ann, path, { report_id: 0 });
        await wrong(400, ann, path, { report_id: 0, target_user_id: 'bob' });
        await wrong(404, ann, path, { report_id: 0, target_user_id: 999999 });
        if (path !== '/api/profile')
            await wrong(400, ann, path, { report_id: 0, target_user_id: ann.id });
    }
});

test('what changes something is GET and POST, and HEAD does nothing', async () => {
    const [cid, dee] = [await signUp(server, 'cid'), await signUp(server, 'dee')];
    for (const path of ABOUT) {
        const query = new URLSearchParams({ token: cid.token, target_user_id: dee.id, report_id: 0 });
        const head = await fetch(`${server.url}${path}?${query}`, { method: 'HEAD' });
        assert.equal(head.status, 405, path);
    }
    assert.deepEqual(logins(await get(dee, '/api/user/history')), []);
    await must(server, 'POST', '/api/profile', { as: cid, params: { target_user_id: dee.id } });
    assert.deepEqual(logins(await get(dee, '/api/user/history')), ['cid']);
    for (const what of ['like', 'connect', 'block', 'unblock', 'disconnect'])
        await must(server, 'POST', `/api/user/${what}`, { as: cid, json: { target_user_id: dee.id } });
    await must(server, 'POST', '/api/report', { as: cid, params: { target_user_id: dee.id, report_id: 0 } });
    assert.equal((await ask(server, 'POST', '/api/research', { as: cid })).status, 405);
});

// ---- research ----

test('research sorts, filters, pages, and leaves out oneself and who was liked', async () => {
    const eva = await signUp(server, 'eva', {
        gender: 'female', age: 30, sex: 'male', tags: 'sea,jazz,tea', gps: '55.75,37.61',
    });
    const men = [
        { login: 'm-far', age: 25, tags: 'sea,jazz', gps: '54.0,37.61' },
        { login: 'm-near', age: 40, tags: 'tea', gps: '55.76,37.61' },
        { login: 'm-mid', age: 33, tags: 'sea,jazz,tea', gps: '55.4,37.61' },
    ];
    const people = {};
    for (const { login, ...rest } of men)
        people[login] = await signUp(server, login, { gender: 'male', sex: 'female', ...rest });
    const found = async (params) => logins(await get(eva, '/api/research', { distance_max_km: 1000, ...params }));

    assert.deepEqual(await found({ sort_by: 1 }), ['m-near', 'm-mid', 'm-far']);
    assert.deepEqual(await found({ sort_by: 2 }), ['m-mid', 'm-far', 'm-near'], 'the nearest to one\'s own age');
    assert.deepEqual(await found({ sort_by: 4 }), ['m-mid', 'm-far', 'm-near']);
    assert.deepEqual((await found({ sort_by: 3 })).sort(), ['m-far', 'm-mid', 'm-near']);
    assert.equal((await found({}))[0], (await found({ sort_by: 0 }))[0]);

    assert.deepEqual(await found({ sort_by: 1, age_min: 30 }), ['m-near', 'm-mid']);
    assert.deepEqual(await found({ sort_by: 1, age_max: 33 }), ['m-mid', 'm-far']);
    assert.deepEqual(await found({ distance_max_km: 10 }), ['m-near']);
    assert.deepEqual(await found({ tags: 'sea, tea' }), ['m-mid']);
    assert.deepEqual(await found({ fame_min: 1000 }), []);
    assert.deepEqual((await found({ fame_max: 1000 })).length, 3);

    const first = await get(eva, '/api/research', { distance_max_km: 1000, sort_by: 1, limit: 2 });
    assert.deepEqual(logins(first), ['m-near', 'm-mid']);
    assert.deepEqual(await found({ sort_by: 1, limit: 2, cursor: first.next }), ['m-far']);

    const [{ score, distance_km, common_tags, online, age }] = first.users;
    assert.deepEqual([distance_km, common_tags, online, age], [2, 1, false, 40]);
    assert.ok(Number.isInteger(score) && score > 0 && score <= 1000, score);

    await about(eva, 'like', people['m-near']);
    await get(eva, '/api/report', { target_user_id: people['m-mid'].id, report_id: 2 });
    assert.deepEqual(await found({}), ['m-far']);
    await about(people['m-far'], 'block', eva);
    assert.deepEqual(await found({}), []);
});

test('research says who is online', async () => {
    const [fay, guy] = [await signUp(server, 'fay', { sex: 'other' }), await signUp(server, 'guy', { gender: 'other' })];
    assert.equal((await ask(server, 'GET', '/api/user/set_online', { as: guy })).body, true);
    await eventually(() => get(fay, '/api/research', { sort_by: 2 }),
        ({ users }) => users.find(({ login }) => login === 'guy').online, 'guy online');
});

test('research refuses what it does not know', async () => {
    for (const params of [{ sort_by: 5 }, { sort_by: -1 }, { sort_by: 'fame' }, { age_min: 'x' }, { limit: 101 },
        { age_max: 999 }, { cursor: 'nonsense' }, { tags: 'a,b,c,d,e,f,g,h,i,j,k' }])
        await wrong(400, ann, '/api/research', params);
});

// ---- visits ----

test('history lists visitors, latest first, once each', async () => {
    const hal = await signUp(server, 'hal');
    const visitors = [];
    for (const login of ['v-one', 'v-two', 'v-three'])
        visitors.push(await signUp(server, login));
    for (const visitor of [...visitors, visitors[0]])
        await get(visitor, '/api/profile', { target_user_id: hal.id });
    await get(hal, '/api/profile', { target_user_id: hal.id });
    const { users } = await get(hal, '/api/user/history');
    assert.deepEqual(users.map(({ login }) => login), ['v-three', 'v-two', 'v-one']);
    assert.ok(users.every(({ visited_at: at }, i) => i === 0 || at <= users[i - 1].visited_at));
    const page = await get(hal, '/api/user/history', { limit: 2 });
    assert.deepEqual(logins(page), ['v-three', 'v-two']);
    assert.deepEqual(logins(await get(hal, '/api/user/history', { limit: 2, before: page.next })), ['v-one']);
    await wrong(400, hal, '/api/user/history', { limit: 1001 });
    await wrong(400, hal, '/api/user/history', { before: 'x' });
});

// ---- chats ----

test('connect opens the chat by login or id, disconnect closes it, and who closed it opens it again', async () => {
    const [ivy, jim] = [await signUp(server, 'ivy'), await signUp(server, 'jim')];
    await get(ivy, '/api/user/connect', { target_id: 'jim' });
    await get(ivy, '/api/user/connect', { target_id: jim.id });
    await about(ivy, 'connect', jim);
    await wrong(404, ivy, '/api/user/connect', { target_id: 'no-one' });
    await wrong(400, ivy, '/api/user/connect', { target_id: '' });
    await send(server, jim, ivy, 'hello');

    await about(ivy, 'disconnect', jim);
    await about(ivy, 'disconnect', jim);
    for (const [one, other] of [[ivy, jim], [jim, ivy]])
        await wrong(403, one, '/api/message/send', { target_user_id: other.id, message: 'hello?' });
    await wrong(403, jim, '/api/user/connect', { target_user_id: ivy.id });
    await about(ivy, 'connect', jim);
    await send(server, jim, ivy, 'hello again');
    const { id } = await natively(server, 'GET', `/v1/direct/${jim.id}`, ivy);
    assert.deepEqual((await history(server, ivy.token, id)).map(({ text }) => text), ['hello', 'hello again']);
});

// ---- likes ----

test('like again does nothing; a mutual one is a match', async () => {
    const [kay, lou] = [await signUp(server, 'kay'), await signUp(server, 'lou')];
    for (let i = 0; i < 3; i++)
        assert.deepEqual(await about(kay, 'like', lou), { status: 'ok', match: false });
    assert.deepEqual(await about(lou, 'like', kay), { status: 'ok', match: true });
    assert.deepEqual(await about(kay, 'like', lou), { status: 'ok', match: true });
    const { notifications } = await eventually(() => get(lou, '/api/notifications'),
        (list) => list.notifications.some(({ type }) => type === 'match'), 'a match');
    assert.deepEqual(notifications.map(({ type, from }) => [type, from]).sort(),
        [['like', 'kay'], ['match', 'kay']]);
});

// ---- blocks ----

test('a block hides both from each other, with code 900 for what is sent', async () => {
    const [mia, ned] = [await signUp(server, 'mia', { tags: 'x' }), await signUp(server, 'ned', { tags: 'x' })];
    await about(mia, 'connect', ned);
    await about(mia, 'like', ned);
    await get(ned, '/api/profile', { target_user_id: mia.id });
    await about(ned, 'block', mia);
    await about(ned, 'block', mia);
    for (const [one, other] of [[mia, ned], [ned, mia]]) {
        await refused(server, 403, 900, 'GET', '/api/message/send',
            { as: one, params: { target_user_id: other.id, message: 'hi', random_id: randomId() } });
        await refused(server, 403, 900, 'GET', '/api/notifications',
            { params: { token: one.token, user_id: other.id, message: 'hi', random_id: randomId() } });
        assert.equal((await ask(server, 'GET', '/api/profile',
            { as: one, params: { target_user_id: other.id } })).body.status, 'error');
        assert.ok(!logins(await get(one, '/api/research', { limit: 100 })).includes(other.login));
        assert.deepEqual(logins(await get(one, '/api/user/history')), []);
    }
    await about(ned, 'unblock', mia);
    await about(ned, 'unblock', mia);
    await send(server, mia, ned, 'hi again');
    assert.deepEqual(logins(await get(mia, '/api/user/history')), ['ned']);
});

// ---- reports ----

test('a report waits for a moderator, with its reason', async () => {
    const mod = await signUpAs(server, 'mod', 'moderator');
    const [ola, pim] = [await signUp(server, 'ola'), await signUp(server, 'pim')];
    const reasons = ['other', 'fake', 'spam', 'harassment', 'nudity', 'underage'];
    for (const report_id of [-1, 6, 'x', ''])
        await wrong(400, ola, '/api/report', { target_user_id: pim.id, report_id });
    await wrong(400, ola, '/api/report', { target_user_id: pim.id });
    for (const [report_id, reason] of reasons.entries()) {
        const one = await signUp(server, `r-${reason}`);
        await get(one, '/api/report', { target_user_id: pim.id, report_id });
    }
    const { reports } = await natively(server, 'GET', '/v1/admin/reports', mod);
    assert.deepEqual(reports.filter(({ account }) => account === pim.id).map(({ reason }) => reason), reasons);
});

// ---- notifications ----

test('a note goes to people with an open chat or a match, once for each random_id', async () => {
    const [quy, ria, sam] = [await signUp(server, 'quy'), await signUp(server, 'ria'), await signUp(server, 'sam')];
    const socket = await Native.open(server, ria.token);
    const note = (params) => ask(server, 'GET', '/api/notifications', { params: { token: quy.token, ...params } });
    assert.deepEqual((await note({ user_id: ria.id, message: 'hi', random_id: 1 })).body.code, 403);
    await about(quy, 'connect', ria);
    await eventually(() => note({ user_id: ria.id, message: 'hi', random_id: 1 }),
        ({ status }) => status === 200, 'a note');
    for (const params of [{ user_id: ria.id, message: 'hi' }, { user_id: ria.id, message: 'ho' },
        { user_id: sam.id, message: 'hi' }])
        assert.deepEqual((await note({ ...params, random_id: 1 })).body, { status: 'ok' });
    await note({ user_id: ria.id, message: 'the last', random_id: 2, type: 'note' });
    await note({ user_id: ria.id, random_id: 3 });
    const notes = () => socket.events.filter(({ type, body }) => type === 'notified' && body.kind === 'note');
    await socket.heard(() => notes().length === 3, 'note without words');
    assert.deepEqual(notes().map(({ body }) => [body.from, body.text ?? '']),
        [[quy.id, 'hi'], [quy.id, 'the last'], [quy.id, '']]);
    await socket.close();
});

test('notifications are listed latest first, and read as they were', async () => {
    const [tia, uma] = [await signUp(server, 'tia'), await signUp(server, 'uma')];
    await about(uma, 'like', tia);
    await send(server, uma, tia, 'good evening');
    const { notifications } = await eventually(() => get(tia, '/api/notifications'),
        (list) => list.notifications.length === 2, 'two notifications');
    const [message, like] = notifications;
    assert.deepEqual(Object.keys(message), ['id', 'type', 'from', 'text', 'created_at', 'read']);
    assert.deepEqual([message.type, message.from, message.text, message.read],
        ['message', 'uma', 'good evening', false]);
    assert.deepEqual([like.type, like.from, like.text, like.read], ['like', 'uma', '', false]);
    assert.match(like.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await natively(server, 'PUT', '/v1/notifications/read', { token: tia.token, body: {} });
    const read = await must(server, 'POST', '/api/notifications', { as: tia });
    assert.deepEqual(read.notifications.map((row) => row.read), [true, true]);
    const page = await get(tia, '/api/notifications', { limit: 1 });
    assert.deepEqual(page.notifications.map(({ type }) => type), ['message']);
    const rest = await get(tia, '/api/notifications', { limit: 1, before: page.next });
    assert.deepEqual(rest.notifications.map(({ type }) => type), ['like']);
});

test('notifications refuse what is no note of one\'s own', async () => {
    const params = { token: ann.token, user_id: bob.id, random_id: randomId(), message: 'hi' };
    const bad = (code, more) => refused(server, 400, code, 'POST', '/api/notifications',
        { params: { ...params, ...more } });
    await bad(400, { type: 'system' });
    await bad(400, { message: 'x'.repeat(501) });
    await bad(400, { random_id: 'x' });
    await bad(400, { user_id: 'bob' });
    await bad(400, { user_id: ann.id });
    await bad(404, { user_id: 999999 });
    const { random_id, ...without } = params;
    await refused(server, 400, 400, 'POST', '/api/notifications', { params: without });
    const { user_id, ...nobody } = params;
    await refused(server, 400, 400, 'POST', '/api/notifications', { params: nobody });
    assert.equal((await call(server, 'HEAD', `/api/notifications?${new URLSearchParams(params)}`)).status, 405);
});
