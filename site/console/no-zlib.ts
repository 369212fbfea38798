/** Stands for `node:zlib` in the browser, where files are decompressed before they are read. */
const never = (): never => {
  throw new Error('Files are decompressed by the browser.');
};
export const crc32 = never;
export const createInflateRaw = never;
