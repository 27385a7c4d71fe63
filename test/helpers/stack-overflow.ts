/**
 * A statement that ends the embedded engine: PostgreSQL analyses it by recursion, deeper than the
 * stack of the WebAssembly machine goes.
 */
export const STACK_OVERFLOW = `SELECT 1${'+1'.repeat(5000)}`;
