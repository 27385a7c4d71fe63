import { expect, test } from '@jest/globals';
import { Lifecycle } from '../src/lifecycle.js';

test('closes last in, first out, each step after the one before has ended', async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => {
    steps.push('first');
  });
  lifecycle.onClose(async () => {
    steps.push('second begins');
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('second ends');
  });
  lifecycle.onClose(() => {
    steps.push('third');
  });
  await lifecycle.close();
  expect(steps).toEqual(['third', 'second begins', 'second ends', 'first']);
});

test('runs every step whatever fails, and throws the first failure', async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => {
    steps.push('first');
  });
  lifecycle.onClose(() => {
    steps.push('second');
    throw new Error('the second failed');
  });
  lifecycle.onClose(async () => {
    steps.push('third');
    await Promise.reject(new Error('the third failed'));
  });
  await expect(lifecycle.close()).rejects.toThrow('the third failed');
  expect(steps).toEqual(['third', 'second', 'first']);
});

test('throws a failure that is not an error too', async () => {
  const lifecycle = new Lifecycle();
  // oxlint-disable-next-line prefer-promise-reject-errors -- what a library may do
  lifecycle.onClose(() => Promise.reject(undefined));
  await expect(lifecycle.close()).rejects.toBeUndefined();
});

test('closes each thing once, and what was opened meanwhile too', async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => {
    steps.push('first');
    lifecycle.onClose(() => {
      steps.push('opened meanwhile');
    });
  });
  await lifecycle.close();
  await lifecycle.close();
  expect(steps).toEqual(['first', 'opened meanwhile']);
});

test('has nothing to do where nothing was opened', async () => {
  await expect(new Lifecycle().close()).resolves.toBeUndefined();
});
