// The libraries are faster in production mode; what the caller set decides about access.
const environment = { ...process.env };
process.env['NODE_ENV'] = 'production';
const { serve } = await import('./serve.js');
await serve(environment);
