import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { createClientAddress } from '../../src/http/client-address.js';

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;

test('without trusted proxies headers say nothing', () => {
  expect(createClientAddress([])(from('192.0.2.1', '198.51.100.7'))).toBe('192.0.2.1');
});

test('the client is the last address that is not of a trusted proxy', () => {
  const addressOf = createClientAddress(['10.0.0.0/8', 'loopback']);
  expect(addressOf(from('10.1.2.3', '203.0.113.9, 198.51.100.7, 10.9.9.9'))).toBe('198.51.100.7');
  expect(addressOf(from('127.0.0.1', '198.51.100.7'))).toBe('198.51.100.7');
  expect(addressOf(from('127.0.0.1'))).toBe('127.0.0.1');
  expect(addressOf(from('192.0.2.1', '198.51.100.7'))).toBe('192.0.2.1');
});
