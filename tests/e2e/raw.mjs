// raw.mjs - requests that no decent client would send: bytes over TCP, and what comes back.

import { connect } from 'node:net';

import { noteRefusal } from './witness.mjs';

const WAIT_MS = 15_000;

/** Send these bytes and read until the server closes, a whole reply is there, or time is up.
 *  `half`: end our side after the bytes.  Gives {status, headers, body, closed}. */
export function rawRequest(server, bytes, { half = false } = {}) {
    return new Promise((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1');
        const chunks = [];
        const settle = (closed) => {
            clearTimeout(late);
            socket.destroy();
            const reply = parseReply(Buffer.concat(chunks));
            noteRefusal(reply.body);
            resolve({ ...reply, closed });
        };
        const late = setTimeout(() => {
            socket.destroy();
            reject(new Error(`no answer within ${WAIT_MS} ms`));
        }, WAIT_MS);
        socket.on('connect', () => (half ? socket.end(bytes) : socket.write(bytes)));
        socket.on('data', (chunk) => {
            chunks.push(chunk);
            if (isWhole(Buffer.concat(chunks)))
                settle(false);
        });
        socket.on('error', () => settle(true));
        socket.on('close', () => settle(true));
    });
}

/** The text of a request; `head` are header lines without Host. */
export function requestText(method, path, head = [], body = '') {
    return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...head, '', ''].join('\r\n') + body;
}

function parseReply(bytes) {
    const [head, ...rest] = bytes.toString('latin1').split('\r\n\r\n');
    const lines = head.split('\r\n');
    const headers = Object.fromEntries(lines.slice(1).map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    return { status: Number(lines[0].split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

function isWhole(bytes) {
    const { status, headers, body } = parseReply(bytes);
    const length = status === 204 ? 0 : headers['content-length'];
    return length !== undefined && bytes.includes('\r\n\r\n') && body.length >= Number(length);
}
