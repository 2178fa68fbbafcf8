// Mails over TLS: to a server whose certificate is vouched for, and to no other.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { makeCertificate } from './certificates.mjs';
import { eventually, signUp } from './client.mjs';
import { PostOffice } from './post_office.mjs';
import { Server, keepSecret } from './server.mjs';

const PASSWORD = keepSecret('a long password of the relay');

let folder, own, other;
const servers = [];
const offices = [];
before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kith-mail-tls-'));
    own = makeCertificate(folder, 'mail');
    other = makeCertificate(folder, 'other');
    writeFileSync(join(folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
});
afterEach(async () => { await Promise.all(offices.splice(0).map((office) => office.close())); });
after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true });
});

/** A mail server with that certificate, to which one has to sign in; `seen` are the passwords
 *  that it was shown. */
async function openOffice(options = {}) {
    const seen = [];
    const office = await PostOffice.open({
        hideSTARTTLS: false,
        authOptional: false,
        key: readFileSync(own.key),
        cert: own.ca,
        onAuth: ({ username, password }, session, done) => {
            seen.push(password);
            done(null, password === PASSWORD ? { user: username } : undefined);
        },
        ...options,
    });
    offices.push(office);
    return Object.assign(office, { seen });
}

/** Kith with a mail to send: somebody has signed up. */
async function mailTo(url, settings = {}) {
    const server = await Server.start({
        settings: {
            'smtp.server': url,
            'smtp.user': 'kith',
            'smtp.password_file': join(folder, 'password'),
            'smtp.authorities': own.certificate,
            ...settings,
        },
    });
    servers.push(server);
    await signUp(server, 'ann', { email: 'ann@example.org' });
    return server;
}

async function assertArrives(office, url) {
    await mailTo(url);
    const [{ secure, user, to, text }] = await office.arrived(1);
    assert.deepEqual([secure, user, to], [true, 'kith', ['ann@example.org']]);
    assert.match(text, /^Subject: Confirm your e-mail address\r$/m);
    keepSecret(text.match(/eyJ[\w.-]+/)[0]);
}

async function assertRefused(office, url, settings) {
    const server = await mailTo(url, settings);
    await eventually(async () => server.log(),
        (log) => /mail 1 was not sent: SSL .*; it is tried again/.test(log), 'a line in the log');
    assert.deepEqual([office.mails, office.seen], [[], []]);
}

test('a plain connection becomes TLS before anything is told', async () => {
    const office = await openOffice();
    await assertArrives(office, `smtp://127.0.0.1:${office.port}`);
});

test('a connection may be TLS from the start', async () => {
    const office = await openOffice({ secure: true });
    await assertArrives(office, `smtps://127.0.0.1:${office.port}`);
});

test('a certificate that nobody vouches for is shown no password, and gets no mail', async () => {
    const office = await openOffice();
    await assertRefused(office, `smtp://127.0.0.1:${office.port}`, { 'smtp.authorities': '' });
    await assertRefused(office, `smtp://127.0.0.1:${office.port}`,
        { 'smtp.authorities': other.certificate, 'smtp.tls': 'offered' });
});

test('nor is one that is another server\'s', async () => {
    const office = await openOffice({ secure: true });
    await assertRefused(office, `smtps://localhost:${office.port}`);
});

test('a password that is wrong is tried again later, when the file may be mended', async () => {
    const office = await openOffice({ secure: true });
    writeFileSync(join(folder, 'wrong'), `${keepSecret('another password')}\n`, { mode: 0o600 });
    const server = await mailTo(`smtps://127.0.0.1:${office.port}`,
        { 'smtp.password_file': join(folder, 'wrong') });
    await eventually(async () => server.log(),
        (log) => /mail 1 was not sent: Login denied; it is tried again/.test(log), 'a line in the log');
    assert.deepEqual(office.mails, []);
});
