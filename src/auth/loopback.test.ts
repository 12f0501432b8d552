import { expect, it } from 'vitest';
import { isLoopback } from './loopback.ts';

it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost'])(
  '%s is this machine alone',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

it.each([
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '128.0.0.1',
  '127.0.0.1.example',
  'localhost.example',
  '::ffff:10.0.0.1',
  '',
  '127.1',
])('%s is reached by others, or may be', (host) => {
  expect(isLoopback(host)).toBe(false);
});
