import { isIP } from 'node:net';
import { connect, type SecureVersion } from 'node:tls';

/** How a server answers a handshake of at most one version. */
export type Handshake = { kind: 'accepted'; version: string } | { kind: 'refused' | 'failed'; code: string };

/** How a server ends a handshake that it does not want: with an alert, or by closing the connection. */
const REFUSALS = /ALERT|^ECONNRESET$|^EPIPE$|^UNEXPECTED_EOF/;
const TIMEOUT_MS = 10_000;

/** Tries a TLS handshake with a version. `failed`: there was none, so it says nothing of the server's versions. */
export function handshake(host: string, port: number, version: SecureVersion): Promise<Handshake> {
  return new Promise((done) => {
    const socket = connect({
      host,
      port,
      // A name only: an IP address may not stand there (RFC 6066).
      servername: isIP(host) === 0 ? host : '',
      // Before 1.2 only where nothing else is to be had.
      minVersion: version === 'TLSv1.1' ? 'TLSv1' : version,
      maxVersion: version,
      // OpenSSL 3 itself refuses TLS 1.1 at any higher level, and then nothing is learnt of the server (source: OpenSSL,
      // SSL_CTX_set_security_level). Any cipher will do: only the version is asked about, and nothing is sent.
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    });
    const end = (handshake: Handshake) => {
      socket.destroy();
      done(handshake);
    };
    socket.once('secureConnect', () => end({ kind: 'accepted', version: socket.getProtocol() ?? version }));
    socket.once('timeout', () => end({ kind: 'failed', code: 'ETIMEDOUT' }));
    socket.once('error', ({ code = 'an error without a code' }: NodeJS.ErrnoException) =>
      end({ kind: REFUSALS.test(code) ? 'refused' : 'failed', code }),
    );
  });
}
