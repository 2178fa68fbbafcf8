// The access matrix: every route that a dialect's table has × nobody, an expired token, one that
// was revoked, a session's cookie from a stranger's page, another person, who was never in the
// room, who was put out of it; and the one who may.
//
// A route without a rule in access.mjs fails.  The native API has its rooms' and staff's columns
// in who_may.test.mjs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { doors, printedRoutes } from './access.mjs';
import { must, signIn, signUp } from './client.mjs';
import { claimsOf, openLink, sign } from './operator.mjs';
import { PUSHER, openPusher } from './people/pusher_chat.mjs';
import { Server, keepSecret } from './server.mjs';

const REST = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const STRANGERS_PAGES = {
    'a stranger\'s origin': { origin: 'http://stranger.test' },
    'a sandboxed page': { origin: 'null' },
    'a page elsewhere': { 'sec-fetch-site': 'cross-site' },
};

const printed = printedRoutes().filter(({ method }) => REST.includes(method));
const dialects = Object.keys(doors);

let server, pusher, world, eve, rex, zoe;

before(async () => {
    server = await Server.start({ settings: PUSHER });
    let ann, bob, carl;
    [ann, bob, carl, eve, rex, zoe] = await Promise.all(['ann', 'bob', 'carl', 'eve', 'rex', 'zoe'].map(async (login) =>
        ({ ...await signUp(server, login, { email: `${login}@example.org` }), login })));
    ann.email = 'ann@example.org';
    const direct = await must(server, 'POST', '/v1/direct', { token: ann.token, body: { account: bob.id } });
    direct.channel = `private-chat_${ann.id}_${bob.id}`;
    const group = await must(server, 'POST', '/v1/rooms',
        { token: ann.token, body: { kind: 'private', name: 'a room' } });
    const members = `/v1/rooms/${group.id}/members`;
    for (const { id: account } of [bob, rex])
        await must(server, 'POST', members, { token: ann.token, body: { account } });
    await must(server, 'DELETE', `${members}/${rex.id}`, ann);
    await must(server, 'POST', '/v1/password-resets', { body: { login: 'bob' } });
    const link = (login, purpose) => openLink(server, login, purpose);
    pusher = openPusher(server, 8, {});
    await new Promise((resolve) => pusher.connection.bind('connected', resolve));
    world = { ann, bob, carl, direct, group, link, socket: pusher.connection.socket_id };
    zoe.room = await must(server, 'POST', '/v1/direct', { token: zoe.token, body: { account: bob.id } });
    zoe.room.channel = `private-chat_${zoe.id}_${bob.id}`;
    await must(server, 'PUT', `/v1/people/${zoe.id}/block`, bob);
});
after(() => {
    pusher.disconnect();
    return server.close();
});

/** The world as a door sees it, with the room that it has; `nowhere`: one that never was. */
const worldAt = ({ isDirect }) => ({ ...world, room: isDirect ? world.direct : world.group });
const nowhere = { id: 999_999, gid: 'zzzzzzzz', channel: 'private-chat_999998_999999' };

