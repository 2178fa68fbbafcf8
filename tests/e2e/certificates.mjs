// certificates.mjs - certificates for 127.0.0.1 that nobody else trusts, made by openssl.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A self-signed certificate and its key, as PEM files of that name in `folder`. */
export function makeCertificate(folder, name) {
    const certificate = join(folder, `${name}.pem`);
    const key = join(folder, `${name}.key`);
    execFileSync('openssl', [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
        '-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1',
        '-out', certificate, '-keyout', key,
    ], { stdio: 'pipe' });
    return { name, certificate, key, ca: readFileSync(certificate) };
}
