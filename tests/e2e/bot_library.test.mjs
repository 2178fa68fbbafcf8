// libkith, by the example bot that is made of it: as it is installed, past a restart of the server,
// and when it is let in no more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { EXAMPLES, Example, addBot, startWithBots } from './bot.mjs';
import { eventually, history, makeRoom, must, post, signUp } from './client.mjs';
import { operate } from './operator.mjs';

const BUILD = join(dirname(process.env.KITHD ?? ''), '..');

let server, ann, room, bot;
before(async () => {
    server = await startWithBots();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token, 'private');
    bot = addBot(server, 'echo', 'messages');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`,
        { token: ann.token, body: { account: bot.id } });
});
after(() => server.close());

const said = async () => (await history(server, ann.token, room.id))
    .filter(({ sender }) => sender === bot.id).map(({ text }) => text);

let asked = 0;

/** Say something until the bot answers it. */
async function assertAnswers() {
    const word = `word-${++asked}`;
    await eventually(async () => {
        await post(server, ann.token, room.id, `/echo ${word}`);
        return said();
    }, (texts) => texts.includes(word), `an answer to ${word}`, 60_000);
}

test('it goes on when the server was away, and answers each command once', async () => {
    const echo = Example.built(server, bot, 'echo');
    try {
        await assertAnswers();
        await server.stop();
        await server.launch();
        await post(server, ann.token, room.id, '/echo once and "only" once');
        await eventually(said, (texts) => texts.includes('once and "only" once'), 'its answer', 60_000);
        await assertAnswers();
        assert.equal((await said()).filter((text) => text.startsWith('once')).length, 1);
    } finally {
        await echo.stop();
    }
});

test('what is wrong is told', async () => {
    const nobody = new Example(server, { file: join(server.base, 'nobody') }, [join(BUILD, 'bin/kith-echo')]);
    assert.equal(await nobody.ended, 1);
    assert.match(nobody.said, /echo: -3/);
    const revoked = addBot(server, 'revoked', 'messages');
    const echo = Example.built(server, revoked, 'echo');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`,
        { token: ann.token, body: { account: revoked.id } });
    await eventually(async () => {
        await post(server, ann.token, room.id, '/echo are you there');
        return history(server, ann.token, room.id);
    }, (messages) => messages.some(({ sender }) => sender === revoked.id), 'its answer', 60_000);
    operate(server, 'bot', 'revoke', 'revoked');
    assert.equal(await echo.ended, 1);
    assert.match(echo.said, /echo: -1 session_ended/);
});

test('it is installed with its header, its pages and what compilers ask for', async (t) => {
    const prefix = join(server.base, 'usr');
    const run = (command, args, env = {}) => {
        const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
        assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
        return done.stdout;
    };
    const cache = run('grep', ['-E', '^KITH_SANITIZE', join(BUILD, 'CMakeCache.txt')]);
    mkdirSync(prefix);
    run('cmake', ['--install', BUILD, '--prefix', prefix]);
    const found = run('find', [prefix, '-name', 'kith.pc']).trim();
    assert.ok(existsSync(join(prefix, 'include/kith.h')));
    assert.ok(existsSync(join(prefix, 'share/man/man3/libkith.3')));
    if (!/=$/m.test(cache.trim())) {
        t.skip('a sanitizer wants to be the first in every program');
        return;
    }
    const env = { PKG_CONFIG_PATH: dirname(found) };
    const flags = run('pkg-config', ['--cflags', '--libs', 'kith'], env).trim().split(' ');
    const program = join(server.base, 'installed-echo');
    run('cc', ['-Wall', '-Wextra', '-Werror', `-I${join(EXAMPLES, '../..')}`, '-o', program,
        join(EXAMPLES, 'echo.c'), ...flags]);
    const usage = spawnSync(program, [], { encoding: 'utf8',
        env: { ...process.env, LD_LIBRARY_PATH: dirname(dirname(found)) } });
    assert.equal(usage.status, 2, usage.stderr);
});
