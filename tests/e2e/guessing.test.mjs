// Guessing at passwords: it ends after so many tries, wherever they come from; and whoever the
// account belongs to gets in meanwhile, from where they have signed in before.  Addresses are
// told by a proxy that is trusted.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { call, must, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const TRIES = 10;
const wrong = keepSecret('not-the-password');
const HOME = '198.51.100.7';
const CAFE = '203.0.113.9';
const HOME6 = '2001:db8:1:2::1';
const SAME_64 = '2001:db8:1:2:ffff::9';
const NEXT_64 = '2001:db8:1:3::1';

let server;
before(async () => {
    server = await Server.start({
        settings: {
            trusted_proxies: '127.0.0.1', 'rate.login': `${TRIES}/3600`, 'rate.sign_in': '40/3600',
        },
    });
});
after(() => server.close());

const from = (address) => ({ headers: { 'x-forwarded-for': address } });

/** The status of a sign-in from there. */
async function tryFrom(address, login, password = wrong) {
    const reply = await call(server, 'POST', '/v1/sessions', {
        body: { login, password }, ...from(address),
    });
    if (reply.status === 201)
        keepSecret(reply.body.token);
    return reply.status;
}

async function personAt(address, login) {
    const password = keepSecret(`pw-of-${login}`);
    const { token } = await must(server, 'POST', '/v1/accounts', {
        body: { login, password }, ...from(address),
    });
    return { login, password, token: keepSecret(token) };
}

/** Guess at a login, each time from elsewhere, until it is too many; gives how often that went. */
async function besiege(login, network) {
    for (let n = 0; n <= TRIES; n++) {
        const status = await tryFrom(`${network}.${n + 1}`, login);
        if (status === 429)
            return n;
        assert.equal(status, 401);
    }
    return assert.fail(`no end of guesses at ${login}`);
}

test('guesses from everywhere end, and the owner gets in from home', async () => {
    const { login, password } = await personAt(HOME, 'ann');
    assert.equal(await besiege(login, '192.0.2'), TRIES);
    assert.equal(await tryFrom(CAFE, login, password), 429, 'nobody knows that this is ann');
    assert.equal(await tryFrom(HOME, login, password), 201);
    assert.equal(await tryFrom(HOME, login.toUpperCase(), password), 201, 'whatever the case');
});

test('at home there are so many tries too, and not more', async () => {
    const { login, password } = await personAt(HOME, 'bob');
    for (let n = 1; n <= TRIES; n++)
        assert.equal(await tryFrom(HOME, login), 401);
    assert.equal(await tryFrom(HOME, login, password), 429);
    assert.equal(await tryFrom(CAFE, login, password), 201, 'what happens there costs nothing here');
});

test('a guess does not make a home', async () => {
    const { login, password } = await personAt(HOME, 'cas');
    assert.equal(await tryFrom(CAFE, login), 401);
    assert.equal(await besiege(login, '192.0.2'), TRIES - 1);
    assert.equal(await tryFrom(CAFE, login, password), 429);
    assert.equal(await tryFrom(HOME, login, password), 201);
});

test('a neighbour at the same address who guesses at all logins locks nobody out', async () => {
    const shared = '198.18.0.1';
    const { login, password } = await personAt(shared, 'dan');
    let status;
    for (let n = 0; n < 100 && status !== 429; n++)
        status = await tryFrom(shared, `somebody-${n}`);
    assert.equal(status, 429);
    assert.equal(await tryFrom(shared, 'somebody-else'), 429);
    assert.equal(await tryFrom(shared, login, password), 201);
});

test('a home of IPv6 is its /64', async () => {
    const { login, password } = await personAt(HOME6, 'eve');
    await besiege(login, '192.0.2');
    assert.equal(await tryFrom(NEXT_64, login, password), 429);
    assert.equal(await tryFrom(SAME_64, login, password), 201);
});

test('what an untrusted client says of its address is not believed', async () => {
    const open = await Server.start({ settings: { 'rate.login': `${TRIES}/3600` } });
    const { account: { login }, password } = await signUp(open, 'fay');
    const ask = (address, secret) => call(open, 'POST', '/v1/sessions', {
        body: { login, password: secret },
        headers: { 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address },
    });
    for (let n = 1; n <= TRIES; n++)
        assert.equal((await ask(`192.0.2.${n}`, wrong)).status, 401);
    assert.equal((await ask('192.0.2.99', password)).status, 429);
    await open.close();
});

test('reconnecting does not give tries back', async () => {
    const { login } = await personAt(HOME, 'gus');
    await besiege(login, '203.0.113');
    for (let n = 0; n < 3; n++)
        assert.equal(await overNewConnection('203.0.113.77', login), 429);
});

/** The status, over a connection of its own. */
function overNewConnection(address, login) {
    const body = JSON.stringify({ login, password: wrong });
    const head = ['POST /v1/sessions HTTP/1.1', 'Host: x', 'Connection: close',
        'Content-Type: application/json', `X-Forwarded-For: ${address}`,
        `Content-Length: ${body.length}`, '', ''].join('\r\n');
    return new Promise((resolve, reject) => {
        let text = '';
        const socket = connect(server.port, '127.0.0.1', () => socket.write(head + body));
        socket.on('data', (bytes) => { text += bytes; });
        socket.on('close', () => resolve(Number(text.split(' ')[1])));
        socket.on('error', reject);
    });
}

test('more passwords than can be hashed are refused, and nothing else waits for them', async () => {
    const slow = await Server.start({ settings: { argon2: 'interactive', limits: 'off' } });
    const { token } = await signUp(slow, 'hal');
    const flood = Array.from({ length: 400 }, (_, n) => call(slow, 'POST', '/v1/sessions', {
        body: { login: `nobody-${n}`, password: wrong },
    }));
    flood.forEach((reply) => reply.catch(() => {})); // whoever is waiting at the end is let go
    const room = await must(slow, 'POST', '/v1/rooms', { token, body: { kind: 'open' } });
    await must(slow, 'POST', `/v1/rooms/${room.id}/messages`, { token, body: { text: 'hello' } });
    const body = await Promise.any(flood.map(async (reply) => {
        const { status, body } = await reply;
        assert.equal(status, 503);
        return body;
    }));
    assert.equal(body.error.name, 'unavailable');
    assert.equal(body.error.retryable, true);
    await slow.kill();
    await slow.close();
});
