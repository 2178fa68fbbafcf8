// replayed.mjs - two servers side by side: what one recorded and the other was told by `kith replay --into`.
//
// `history` reads a server by the native API, as an operator who signs in everybody, and names people by their
// logins and rooms by their names: so two histories are equal if they are the same but for numbers and times.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

import { call, must } from './client.mjs';
import { operate } from './operator.mjs';
import { keepSecret } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const PAGE = 1000;

/** Run `kith replay --into`; gives {status, stdout, stderr, result}. */
export function replayInto(source, target, ...args) {
    const done = spawnSync(KITH, ['--data', source.data, 'replay', '--into', target.url, '--json', ...args],
        { encoding: 'utf8' });
    return { ...done, result: done.stdout ? JSON.parse(done.stdout) : null };
}

/** The same, at once and without a refusal; gives the result. */
export function replayed(source, target, prefix, ...args) {
    const { status, stderr, stdout, result } =
        replayInto(source, target, '--speed', 'max', '--prefix', prefix, ...args);
    assert.equal(status, 0, `${stderr}${stdout}`);
    return result;
}

const parsed = (lines) => lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));

/** Everybody whose login begins so: {login, id, token}. */
export async function people(server, prefix = '') {
    const key = keepSecret(operate(server, 'key', 'create', 'replay', '--scopes', 'tokens'));
    const accounts = parsed(operate(server, 'account', 'list', '--json'))
        .filter(({ login, role, deleted }) => login.startsWith(prefix) && role !== 'system' && !deleted);
    return Promise.all(accounts.map(async ({ id, login }) => {
        const { token } = await must(server, 'POST', `/v1/admin/accounts/${id}/sessions`, { token: key, body: {} });
        return { id, login: login.slice(prefix.length), token: keepSecret(token) };
    }));
}

const sorted = (list) => [...list].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

function messageOf(names, prefix) {
    return ({ seq, sender, text, reply_to, thread, replies, mentions, everyone, reactions, edited, deleted, pinned }) => ({
        seq, sender: names.get(sender), text: text.replaceAll(`@${prefix}`, '@'), reply_to, thread, replies,
        mentions: mentions?.map((id) => names.get(id)).sort(), everyone,
        reactions: reactions?.map(({ emoji, count }) => [emoji, count]),
        edited: Boolean(edited), deleted: Boolean(deleted), pinned: Boolean(pinned),
    });
}

async function roomOf(server, { token }, room, names, prefix) {
    const ask = (path) => must(server, 'GET', `/v1/rooms/${room.id}${path}`, { token });
    const { members } = await ask('/members?limit=1000');
    const { messages } = await ask(`/messages?after=0&limit=${PAGE}`);
    const { readers } = await ask('/readers?limit=1000');
    return {
        kind: room.kind, name: room.name, topic: room.topic,
        pair: room.kind === 'direct' ? members.map(({ account }) => names.get(account)).sort() : undefined,
        members: sorted(members.map(({ account, role, muted_until }) => [names.get(account), role, Boolean(muted_until)])),
        messages: messages.map(messageOf(names, prefix)),
        readers: sorted(readers.map(({ account, seq }) => [names.get(account), seq])),
    };
}

async function lifeOf(server, { id, token }, names) {
    const who = async (path) => {
        const { people: them } = await must(server, 'GET', `/v1/me/${path}`, { token });
        return them.map(({ account }) => names.get(account)).filter(Boolean);
    };
    const { body: profile } = await call(server, 'GET', '/v1/me/profile', { token });
    const { first_name, city, description, tags, hidden } = profile;
    const { preferences } = await must(server, 'GET', '/v1/notifications/preferences', { token });
    return {
        profile: { first_name, city, description, tags: tags?.map(({ name }) => name), hidden },
        visits: await who('visits'), likes: await who('likes?given=true'), matches: await who('matches'),
        blocks: await who('blocks'), preferences, name: names.get(id),
    };
}

/** All rooms that these people are in, and what they think of each other. */
export async function history(server, prefix = '') {
    const all = await people(server, prefix);
    const names = new Map(all.map(({ id, login }) => [id, login]));
    const rooms = new Map();
    for (const person of all) {
        const { rooms: own } = await must(server, 'GET', '/v1/rooms?limit=1000', { token: person.token });
        for (const room of own.filter(({ id }) => !rooms.has(id)))
            rooms.set(room.id, await roomOf(server, person, room, names, prefix));
    }
    const lives = await Promise.all(all.map((person) => lifeOf(server, person, names)));
    return { rooms: sorted(rooms.values()), lives: sorted(lives) };
}
