// Tokens of a foreign issuer: HS256, RS256, EdDSA and a key set; adopted, and refused.

import assert from 'node:assert/strict';
import {
    createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import {
    Native, call, eventually, makeRoom, must, nativeUrl, post, refused, refusedSocket, signUp,
} from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const ISSUER = 'https://id.example.org';
const AUDIENCE = 'chat';
const SESSION_ENDED = 4401;

const folder = mkdtempSync(join(tmpdir(), 'kith-issuer-'));
const secret = randomBytes(40);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa2 = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
after(() => rmSync(folder, { recursive: true }));

// ---- making tokens ----

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const pem = ({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' });

const SIGNERS = {
    HS256: (bytes, key) => createHmac('sha256', key).update(bytes).digest(),
    RS256: (bytes, key) => sign('sha256', bytes, key),
    EdDSA: (bytes, key) => sign(null, bytes, key),
    none: () => Buffer.alloc(0),
};

/** A signed token; `signer` is the algorithm that is really used. */
function tokenOf(key, claims = {}, { alg, signer = alg, ...header } = {}) {
    const payload = { iss: ISSUER, aud: AUDIENCE, sub: 'u1', exp: now() + 600, ...claims };
    const covered = `${encode({ typ: 'JWT', alg, ...header })}.${encode(payload)}`;
    return keepSecret(`${covered}.${SIGNERS[signer](covered, key).toString('base64url')}`);
}

const hs = (claims, header) => tokenOf(secret, claims, { alg: 'HS256', ...header });
const rs = (claims, header) => tokenOf(rsa.privateKey, claims, { alg: 'RS256', ...header });
const eddsa = (claims, header) => tokenOf(ed.privateKey, claims, { alg: 'EdDSA', ...header });

function file(name, content, mode = 0o600) {
    const path = join(folder, name);
    writeFileSync(path, content, { mode });
    return path;
}

const settings = (kind, path) => ({
    'issuer.name': ISSUER, 'issuer.audience': AUDIENCE, [`issuer.${kind}`]: path,
});

async function withServer(more, work) {
    const server = await Server.start({ settings: more });
    try {
        await work(server);
    } finally {
        await server.close();
    }
}

const reload = ({ daemons }) => daemons.forEach((daemon) => daemon.signal('SIGHUP'));
const me = (server, token) => must(server, 'GET', '/v1/me', { token });
const turnedDown = (server, token, name = 'unauthenticated') =>
    refused(server, name, 'GET', '/v1/me', { token });

// ---- one key of each kind ----

let server;
before(async () => {
    server = await Server.start({ settings: settings('secret_file', file('secret', secret)) });
});
after(() => server.close());

test('HS256: a subject has one account, whichever token it comes with', async () => {
    const first = await me(server, hs({ preferred_username: 'Ann', email: 'ann@example.org' }));
    assert.equal(first.login, 'Ann');
    assert.equal(first.email, 'ann@example.org');
    const again = await me(server, hs({ exp: now() + 900 }));
    assert.equal(again.id, first.id);
    const other = await me(server, hs({ sub: 'u2', preferred_username: 'Ann' }));
    assert.notEqual(other.id, first.id);
    assert.equal(other.login, 'Ann-2');
});

test('RS256 and EdDSA: a public key in PEM', async () => {
    for (const [name, pair, make, wrong] of [
        ['rsa.pem', rsa, rs, eddsa], ['ed.pem', ed, eddsa, rs],
    ]) {
        await withServer(settings('key_file', file(name, pem(pair), 0o644)), async (its) => {
            assert.equal((await me(its, make({ name: 'Bo' }))).username, 'Bo');
            await turnedDown(its, wrong());
            await turnedDown(its, tokenOf(rsa2.privateKey, {}, { alg: 'RS256' }));
            // The oldest trick: the public key taken for a secret.
            await turnedDown(its, tokenOf(pem(pair), {}, { alg: 'HS256' }));
            const signer = make === rs ? 'RS256' : 'EdDSA';
            await turnedDown(its, make({}, { alg: 'HS256', signer }));
        });
    }
});

test('a key set: the key is chosen by its id, and never used otherwise than it is', async () => {
    const jwk = (key, kid, more = {}) => ({ ...key.export({ format: 'jwk' }), kid, ...more });
    const keys = [
        jwk(rsa.publicKey, 'r1', { alg: 'RS256', use: 'sig' }), jwk(rsa2.publicKey, 'r2'),
        jwk(ed.publicKey, 'e1'), jwk(createSecretKey(secret), 'h1'),
        jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, 'other'),
    ];
    const path = file('jwks.json', JSON.stringify({ keys }));
    await withServer(settings('jwks_file', path), async (its) => {
        const ids = [];
        for (const token of [
            rs({}, { kid: 'r1' }), tokenOf(rsa2.privateKey, {}, { alg: 'RS256', kid: 'r2' }),
            eddsa({}, { kid: 'e1' }), hs({}, { kid: 'h1' }), rs(),
        ])
            ids.push((await me(its, token)).id);
        assert.equal(new Set(ids).size, 1);
        await turnedDown(its, rs({}, { kid: 'r2' }));
        await turnedDown(its, rs({}, { kid: 'e1' }));
        await turnedDown(its, rs({}, { kid: 'nobody' }));
        await turnedDown(its, rs({}, { kid: 7 }));
        await turnedDown(its, tokenOf(pem(rsa), {}, { alg: 'HS256', kid: 'r1' }));
    });
});

test('keys are read again on SIGHUP, and one that is gone vouches for nobody', async () => {
    const path = file('turning.pem', pem(rsa));
    await withServer(settings('key_file', path), async (its) => {
        const token = rs();
        await me(its, token);
        writeFileSync(path, 'no key at all');
        reload(its);
        await me(its, token); /* what does not read changes nothing */
        writeFileSync(path, pem(rsa2));
        reload(its);
        await eventually(() => call(its, 'GET', '/v1/me', { token }),
            ({ status }) => status === 401, 'the old key counts');
        await me(its, tokenOf(rsa2.privateKey, {}, { alg: 'RS256' }));
    });
});

// ---- what is refused ----

test('claims that do not fit are refused', async () => {
    const minute = 60;
    for (const [claims, why] of [
        [{ iss: 'https://else.example.org' }, /another issuer/],
        [{ iss: undefined }, /another issuer/],
        [{ aud: 'mail' }, /another audience/],
        [{ aud: ['mail', 'web'] }, /another audience/],
        [{ aud: undefined }, /another audience/],
        [{ exp: now() - minute - 5 }, /expired/],
        [{ exp: undefined }, /invalid claims/],
        [{ exp: 'tomorrow' }, /invalid claims/],
        [{ exp: now() + 11 * 366 * 24 * 3600 }, /ten years/],
        [{ nbf: now() + minute + 30 }, /not valid yet/],
        [{ nbf: 'soon' }, /invalid claims/],
        [{ sub: undefined }, /invalid claims/],
        [{ sub: '' }, /invalid claims/],
        [{ sub: 7 }, /invalid claims/],
        [{ sub: 'x'.repeat(300) }, /invalid claims/],
    ]) {
        const error = await turnedDown(server, hs(claims));
        assert.match(error.detail, why, JSON.stringify(claims));
    }
});

test('a minute of difference between clocks is forgiven', async () => {
    await me(server, hs({ exp: now() - 30 }));
    await me(server, hs({ nbf: now() + 30 }));
    await me(server, hs({ aud: ['web', AUDIENCE] }));
});

test('what is unsigned, or signed otherwise, is refused', async () => {
    await turnedDown(server, tokenOf(null, {}, { alg: 'none' }));
    await turnedDown(server, tokenOf(randomBytes(40), {}, { alg: 'HS256' }));
    await turnedDown(server, tokenOf(secret, {}, { alg: 'RS256', signer: 'HS256' }));
    await turnedDown(server, hs({}, { alg: 'hs256', signer: 'HS256' }));
    await turnedDown(server, hs({}, { crit: ['exp'] }));
    const token = hs();
    const [header, payload, signature] = token.split('.');
    for (const broken of [
        `${header}.${payload}`, `${header}.${payload}.`, `${token}.`, `${token}=`, `.${token}`,
        `${header}.${encode({ sub: 'u2' })}.${signature}`, `${header}.${payload}.${signature}A`,
    ])
        await turnedDown(server, broken);
});

test('our own tokens are good as before', async () => {
    const own = await signUp(server, 'native');
    assert.equal((await me(server, own.token)).id, own.id);
});

// ---- adopted sessions ----

test('many requests at once with a new token make one account and one session', async () => {
    const token = hs({ sub: 'herd', preferred_username: 'Herd' });
    const people = await Promise.all(Array.from({ length: 20 }, () => me(server, token)));
    assert.equal(new Set(people.map(({ id }) => id)).size, 1);
    const { sessions } = await must(server, 'GET', '/v1/sessions', { token });
    assert.equal(sessions.length, 1);
});

test('a request that waits to be adopted keeps its body and query', async () => {
    const room = await makeRoom(server, hs({ sub: 'poster' }), 'open', 'a room');
    const token = hs({ sub: 'poster', exp: now() + 700 });
    const message = await post(server, token, room.id, 'said at once', 'c1');
    assert.equal(message.text, 'said at once');
    const page = await must(server, 'GET', `/v1/rooms/${room.id}/messages?limit=1`,
        { token: hs({ sub: 'poster', exp: now() + 800 }) });
    assert.equal(page.messages.length, 1);
});

test('a WebSocket takes a token that was never seen before', async () => {
    const token = hs({ sub: 'socket', preferred_username: 'Sock' });
    const client = await Native.open(server, token);
    const { body } = await client.request('account.get');
    assert.equal(body.login, 'Sock');
    assert.equal(client.welcome.body.account, body.id);
    await client.close();
    const { status } = await refusedSocket(nativeUrl(server, hs({ aud: 'mail' })));
    assert.equal(status, 401);
});

test('ChatAPI takes it too', async () => {
    const token = hs({ sub: 'chatter', preferred_username: 'Chatter' });
    const { status, body } = await chatapi.ask(server, 'GET', '/users/me', { token });
    assert.equal(status, 200);
    assert.equal(body.username, 'Chatter');
});

test('signing out ends the token here, whatever its issuer says', async () => {
    const token = hs({ sub: 'leaver' });
    const client = await Native.open(server, token);
    await must(server, 'DELETE', '/v1/session', { token });
    assert.equal((await client.closed).code, SESSION_ENDED);
    await turnedDown(server, token, 'session_ended');
    await server.restart();
    await turnedDown(server, token, 'session_ended');
    await me(server, hs({ sub: 'leaver', exp: now() + 650 })); /* a later one is another session */
});

test('an account that was deleted here does not come back with another token', async () => {
    const { id } = await me(server, hs({ sub: 'removed' }));
    const root = await signUpAs(server, 'root', 'admin');
    await must(server, 'DELETE', `/v1/admin/accounts/${id}`, { token: root.token });
    const error = await turnedDown(server, hs({ sub: 'removed', exp: now() + 700 }), 'banned');
    assert.equal(error.detail, 'the account was deleted');
});

test('the issuer renews its tokens, we do not', async () => {
    const error = await refused(server, 'forbidden', 'POST', '/v1/session/renewal',
        { token: hs({ sub: 'keeper' }) });
    assert.match(error.detail, /issuer/);
});

test('accounts are never joined by e-mail, and unproven addresses do not count', async () => {
    const own = await signUp(server, 'owner', { email: 'shared@example.org' });
    const foreign = await me(server, hs({
        sub: 'e1', email: 'shared@example.org', email_verified: false,
    }));
    assert.notEqual(foreign.id, own.id);
    assert.equal(foreign.email, '');
});

test('a server with a key that will not do does not start', async () => {
    const paths = {
        short: ['secret_file', file('short', 'too short')],
        open: ['secret_file', file('open', randomBytes(40), 0o644)],
        missing: ['key_file', join(folder, 'missing')],
        weak: ['key_file', file('weak.pem', pem(generateKeyPairSync('rsa', { modulusLength: 1024 })))],
        private: ['key_file', file('private.pem', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
        empty: ['jwks_file', file('empty.json', '{"keys":[]}')],
    };
    for (const [name, [kind, path]] of Object.entries(paths)) {
        const its = await Server.plan({ settings: settings(kind, path) });
        its.spawn();
        const { code } = await eventually(() => its.ended, (ended) => ended, `${name}: an end`);
        assert.notEqual(code, 0, name);
        await its.kill();
        rmSync(its.base, { recursive: true });
    }
});
