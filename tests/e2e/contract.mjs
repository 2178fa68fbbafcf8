// contract.mjs - what the server's printed documents promise, as things to hold answers against.
//
// Routes and calls come from docs/openapi.json and docs/asyncapi.json, which come from the tables
// in schema/.  `faultsOf` is strict where JSON Schema is not: a field that the document does not
// name is a fault, so that what is hidden cannot be shown unnoticed.

import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const rest = JSON.parse(read('docs/openapi.json'));
const socket = JSON.parse(read('docs/asyncapi.json'));
const scopes = read('schema/scopes.def');
const messages = socket.channels.socket.messages;
const calls = read('schema/commands.def').split(/^(?:COMMAND|QUERY|FLEETING)\(/m);

/** Every route of a call.  `isOpen`: to strangers; `fields`: [{name, place, schema, required}], place being
 *  path, query or body. */
export const routes = Object.entries(rest.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, { tags }]) => !tags.includes('server'))
        .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        segments: path.split('/'),
        call: operation.operationId.split('.').slice(0, 2).join('.'), // account.get.me is a second
        isOpen: operation.security?.length === 0,
        isStaffs: path.startsWith('/v1/admin/'),
        answers: operation.responses,
        fields: [...parameterFields(operation), ...bodyFields(operation)],
    })));

function parameterFields({ parameters = [] }) {
    return parameters.map((parameter) => resolve(parameter, rest))
        .filter((parameter) => parameter.in !== 'header')
        .map(({ name, in: place, schema, required = false }) => ({ name, place, schema, required }));
}

function bodyFields({ requestBody }) {
    const schema = requestBody?.content['application/json']?.schema ?? {};
    const { properties = {}, required = [] } = resolve(schema, rest);
    return Object.entries(properties).map(([name, field]) =>
        ({ name, place: 'body', schema: field, required: required.includes(name) }));
}

/** What a call takes on the WebSocket, in the same form. */
export function socketFields(call) {
    const { body } = messages[`call:${call}`].payload.properties;
    const { properties = {}, required = [] } = resolve(body, socket);
    return Object.entries(properties).map(([name, schema]) =>
        ({ name, place: 'body', schema, required: required.includes(name) }));
}

/** The scope in which an API key may this call; none: no key may. */
export function scopeOf(call) {
    const row = new RegExp(`SCOPED\\((\\w+), ${call.replace('.', '_')}\\)`);
    return row.exec(scopes)?.[1];
}

/** Fields of a call that only the server's own parts may give: HID in schema/commands.def. */
export function hiddenFields(call) {
    const row = calls.find((text) => text.includes(`"${call}"`));
    return [...row.matchAll(/FIELD\((\w+), \w+, HID/g)].map(([, name]) => name);
}

/** Names of all calls, and of all events, of the WebSocket. */
export const socketCalls = namesOf('call');
export const events = namesOf('event');

function namesOf(kind) {
    return Object.keys(messages).filter((key) => key.startsWith(`${kind}:`))
        .map((key) => key.slice(kind.length + 1));
}

/** The route of a request, or undefined. */
export function routeOf(method, path) {
    const segments = path.split('/');
    const fits = ({ segments: own }) => own.length === segments.length &&
        own.every((segment, n) => segment.startsWith('{') || segment === segments[n]);
    const found = routes.filter((route) => route.method === method && fits(route));
    return found.find(({ path: own }) => own === path) ?? found[0];
}

/** What is wrong with an answer over REST. */
export function answerFaults(route, status, body) {
    const { answers } = route;
    const answer = answers[status] ?? answers[`${Math.floor(status / 100)}XX`];
    if (answer === undefined)
        return [`status ${status} is not in the document`];
    const { content } = resolve(answer, rest);
    const schema = content?.['application/json']?.schema;
    return schema === undefined ? [] : faultsOf(schema, body, rest);
}

/** What is wrong with a frame of the WebSocket; `call` is what it answers, if it does. */
export function frameFaults(frame, call) {
    const kind = { welcome: 'server:welcome', error: 'server:error', reply: `reply:${call}` };
    const message = messages[kind[frame.type] ?? `event:${frame.type}`];
    if (message === undefined)
        return [`${frame.type} is not in the document`];
    return faultsOf(message.payload, frame, socket);
}

function resolve(schema, document) {
    if (schema.$ref === undefined)
        return schema;
    const [, ...names] = schema.$ref.split('/');
    return resolve(names.reduce((at, name) => at[name], document), document);
}

/** The schema without references at its top, and all parts of an `allOf` in one. */
function whole(schema, document) {
    const own = resolve(schema, document);
    const parts = (own.allOf ?? []).map((part) => whole(part, document));
    const properties = Object.assign({}, ...parts.map((part) => part.properties), own.properties);
    const required = [...parts, own].flatMap((part) => part.required ?? []);
    return { type: parts.length > 0 ? 'object' : undefined, ...own, properties, required };
}

const kinds = {
    object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
    array: Array.isArray,
    integer: Number.isSafeInteger,
    string: (value) => typeof value === 'string',
    boolean: (value) => typeof value === 'boolean',
};

function faultsOf(schema, value, document, at = '') {
    const wanted = whole(schema, document);
    if (wanted.type !== undefined && !kinds[wanted.type](value))
        return [`${at || 'it'} is no ${wanted.type}`];
    if (wanted.enum !== undefined && !wanted.enum.includes(value))
        return [`${at} is ${JSON.stringify(value)}`];
    if (wanted.type === 'array')
        return value.flatMap((item) => faultsOf(wanted.items, item, document, `${at}[]`));
    return wanted.type === 'object' ? fieldFaults(wanted, value, document, at) : [];
}

function fieldFaults({ properties, required }, value, document, at) {
    return [
        ...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
        ...Object.entries(value).flatMap(([name, field]) => (name in properties
            ? faultsOf(properties[name], field, document, `${at}.${name}`)
            : [`${at}.${name} is not in the document`])),
    ];
}
