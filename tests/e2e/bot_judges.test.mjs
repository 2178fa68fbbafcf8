// Bots that judge messages before they are decided: veto, other words, order, retries, bounds.
//
// The server waits for verdicts longer than any test, so what passes has been judged.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Bot, addBot, startWithBots } from './bot.mjs';
import {
    Native, eventually, history, makeRoom, must, numbers, post, refused, signIn, signUp,
} from './client.mjs';
import { operate } from './operator.mjs';

let server, ann, bob;
before(async () => {
    server = await startWithBots({ settings: { 'bots.patience': 60_000, limits: 'off' } });
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const ALLOW = { verdict: 'allow' };
const veto = (reason) => ({ verdict: 'veto', reason });
const transform = (text) => ({ verdict: 'transform', text });

/** A room of ann's, with bob and these bots. */
async function roomWith(...others) {
    const room = await makeRoom(server, ann.token, 'private');
    for (const { id } of [bob, ...others])
        await must(server, 'POST', `/v1/rooms/${room.id}/members`,
            { token: ann.token, body: { account: id } });
    return room.id;
}

let bots = 0;
const newBot = (scopes = 'moderate') => addBot(server, `judge-${++bots}`, scopes);

/** A new bot in a new room, that judges there. */
async function judged(rule, scopes) {
    const bot = newBot(scopes);
    const room = await roomWith(bot);
    const judge = await Bot.open(server, bot);
    await judge.judge(rule);
    return { bot, room, judge };
}

/** What a message is worth, by its words. */
const byWords = ({ body: { text } }) => text.includes('spam') ? veto('no adverts here')
    : text.includes('darn') ? transform(text.replace('darn', '****')) : ALLOW;

/** A promise from outside. */
function later() {
    let settle;
    const promise = new Promise((resolve) => { settle = resolve; });
    return Object.assign(promise, { settle });
}

const texts = async (room) => (await history(server, ann.token, room, '?limit=100')).map(({ text }) => text);
const at = (room, seq) => `/v1/rooms/${room}/messages/${seq}`;

test('a veto is the sender\'s refusal, in the bot\'s words, and nobody hears of the message', async () => {
    const { room, judge } = await judged(byWords);
    const friend = await Native.open(server, bob.token), own = await Native.open(server, ann.token);
    const error = await refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: 'buy spam' } });
    assert.deepEqual([error.status, error.retryable, error.detail], [403, false, 'no adverts here']);
    await assert.rejects(own.post(room, 'more spam'), { name: 'vetoed', detail: 'no adverts here' });
    await post(server, ann.token, room, 'hello');
    await friend.heardText('hello');
    assert.deepEqual(friend.texts(room), ['hello']);
    assert.deepEqual(await texts(room), ['hello']);
    const [{ type, room: where, account, time, body }] = judge.questions;
    assert.deepEqual([type, where, account], ['room.post', room, ann.id]);
    assert.ok(time > 1e15);
    assert.deepEqual(body, { room, text: 'buy spam' });
    await Promise.all([friend, own, judge].map((one) => one.close()));
});

test('other words are what everybody has, the sender too', async () => {
    const { room, judge } = await judged(byWords);
    const friend = await Native.open(server, bob.token);
    const own = await Native.open(server, ann.token);
    const message = await own.post(room, 'darn it', 'd-1');
    assert.equal(message.text, '**** it');
    const [theirs, ours] = await Promise.all([friend, own].map((one) => one.heardText('**** it')));
    assert.equal(theirs.body.message.id, message.id);
    assert.equal(ours.body.message.client_id, 'd-1');
    assert.ok(!JSON.stringify(friend.events).includes('darn'));
    assert.deepEqual(await texts(room), ['**** it']);
    await Promise.all([friend, own, judge].map((one) => one.close()));
});

test('mentions are those of the words that are said', async () => {
    const { room, judge } = await judged(() => transform('hello @bob'));
    assert.deepEqual((await post(server, ann.token, room, 'hello @ann')).mentions, [bob.id]);
    await judge.close();
});

test('an edit is judged as a message is', async () => {
    const { room, judge } = await judged(byWords);
    const { seq } = await post(server, ann.token, room, 'innocent');
    const edit = (text) => ({ token: ann.token, body: { text } });
    assert.equal((await refused(server, 'vetoed', 'PUT', at(room, seq), edit('spam after all'))).detail,
        'no adverts here');
    assert.deepEqual(await texts(room), ['innocent']);
    assert.equal((await must(server, 'PUT', at(room, seq), edit('darn'))).text, '****');
    assert.deepEqual(await texts(room), ['****']);
    assert.deepEqual(judge.questions.at(-1).type, 'message.edit');
    assert.deepEqual(judge.questions.at(-1).body, { room, seq, text: 'darn' });
    await judge.close();
});

test('a client id is its sender\'s affair', async () => {
    const { room, judge } = await judged(byWords);
    await post(server, ann.token, room, 'hello', 'secret-1');
    assert.ok(!JSON.stringify(judge.questions).includes('secret-1'));
    await judge.close();
});

