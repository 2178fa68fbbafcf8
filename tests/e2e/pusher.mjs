// pusher.mjs - somebody's own application behind Pusher's protocol: a backend with the official
// server package, and pages with the stock clients.
//
// The backend answers what such backends do: it signs for a channel (`/auth`) and for a user
// (`/user-auth`), and it takes webhooks (`/hook`).  Nothing here retries but the packages.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Backend from 'pusher';
import Pusher8 from 'pusher-js';
import Pusher4 from 'pusher-js-4';
import Pusher7 from 'pusher-js-7';
import WebSocket from 'ws';

import { keepSecret } from './server.mjs';

const HOST = '127.0.0.1';
const WAIT_MS = 40_000; // pusher-js comes back only after 15 s if nobody listens yet

export const KEY = 'app-key';
const SECRET = keepSecret('secret-of-the-application');

/** The settings of a server for this application. */
export const APP = {
    'pusher.app_id': '1234', 'pusher.key': KEY, 'pusher.secret': SECRET, 'pusher.cluster': 'eu',
};

export const packages = { 4: Pusher4, 7: Pusher7, 8: Pusher8 };

const portOf = (server) => Number(new URL(server.url).port);

/** The server package, configured for a server. */
export function backendOf(server, more = {}) {
    return new Backend({
        appId: APP['pusher.app_id'], key: KEY, secret: SECRET, host: HOST, port: String(portOf(server)),
        useTLS: false, ...more,
    });
}

async function bodyOf(request) {
    const parts = [];
    for await (const part of request)
        parts.push(part);
    return Buffer.concat(parts).toString();
}

/** The application's own server.  `who(form)` is the user that asks: {user_id, user_info}. */
export class Application {
    static async start(server, who = () => undefined) {
        const app = new Application();
        app.pusher = server && backendOf(server);
        app.who = who;
        app.hooks = []; // events of webhooks, in the order of their arrival
        app.posts = []; // {headers, body, status} of each webhook
        app.failures = 0; // so many webhooks that come are refused
        app.http = createServer((request, reply) => app.answer(request, reply));
        app.http.listen(0, HOST);
        await once(app.http, 'listening');
        app.url = `http://${HOST}:${app.http.address().port}`;
        return app;
    }

    async answer(request, reply) {
        const body = await bodyOf(request);
        if (request.url === '/hook')
            return this.takeHook(request, body, reply);
        const form = Object.fromEntries(new URLSearchParams(body));
        const data = this.who(form);
        const answer = request.url === '/user-auth'
            ? this.pusher.authenticateUser(form.socket_id, data)
            : this.pusher.authorizeChannel(form.socket_id, form.channel_name, data);
        return reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }

    takeHook(request, body, reply) {
        const status = this.failures > 0 ? 500 : 200;
        this.failures -= status === 500;
        this.posts.push({ headers: request.headers, body, status });
        if (status === 200)
            this.hooks.push(...JSON.parse(body).events);
        reply.writeHead(status).end();
        this.onHook?.();
    }

    /** Wait until a webhook that fits has been taken. */
    async hooked(fits) {
        const deadline = AbortSignal.timeout(WAIT_MS);
        while (!this.hooks.some(fits)) {
            await new Promise((resolve, reject) => {
                this.onHook = resolve;
                deadline.onabort = () => reject(new Error(`no such webhook in ${JSON.stringify(this.hooks)}`));
            });
        }
        return this.hooks.find(fits);
    }

    async close() {
        this.http.close();
        this.http.closeAllConnections();
    }
}

/** A stock client that finds the server, and asks `app` for signatures. */
export function page(server, app, version = 8, more = {}) {
    return new packages[version](KEY, {
        cluster: 'eu', wsHost: HOST, wsPort: portOf(server), forceTLS: false,
        enabledTransports: ['ws'], disableStats: true, authEndpoint: `${app?.url}/auth`,
        userAuthentication: { endpoint: `${app?.url}/user-auth` }, ...more,
    });
}

function within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), WAIT_MS);
        timer.unref(); // of a wait that nobody waits for any more
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The next event of that name, on a channel, a connection or a whole client. */
export function next(emitter, event) {
    return within(new Promise((resolve) => {
        const take = (data) => {
            emitter.unbind(event, take);
            resolve(data);
        };
        emitter.bind(event, take);
    }), event);
}

/** Subscribe, and wait until that is done. */
export async function subscribe(client, name) {
    const channel = client.subscribe(name);
    if (!channel.subscribed) {
        const done = next(channel, 'pusher:subscription_succeeded');
        const refused = next(channel, 'pusher:subscription_error')
            .then((fault) => { throw new Error(`${name}: ${JSON.stringify(fault)}`); });
        refused.catch(() => {});
        await Promise.race([done, refused]);
    }
    return channel;
}

export async function connected(client) {
    if (client.connection.state !== 'connected')
        await next(client.connection, 'connected');
    return client.connection.socket_id;
}

/** A bare WebSocket: what no package says.  `frames` are all that came, and wait in turn. */
export class Bare {
    static async open(server, { path = `/app/${KEY}`, query = 'protocol=7&client=bare&version=1' } = {}) {
        const bare = new Bare();
        bare.socket = new WebSocket(`${server.socketUrl}${path}?${query}`);
        bare.frames = [];
        bare.socket.on('message', (data) => {
            bare.frames.push(JSON.parse(data));
            bare.onFrame?.();
        });
        bare.closed = once(bare.socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
        bare.closed.catch(() => {}); // who waits for it is told
        await once(bare.socket, 'open');
        return bare;
    }

    /** The first frame that has not been looked at; `data` is parsed. */
    async next() {
        while (this.frames.length === 0)
            await within(new Promise((resolve) => { this.onFrame = resolve; }), 'a frame');
        const frame = this.frames.shift();
        return typeof frame.data === 'string' && frame.data !== ''
            ? { ...frame, data: parse(frame.data) } : frame;
    }

    async hello() {
        const { event, data } = await this.next();
        assert.equal(event, 'pusher:connection_established');
        this.id = data.socket_id;
        return data;
    }

    say(event, data, more = {}) {
        this.socket.send(JSON.stringify({ event, data, ...more }));
    }

    /** Nothing else comes before the answer to a ping. */
    async expectSilence() {
        this.say('pusher:ping', {});
        assert.equal((await this.next()).event, 'pusher:pong');
    }

    async close() {
        this.socket.close();
        await this.closed;
    }
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
