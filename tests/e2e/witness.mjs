// witness.mjs - sees all that the clients of a test file say to the native API, and hear.
//
// It is loaded before each test file (`node --import`) and stands between the tests and what
// they use: `fetch` and the sockets of `ws`.  Three things come of it, which no test has to ask
// for:
//   - each answer and event is held against the documents; a field that they do not name, or the
//     client id of somebody else's message, fails the test file when it ends;
//   - each password, e-mail, link and token that was sent or given becomes a secret that no log
//     may hold (server.mjs);
//   - what was met is noted in the file that KITH_SEEN names, for audit.mjs.

import { appendFileSync } from 'node:fs';
import { decode } from '@msgpack/msgpack';
import WebSocket from 'ws';

import { answerFaults, frameFaults, routeOf } from './contract.mjs';
import { keepSecret } from './server.mjs';

const SECRET_FIELDS = ['password', 'new_password', 'email', 'token', 'verifier'];
const SECRET_LENGTH_MIN = 8; // a shorter one may be part of a log by chance

const seen = new Set();
const faults = new Set();

process.on('exit', () => {
    if (process.env.KITH_SEEN)
        appendFileSync(process.env.KITH_SEEN, [...seen, ''].join('\n'));
    for (const fault of faults)
        console.error(`not as the documents say: ${fault}`);
    if (faults.size > 0)
        process.exitCode = 1;
});

const note = (...words) => seen.add(words.join('\t'));

function noteOutcome(door, call, error) {
    note('call', door, call, error?.name ?? 'ok');
    noteError(error);
}

function noteError(error) {
    if (error?.name !== undefined)
        note('error', error.name, error.detail ?? '');
}

/** An answer that came by another way than those below, as its text. */
export function noteRefusal(text) {
    noteError(parse(text)?.error);
}

const blame = (what, list) => list.forEach((fault) => faults.add(`${what}: ${fault}`));

function learnSecrets(body) {
    for (const name of SECRET_FIELDS) {
        if (typeof body?.[name] === 'string' && body[name].length >= SECRET_LENGTH_MIN)
            keepSecret(body[name]);
    }
}

/** Messages within a value that show a client id which is not the asker's own. */
function strangersIds(value, asker) {
    if (value === null || typeof value !== 'object' || asker === undefined)
        return [];
    const own = value.client_id !== undefined && value.sender !== asker
        ? [`the client id of account ${value.sender} is shown to ${asker}`] : [];
    return [...own, ...Object.values(value).flatMap((part) => strangersIds(part, asker))];
}

// ---- REST ----

const fetchIt = globalThis.fetch;

globalThis.fetch = async function fetch(input, options = {}) {
    const reply = await fetchIt(input, options);
    const { pathname } = new URL(input);
    const isJson = reply.headers.get('content-type')?.startsWith('application/json') ?? false;
    const answer = isJson ? parse(await reply.clone().text()) : null;
    const route = routeOf(options.method ?? 'GET', pathname);
    if (route !== undefined)
        witness(route, options, reply.status, answer);
    else if (pathname.startsWith('/v1/'))
        noteError(answer?.error);
    return reply;
};

function witness(route, { headers, body }, status, answer) {
    if (typeof body === 'string')
        learnSecrets(parse(body));
    learnSecrets(answer);
    const what = `${route.method} ${route.path}`;
    noteOutcome(what, route.call, answer?.error);
    if (answer === null)
        return;
    blame(what, answerFaults(route, status, answer));
    blame(what, strangersIds(answer, accountOf(headers?.authorization)));
}

/** Whose a token of ours is; undefined of a foreign issuer's, and of none. */
function accountOf(authorization) {
    const claims = authorization?.split('.')[1];
    const account = Number(parse(Buffer.from(claims ?? '', 'base64url').toString())?.sub);
    return Number.isSafeInteger(account) ? account : undefined;
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

// ---- WebSocket ----

const { send, emit } = WebSocket.prototype;
const calls = new WeakMap(); // of each socket: the names of its calls by number
const accounts = new WeakMap(); // of each socket: whose it is

const isNative = (socket) => new URL(socket.url).pathname === '/v1/ws';

WebSocket.prototype.send = function (data, ...more) {
    if (isNative(this))
        hearCall(this, frameOf(this, data));
    return send.call(this, data, ...more);
};

WebSocket.prototype.emit = function (event, ...args) {
    if (event === 'unexpected-response')
        hearRefusal(args[1]);
    else if (isNative(this) && event === 'message')
        hearFrame(this, frameOf(this, args[0]));
    else if (isNative(this) && event === 'close')
        note('close', args[0]);
    return emit.call(this, event, ...args);
};

/** An upgrade was refused: the error is in the body, if the test reads it. */
function hearRefusal(reply) {
    const chunks = [];
    reply.on('data', (chunk) => chunks.push(chunk));
    reply.on('end', () => noteRefusal(Buffer.concat(chunks).toString()));
}

function frameOf(socket, data) {
    if (socket.protocol !== 'kith.v1.msgpack')
        return parse(String(data));
    try {
        return decode(data);
    } catch {
        return null;
    }
}

function hearCall(socket, frame) {
    if (typeof frame?.type !== 'string')
        return;
    const own = calls.get(socket) ?? new Map();
    calls.set(socket, own.set(frame.id, frame.type));
    learnSecrets(frame.body);
}

function hearFrame(socket, frame) {
    if (frame.type === 'welcome')
        accounts.set(socket, frame.body.account);
    const isAnswer = frame.type === 'reply' || frame.type === 'error';
    const call = isAnswer ? calls.get(socket)?.get(frame.id) : undefined;
    if (isAnswer && call !== undefined)
        noteOutcome('socket', call, frame.error);
    else
        note('event', frame.type);
    learnSecrets(frame.body);
    if (isAnswer && call === undefined)
        return; // to what is no frame: the test says what it wants
    const what = `${frame.type} ${call ?? ''}`;
    blame(what, frameFaults(frame, call));
    blame(what, strangersIds(frame.body, accounts.get(socket)));
}
