// world.mjs - the data folder that gets damaged: people, rooms, messages, files, matches, bots, all of it at rest.
//
// There are two.  `whole` has its journal from the first record on; of `cut` retention has taken the beginning, so that
// snapshots stand for it.  Each is started several times, so that its databases have tables and logs, and ends in order.
// `questions` is what is asked of a copy afterwards, by people who signed in before.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { addBot, startWithBots } from '../e2e/bot.mjs';
import { eventually, makeRoom, must, post, signUp } from '../e2e/client.mjs';
import { operate } from '../e2e/operator.mjs';
import { picture } from '../e2e/pictures.mjs';

const COMMON = { 'journal.segment_size': '64K', 'files.sweep': '0', limits: 'off' };
export const KINDS = {
    whole: COMMON,
    cut: { ...COMMON, 'journal.max_size': '128K', 'journal.snapshots': '2' },
};
const STARTS = 3, MESSAGES = 60, TEXT_BYTES = 900, CONTENT_BYTES = 40_000, PATIENCE_MS = 60_000;

const send = (server, who, method, path, body = {}) => must(server, method, path, { token: who.token, body });

async function upload(server, who, path, content) {
    const reply = await fetch(server.url + path,
        { method: 'POST', headers: { authorization: `Bearer ${who.token}` }, body: content });
    if (!reply.ok)
        throw new Error(`POST ${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
}

async function fillProfile(server, who, at) {
    await send(server, who, 'PATCH', '/v1/me/profile', {
        first_name: who.login, gender: ['female', 'male'][at % 2], preference: 'any', age: 30 + at,
        city: 'Paris', description: `I am ${who.login}.`, tags: [{ name: 'tea' }, { name: 'chess' }],
        lat: 48_800_000 + at, lon: 2_300_000,
    });
    return upload(server, who, '/v1/me/photos', picture('png', 3000 + at));
}

async function meet(server, [ann, bob, cat, dan]) {
    for (const [who, whom, what] of [[bob, ann, 'visits'], [cat, ann, 'visits'], [ann, dan, 'visits']])
        await send(server, who, 'POST', `/v1/people/${whom.id}/${what}`);
    for (const [who, whom] of [[ann, bob], [bob, ann], [cat, ann]])
        await send(server, who, 'PUT', `/v1/people/${whom.id}/like`);
    await send(server, dan, 'PUT', `/v1/people/${cat.id}/block`);
}

/** A room with all that messages can have. */
async function talk(server, people, begun) {
    const [ann, bob, cat] = people;
    const room = await makeRoom(server, ann.token, 'private', `room ${begun}`);
    for (const who of [bob, cat])
        await send(server, ann, 'POST', `/v1/rooms/${room.id}/members`, { account: who.id });
    const content = Buffer.alloc(CONTENT_BYTES, `attachment of room ${room.id} `);
    const file = await upload(server, ann, `/v1/rooms/${room.id}/files?name=a.txt`, content);
    const said = [];
    for (let n = 0; n < MESSAGES; n++)
        said.push(await post(server, people[n % 3].token, room.id, `word${n} of ${room.id} ${'x'.repeat(TEXT_BYTES)}`));
    const at = (n) => `/v1/rooms/${room.id}/messages/${said[n].seq}`;
    await send(server, bob, 'PUT', `${at(0)}/reactions/${encodeURIComponent('👍')}`);
    await send(server, ann, 'PUT', `${at(1)}/pin`);
    await send(server, ann, 'PUT', at(0), { text: `edited in ${room.id}` });
    await send(server, bob, 'POST', `/v1/rooms/${room.id}/messages`, { text: 'an answer', thread: said[2].seq });
    return { id: room.id, file: file.id };
}

export class World {
    /** Build one; `base` of the server is kept, the server is stopped. */
    static async build(kind) {
        const world = new World(kind);
        world.server = await startWithBots({ settings: KINDS[kind] });
        try {
            await world.settle();
            for (let start = 1; start < STARTS; start++) {
                await world.server.restart();
                world.rooms.push(await talk(world.server, world.people, start));
            }
            await world.rest();
        } catch (fault) {
            await world.server.kill();
            throw fault;
        }
        return world;
    }

    constructor(kind) {
        this.kind = kind;
        this.rooms = [];
    }

    async settle() {
        const { server } = this;
        this.people = [];
        for (const login of ['ann', 'bob', 'cat', 'dan'])
            this.people.push({ login, ...await signUp(server, login, { email: `${login}@example.org` }) });
        operate(server, 'account', 'role', 'dan', 'admin');
        this.bot = addBot(server, 'robot', 'messages rooms');
        await send(server, this.people[3], 'POST', '/v1/admin/keys', { name: 'a key', scopes: 'messages rooms' });
        for (const [at, who] of this.people.entries())
            who.photo = (await fillProfile(server, who, at)).id;
        await meet(server, this.people);
        this.rooms.push(await talk(server, this.people, 0));
    }

    /** Stop, once retention has done what it had to. */
    async rest() {
        const journal = join(this.server.data, 'journal');
        const first = () => readdirSync(journal).filter((name) => /^\d{20}$/.test(name)).sort()[0];
        if (this.kind === 'cut')
            await eventually(first, (name) => Number(name) > 1, 'the journal to be cut', PATIENCE_MS);
        const { code } = await this.server.stop();
        if (code !== 0)
            throw new Error(`the world did not end in order: ${this.server.logTail()}`);
    }

    /** What is asked: [who, path] each. */
    questions() {
        const [ann, bob, cat, dan] = this.people;
        const asked = [];
        for (const who of this.people) {
            const paths = ['me', 'me/profile', 'rooms', 'unread', 'notifications?limit=100', 'notifications/unread',
                'notifications/preferences', 'me/visits', 'me/likes', 'me/likes?given=true', 'me/matches', 'me/blocks',
                'sessions', 'people?limit=50', 'search?text=word7&limit=50', 'invitations', 'push/key'];
            asked.push(...paths.map((path) => [who, `/v1/${path}`]));
        }
        for (const { id, file } of this.rooms) {
            const paths = ['', '/members', '/messages?limit=100', '/messages?limit=10&after=20', '/pins', '/readers',
                '/messages/3/thread', `/files/${file}`];
            asked.push(...paths.map((path) => [ann, `/v1/rooms/${id}${path}`]));
        }
        for (const who of [ann, bob, cat])
            asked.push([who, `/v1/people/${who.id}/photos/${who.photo}`], [ann, `/v1/people/${who.id}`]);
        asked.push(...['accounts?limit=100', 'admin/keys', 'tags', 'admin/queues', 'admin/reports', 'logins/bob']
            .map((path) => [dan, `/v1/${path}`]));
        return asked;
    }
}
