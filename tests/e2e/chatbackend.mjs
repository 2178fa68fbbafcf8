// chatbackend.mjs - a client of ChatBackend (dialect 002): its REST routes and its raw socket.
//
// Written as a stranger would who has only ChatBackend's own document: the uuid of /login in
// the header `user`, JSON bodies, and what came of it in the body.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

import { eventually } from './client.mjs';
import { keepSecret } from './server.mjs';

const CLOSE_MS = 15_000;

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One request; `headers` may replace the credential. */
export async function ask(server, method, path, { uuid, body, headers = {} } = {}) {
    const reply = await fetch(server.url + path, {
        method,
        headers: {
            ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
            ...(uuid === undefined ? {} : { user: uuid }), ...headers,
        },
        body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
}

/** A request that must be answered with this data. */
export async function must(server, method, path, options) {
    const { status, body } = await ask(server, method, path, options);
    assert.deepEqual({ status, ok: body.ok }, { status: 200, ok: true }, JSON.stringify(body));
    return body.data;
}

/** A request that must be refused in exactly these words. */
export async function refused(server, code, message, method, path, options) {
    const { status, body } = await ask(server, method, path, options);
    assert.deepEqual({ status, body }, {
        status: 200, body: { ok: false, error: { code, message } },
    });
}

export function register(server, login, more = {}) {
    const person = {
        login, username: `${login} B.`,
        password: keepSecret(`pw-${randomBytes(9).toString('hex')}`), ...more,
    };
    return must(server, 'POST', '/register', { body: person }).then(() => person);
}

/** Sign in; gives {login, username, password, uuid}. */
export async function signIn(server, { login, password }) {
    const session = await must(server, 'POST', '/login', { body: { login, password } });
    keepSecret(session.uuid);
    return { login, password, ...session };
}

export async function signUp(server, login) {
    return signIn(server, await register(server, login));
}

export async function createRoom(server, uuid) {
    return (await must(server, 'POST', '/create-room', { uuid, body: {} })).room_gid;
}

export function say(server, uuid, gid, msg, headers) {
    return must(server, 'POST', '/send-message', { uuid, body: { room_gid: gid, msg }, headers });
}

export function roomHistory(server, uuid, gid, query = '') {
    return must(server, 'GET', `/get-room-history?room_gid=${gid}${query}`, { uuid });
}

/** The raw socket: what it hears is in `heard`. */
export class Line {
    /** Connect and say this, an object or a text; `where`: {port} or {path}. */
    constructor(server, first, where = { port: server.linePort, host: '127.0.0.1' }) {
        this.heard = [];
        this.socket = connect({ ...where, allowHalfOpen: false });
        this.socket.setEncoding('utf8');
        this.closed = new Promise((resolve) => this.socket.once('close', resolve));
        this.socket.on('error', () => {});
        this.takeIn();
        if (first !== undefined)
            this.write(typeof first === 'object' ? JSON.stringify(first) : first);
    }

    /** One that hears the room by now: silence does not tell, so the room is knocked at. */
    static async open(server, uuid, gid) {
        const line = new Line(server, { uuid, room_gid: gid });
        await Line.allTuned([line], server, uuid, gid);
        return line;
    }

    /** Until all hear the room; what they have heard by then is forgotten. */
    static async allTuned(lines, server, uuid, gid) {
        for (let knock = 1; ; knock++) {
            const text = `knock ${knock}`;
            await say(server, uuid, gid, text);
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (lines.every((line) => line.texts().includes(text)))
                break;
            assert.ok(knock < 500 && lines.every(({ socket }) => !socket.destroyed),
                'they hear nothing');
        }
        for (const line of lines)
            line.heard = [];
    }

    tuned(server, uuid, gid) {
        return Line.allTuned([this], server, uuid, gid);
    }

    takeIn() {
        let rest = '';
        this.socket.on('data', (chunk) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop();
            this.heard.push(...lines.map((line) => JSON.parse(line)));
        });
    }

    write(text) {
        this.socket.write(text);
    }

    texts() {
        return this.heard.map(({ msg }) => msg.txt);
    }

    /** Once it has heard so many. */
    async hears(count) {
        await eventually(() => this.heard.length, (length) => length >= count, 'heard');
        return this.heard;
    }

    async close() {
        this.socket.destroy();
        await this.closed;
    }

    state() {
        const { readyState, readableEnded, localPort, bytesRead } = this.socket;
        return JSON.stringify({ readyState, readableEnded, localPort, bytesRead });
    }

    /** Once the server has closed it. */
    async isClosed() {
        let late;
        const timeout = new Promise((resolve, reject) => {
            late = setTimeout(() => reject(new Error(`the line stays ${this.state()}`)), CLOSE_MS);
        });
        await Promise.race([this.closed, timeout]);
        clearTimeout(late);
    }
}

/** A connection that says this and must be closed without a word; how many ms that took. */
export async function refusedLine(server, first) {
    const begun = Date.now();
    const line = new Line(server, first);
    await line.isClosed();
    assert.deepEqual(line.heard, []);
    return Date.now() - begun;
}
