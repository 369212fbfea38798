import { Buffer } from 'buffer/index.js';

/** Node's Buffer for the readers of dropped files, which are written for Node. */
Object.assign(globalThis, { Buffer });
