/**
 * Transcodes a file to UTF-8 if it begins with UTF-16's byte order mark, which is removed. Other files are unchanged. An incomplete
 * character (a lone surrogate, an odd last byte) becomes a byte that is invalid in UTF-8, which makes only its row invalid.
 */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let mark: Uint8Array | undefined = new Uint8Array();
  let transcode: ReturnType<typeof transcoder> | undefined;
  for await (const chunk of chunks) {
    let bytes: Uint8Array = chunk;
    if (mark !== undefined) {
      bytes = Buffer.concat([mark, chunk]);
      mark = bytes.length < MARK_BYTES ? bytes : undefined;
      if (mark !== undefined) continue;
      const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
      const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
      if (isLittle || isBig) {
        transcode = transcoder(isBig);
        bytes = bytes.subarray(MARK_BYTES);
      }
    }
    yield transcode === undefined ? bytes : transcode.write(bytes);
  }
  if (mark !== undefined && mark.length > 0) yield mark;
  if (transcode !== undefined) yield transcode.end();
}

const MARK_BYTES = 2;
const INVALID_UTF8 = Buffer.from([0xff]);

function transcoder(isBigEndian: boolean) {
  let rest: Buffer = Buffer.alloc(0);
  const take = (units: Buffer): Buffer => {
    const little = isBigEndian ? Buffer.from(units).swap16() : units;
    return utf8Of(little.toString('utf16le'));
  };
  return {
    write(bytes: Uint8Array): Buffer {
      const all = Buffer.concat([rest, bytes]);
      let whole = all.length - (all.length % 2);
      if (whole > 0) {
        const last = isBigEndian ? all.readUInt16BE(whole - 2) : all.readUInt16LE(whole - 2);
        const isFirstHalf = last >= 0xd800 && last <= 0xdbff;
        if (isFirstHalf) whole -= 2;
      }
      rest = all.subarray(whole);
      return take(all.subarray(0, whole));
    },
    /** Any rest is an incomplete character. */
    end: (): Buffer => (rest.length === 0 ? rest : INVALID_UTF8),
  };
}

function utf8Of(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(/(\p{Surrogate})/u);
  return Buffer.concat(
    parts.map((part) => (/^\p{Surrogate}$/u.test(part) ? INVALID_UTF8 : Buffer.from(part))),
  );
}
