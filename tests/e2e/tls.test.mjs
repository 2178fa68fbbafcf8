// TLS: HTTPS and secure WebSockets in the server itself, certificates that are renewed while
// it runs, and clients that do not quite speak it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { promisify } from 'node:util';

import { makeCertificate } from './certificates.mjs';
import { Native, makeRoom, must, post, signUp } from './client.mjs';
import { Server, freePort } from './server.mjs';

const HANDSHAKE_MS = 10_000;
const WAIT_MS = 10_000;

let folder, first, second, server, port, ann, room;

/** Put a certificate where the server looks for it. */
function install({ certificate, key }) {
    copyFileSync(certificate, join(folder, 'server.pem'));
    copyFileSync(key, join(folder, 'server.key'));
}

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kith-tls-'));
    first = makeCertificate(folder, 'first');
    second = makeCertificate(folder, 'second');
    install(first);
    port = await freePort();
    server = await Server.start({
        settings: {
            'tls.listen': `127.0.0.1:${port}`,
            'tls.certificate': join(folder, 'server.pem'),
            'tls.key': join(folder, 'server.key'),
        },
    });
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
});

after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
});

/** GET over HTTPS; gives {status, body, peer}, the body as bytes. */
function get(path, { ca = first.ca, slow = false, ...options } = {}) {
    return new Promise((resolve, reject) => {
        const request = https.get({
            host: '127.0.0.1', port, path, ca, agent: false,
            headers: { authorization: `Bearer ${ann.token}` }, ...options,
        }, async (reply) => {
            const peer = reply.socket.getPeerCertificate().subject?.CN;
            const chunks = [];
            if (slow)
                await sleep(500);
            for await (const chunk of reply)
                chunks.push(chunk);
            resolve({ status: reply.statusCode, body: Buffer.concat(chunks), peer });
        });
        request.on('error', reject);
    });
}

function openSocket(ca = first.ca) {
    return Native.open({ socketUrl: `wss://127.0.0.1:${port}` }, ann.token, { ca });
}

/** A handshake; gives {protocol, alpn}. */
function shake(options) {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ host: '127.0.0.1', port, ca: first.ca, ...options }, () => {
            resolve({ protocol: socket.getProtocol(), alpn: socket.alpnProtocol });
            socket.end();
        });
        socket.on('error', reject);
    });
}

/** Say this over bare TCP and wait for the end; gives {ended: a FIN and no reset, bytes}. */
function sayPlainly(text) {
    return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        let ended = false, bytes = 0;
        socket.on('data', (chunk) => { bytes += chunk.length; });
        socket.on('end', () => { ended = true; });
        socket.on('error', () => {});
        socket.on('close', () => resolve({ ended, bytes }));
    });
}

async function reload() {
    const edge = server.daemons.get('edge') ?? server.daemons.get('all');
    edge.signal('SIGHUP');
}

/** Until this holds. */
async function until(holds) {
    const deadline = Date.now() + WAIT_MS;
    while (!(await holds())) {
        assert.ok(Date.now() < deadline, `it does not come:\n${server.logTail()}`);
        await sleep(20);
    }
}

test('HTTPS answers, by https and by fetch', async () => {
    const { status, body } = await get('/v1/me');
    assert.equal(status, 200);
    assert.equal(JSON.parse(body).login, 'ann');
    const { stdout } = await promisify(execFile)(process.execPath, [
        '-e', `fetch('https://127.0.0.1:${port}/healthz').then((r) => console.log(r.status))`,
    ], { env: { ...process.env, NODE_EXTRA_CA_CERTS: first.certificate } });
    assert.equal(stdout.trim(), '200');
});

test('a secure WebSocket takes calls and hears what happens', async () => {
    const socket = await openSocket();
    const { body } = await socket.request('room.post', { room: room.id, text: 'over TLS' });
    assert.equal(body.text ?? body.message?.text, 'over TLS');
    await socket.heard((event) => event.body.message?.text === 'over TLS');
    await socket.close();
});

test('a large answer arrives whole, to a slow reader too', async () => {
    const text = 'x'.repeat(16_000);
    for (let n = 0; n < 400; n += 20)
        await Promise.all(Array.from({ length: 20 }, () => post(server, ann.token, room.id, text)));
    const path = `/v1/rooms/${room.id}/messages?limit=400`;
    const plain = await must(server, 'GET', path, { token: ann.token });
    for (const slow of [false, true]) {
        const { body } = await get(path, { slow });
        assert.ok(body.length > 6_000_000);
        assert.deepEqual(JSON.parse(body).messages, plain.messages);
    }
});

test('TLS 1.2 and 1.3 are spoken, older ones are not', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const { protocol } = await shake({ minVersion: version, maxVersion: version });
        assert.equal(protocol, version);
    }
    for (const version of ['TLSv1', 'TLSv1.1']) {
        await assert.rejects(shake({
            minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0',
        }));
    }
});

test('HTTP/1.1 is the only protocol', async () => {
    assert.equal((await shake({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
    await assert.rejects(shake({ ALPNProtocols: ['h2'] }));
});

test('who does not speak TLS is shown the door', async () => {
    for (const text of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'x'.repeat(100_000)])
        assert.equal((await sayPlainly(text)).ended, true);
    assert.equal((await get('/healthz')).status, 200);
});

test('who takes too long for the handshake is cut off', async () => {
    const began = Date.now();
    await sayPlainly('\x16\x03\x01'); // a greeting's first bytes, and no more
    const took = Date.now() - began;
    assert.ok(took > HANDSHAKE_MS / 2 && took < HANDSHAKE_MS * 2, `${took} ms`);
});

test('SIGHUP takes a renewed certificate, and nobody is cut off', async () => {
    const socket = await openSocket();
    install(second);
    await reload();
    await until(async () => (await get('/healthz', { rejectUnauthorized: false })).peer === 'second');
    assert.equal((await get('/healthz', { ca: second.ca })).status, 200);
    await socket.request('room.post', { room: room.id, text: 'still here' });
    await socket.close();
});

test('a bad pair is refused with its reason, and the old one stays', async () => {
    const peer = async () => (await get('/healthz', { rejectUnauthorized: false })).peer;
    const before = await peer();
    copyFileSync(first.key, join(folder, 'server.key'));
    copyFileSync(second.certificate, join(folder, 'server.pem'));
    await reload();
    await until(() => /another certificate's/.test(server.log()));
    writeFileSync(join(folder, 'server.pem'), 'no certificate');
    await reload();
    await until(() => /certificate cannot be read/.test(server.log()));
    assert.equal(await peer(), before);
    install(second);
});
