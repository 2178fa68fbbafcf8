// Bots that should judge messages and are silent, slow, gone, revoked, or have not come yet.
//
// On `brisk` a verdict is waited for 100 ms, and the bots of its tests give none in time; on
// `patient` a minute, so what goes on before that does so for another reason.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Bot, addBot, startWithBots } from './bot.mjs';
import {
    Native, call, eventually, history, makeRoom, must, numbers, post, refused, signUp,
} from './client.mjs';
import { operate } from './operator.mjs';

const MINUTE_MS = 60_000;

let brisk, patient;
before(async () => {
    [brisk, patient] = await Promise.all([100, MINUTE_MS].map(async (patience) => {
        const server = await startWithBots({ settings: { 'bots.patience': patience, limits: 'off' } });
        return Object.assign(server, { ann: await signUp(server, 'ann') });
    }));
});
after(() => Promise.all([brisk.close(), patient.close()]));

const silent = () => null;

const enter = (server, room, bot) => must(server, 'POST', `/v1/rooms/${room}/members`,
    { token: server.ann.token, body: { account: bot.id } });

/** A new bot in a new room. */
let bots = 0;
async function botInRoom(server, scopes) {
    const bot = addBot(server, `judge-${++bots}`, scopes);
    const { id: room } = await makeRoom(server, server.ann.token, 'private');
    await enter(server, room, bot);
    return { bot, room };
}

/** The same, and it has come to judge. */
async function judged(server, scopes, rule = silent) {
    const { bot, room } = await botInRoom(server, scopes);
    const judge = await Bot.open(server, bot);
    await judge.judge(rule);
    return { bot, room, judge };
}

const say = (server, room, text) => post(server, server.ann.token, room, text);
const shut = (server, room, text) => refused(server, 'unavailable', 'POST', `/v1/rooms/${room}/messages`,
    { token: server.ann.token, body: { text } });
const texts = async (server, room) =>
    (await history(server, server.ann.token, room)).map(({ text }) => text);

/** A message that waits for this judge: {said}, a promise. */
async function waiting({ room, judge }, text = 'x') {
    const before = judge.questions.length;
    const said = call(patient, 'POST', `/v1/rooms/${room}/messages`,
        { token: patient.ann.token, body: { text } });
    await judge.until(() => judge.questions.length > before, 'a question');
    return { said };
}

test('what a silent bot does not judge in time passes, and its verdict comes too late', async () => {
    const { room, judge } = await judged(brisk, 'moderate');
    const before = await numbers(brisk);
    const { seq } = await say(brisk, room, 'it says nothing');
    await must(brisk, 'PUT', `/v1/rooms/${room}/messages/${seq}`,
        { token: brisk.ann.token, body: { text: 'nor to this' } });
    assert.deepEqual(await texts(brisk, room), ['nor to this']);
    await judge.until(() => judge.questions.length === 2, 'both questions');
    const [{ ticket }] = judge.questions;
    await judge.refused('not_found', 'bot.verdict', { ticket, verdict: 'veto' });
    const after = await numbers(brisk);
    assert.equal(after['kith_unjudged_total{outcome="passed"}'] -
        before['kith_unjudged_total{outcome="passed"}'], 2);
    assert.equal(after.kith_verdicts_late_total - before.kith_verdicts_late_total, 1);
    await judge.close();
});

test('nothing passes a gatekeeper that is silent', async () => {
    const { room, judge } = await judged(brisk, 'moderate gatekeep');
    const before = await numbers(brisk);
    const error = await shut(brisk, room, 'it says nothing');
    assert.deepEqual([error.status, error.retryable], [503, true]);
    assert.match(error.detail, /no bot has judged/);
    assert.deepEqual(await texts(brisk, room), []);
    const after = await numbers(brisk);
    assert.equal(after['kith_unjudged_total{outcome="refused"}'] -
        before['kith_unjudged_total{outcome="refused"}'], 1);
    await judge.close();
});

test('a gatekeeper behind a silent bot is not passed over', async () => {
    const { room, judge } = await judged(brisk, 'moderate');
    const gatekeeper = addBot(brisk, 'behind', 'moderate gatekeep');
    await enter(brisk, room, gatekeeper);
    const second = await Bot.open(brisk, gatekeeper);
    await second.judge(() => ({ verdict: 'allow' }));
    await shut(brisk, room, 'the first says nothing');
    assert.deepEqual(second.questions, []);
    await Promise.all([judge, second].map((one) => one.close()));
});

test('a bot that lets many wait in vain counts as away until it judges again', async () => {
    const { room, judge } = await judged(brisk, 'moderate');
    for (let n = 0; n < 20; n++)
        await say(brisk, room, `m${n}`);
    await judge.call('bus.ping');
    assert.equal(judge.questions.length, 16);
    assert.match(brisk.log(), /lets messages wait in vain/);
    await judge.refused('not_found', 'bot.verdict', { ticket: judge.questions[0].ticket, verdict: 'veto' });
    await say(brisk, room, 'it is back');
    await judge.until(() => judge.questions.length === 17, 'another question');
    await judge.close();
});

