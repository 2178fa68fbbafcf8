// audit.mjs - what did no test meet?  Runs behind all test files, on what witness.mjs has noted
// in the file that KITH_SEEN names.
//
// The lists come from the tables: the printed documents, schema/err.def, and the sentences with
// which actors and edges refuse.  A hole is mended by a test, or by a row below that says
// why clients cannot come there.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { events, routes, socketCalls } from './contract.mjs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

const seen = new Set(readFileSync(process.env.KITH_SEEN, 'utf8').split('\n'));
const errors = [...seen].map((line) => line.split('\t')).filter(([kind]) => kind === 'error');

/** Errors that no client brings about at will. */
const UNMET_ERRORS = {
    ok: 'is none',
    corrupt: 'stored bytes are damaged: journal_test.c, tests/crash',
    internal: 'a fault of ours',
    storage: 'a full disk: tests/crash',
    timeout: 'takes 30 s: http_test.c',
    too_old: 'settled by the edge, which says `resumed: false`',
    unknown_outcome: 'a write that failed: tests/crash',
    not_done: 'the same',
};

/** Sentences that clients do not meet. */
const UNMET_SENTENCES = [
    'the password could not be hashed just now', // no memory for Argon2id
    '`id`: is no hash', // an edge that is no edge of ours
    '`file`: is no photo', // the same
    'too many calls wait for their answers', // a server that is slower than one client is fast
    '`login`: is nobody\'s', // Matcha's clients show it in that document's words
    '`scopes`: has a word that is no scope', // of bots, which operators let in: bots_test.c
    '`key`: is no public key', // the same
    '`login`: is not a bot\'s', // the same
    'HEAD changes nothing: use GET', // is answered without a body
    'an API key is not renewed: make another one', // the scopes of keys come before it
    'only a session of a person\'s has subscriptions', // the same
];

const assertNone = (unmet) => assert.ok(unmet.length === 0, `never met:\n${unmet.join('\n')}`);
const has = (...words) => seen.has(words.join('\t'));

test('every route has succeeded', () => {
    assertNone(routes.map(({ method, path, call }) => [`${method} ${path}`, call])
        .filter(([what, call]) => !has('call', what, call, 'ok')).map(([what]) => what));
});

/** Mail programs send a body of their own (RFC 8058), which is passed over. */
const PASSES_OVER = 'notification.unsubscribe';

test('every route has refused a stranger, and fields that it does not know', () => {
    const unmet = routes.flatMap(({ method, path, call, isOpen }) => {
        const wanted = [...(call === PASSES_OVER ? [] : ['unknown_field']), ...(isOpen ? [] : ['unauthenticated'])];
        return wanted.filter((name) => !has('call', `${method} ${path}`, call, name))
            .map((name) => `${method} ${path}: ${name}`);
    });
    assertNone(unmet);
});

test('every call has succeeded on the WebSocket, and refused fields that it does not know', () => {
    assertNone(socketCalls.flatMap((call) => ['ok', 'unknown_field']
        .filter((name) => !has('call', 'socket', call, name)).map((name) => `${call}: ${name}`)));
});

test('every event has been heard', () => {
    assertNone(events.filter((event) => !has('event', event)));
});

test('every error has been met', () => {
    const met = new Set(errors.map(([, name]) => name));
    const rows = read('schema/err.def').matchAll(/^ERROR\(\w+, "(\w+)"/gm);
    const names = [...rows].map(([, name]) => name);
    assertNone(names.filter((name) => !met.has(name) && !(name in UNMET_ERRORS)));
});

test('every sentence of a refusal has been met', () => {
    const details = errors.map(([, , detail]) => detail);
    const isMet = (sentence) => details.some((detail) => detail.includes(sentence));
    assertNone(sentences().filter((sentence) =>
        !isMet(sentence) && !UNMET_SENTENCES.includes(sentence)));
});

/** The texts of all `turn_refuse(turn, ERR_…, "…")` and `answer_refuse(…, ERR_…, "…")`. */
function sentences() {
    const folders = ['actors/session/', 'actors/room/', 'actors/search/', 'actors/notifier/', 'ws-edge/'];
    const sources = folders.flatMap((folder) => readdirSync(new URL(folder, root))
        .filter((name) => name.endsWith('.c')).map((name) => read(folder + name)));
    const refusal = /_refuse\(\w+, ERR_\w+,\s*((?:"[^"]*"\s*)+)\)/g;
    return sources.flatMap((source) => [...source.matchAll(refusal)])
        .map(([, text]) => [...text.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join(''));
}
