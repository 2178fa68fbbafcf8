// Behind a reverse proxy: a Unix socket to listen on, X-Forwarded-For and -Proto, and the PROXY
// protocol.  Whose address counts is seen by whose sign-ups run dry.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Server, freePort, keepSecret } from './server.mjs';

const SIGN_UPS = 3;

let folder, path, proxiedPort, server, next = 0;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kith-proxies-'));
    path = join(folder, 'http');
    proxiedPort = await freePort();
    server = await Server.plan({
        settings: { argon2: 'interactive', 'rate.sign_up': `${SIGN_UPS}/3600` },
    });
    Object.assign(server.settings, {
        http: `127.0.0.1:${server.port},unix:${path},proxy:127.0.0.1:${proxiedPort}`,
        trusted_proxies: '127.0.0.1, 10.0.0.0/8, unix',
        unix_mode: '0600',
    });
    await server.launch();
});

after(async () => {
    await server.close();
    assert.equal(existsSync(path), false, 'the socket is gone with the server');
    rmSync(folder, { recursive: true });
});

function signUpBody() {
    next += 1;
    return JSON.stringify({ login: `person-${next}`, password: keepSecret(`password-${next}`) });
}

/** Sign somebody new up; gives the status.  `at`: what http.request takes of where. */
function signUp(at, headers = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request({
            method: 'POST', path: '/v1/accounts', agent: false, headers, ...at,
        }, (reply) => {
            reply.resume();
            reply.on('end', () => resolve(reply.statusCode));
        });
        request.on('error', reject);
        request.end(signUpBody());
    });
}

/** The same with these bytes before the request; 0 if the connection is closed without reply. */
function signUpAfter(bytes) {
    return new Promise((resolve) => {
        const socket = connect(proxiedPort, '127.0.0.1');
        const body = signUpBody();
        let text = '';
        socket.on('data', (chunk) => { text += chunk; });
        socket.on('error', () => {});
        socket.on('close', () => resolve(Number(text.split(' ')[1] ?? 0)));
        socket.write(Buffer.concat([Buffer.from(bytes), Buffer.from(
            `POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`
            + `Content-Length: ${body.length}\r\n\r\n${body}`)]));
    });
}

/** A PROXY header of version 2, of TCP over IPv4, with an extension. */
function header2(...address) {
    return Buffer.concat([
        Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
        Buffer.from([0x21, 0x11, 0, 16, ...address, 127, 0, 0, 1, 0x12, 0x34, 0, 80]),
        Buffer.from([0x04, 0, 1, 0]),
    ]);
}

/** As many sign-ups as an address has, then one more. */
async function assertRunsDry(attempt) {
    for (let n = 0; n < SIGN_UPS; n++)
        assert.equal(await attempt(), 201);
    assert.equal(await attempt(), 429);
}

const tcp = () => ({ host: '127.0.0.1', port: server.port });
const forwarded = (value) => ({ 'x-forwarded-for': value });

test('a Unix socket serves, with its mode', async () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await assertRunsDry(() => signUp({ socketPath: path }));
});

test('a trusted proxy says for whom it asks', async () => {
    await assertRunsDry(() => signUp(tcp(), forwarded('192.0.2.1')));
    assert.equal(await signUp(tcp(), forwarded('192.0.2.2')), 201);
    assert.equal(await signUp({ socketPath: path }, forwarded('192.0.2.3')), 201);
});

test('the last address that is no proxy counts, whatever the client wrote before it', async () => {
    let n = 0;
    await assertRunsDry(() => signUp(tcp(), forwarded(`198.51.100.${n++}, 192.0.2.20, 10.1.2.3`)));
});

test('all of an IPv6 network counts as one', async () => {
    let n = 0;
    await assertRunsDry(() => signUp(tcp(), forwarded(`2001:db8:0:7::${(n += 1)}`)));
    assert.equal(await signUp(tcp(), forwarded('2001:db8:0:8::1')), 201);
});

test('anybody else is not believed', async () => {
    const wary = await Server.start({
        settings: { argon2: 'interactive', 'rate.sign_up': `${SIGN_UPS}/3600` },
    });
    let n = 0;
    await assertRunsDry(() => signUp({ host: '127.0.0.1', port: wary.port },
        forwarded(`192.0.2.${n++}`)));
    await wary.close();
});

test('the PROXY protocol names the client, in both versions', async () => {
    await assertRunsDry(() => signUpAfter('PROXY TCP4 192.0.2.40 127.0.0.1 4660 80\r\n'));
    assert.equal(await signUpAfter(header2(192, 0, 2, 40)), 429);
    assert.equal(await signUpAfter(header2(192, 0, 2, 41)), 201);
});

test('a health check of the proxy itself is served', async () => {
    const local = Buffer.concat([
        Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from([0x20, 0, 0, 0]),
    ]);
    assert.equal(await signUpAfter(local), 201);
    assert.equal(await signUpAfter('PROXY UNKNOWN\r\n'), 201);
});

test('without a PROXY header there is no reply', async () => {
    assert.equal(await signUpAfter(''), 0);
    assert.equal(await signUpAfter('PROXY TCP4 nobody 127.0.0.1 1 2\r\n'), 0);
});

test('two servers share a port if both want to', async () => {
    const one = await Server.start({ settings: { reuse_port: 'on' } });
    const two = await Server.plan({ settings: { reuse_port: 'on' } });
    two.port = one.port;
    await two.launch();
    await one.close(); // who may have answered for both
    await two.ready();
    await two.close();
});
