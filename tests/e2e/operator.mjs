// operator.mjs - what an operator does beside a running server: `kith`, and signing with its key.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { signUp } from './client.mjs';
import { keepSecret } from './server.mjs';

const DUMP_BYTES_MAX = 64 * 1024 * 1024;
const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');

/** Run `kith` on the server; gives what it prints. */
export function operate(server, ...args) {
    return kith('--data', server.data, '--bus', server.bus, ...args).trim();
}

function kith(...args) {
    const done = spawnSync(KITH, args, { encoding: 'utf8', maxBuffer: DUMP_BYTES_MAX });
    assert.equal(done.status, 0, `kith ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
}

/** All records of a stopped server. */
export function journalOf(server) {
    const lines = kith('--data', server.data, 'journal', 'dump', '--json').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
}

/** Somebody new with a role. */
export async function signUpAs(server, login, role) {
    const person = await signUp(server, login);
    operate(server, 'account', 'role', login, role);
    return person;
}

/** The id of the link that is open for a person. */
export function openLink(server, login, purpose) {
    return keepSecret(operate(server, 'account', 'link', login, purpose));
}

/** Claims as a JWT, signed as the server signs; `key` in place of its own. */
export function sign(server, claims, { key, alg = 'HS256' } = {}) {
    const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
    const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
    const secret = key ?? readFileSync(join(server.data, 'token.key'));
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
