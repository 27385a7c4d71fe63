import { setFlagsFromString } from 'node:v8';

// What is kept in memory lives long: V8 would let as much garbage gather beside it before it looks.
setFlagsFromString('--heap-growing-percent=50');
// The libraries are faster in production mode; what the caller set decides about access.
const environment = { ...process.env };
process.env['NODE_ENV'] = 'production';
const { serve } = await import('./serve.js');
await serve(environment);
