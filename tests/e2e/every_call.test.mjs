// Every call, on every door: what it does not know, what is missing and what is no such thing is
// refused by name.  The calls and their fields are those of the documents; each is tried with
// values that the documents allow but for one.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must } from './client.mjs';
import { hiddenFields, routes, socketCalls, socketFields } from './contract.mjs';
import { signUpAs } from './operator.mjs';
import { Packed } from './packed.mjs';
import { Server } from './server.mjs';

let server, root, room;

before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
    room = await makeRoom(server, root.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room.id}/messages`, { token: root.token, body: { text: 'x' } });
});
after(() => server.close());

/** A value that the schema allows. */
function sample({ name, schema }) {
    if (name === 'room')
        return room.id;
    if (schema.enum !== undefined)
        return schema.enum[0];
    const values = {
        integer: Math.max(schema.minimum ?? 0, 1),
        string: 'x'.repeat(Math.max(schema.minLength ?? 0, 1)),
        boolean: true,
        array: [],
    };
    return values[schema.type];
}

/** What is no value of the schema: another kind, and beyond its bounds. */
function wrongValues({ schema }) {
    const others = {
        integer: ['x', 1.5], string: [1, []], boolean: ['maybe', 2], array: ['x', {}],
        object: ['x', []], // of which the documents say where it is described
    };
    const beyond = [];
    if (schema.minimum !== undefined)
        beyond.push(schema.minimum - 1);
    if (schema.maxLength !== undefined)
        beyond.push('x'.repeat(schema.maxLength + 1));
    if (schema.enum !== undefined)
        beyond.push('no-such-word');
    return [...others[schema.type ?? 'object'], ...beyond];
}

const samples = (fields) => Object.fromEntries(fields.filter(({ required }) => required)
    .map((field) => [field.name, sample(field)]));

/** A missing truth is false, and a missing text empty, where that will do. */
const mustBeThere = ({ required, schema }) => required && schema.type !== 'boolean' &&
    (schema.type !== 'string' || schema.minLength > 0 || schema.enum !== undefined);

/** Fields that the call does not know, or that strangers to the server's parts may not give. */
const forbidden = (name) => ['no_such_field', ...hiddenFields(name)];

// ---- REST ----

/** A request of the route with these values: each goes where the route has it, others to where
 *  a client would try. */
function request({ method, path, fields }, values) {
    const place = (name) => fields.find((field) => field.name === name)?.place ??
        (['GET', 'DELETE'].includes(method) || fields.some((field) => field.place === 'query')
            ? 'query' : 'body');
    const within = (wanted) => Object.entries(values).filter(([name]) => place(name) === wanted);
    const target = within('path').reduce((text, [name, value]) =>
        text.replace(`{${name}}`, encodeURIComponent(value)), path);
    const query = new URLSearchParams(within('query'));
    const body = Object.fromEntries(within('body'));
    return call(server, method, `${target}?${query}`, {
        token: root.token,
        body: ['GET', 'DELETE'].includes(method) ? undefined : body,
    });
}

/** What is said instead of this refusal and this field; undefined if it is said. */
async function notRefused(route, values, name, field) {
    const { status, body } = await request(route, values);
    const isSaid = body?.error?.name === name && body.error.detail.includes(`\`${field}\``);
    return isSaid ? undefined
        : `${route.method} ${route.path} ${shown(values)}: ${status} ${shown(body?.error ?? body)}`;
}

const shown = (value) => JSON.stringify(value).slice(0, 100);

/** Ask `notRefused` about all of them: what is wrong with any. */
async function assertAllRefused(tries) {
    const faults = [];
    for (const row of tries)
        faults.push(await notRefused(...row));
    assert.deepEqual(faults.filter(Boolean), []);
}

/** A mail program sends a body of its own there (RFC 8058), which is passed over. */
const reads = ({ call }) => call !== 'notification.unsubscribe';

test('no route takes a field that it does not know, nor one that is not for clients', () =>
    assertAllRefused(routes.filter(reads).flatMap((route) => forbidden(route.call)
        .filter((name) => !route.fields.some((field) => field.name === name))
        .map((name) => [route, { ...samples(route.fields), [name]: 1 }, 'unknown_field', name]))));

test('every route names the field that is missing', () =>
    assertAllRefused(routes.flatMap((route) => route.fields
        .filter((field) => mustBeThere(field) && field.place !== 'path')
        .map(({ name }) => {
            const { [name]: left, ...others } = samples(route.fields);
            return [route, others, 'invalid', name];
        }))));

test('every route names the field that is no such thing', () =>
    assertAllRefused(routes.flatMap((route) => route.fields
        .filter(({ place }) => place === 'body')
        .flatMap((field) => wrongValues(field).map((value) =>
            [route, { ...samples(route.fields), [field.name]: value }, 'invalid', field.name])))));

// ---- WebSocket ----

/** What each call must refuse: [call, body, refusal, field]. */
const wrongCalls = () => socketCalls.flatMap((name) => {
    const fields = socketFields(name);
    const right = samples(fields);
    return [
        ...forbidden(name).map((field) => [name, { ...right, [field]: 1 }, 'unknown_field', field]),
        ...fields.filter(mustBeThere).map(({ name: field }) => {
            const { [field]: left, ...others } = right;
            return [name, others, 'invalid', field];
        }),
        ...fields.flatMap((field) => wrongValues(field).map((value) =>
            [name, { ...right, [field.name]: value }, 'invalid', field.name])),
    ];
});

for (const [door, Kind] of Object.entries({ JSON: Native, MessagePack: Packed })) {
    test(`no call of the WebSocket takes any of that in ${door}`, async () => {
        const client = await Kind.open(server, root.token);
        const faults = [];
        for (const [name, body, refusal, field] of wrongCalls()) {
            const { name: said, detail } = await client.request(name, body).then(
                () => ({ name: 'taken' }), (error) => error);
            if (said !== refusal || !detail.includes(`\`${field}\``))
                faults.push(`${name} ${shown(body)}: ${said} ${detail ?? ''}`);
        }
        assert.deepEqual(faults, []);
        await client.close();
    });
}
