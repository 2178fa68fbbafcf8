// push_service.mjs - a push service and its browsers, as RFC 8030, 8291 and 8292 have them.
//
// It holds each push against the standards before it takes it: who sends it (the VAPID token is
// verified by node:crypto), what for (TTL, Topic, Urgency), and what it says (decrypted by
// http_ece).  A push that is not as it should be gets 400, and `close` fails.

import assert from 'node:assert/strict';
import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import ece from 'http_ece';

import { makeCertificate } from './certificates.mjs';
import { eventually } from './client.mjs';

const DAY_S = 24 * 3600;
const SEALED_MAX = 4096;
const MESSAGE_STEP = 1024;
const OVERHEAD = 16 + 4 + 1 + 65 + 1 + 16; // of RFC 8188: head, delimiter, tag
const URGENCIES = ['very-low', 'low', 'normal', 'high'];

const fromBase64 = (text) => Buffer.from(text, 'base64url');

/** A public key of P-256 from its point. */
function publicKey(point) {
    assert.equal(point.length, 65);
    assert.equal(point[0], 4);
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}

/** The header Authorization of RFC 8292: gives {claims, key}. */
export function readVapid(header, origin) {
    const [, token, key] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(header);
    const [head, body, signature] = token.split('.');
    assert.deepEqual(JSON.parse(fromBase64(head)), { typ: 'JWT', alg: 'ES256' });
    const signed = { key: publicKey(fromBase64(key)), dsaEncoding: 'ieee-p1363' };
    assert.ok(verify('sha256', Buffer.from(`${head}.${body}`), signed, fromBase64(signature)),
        'the token is signed with the key beside it');
    const claims = JSON.parse(fromBase64(body));
    const left = claims.exp - Date.now() / 1000;
    assert.equal(claims.aud, origin);
    assert.ok(left > 0 && left <= DAY_S, `the token is good for ${left} s`);
    return { claims, key };
}

/** One browser's subscription: what it tells the server, and what it needs to read a push. */
class Browser {
    constructor(service) {
        this.ecdh = createECDH('prime256v1');
        this.ecdh.generateKeys();
        this.secret = randomBytes(16);
        this.name = randomBytes(12).toString('base64url');
        this.endpoint = `${service.origin}/push/${this.name}`;
        this.pushes = [];
    }

    /** For push.subscribe. */
    get wish() {
        return {
            endpoint: this.endpoint,
            p256dh: this.ecdh.getPublicKey('base64url'),
            auth: this.secret.toString('base64url'),
        };
    }

    open(sealed) {
        return ece.decrypt(sealed, {
            version: 'aes128gcm', privateKey: this.ecdh, authSecret: this.secret.toString('base64url'),
        });
    }

    /** So many pushes have come; gives what they say. */
    async hears(count, patience = 60_000) {
        await eventually(async () => this.pushes.length, (pushes) => pushes >= count,
            `${count} pushes`, patience);
        return this.pushes.map(({ data }) => data);
    }
}

export class PushService {
    /** `answer` says of a push what becomes of it: a status, or {status, headers}, or a promise. */
    static async open(answer = () => 201) {
        const service = new PushService();
        service.answer = answer;
        service.folder = mkdtempSync(join(tmpdir(), 'kith-push-'));
        service.certificate = makeCertificate(service.folder, 'push').certificate;
        service.server = createServer({
            cert: readFileSync(service.certificate), key: readFileSync(join(service.folder, 'push.key')),
        }, (request, reply) => service.take(request, reply));
        await new Promise((resolve) => service.server.listen(0, '127.0.0.1', resolve));
        service.origin = `https://127.0.0.1:${service.server.address().port}`;
        return service;
    }

    constructor() {
        this.browsers = new Map();
        this.faults = [];
    }

    /** Settings of a server that may push to it. */
    get settings() {
        return {
            'push.trusted': '127.0.0.1', 'push.authorities': this.certificate,
            'push.contact': 'mailto:operator@example.org',
        };
    }

    browser() {
        const browser = new Browser(this);
        this.browsers.set(browser.name, browser);
        return browser;
    }

    take(request, reply) {
        const parts = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', async () => {
            const push = this.read(request, Buffer.concat(parts));
            const { status, headers = {} } = push === null ? { status: 400 } : await this.judge(push);
            reply.writeHead(status, headers).end();
        });
    }

    async judge(push) {
        const word = await this.answer(push);
        return typeof word === 'number' ? { status: word } : word;
    }

    /** The push, which its browser has by now; null if there is something wrong with it. */
    read(request, sealed) {
        try {
            const browser = this.browsers.get(request.url.slice('/push/'.length));
            const push = this.check(request, browser, sealed);
            browser.pushes.push(push);
            return push;
        } catch (fault) {
            this.faults.push(fault);
            return null;
        }
    }

    check({ method, headers }, browser, sealed) {
        assert.equal(method, 'POST');
        assert.equal(headers['content-encoding'], 'aes128gcm');
        assert.match(headers.ttl, /^\d+$/);
        assert.match(headers.topic, /^[\w-]{1,32}$/);
        assert.ok(URGENCIES.includes(headers.urgency), headers.urgency);
        assert.ok(sealed.length <= SEALED_MAX);
        assert.equal((sealed.length - OVERHEAD) % MESSAGE_STEP, 0, 'messages are padded');
        const { claims, key } = readVapid(headers.authorization, this.origin);
        const { type, data } = JSON.parse(browser.open(sealed));
        assert.equal(type, 'notified');
        return { browser, headers, claims, key, data, topic: headers.topic, ttl: Number(headers.ttl) };
    }

    async close() {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
        rmSync(this.folder, { recursive: true });
        assert.deepEqual(this.faults, []);
    }
}
