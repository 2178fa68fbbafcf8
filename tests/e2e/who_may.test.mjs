// Who may what, for every call of the documents: strangers nothing that needs a token, people
// nothing of the staff's and nothing in rooms that are not theirs, API keys nothing outside their
// scopes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, nativeUrl, refusedSocket, signUp } from './client.mjs';
import { routes, scopeOf, socketCalls, socketFields } from './contract.mjs';
import { signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const SCOPES = ['accounts', 'tokens', 'rooms', 'messages', 'notifications', 'people'];
const UNKNOWN_ROOM = 999_999;

/** With a room of somebody else's: what is found is in one's own rooms. */
const SEES_NOTHING = ['search.messages'];

let server, root, ann, bob, room;

before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
});
after(() => server.close());

/** What is needed, and values that will do; `more` in place of them. */
function values(fields, more = {}) {
    const sample = ({ name, schema }) => more[name] ?? schema.enum?.[0] ?? {
        integer: 1, string: 'x'.repeat(Math.max(schema.minLength ?? 0, 1)), boolean: true, array: [],
    }[schema.type];
    return Object.fromEntries(fields.filter(({ name, required }) => required || name in more)
        .map((field) => [field.name, sample(field)]));
}

function request({ method, path, fields }, token, more) {
    const all = values(fields, more);
    const within = (wanted) => Object.fromEntries(fields
        .filter(({ name, place }) => place === wanted && name in all)
        .map(({ name }) => [name, all[name]]));
    const target = Object.entries(within('path')).reduce((text, [name, value]) =>
        text.replace(`{${name}}`, encodeURIComponent(value)), path);
    const hasBody = method === 'POST' || method === 'PUT';
    return call(server, method, `${target}?${new URLSearchParams(within('query'))}`,
        { token, body: hasBody ? within('body') : undefined });
}

const saying = async (route, token, more) =>
    (await request(route, token, more)).body?.error ?? { name: 'done' };

/** Ask for each: those whose refusal is not this one, with what it was. */
async function others(name, list, ask) {
    const said = [];
    for (const item of list)
        said.push([item.call ?? item, item.method, (await ask(item)).name]);
    return said.filter(([, , other]) => other !== name);
}

const onSocket = (client, more = {}) => (name) =>
    client.request(name, values(socketFields(name), more)).then(() => ({ name: 'done' }), (error) => error);

const staffRoutes = () => routes.filter(({ isStaffs }) => isStaffs);
const isStaffs = (name) => routes.some((route) => route.call === name && route.isStaffs);

test('a stranger may nothing that needs a token', async () => {
    const closed = routes.filter(({ isOpen }) => !isOpen);
    assert.deepEqual(await others('unauthenticated', closed, (route) => saying(route)), []);
});

test('who is not staff may nothing of the staff\'s', async () => {
    assert.ok(staffRoutes().length > 8);
    assert.deepEqual(await others('forbidden', staffRoutes(), (route) => saying(route, bob.token)), []);
    const client = await Native.open(server, bob.token);
    const names = socketCalls.filter(isStaffs);
    assert.deepEqual(await others('forbidden', names, onSocket(client)), []);
    await client.close();
});

/** What somebody hears who asks for the room with every call that names one: by what is asked. */
async function askOf(room, { token }, without = []) {
    const names = ({ fields }) => fields.some(({ name }) => name === 'room');
    const wanted = (name) => ![...SEES_NOTHING, ...without].includes(name);
    const client = await Native.open(server, token);
    const asked = [
        ...routes.filter((route) => names(route) && wanted(route.call))
            .map((route) => [`${route.method} ${route.path}`, saying(route, token, { room })]),
        ...socketCalls.filter((name) => names({ fields: socketFields(name) }) && wanted(name))
            .map((name) => [name, onSocket(client, { room })(name)]),
    ];
    const answers = await Promise.all(asked.map(async ([what, answer]) => [what, shape(await answer)]));
    await client.close();
    return Object.fromEntries(answers);
}

const inRoom = (method, path, { token }, body) =>
    must(server, method, `/v1/rooms/${room.id}${path}`, { token, body });
const add = () => inRoom('POST', '/members', ann, { account: bob.id });

/** How a private room comes to be none of bob's. */
const outside = {
    'that one was never in': () => {},
    'that one has left': () => add().then(() => inRoom('DELETE', `/members/${bob.id}`, bob)),
    'that one was put out of': () => add().then(() => inRoom('DELETE', `/members/${bob.id}`, ann)),
    'that one was banned from': () => add().then(() => inRoom('PUT', `/bans/${bob.id}`, ann, {})),
    'that is gone': () => inRoom('DELETE', '', ann),
};

for (const [what, goOut] of Object.entries(outside)) {
    test(`a room ${what} is like one that never was, for every call`, async () => {
        room = await makeRoom(server, ann.token, 'private');
        await inRoom('POST', '/messages', ann, { text: 'x' });
        await goOut();
        const real = await askOf(room.id, bob);
        assert.ok(Object.keys(real).length > 50);
        assert.deepEqual(real, await askOf(UNKNOWN_ROOM, bob));
        assert.deepEqual(Object.entries(real).filter(([, { name }]) => name !== 'not_found'), []);
    });
}

test('an invitation shows its room\'s name, and nothing else of it', async () => {
    room = await makeRoom(server, ann.token, 'private');
    await inRoom('POST', '/messages', ann, { text: 'x' });
    await inRoom('POST', '/invitations', ann, { account: bob.id });
    const real = await askOf(room.id, bob, ['room.join', 'room.decline']);
    assert.deepEqual(Object.entries(real).filter(([, { name }]) => name !== 'not_found'), []);
});

const shape = ({ name, status, detail }) => ({ name, status, detail });

async function makeKey(scopes) {
    const key = await must(server, 'POST', '/v1/admin/keys',
        { token: root.token, body: { name: 'a test', scopes } });
    keepSecret(key.token);
    return key;
}

for (const scope of SCOPES) {
    test(`a key for ${scope} may every call of its scope and no other`, async () => {
        const { token } = await makeKey(scope);
        const nowhere = { account: UNKNOWN_ROOM, room: UNKNOWN_ROOM };
        const isKept = ({ name, detail }) => name === 'forbidden' && /scope|no API key/.test(detail);
        for (const route of routes.filter(({ isOpen }) => !isOpen)) {
            const error = await saying(route, token, nowhere);
            assert.equal(isKept(error), scopeOf(route.call) !== scope,
                `${route.method} ${route.path}: ${JSON.stringify(error)}`);
        }
        if (scope !== 'messages') // who may read nothing has nothing to hear
            return assert.equal((await refusedSocket(nativeUrl(server, token))).status, 403);
        const client = await Native.open(server, token);
        for (const name of socketCalls) {
            const error = await onSocket(client, nowhere)(name);
            assert.equal(isKept(error), scopeOf(name) !== scope,
                `${name}: ${error.name} ${error.detail}`);
        }
        return client.close();
    });
}
