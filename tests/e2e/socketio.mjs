// socketio.mjs - the stock Socket.IO clients of the tests, and what each of them is tried over.
//
// 2.2 and 2.5 speak Engine.IO 3, 4.8 speaks Engine.IO 4.  A `way` is how the package is told to
// travel: it polls, has a WebSocket, or begins the one way and goes on the other.

import assert from 'node:assert/strict';
import { io as io48 } from 'socket.io-client';
import io22 from 'socket.io-client-2.2';
import io25 from 'socket.io-client-2.5';

const WAIT_MS = 10_000;

export const versions = { 2.2: io22, 2.5: io25, 4.8: io48 };

export const ways = {
    polling: ['polling'],
    websocket: ['websocket'],
    upgrade: ['polling', 'websocket'],
};

/** Every client over every way: {name, version, way, transports, io}. */
export const clients = Object.entries(versions).flatMap(([version, io]) =>
    Object.entries(ways).map(([way, transports]) =>
        ({ name: `${version} ${way}`, version, way, transports, io })));

/** Settle with the arguments of the socket's next `event`, or fail. */
export function next(socket, event) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event}`)), WAIT_MS);
        socket.once(event, (...args) => {
            clearTimeout(timer);
            resolve(args);
        });
    });
}

/** Emit, and settle with the acknowledgement's argument. */
export function ask(socket, name, ...args) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer to ${name}`)), WAIT_MS);
        socket.emit(name, ...args, (answer) => {
            clearTimeout(timer);
            resolve(answer);
        });
    });
}

/** The body of an acknowledgement that has to be a success. */
export async function did(socket, name, ...args) {
    const answer = await ask(socket, name, ...args);
    assert.equal(answer.error, undefined, `${name}: ${JSON.stringify(answer.error)}`);
    return answer.body;
}

/** A connection in namespace `nsp` of `url`, with the token in the way that the client has. */
export function dial(client, url, { token, nsp = '/', ...options } = {}) {
    const old = client.version !== '4.8';
    const shown = token === undefined ? {} : old ? { query: { token } } : { auth: { token } };
    return client.io(url + nsp, {
        forceNew: true, transports: client.transports, reconnectionDelay: 50,
        reconnectionDelayMax: 200, ...shown, ...options,
    });
}

/** The same, once it is connected and, with a token, welcomed. */
export async function connect(client, url, options = {}) {
    const socket = dial(client, url, options);
    const welcomed = options.token === undefined ? null : next(socket, 'welcome');
    const failed = new Promise((resolve, reject) => {
        socket.once('connect_error', reject);
        socket.once('error', reject);
    });
    failed.catch(() => {}); // also where it comes later
    await Promise.race([Promise.all([next(socket, 'connect'), welcomed]), failed]);
    return socket;
}

/** The name of the transport that a connection is on. */
export function transport(socket) {
    return socket.io.engine.transport.name;
}
