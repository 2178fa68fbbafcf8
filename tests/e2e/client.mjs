// client.mjs - a client of the native API: REST calls, and a WebSocket with promises.
//
// `call` is one REST request.  A Native is one connection to /v1/ws: `request` sends a command
// and settles with its reply, `events` lists all that was heard, in order, and `heard` waits for
// one.  Nothing here retries or reconnects: tests say what should happen.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

import { keepSecret } from './server.mjs';

const WAIT_MS = 10_000;
const CUT_OFF_BY = 3000;

/** A refusal by the server, as the error object of the API. */
export class Refusal extends Error {
    constructor(error) {
        super(`${error.name}: ${error.message} ${error.detail ?? ''}`);
        Object.assign(this, error, { name: error.name });
    }
}

/** One REST request; gives {status, headers, body}, body parsed if there is one. */
export async function call(server, method, path, { token, body, headers = {} } = {}) {
    const sent = { ...headers };
    if (token !== undefined)
        sent.authorization = `Bearer ${token}`;
    if (body !== undefined)
        sent['content-type'] ??= 'application/json';
    const reply = await fetch(server.url + path, {
        method,
        headers: sent,
        body: body === undefined ? undefined : JSON.stringify(body),
        redirect: 'manual',
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
}

/** A REST request that must succeed; gives the body. */
export async function must(server, method, path, options) {
    const { status, body } = await call(server, method, path, options);
    const isDone = status >= 200 && status < 300;
    assert.ok(isDone, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
}

/** A REST request that must be refused with this error; gives the error object. */
export async function refused(server, name, method, path, options) {
    const { status, body } = await call(server, method, path, options);
    assertError(body, status);
    assert.equal(body.error.name, name, `${method} ${path}: ${JSON.stringify(body)}`);
    return body.error;
}

/** The shape of every error of the native API. */
export function assertError(body, status) {
    assert.ok(body?.error, `an error object, not ${JSON.stringify(body)}`);
    assert.match(body.error.name, /^[a-z_]+$/);
    assert.equal(body.error.status, status);
    assert.equal(typeof body.error.retryable, 'boolean');
    assert.ok(body.error.message.length > 10, 'a sentence that says what to do');
}

/** A new account with a random password; gives {token, session, account, password, id}. */
export async function signUp(server, login, more = {}) {
    const password = keepSecret(`pw-${randomBytes(9).toString('hex')}`);
    const body = await must(server, 'POST', '/v1/accounts', { body: { login, password, ...more } });
    keepSecret(body.token);
    return { ...body, password: more.password ?? password, id: body.account.id };
}

export async function signIn(server, login, password) {
    const body = await must(server, 'POST', '/v1/sessions', { body: { login, password } });
    keepSecret(body.token);
    return body;
}

export async function makeRoom(server, token, kind = 'open', name = 'a room') {
    return must(server, 'POST', '/v1/rooms', { token, body: { kind, name } });
}

export async function post(server, token, room, text, clientId) {
    const body = clientId === undefined ? { text } : { text, client_id: clientId };
    return must(server, 'POST', `/v1/rooms/${room}/messages`, { token, body });
}

export async function history(server, token, room, query = '') {
    const { messages } = await must(server, 'GET', `/v1/rooms/${room}/messages${query}`, { token });
    return messages;
}

export class Native {
    /** Connect and wait for the welcome.  `options`: since, and what `ws` takes. */
    static async open(server, token, { since, ...options } = {}) {
        const client = new this(nativeUrl(server, token, since), options);
        client.since = since;
        await client.welcomed;
        return client;
    }

    constructor(url, options = {}) {
        this.events = [];
        this.pending = new Map();
        this.nextId = 1;
        this.listeners = new Set();
        this.socket = new WebSocket(url, options.protocol ?? [], {
            perMessageDeflate: false, handshakeTimeout: WAIT_MS, ...options,
        });
        this.welcomed = new Promise((resolve, reject) => {
            this.welcomeArrived = resolve;
            this.socket.on('unexpected-response', (request, reply) => {
                reject(Object.assign(new Error(`HTTP ${reply.statusCode}`), {
                    status: reply.statusCode,
                }));
                request.destroy();
            });
            this.socket.on('error', reject);
            this.socket.on('close', (code) => {
                reject(Object.assign(new Error(`closed with ${code}`), { code }));
            });
        });
        this.welcomed.catch(() => {});
        this.closed = new Promise((resolve) => {
            this.socket.on('close', (code, reason) => {
                this.failPending(code);
                resolve({ code, reason: String(reason), at: Date.now() });
            });
        });
        this.socket.on('message', (data) => this.receive(this.decode(data)));
    }

    /** A frame as bytes, and back; for subprotocols to replace. */
    encode(frame) {
        return JSON.stringify(frame);
    }

    decode(data) {
        return JSON.parse(data);
    }

    receive(frame) {
        if (frame.type === 'welcome') {
            this.welcome = frame;
            this.welcomeArrived(frame);
        } else if (frame.type === 'reply' || frame.type === 'error') {
            this.settle(frame);
        } else {
            this.hear(frame);
        }
    }

    hear(event) {
        this.events.push(event);
        this.listeners.forEach((listener) => listener());
    }

    settle(frame) {
        const waiting = this.pending.get(frame.id);
        assert.ok(waiting, `an answer to nothing: ${JSON.stringify(frame)}`);
        this.pending.delete(frame.id);
        if (frame.type === 'reply')
            waiting.resolve(frame);
        else
            waiting.reject(new Refusal(frame.error));
    }

    failPending(code) {
        for (const { reject } of this.pending.values())
            reject(Object.assign(new Error(`closed with ${code}`), { code }));
        this.pending.clear();
    }

    /** Send a command or query; gives the reply frame or throws the Refusal. */
    request(type, body = {}) {
        const id = this.nextId++;
        const answer = new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
        this.socket.send(this.encode({ id, type, body }));
        return answer;
    }

    async post(room, text, clientId) {
        const body = clientId === undefined ? { room, text } : { room, text, client_id: clientId };
        return (await this.request('room.post', body)).body;
    }

    /** The first event, past or to come, for which `wanted` is true. */
    heard(wanted, what = 'an event', ms = WAIT_MS) {
        return new Promise((resolve, reject) => {
            const settle = (conclude, value) => {
                clearTimeout(late);
                this.listeners.delete(look);
                conclude(value);
            };
            const late = setTimeout(() => {
                settle(reject, new Error(`no ${what} within ${ms} ms; heard ${this.summary()}`));
            }, ms);
            const look = () => {
                const event = this.events.find(wanted);
                if (event !== undefined)
                    settle(resolve, event);
            };
            this.listeners.add(look);
            look();
        });
    }

    heardText(text) {
        return this.heard((event) => event.body?.message?.text === text, `message '${text}'`);
    }

    /** Messages heard in a room, in the order of arrival. */
    messages(room) {
        return this.events
            .filter((event) => event.type === 'room.posted')
            .map((event) => event.body.message)
            .filter((message) => message.room === room);
    }

    texts(room) {
        return this.messages(room).map((message) => message.text);
    }

    /** The point to resume from: the last sequence seen, or else where the connection began. */
    get lastSeq() {
        const last = this.events.findLast((event) => event.seq !== undefined);
        const { as_of, body } = this.welcome;
        return last?.seq ?? (this.since !== undefined && body.resumed ? this.since : as_of);
    }

    summary() {
        return JSON.stringify(this.events.slice(-5)).slice(0, 800);
    }

    async close() {
        this.socket.close();
        return this.closed;
    }

    /** Drop the connection without a goodbye. */
    async terminate() {
        this.socket.terminate();
        return this.closed;
    }
}

export function nativeUrl(server, token, since) {
    const query = new URLSearchParams();
    if (token !== undefined)
        query.set('token', token);
    if (since !== undefined)
        query.set('since', String(since));
    return `${server.socketUrl}/v1/ws?${query}`;
}

/** Open a WebSocket that must be refused: gives {status} before the upgrade, {code} after. */
export function refusedSocket(url, options = {}) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, options);
        const late = setTimeout(() => {
            socket.terminate();
            reject(new Error(`not refused: ${url.slice(0, 60)}`));
        }, WAIT_MS);
        const settle = (outcome) => {
            clearTimeout(late);
            resolve(outcome);
        };
        socket.on('unexpected-response', (request, reply) => {
            const chunks = [];
            reply.on('data', (chunk) => chunks.push(chunk));
            reply.on('end', () => settle({
                status: reply.statusCode, body: Buffer.concat(chunks).toString(),
            }));
        });
        socket.on('error', () => {});
        socket.on('close', (code) => settle({ code }));
    });
}

