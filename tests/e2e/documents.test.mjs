// The printed documents: a public linter takes them, and what they promise compiles.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Parser } from '@asyncapi/parser';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const read = (name) => readFileSync(join(root, name), 'utf8');

test('the OpenAPI document passes Redocly\'s recommended rules', async () => {
    const problems = await lintFromString({
        source: read('docs/openapi.json'),
        absoluteRef: 'openapi.json',
        config: await createConfig({ extends: ['recommended'] }),
    });
    assert.deepEqual(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`), []);
});

test('the linter sees what is wrong', async () => {
    const document = JSON.parse(read('docs/openapi.json'));
    delete document.paths['/v1/rooms/{room}'].get.parameters;
    const problems = await lintFromString({
        source: JSON.stringify(document),
        absoluteRef: 'openapi.json',
        config: await createConfig({ extends: ['recommended'] }),
    });
    assert.match(JSON.stringify(problems), /path-parameters-defined/);
});

test('the AsyncAPI document is valid', async () => {
    const { diagnostics } = await new Parser().parse(read('docs/asyncapi.json'));
    const errors = diagnostics.filter(({ severity }) => severity <= 1);
    assert.deepEqual(errors.map(({ code, message }) => `${code}: ${message}`), []);
});

test('every operation of the REST API has a name of its own', () => {
    const names = Object.values(JSON.parse(read('docs/openapi.json')).paths)
        .flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    assert.ok(names.length > 50);
    assert.equal(new Set(names).size, names.length);
});

test('the TypeScript client compiles, strictly', async () => {
    await run(join(import.meta.dirname, 'node_modules/.bin/tsc'),
        ['--project', join(root, 'tools/typescript'), '--noEmit']);
});

test('a wrong call does not compile', async () => {
    const source = join(root, 'tests/e2e/wrong_call.ts');
    const failed = await run(join(import.meta.dirname, 'node_modules/.bin/tsc'),
        ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--lib',
            'es2023,dom', source]).then(() => null, (error) => error.stdout);
    assert.match(failed, /TS2353|TS2345|TS2322/);
});