async function send(method, { path, body, form }, { headers = {} } = {}) {
    const isJson = body !== undefined;
    const reply = await fetch(server.url + path, {
        method,
        headers: { ...headers, ...(isJson ? { 'content-type': 'application/json' } : {}) },
        body: isJson ? JSON.stringify(body) : form && new URLSearchParams(form),
    });
    const text = await reply.text();
    return { status: reply.status, body: parse(text) };
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/** A session of somebody that nobody else uses, as the door shows it. */
async function credentialOf(dialect, { login, password }) {
    if (dialect !== 'chatbackend' && dialect !== 'matcha')
        return (await signIn(server, login, password)).token;
    const path = dialect === 'matcha' ? '/api/signin' : '/login';
    const { body } = await send('POST', { path, body: { login, password } });
    return keepSecret(body.access_token ?? body.data.uuid);
}

/** Ask all routes of a door for which `wanted`: those whose reply is not as it should be. */
async function faults(dialect, wanted, asking, isGood) {
    const door = doors[dialect];
    const bad = [];
    for (const route of printed.filter((one) => one.dialect === dialect)) {
        const { method, path } = route;
        const rule = door.ruleOf?.(route) ?? door.rules[`${method} ${path}`];
        if (rule === undefined || !wanted(rule))
            continue;
        const reply = await asking(method, rule, door);
        if (!isGood(reply, { ...door, ...rule }, route))
            bad.push(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`.slice(0, 200));
    }
    return bad;
}

/** Every cookie that any dialect has. */
const cookies = ({ token }) =>
    ['session', 'token', 'matcha42'].map((name) => `${name}=${token}`).join('; ');

const isClosed = ({ who }) => who !== 'anyone';
const isDenied = (reply, door) => door.isDenied(reply);
const isDone = (reply, door) => door.isDone(reply);

const askWith = (options) => (method, rule, door) =>
    send(method, rule.request(worldAt(door)), typeof options === 'function' ? options(door) : options);

/** Credentials that are none any more, or never were. */
const broken = {
    'an expired token': async () => sign(server, { ...claimsOf(world.ann.token), exp: 1_600_000_000 }),
    'a token that was revoked': async (dialect) => {
        const { token } = await signIn(server, 'ann', world.ann.password);
        await must(server, 'DELETE', '/v1/session', { token });
        return dialect === 'chatbackend' ? world.ann.account.uuid : token;
    },
    'a token of another secret': async () =>
        sign(server, claimsOf(world.ann.token), { key: 'another-secret-of-32-characters-.' }),
};

test('every dialect with routes is in the matrix', () => {
    const names = [...new Set(printed.map(({ dialect }) => dialect))];
    assert.deepEqual(names.filter((name) => !(name in doors)), []);
});

for (const dialect of dialects) {
    test(`${dialect}: nobody`, async () => {
        assert.deepEqual(await faults(dialect, isClosed, askWith({}), isDenied), []);
    });

    for (const [name, make] of Object.entries(broken)) {
        test(`${dialect}: ${name}`, async () => {
            const credential = await make(dialect);
            const ask = askWith((door) => door.as(credential));
            assert.deepEqual(await faults(dialect, isClosed, ask, isDenied), []);
        });
    }

    for (const [name, headers] of Object.entries(STRANGERS_PAGES)) {
        test(`${dialect}: a cookie from ${name}`, async () => {
            const ask = askWith({ headers: { cookie: cookies(world.ann), ...headers } });
            assert.deepEqual(await faults(dialect, isClosed, ask, isDenied), []);
        });
    }

    test(`${dialect}: a cookie from a page of ours, where one counts`, async () => {
        const ask = async (method, rule, door) => {
            const cookie = cookies({ token: await credentialOf('matcha', world.ann) });
            const origin = 'http://localhost:3000';
            return send(method, rule.request(worldAt(door)), { headers: { cookie, origin } });
        };
        assert.deepEqual(await faults(dialect, isClosed, ask,
            (reply, door, { takesCookie }) => door.isDenied(reply) !== takesCookie), []);
    });
}

for (const dialect of dialects.filter((name) => name !== 'native')) {
    test(`${dialect}: every route has a rule, and every rule a route`, () => {
        const routes = printed.filter((route) => route.dialect === dialect)
            .map(({ method, path }) => `${method} ${path}`);
        assert.deepEqual(Object.keys(doors[dialect].rules).sort(), routes.sort());
    });

    for (const [name, who] of [['who was never in the room', () => eve], ['who was put out', () => rex]]) {
        test(`${dialect}: ${name} finds no room`, async () => {
            const credential = await credentialOf(dialect, who());
            const unlike = await faults(dialect, (rule) => rule.who === 'member',
                async (method, rule, door) => {
                    const as = door.as(credential);
                    const [real, none] = await Promise.all([worldAt(door).room, nowhere].map((room) =>
                        send(method, rule.request({ ...worldAt(door), room }), as)));
                    return { ...real, isSame: JSON.stringify(real) === JSON.stringify(none) };
                }, ({ isSame }) => isSame);
            assert.deepEqual(unlike, []);
        });
    }

    test(`${dialect}: who is blocked reaches nobody who has blocked them`, async () => {
        const credential = await credentialOf(dialect, zoe);
        const ask = (method, rule, door) => {
            const seen = new Set();
            const theirs = { ...world, ann: zoe, carl: world.bob, room: zoe.room };
            const request = rule.request(new Proxy(theirs, { get: (w, name) => (seen.add(name), w[name]) }));
            const isAbout = ['bob', 'carl', 'room'].some((name) => seen.has(name)) && !rule.evenIfBlocked;
            return isAbout ? send(method, request, door.as(credential)) : undefined;
        };
        const wanted = ({ who }) => isClosed({ who }) && doors[dialect].isDirect;
        assert.deepEqual(await faults(dialect, wanted, ask,
            (reply, door) => reply === undefined || !door.isDone(reply)), []);
    });

    test(`${dialect}: another person in one's name`, async () => {
        const credential = await credentialOf(dialect, eve);
        const ask = askWith((door) => door.as(credential));
        assert.deepEqual(await faults(dialect, ({ who }) => who === 'own', ask,
            (reply, door) => !door.isDone(reply)), []);
    });

    test(`${dialect}: the one who may`, async () => {
        const ask = async (method, rule, door) => {
            const credential = await credentialOf(dialect, world.ann);
            const request = rule.request(worldAt(door));
            if (rule.who === 'signer')
                return send(method, door.sign(method, request));
            return send(method, request, isClosed(rule) ? door.as(credential) : {});
        };
        assert.deepEqual(await faults(dialect, () => true, ask, isDone), []);
    });
}