/** What /metrics counts, by names and labels. */
export async function numbers(server) {
    const reply = await fetch(`${server.url}/metrics`);
    assert.equal(reply.status, 200);
    const lines = (await reply.text()).split('\n').filter((line) => line && !line.startsWith('#'));
    return Object.fromEntries(lines.map((line) =>
        [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
}

/** `say(n)` for n from 1 on, until the server has closed somebody who reads too slowly; gives the last
 *  n.  From then on it waits five seconds, and no longer, for them to hear why. */
export async function sayUntilCutOff(server, say) {
    const slow = async () => (await numbers(server)).kith_edge_slow_closed_total;
    const before = await slow();
    for (let n = 1; n <= CUT_OFF_BY; n++) {
        await say(n);
        if (n % 10 === 0 && await slow() > before)
            return n;
    }
    assert.fail(`nobody was cut off by ${CUT_OFF_BY} messages`);
}

/** Ask again and again until the answer satisfies; for states that settle by themselves. */
export async function eventually(ask, satisfies, what, ms = WAIT_MS) {
    const deadline = Date.now() + ms;
    for (;;) {
        const answer = await ask();
        if (satisfies(answer))
            return answer;
        assert.ok(Date.now() < deadline, `${what}: still ${JSON.stringify(answer)} after ${ms} ms`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
