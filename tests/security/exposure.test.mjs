// The unit for systemd: what is left open to the service, by systemd's own reckoning.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const EXPOSURE_MAX = 2.0;
const unit = readFileSync(new URL('../../tools/kithd.service', import.meta.url), 'utf8');
const analyze = (...words) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });
const isHere = analyze('--version').status === 0;

/** What systemd says of a unit, from 0 (closed) to 10. */
function exposure(text) {
    const folder = mkdtempSync(join(tmpdir(), 'kith-unit-'));
    const file = join(folder, 'kithd.service');
    writeFileSync(file, text);
    const { stdout, stderr } = analyze('security', '--offline=true', '--no-pager', file);
    rmSync(folder, { recursive: true });
    const found = stdout.match(/Overall exposure level for \S+: (\d+\.\d)/);
    assert.ok(found, stdout.slice(-500) + stderr);
    return Number(found[1]);
}

test('the exposure of the unit is low', { skip: !isHere && 'no systemd-analyze' }, () => {
    const level = exposure(unit);
    console.log(`exposure ${level}`);
    assert.ok(level <= EXPOSURE_MAX, String(level));
    const open = exposure(unit.replace(/^(Protect|Restrict|SystemCall|Private|NoNew|Capab).*\n/gm, ''));
    assert.ok(open > EXPOSURE_MAX, 'a unit that gives nothing up is told from it');
});

test('the unit writes no core', () => {
    assert.match(unit, /^LimitCORE=0$/m);
});
