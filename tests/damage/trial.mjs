// trial.mjs - a copy of a world, something done to it, and the real server started on it: what became of that.
//
//   same      all answers are those of the undamaged one
//   told      it did not start, or answered with an error, and the log names the file and says what to do
//   wrong     anything else that it said: the only thing that must never happen, beside …
//   crashed   ended by a signal, or for no reason that it gave
//   endless   neither ready nor ended

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Native } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { harm, namesOf } from './harm.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const START_MS = 30_000, AGAIN_MS = 15_000, RESUME_MS = 10_000;
const FIRST = 1; // the record that a resume begins behind
const RETRYABLE = new Set([503, 504, 507]);
const WAYS_OUT = /restore|bring .*back|remove it|chmod|made anew|made again|kith journal verify/;

/** Answers without what differs from one moment or start to the next. */
function shown(value) {
    if (Array.isArray(value))
        return value.map(shown);
    if (value === null || typeof value !== 'object')
        return value;
    const moving = new Set(['as_of', 'url', 'score', 'why', 'next', 'current', 'last_seen', 'seen', 'used']);
    return Object.fromEntries(Object.entries(value).filter(([key]) => !moving.has(key)).map(([key, each]) => [key, shown(each)]));
}

/** Search works from behind the journal and says how far it is. */
const isSearch = (path) => path.startsWith('/v1/search');

async function ask(server, [who, path]) {
    const reply = await fetch(server.url + path, { headers: { authorization: `Bearer ${who.token}` } });
    const bytes = Buffer.from(await reply.arrayBuffer());
    const json = /json/.test(reply.headers.get('content-type') ?? '');
    const body = json ? JSON.parse(bytes) : null;
    const text = json ? JSON.stringify(shown(body)) : createHash('sha256').update(bytes).digest('hex');
    return { status: reply.status, text, asOf: body?.as_of };
}

/** The same, again while it says that it will be there shortly; `status` 0: it broke the connection. */
async function askPatiently(server, question, head) {
    const until = Date.now() + AGAIN_MS, [, path] = question;
    const isFile = /\/(files|photos)\//.test(path);
    for (;;) {
        const answer = await ask(server, question).catch((fault) => ({ status: 0, text: String(fault.cause ?? fault) }));
        const comes = RETRYABLE.has(answer.status) || (answer.status === 0 && !isFile) ||
            (isSearch(path) && answer.status === 200 && answer.asOf < head);
        if (server.ended !== null || Date.now() > until || !comes)
            return answer;
        await sleep(50);
    }
}

/** All that a resume from the beginning shows of recorded events, up to the last that a sound one shows; through the journal. */
async function resume(server, who, last) {
    try {
        const client = await Native.open(server, who.token, { since: FIRST });
        if (last > 0)
            await Promise.race([client.heard(({ seq }) => seq >= last, 'the end', RESUME_MS), client.closed]);
        else
            await Promise.race([sleep(500), client.closed]);
        const closed = await Promise.race([client.closed, sleep(0)]);
        const events = client.events.filter(({ seq }) => seq !== undefined && (last === 0 || seq <= last));
        if (closed === undefined)
            await client.close();
        return { status: closed === undefined ? 200 : closed.code, text: JSON.stringify(shown(events)),
            last: events.at(-1)?.seq ?? 0 };
    } catch (fault) {
        return { status: fault.code ?? fault.status ?? 0, text: String(fault.message), last: 0 };
    }
}

/** Whether a warning or an error of the log names what was hit, and one says what to do. */
export function tells(log, file) {
    const lines = log.split('\n').filter((line) => / (WARN|ERROR) |bring (it|them) back from a backup/.test(line));
    return namesOf(file).some((name) => lines.some((line) => line.includes(name))) && lines.some((line) => WAYS_OUT.test(line));
}

export class Trial {
    /** Of a world that is at rest; all trials of one work in the same folder, on the same ports. */
    static async of(world) {
        const trial = new Trial();
        trial.world = world;
        trial.source = world.server.base;
        trial.base = `${trial.source}-trial`;
        trial.plan = await Server.plan({ base: trial.base, data: join(trial.base, 'data'), split: false });
        trial.head = JSON.parse(readFileSync(join(trial.source, 'data', 'anchor.json'))).seq;
        trial.sound = await trial.answersOfSound();
        return trial;
    }

    /** What an undamaged copy answers, without what differs between two of them. */
    async answersOfSound() {
        this.copy();
        const server = this.server();
        await server.launch();
        const first = await this.answers(server);
        await server.stop();
        this.copy();
        await server.launch();
        const last = Object.fromEntries(Object.entries(first).filter(([, { last: seq }]) => seq > 0).map(([key, { last: seq }]) => [key, seq]));
        const second = await this.answers(server, last);
        await server.stop();
        const moving = Object.keys(first).filter((key) => second[key].status !== first[key].status || second[key].text !== first[key].text);
        for (const key of moving)
            process.stderr.write(`not asked, it differs by itself: ${key}\n  ${first[key].text.slice(0, 300)}\n  ${second[key].text.slice(0, 300)}\n`);
        const failed = Object.keys(second).filter((key) => second[key].status >= 400);
        for (const key of failed)
            process.stderr.write(`refused: ${key} ${second[key].text.slice(0, 200)}\n`);
        for (const key of moving)
            delete second[key];
        this.last = last;
        return second;
    }