test('a gate is shut before its bot has come, after it has gone, and after a restart', async () => {
    const { bot, room } = await botInRoom(patient, 'moderate gatekeep');
    const { id: open } = await makeRoom(patient, patient.ann.token, 'private');
    await shut(patient, room, 'too early');
    await say(patient, open, 'elsewhere');
    const judge = await Bot.open(patient, bot);
    await judge.judge(() => ({ verdict: 'allow' }));
    await say(patient, room, 'through');
    await judge.close();
    await eventually(() => call(patient, 'POST', `/v1/rooms/${room}/messages`,
        { token: patient.ann.token, body: { text: 'while it goes' } }),
    ({ status }) => status === 503, 'a shut gate', 30_000);
    await patient.restart();
    await shut(patient, room, 'nobody is there');
    await say(patient, open, 'elsewhere');
    const again = await Bot.open(patient, bot);
    await again.judge(() => ({ verdict: 'allow' }));
    await say(patient, room, 'through again');
    operate(patient, 'bot', 'scopes', bot.login, '--scopes', 'moderate');
    await again.close();
    await say(patient, room, 'a gate no longer');
    operate(patient, 'bot', 'scopes', bot.login, '--scopes', 'moderate gatekeep');
    await shut(patient, room, 'and once more');
    operate(patient, 'bot', 'revoke', bot.login);
    await say(patient, room, 'its end');
});

test('a gatekeeper that leaves the room leaves it open', async () => {
    const { bot, room } = await botInRoom(brisk, 'moderate gatekeep');
    await shut(brisk, room, 'x');
    await must(brisk, 'DELETE', `/v1/rooms/${room}/members/${bot.id}`, brisk.ann);
    await say(brisk, room, 'free');
});

for (const [scopes, status] of [['moderate', 201], ['moderate gatekeep', 503]]) {
    test(`what a bot with ${scopes} was asked when it is cut off is settled at once`, async () => {
        const it = await judged(patient, scopes);
        const { said } = await waiting(it);
        await it.judge.close();
        assert.equal((await said).status, status);
        operate(patient, 'bot', 'revoke', it.bot.login);
    });
}

for (const [name, end] of [
    ['is revoked', (bot) => operate(patient, 'bot', 'revoke', bot.login)],
    ['loses its scope', (bot) => operate(patient, 'bot', 'scopes', bot.login, '--scopes', 'messages')],
    ['is banned', (bot) => operate(patient, 'account', 'ban', bot.login)],
]) {
    test(`a bot that ${name} while messages wait judges no more, be it a gatekeeper`, async () => {
        const it = await judged(patient, 'moderate gatekeep');
        const { said } = await waiting(it);
        end(it.bot);
        assert.equal((await said).status, 201);
        await say(patient, it.room, 'unasked');
        assert.equal(it.judge.questions.length, 1);
        await it.judge.close();
    });
}

test('what waits for one bot goes on to the next when that is gone', async () => {
    const it = await judged(patient, 'moderate');
    const other = addBot(patient, 'next', 'moderate');
    await enter(patient, it.room, other);
    const second = await Bot.open(patient, other);
    await second.judge(() => ({ verdict: 'veto', reason: 'by the next' }));
    const { said } = await waiting(it);
    operate(patient, 'bot', 'revoke', it.bot.login);
    const { status, body } = await said;
    assert.deepEqual([status, body.error.detail], [403, 'by the next']);
    await Promise.all([it.judge, second].map((one) => one.close()));
});

test('another connection of the bot takes over', async () => {
    const it = await judged(patient, 'moderate');
    const second = await Bot.open(patient, it.bot);
    await second.judge(() => ({ verdict: 'veto', reason: 'by the second' }));
    const error = await refused(patient, 'vetoed', 'POST', `/v1/rooms/${it.room}/messages`,
        { token: patient.ann.token, body: { text: 'x' } });
    assert.equal(error.detail, 'by the second');
    await it.judge.close();
    await refused(patient, 'vetoed', 'POST', `/v1/rooms/${it.room}/messages`,
        { token: patient.ann.token, body: { text: 'x' } });
    assert.deepEqual(it.judge.questions, []);
    await second.close();
});

test('who is gone when the verdict comes has said nothing, and may say it again', async () => {
    const it = await judged(patient, 'moderate');
    await patient.kill();
    await patient.launch();
    await eventually(() => it.judge.call('bot.hello').then(() => true, () => false), Boolean, 'hello');
    await it.judge.judge(silent);
    const client = await Native.open(patient, patient.ann.token);
    const lost = client.post(it.room, 'once', 'once-1').catch((fault) => fault);
    await it.judge.until(() => it.judge.questions.length > 0, 'a question');
    await patient.kill();
    assert.ok(await lost instanceof Error);
    await patient.launch();
    assert.equal((await post(patient, patient.ann.token, it.room, 'once', 'once-1')).text, 'once');
    assert.deepEqual(await texts(patient, it.room), ['once']);
    await it.judge.close();
});