test('a retry of what waits, or was judged, comes to one copy', async () => {
    const verdict = later();
    const { room, judge } = await judged(async () => verdict);
    const first = post(server, ann.token, room, 'darn', 'r-1');
    await judge.until(() => judge.questions.length > 0, 'the first');
    const second = post(server, ann.token, room, 'darn', 'r-1');
    await judge.until(() => judge.questions.length > 1, 'its retry');
    verdict.settle(transform('****'));
    const [one, other] = await Promise.all([first, second]);
    assert.deepEqual([one.id, one.text, other.text], [other.id, '****', '****']);
    judge.rule = () => veto('never again');
    assert.equal((await post(server, ann.token, room, 'darn', 'r-1')).id, one.id);
    assert.deepEqual(await texts(room), ['****']);
    await refused(server, 'client_id_reused', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: '****', client_id: 'r-1' } });
    await judge.close();
});

test('what was vetoed may be said otherwise under its client id', async () => {
    const { room, judge } = await judged(byWords);
    const body = { text: 'spam', client_id: 'v-1' };
    await refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`, { token: ann.token, body });
    assert.equal((await post(server, ann.token, room, 'ham', 'v-1')).text, 'ham');
    await judge.close();
});

test('what waits holds up its sender in its room, and nobody else', async () => {
    const verdict = later();
    const { room, judge } = await judged(
        ({ body: { text } }) => text === 'slow' ? verdict : ALLOW);
    const elsewhere = await roomWith();
    const own = await Native.open(server, ann.token);
    const slow = own.post(room, 'slow');
    await judge.until(() => judge.questions.length > 0, 'the first');
    const quick = own.post(room, 'quick');
    const topic = own.request('room.set_topic', { room, topic: 'behind it' });
    await own.post(elsewhere, 'in another room');
    await post(server, bob.token, room, 'by another');
    await own.heardText('by another');
    await judge.until(() => judge.questions.length > 2, 'the others');
    assert.deepEqual(own.texts(room), ['by another']);
    verdict.settle(ALLOW);
    await Promise.all([slow, quick, topic]);
    const heard = own.events.filter(({ type, body }) => type === 'room.changed' ||
        body.message?.room === room);
    assert.deepEqual(heard.map(({ type, body }) => body.message?.text ?? type),
        ['by another', 'slow', 'quick', 'room.changed']);
    await Promise.all([own, judge].map((one) => one.close()));
});

test('verdicts may come in any order', async () => {
    const verdicts = Array.from({ length: 10 }, later);
    const { room, judge } = await judged(({ body: { text } }) => verdicts[Number(text)]);
    const own = await Native.open(server, ann.token);
    const said = verdicts.map((verdict, n) => own.post(room, String(n)));
    await judge.until(() => judge.questions.length === verdicts.length, 'all questions');
    for (const verdict of verdicts.toReversed())
        verdict.settle(ALLOW);
    await Promise.all(said);
    assert.deepEqual(await texts(room), verdicts.map((verdict, n) => String(n)));
    await Promise.all([own, judge].map((one) => one.close()));
});

test('a bot does not judge itself, but other bots and what an app\'s backend says', async () => {
    const { bot, room, judge } = await judged(() => veto('nobody speaks here'), 'moderate messages');
    assert.equal((await judge.call('room.post', { room, text: 'I do' })).sender, bot.id);
    const other = newBot('messages');
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: ann.token, body: { account: other.id } });
    const speaker = await Bot.open(server, other);
    assert.equal(await speaker.refused('vetoed', 'room.post', { room, text: 'x' }), 'nobody speaks here');
    assert.deepEqual(await texts(room), ['I do']);
    await Promise.all([judge, speaker].map((one) => one.close()));
});

test('it is asked about the rooms that it has named, of those that it is in', async () => {
    const bot = newBot();
    const [one, other, foreign] = [await roomWith(bot), await roomWith(bot), await roomWith()];
    const judge = await Bot.open(server, bot);
    judge.rule = () => veto('no');
    await judge.refused('forbidden', 'bot.judge', { rooms: [one, foreign] });
    await judge.judge(() => veto('no'), [one]);
    await post(server, ann.token, other, 'elsewhere');
    await post(server, ann.token, foreign, 'far away');
    const say = (room) => refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: 'x' } });
    await say(one);
    await judge.judge(() => veto('no'));
    await say(other);
    await must(server, 'DELETE', `/v1/rooms/${one}/members/${bot.id}`, ann);
    await post(server, ann.token, one, 'it has gone');
    await must(server, 'POST', `/v1/rooms/${foreign}/members`, { token: ann.token, body: { account: bot.id } });
    await say(foreign);
    await judge.close();
});

test('one that observes judges everywhere', async () => {
    const room = await roomWith();
    const judge = await Bot.open(server, newBot('moderate observe'));
    await judge.judge(byWords);
    await refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: 'spam' } });
    await judge.close();
    await eventually(() => numbers(server), (all) => all['kith_judged_waiting_calls'] === 0, 'none waits');
});

test('several are asked one after the other, and a veto is the end', async () => {
    const bots = [newBot(), newBot(), newBot()];
    const room = await roomWith(...bots);
    const judges = await Promise.all(bots.map((bot) => Bot.open(server, bot)));
    for (const [n, judge] of judges.entries())
        await judge.judge(({ body: { text } }) =>
            text.startsWith(`stop ${n}`) ? veto(`by ${n}`) : transform(`${text}+${n}`));
    assert.equal((await post(server, ann.token, room, 'go')).text, 'go+0+1+2');
    assert.deepEqual(judges.map(({ questions }) => questions.at(-1).body.text), ['go', 'go+0', 'go+0+1']);
    assert.equal((await refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: 'stop 1' } })).detail, 'by 1');
    assert.deepEqual(judges.map(({ questions }) => questions.length), [2, 2, 1]);
    await Promise.all(judges.map((judge) => judge.close()));
});

test('what it says is held against the bounds of what it takes the place of', async () => {
    const { room, judge } = await judged(() => null);
    const said = post(server, ann.token, room, 'as it was');
    await judge.until(() => judge.questions.length > 0, 'a question');
    const [{ ticket }] = judge.questions;
    await judge.refused('invalid', 'bot.verdict', { ticket, verdict: 'transform', text: 'x'.repeat(16_385) });
    await judge.refused('invalid', 'bot.verdict', { ticket, verdict: 'transform' });
    await judge.refused('invalid', 'bot.verdict', { ticket, verdict: 'perhaps' });
    await judge.refused('not_found', 'bot.verdict', { ticket: ticket + 1, verdict: 'allow' });
    const stranger = await Bot.open(server, newBot());
    await stranger.refused('not_found', 'bot.verdict', { ticket, verdict: 'veto' });
    await judge.call('bot.verdict', { ticket, verdict: 'transform', text: 'x'.repeat(16_384) });
    assert.equal((await said).text.length, 16_384);
    await judge.refused('not_found', 'bot.verdict', { ticket, verdict: 'veto' });
    await Promise.all([judge, stranger].map((one) => one.close()));
});

test('without the scope nobody judges', async () => {
    const bot = newBot('messages rooms observe gatekeep');
    const connection = await Bot.open(server, bot);
    assert.match(await connection.refused('forbidden', 'bot.judge'), /`moderate`/);
    assert.match(await connection.refused('forbidden', 'bot.verdict', { ticket: 1, verdict: 'veto' }), /`moderate`/);
    await post(server, ann.token, await roomWith(bot), 'free');
    operate(server, 'bot', 'revoke', bot.login);
    await connection.close();
});

test('a session that ends while its message waits has said nothing', async () => {
    const verdict = later();
    const { room, judge } = await judged(() => verdict);
    const other = await signIn(server, 'bob', bob.password);
    const said = refused(server, 'session_ended', 'POST', `/v1/rooms/${room}/messages`,
        { token: other.token, body: { text: 'x' } });
    await judge.until(() => judge.questions.length > 0, 'a question');
    await must(server, 'DELETE', '/v1/session', other);
    verdict.settle(ALLOW);
    await said;
    assert.deepEqual(await texts(room), []);
    await judge.close();
});

test('of one sender so many wait and no more, and others are not kept from it', async () => {
    const verdict = later();
    const { room, judge } = await judged(({ account }) => account === ann.id ? verdict : ALLOW);
    const own = await Native.open(server, ann.token);
    const said = Array.from({ length: 64 }, (none, n) => own.post(room, `m${n}`));
    await judge.until(() => judge.questions.length === 64, 'all questions');
    await assert.rejects(own.post(room, 'one too many'), { name: 'too_many' });
    await post(server, bob.token, room, 'mine');
    assert.equal((await numbers(server)).kith_judged_waiting_calls, 64);
    verdict.settle(ALLOW);
    await Promise.all(said);
    assert.deepEqual(await texts(room), ['mine', ...said.map((none, n) => `m${n}`)]);
    await Promise.all([own, judge].map((one) => one.close()));
});

test('what is judged is counted', async () => {
    const { room, judge } = await judged(byWords);
    const before = await numbers(server);
    await post(server, ann.token, room, 'fine');
    await post(server, ann.token, room, 'darn');
    await refused(server, 'vetoed', 'POST', `/v1/rooms/${room}/messages`,
        { token: ann.token, body: { text: 'spam' } });
    const after = await numbers(server);
    const grew = (name) => after[name] - before[name];
    assert.equal(grew('kith_judge_questions_total'), 3);
    for (const verdict of ['allow', 'veto', 'transform'])
        assert.equal(grew(`kith_verdicts_total{verdict="${verdict}"}`), 1);
    await judge.close();
});