    copy() {
        rmSync(this.base, { recursive: true, force: true });
        mkdirSync(this.base, { recursive: true });
        spawnSync('cp', ['-a', '--reflink=auto', join(this.source, 'data'), join(this.source, 'keys'), this.base]);
    }

    server() {
        const server = new Server({ ...this.world.server.settings, keys: join(this.base, 'keys') }, this.base, join(this.base, 'data'), false);
        server.settings.bots = `ipc://${join(this.base, 'bots')}`;
        server.port = this.plan.port;
        server.linePort = this.plan.linePort;
        return server;
    }

    async answers(server, last = {}) {
        const found = {};
        for (const question of this.world.questions())
            found[`${question[0].login} ${question[1]}`] = await askPatiently(server, question, this.head);
        const [ann] = this.world.people;
        found['ann resumes'] = await resume(server, ann, last['ann resumes'] ?? 0);
        return found;
    }

    verify() {
        const { status, signal, stdout, stderr } = spawnSync(KITH, ['--data', join(this.base, 'data'), 'journal', 'verify'],
            { encoding: 'utf8' });
        return { status, signal, said: stdout + stderr };
    }

    /** Do what the seed says; gives {verdict, kind, file, why, verified}. */
    async run(seed) {
        this.copy();
        const done = harm(join(this.base, 'data'), seed);
        const verified = this.verify();
        const judged = await this.judge(this.server(), done.file);
        const result = { seed, ...done, verified: verified.status, ...judged };
        if (verified.signal !== null)
            return { ...result, verdict: 'crashed', why: `kith journal verify: ${verified.signal}` };
        const hidden = verified.status === 0 && /^journal\/\d{20}\/(\d+\.(ldb|log)|MANIFEST|CURRENT)/.test(done.file);
        if (hidden && !['foreign', 'open_to_all'].includes(done.kind))
            return { ...result, verdict: 'wrong', why: 'kith journal verify found nothing' };
        return result;
    }

    async judge(server, file) {
        writeFileSync(server.logFile, '');
        server.spawn();
        try {
            const started = await this.started(server);
            if (!started)
                return { verdict: 'endless', why: server.logTail() };
            if (server.ended !== null)
                return this.judgeEnd(server, file, 'at the start');
            const answers = await this.answers(server, this.last);
            if (server.ended !== null)
                return this.judgeEnd(server, file, 'at work');
            const end = await server.stop();
            if (end.code !== 0)
                return this.judgeEnd(server, file, 'as it ended');
            return this.judgeAnswers(server, answers, file);
        } finally {
            await server.kill();
        }
    }

    async started(server) {
        const until = Date.now() + START_MS;
        while (Date.now() < until && server.ended === null) {
            const ready = await fetch(`${server.url}/readyz`).then((reply) => reply.arrayBuffer().then(() => reply.ok), () => false);
            if (ready)
                return true;
            await sleep(5);
        }
        return server.ended !== null;
    }

    judgeEnd(server, file, when) {
        const { code, signal } = server.ended;
        if (signal !== null || code !== 1)
            return { verdict: 'crashed', why: `${when}: ${JSON.stringify(server.ended)}\n${server.logTail()}` };
        return this.isTold(server, file) ? { verdict: 'told', why: `ended ${when}` }
            : { verdict: 'wrong', why: `ended ${when} without saying which file, or what to do:\n${server.logTail()}` };
    }

    judgeAnswers(server, answers, file) {
        const other = Object.keys(this.sound).filter((key) =>
            answers[key].status !== this.sound[key].status || answers[key].text !== this.sound[key].text);
        if (other.length === 0)
            return { verdict: 'same', why: this.isTold(server, file) ? 'and told' : '' };
        const differing = other.map((key) => `${key}: ${answers[key].status} ${answers[key].text.slice(0, 200)}\n     not ${this.sound[key].text.slice(0, 200)}`).join('\n  ');
        const refused = other.every((key) => [0, 401, 404, 500, 1011, 1013, 4401].includes(answers[key].status) || answers[key].status >= 500);
        return refused && this.isTold(server, file) ? { verdict: 'told', why: `refused: ${other.length} answers` }
            : { verdict: 'wrong', why: `${differing}\n${server.logTail()}` };
    }

    isTold(server, file) {
        return tells(readFileSync(server.logFile, 'utf8'), file);
    }

    end() {
        rmSync(this.base, { recursive: true, force: true });
    }
}
