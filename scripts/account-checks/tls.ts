import { isIP } from 'node:net';
import { connect, type SecureVersion } from 'node:tls';

/** Result of a TLS handshake. */
export type Handshake = { kind: 'accepted'; version: string } | { kind: 'refused' | 'failed'; code: string };

/** Error codes of a rejected handshake: the server sends an alert or closes the connection. */
const REJECTIONS = /ALERT|^ECONNRESET$|^EPIPE$|^UNEXPECTED_EOF/;
const TIMEOUT_MS = 10_000;

/** Tries a handshake with one TLS version. `failed`: there was no handshake, so the server's versions stay unknown. */
export function handshake(host: string, port: number, version: SecureVersion): Promise<Handshake> {
  return new Promise((done) => {
    const socket = connect({
      host,
      port,
      // SNI allows no IP address (RFC 6066).
      servername: isIP(host) === 0 ? host : '',
      // Allows versions before 1.2 only for the test of TLS 1.1.
      minVersion: version === 'TLSv1.1' ? 'TLSv1' : version,
      maxVersion: version,
      // At any higher level OpenSSL 3 rejects TLS 1.1 on the client (source: OpenSSL, SSL_CTX_set_security_level). Any cipher is fine,
      // because no data is sent.
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
      end({ kind: REJECTIONS.test(code) ? 'refused' : 'failed', code }),
    );
  });
}
