// chatapi.mjs - a client of ChatAPI (dialect 001): its REST routes and its WebSocket.
//
// Written as a stranger would who has only ChatAPI's own document: `Authorization` with some
// scheme and the token, JSON bodies, `?token=` on the WebSocket, frames without types.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

import { keepSecret } from './server.mjs';

const WAIT_MS = 10_000;

/** One request; `headers` may replace the credential. */
export async function ask(server, method, path, { token, body, headers = {} } = {}) {
    const credential = token === undefined ? {} : { authorization: `Token ${token}` };
    const reply = await fetch(server.url + path, {
        method,
        headers: { ...credential, ...headers },
        body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
}

/** A request that must be answered with exactly this status and `{"error": text}`. */
export async function refused(server, status, error, method, path, options) {
    const reply = await ask(server, method, path, options);
    assert.deepEqual({ status: reply.status, body: reply.body }, { status, body: { error } });
}

/** Register; gives {id, token, username, email, password}. */
export async function register(server, username, more = {}) {
    const person = {
        email: `${username}@example.org`, username,
        password: keepSecret(`pw-${randomBytes(9).toString('hex')}`), ...more,
    };
    const { status, body } = await ask(server, 'POST', '/auth/reg', { body: person });
    assert.equal(status, 200, JSON.stringify(body));
    keepSecret(body.token);
    return { ...person, ...body };
}

export async function createChat(server, token, name = 'a chat') {
    const { status, body } = await ask(server, 'POST', '/chats/create', { token, body: { name } });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
}

export async function chatMessages(server, token, id, query = '') {
    const path = `/chats/messages?id=${id}${query}`;
    const { status, body } = await ask(server, 'GET', path, { token });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
}

export function chatUrl(server, token) {
    return `${server.socketUrl}/chats/ws?token=${encodeURIComponent(token)}`;
}

/** One connection to /chats/ws; `frames` lists what came, in order. */
export class Chat {
    static async open(server, token, options = {}) {
        const chat = new this(chatUrl(server, token), options);
        await chat.opened;
        return chat;
    }

    constructor(url, options) {
        this.frames = [];
        this.listeners = new Set();
        this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
        this.opened = new Promise((resolve, reject) => {
            this.socket.on('open', resolve);
            this.socket.on('error', reject);
        });
        this.opened.catch(() => {});
        this.closed = new Promise((resolve) => {
            this.socket.on('close', (code) => resolve({ code, at: Date.now() }));
        });
        this.socket.on('message', (data) => this.hear(JSON.parse(data)));
    }

    hear(frame) {
        this.frames.push(frame);
        this.listeners.forEach((listener) => listener());
    }

    send(frame) {
        this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    }

    say(chat, text, more = {}) {
        this.send({ text, chat_id: chat, ...more });
    }

    /** The `count`-th frame, past or to come, for which `wanted` is true. */
    heard(wanted, what = 'a frame', count = 1) {
        return new Promise((resolve, reject) => {
            const settle = (conclude, value) => {
                clearTimeout(late);
                this.listeners.delete(look);
                conclude(value);
            };
            const late = setTimeout(() => {
                const last = JSON.stringify(this.frames.slice(-5));
                settle(reject, new Error(`no ${what} within ${WAIT_MS} ms; heard ${last}`));
            }, WAIT_MS);
            const look = () => {
                const found = this.frames.filter(wanted)[count - 1];
                if (found !== undefined)
                    settle(resolve, found);
            };
            this.listeners.add(look);
            look();
        });
    }

    heardText(text, count = 1) {
        return this.heard((frame) => frame.text === text, `frame with '${text}'`, count);
    }

    heardError(count = 1) {
        return this.heard((frame) => frame.error !== undefined, 'error frame', count);
    }

    texts() {
        return this.frames.filter((frame) => frame.error === undefined).map((frame) => frame.text);
    }

    async close() {
        this.socket.close();
        return this.closed;
    }
}
